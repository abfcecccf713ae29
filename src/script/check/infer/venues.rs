//! One venue by its name, where everything else in the file goes by a variable.

use rhai::{Expr, FnCallExpr};

use super::super::env::Env;
use super::super::facts::{Place, What};
use super::super::types::Type;
use super::{Key, Look};
use crate::types::venue::VenueKind;

/// A call that takes a venue, where a variable of a venue stands in sight.
#[derive(Clone, Debug)]
pub(super) struct AtVenue {
    /// What is called: calls of one group are held against each other.
    group: String,
    place: Place,
    /// The venue, where its name stands there.
    named: Option<String>,
    /// What stands there in others: the variable in sight.
    variable: String,
    inside: Option<Key>,
    by: By,
}

/// By what it is told whether a call should go by the variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// By others of its group in the file.
    Group,
    /// By what else the function asks of the venue, of which it asks this once.
    Function,
    /// By others of its group in the script and its modules.
    Script,
}

/// What is asked of a venue once.
const ONCE: [&str; 4] = ["free_margin", "spendable", "margin_ratio", "pair"];

/// So many others must go by the variable.
const OTHERS_MIN: usize = 2;

impl Look<'_> {
    /// A call of an exchange: by its name, or by a variable?
    pub(super) fn at_venue(&mut self, call: &FnCallExpr, env: &Env) {
        if !self.is_last {
            return;
        }
        let (group, by) = match call.name.split_once('_') {
            Some((kind @ ("spot" | "perp"), _)) => (kind.to_owned(), By::Group),
            _ if ["market", "tradable"].contains(&call.name.as_str()) => match call.args.get(1) {
                Some(Expr::StringConstant(kind, _)) => (format!("{} {kind}", call.name), By::Group),
                _ => return,
            },
            _ if ONCE.contains(&call.name.as_str()) => (call.name.to_string(), By::Function),
            _ if ["stake", "unstake"].contains(&call.name.as_str()) => return self.staked_at(call),
            _ => return,
        };
        if let Some(first) = call.args.first() {
            self.goes_by(first, (group, by), env);
        }
    }

    /// The same of a function of the script or a module that takes a venue.
    pub(super) fn own_at_venue(&mut self, call: &FnCallExpr, env: &Env) {
        if !self.is_last {
            return;
        }
        let known = self.own_function(call).and_then(|key| self.functions.get(&key));
        let index =
            known.and_then(|it| it.definition.params.iter().position(|name| name == "venue"));
        if let Some(argument) = index.and_then(|index| call.args.get(index)) {
            self.goes_by(argument, (format!("fn {}", call.name), By::Function), env);
        }
    }

    fn goes_by(&mut self, argument: &Expr, (group, by): (String, By), env: &Env) {
        let named = match argument {
            Expr::StringConstant(name, _) => Some(name.to_string()),
            Expr::Variable(..) => None,
            _ => return,
        };
        let universe = &*self.setup.universe;
        let is_exchange = |name: &str| {
            let venue = universe.venue_named(name).map(|id| universe.venue(id));
            venue.is_some_and(|venue| venue.kind == VenueKind::Exchange)
        };
        if named.as_deref().is_some_and(|name| !is_exchange(name)) {
            return;
        }
        let is_venue = |name: &str, of: &Type| match of {
            Type::Text(texts) if texts.are_known() => {
                texts.all().next().is_some() && texts.all().all(is_exchange)
            }
            Type::Text(_) | Type::Any | Type::Never => name == "venue",
            _ => false,
        };
        let Some(variable) = env.find(is_venue) else { return };
        let place = Place { file: self.at, at: argument.start_position() };
        let inside = self.inside.clone();
        self.at_venues.push(AtVenue { group, place, named, variable, inside, by });
    }

    /// A staking venue by its name, where the others follow from the token.
    fn staked_at(&mut self, call: &FnCallExpr) {
        let Some(first) = call.args.first() else { return };
        let venues = self.setup.universe.venues().iter();
        // Where there is but one, nothing can follow from the token.
        if venues.filter(|venue| venue.kind == VenueKind::Staking).count() < 2 {
            return;
        }
        let named = match first {
            Expr::StringConstant(name, _) if self.is_staking(name) => Some(name.to_string()),
            Expr::Dot(parts, ..) => match &parts.rhs {
                Expr::MethodCall(call, _) if call.name == "staking_venue" => None,
                _ => return,
            },
            _ => return,
        };
        let place = Place { file: self.at, at: first.start_position() };
        let (group, variable) = ("stake".to_owned(), "ctx.staking_venue(token)".to_owned());
        let inside = self.inside.clone();
        self.at_venues.push(AtVenue { group, place, named, variable, inside, by: By::Script });
    }

    fn is_staking(&self, name: &str) -> bool {
        let universe = &*self.setup.universe;
        let venue = universe.venue_named(name).map(|id| universe.venue(id));
        venue.is_some_and(|venue| venue.kind == VenueKind::Staking)
    }

    /// The one that goes by a name among those that go by the variable.
    pub(super) fn odd_venues(&mut self) {
        let all = std::mem::take(&mut self.at_venues);
        for one in &all {
            let Some(venue) = &one.named else { continue };
            if self.is_told(one.place.file) && one.is_odd(&all) {
                let (venue, variable) = (venue.clone(), one.variable.clone());
                self.push_fact(one.place, What::OddVenue { venue, variable });
            }
        }
    }
}

impl AtVenue {
    /// Whether all others of its group go by the variable, or what stands beside it in its function.
    fn is_odd(&self, all: &[Self]) -> bool {
        let is_alike = |it: &&Self| {
            it.group == self.group && (it.place.file == self.place.file || self.by == By::Script)
        };
        let alike = || all.iter().filter(is_alike);
        // One by its name beside the same of a variable is what the others are held against.
        let is_reference = |it: &Self| it.inside == self.inside && it.named.is_none();
        if alike().any(is_reference) {
            return false;
        }
        let by_name = alike().filter(|it| it.named.is_some()).count();
        let by_variable = alike().count() - by_name;
        let beside = all.iter().filter(|it| is_reference(it) && it.by != By::Script);
        // The spot market of a venue, and the perp of one by its name.
        let is_market = |it: &Self| it.group.starts_with("market");
        let is_beside_market = is_market(self) && beside.clone().any(is_market);
        let is_enough = match self.by {
            By::Group => by_variable >= OTHERS_MIN || by_variable > 0 && is_beside_market,
            By::Function => by_variable >= OTHERS_MIN || beside.count() >= OTHERS_MIN,
            By::Script => by_variable > 0,
        };
        by_name == 1 && is_enough
    }
}
