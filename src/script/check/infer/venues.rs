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
    /// The variable in sight.
    variable: String,
    inside: Option<Key>,
}

/// What is asked of an account once: calls of other things say by what venue a function goes.
const SINGLE: [&str; 3] = ["free_margin", "spendable", "margin_ratio"];

/// So many others must go by the variable.
const OTHERS_MIN: usize = 2;

impl Look<'_> {
    /// A call of an exchange: by its name, or by a variable?
    pub(super) fn at_venue(&mut self, call: &FnCallExpr, env: &Env) {
        if !self.is_last {
            return;
        }
        let group = match call.name.split_once('_') {
            Some((kind @ ("spot" | "perp"), _)) => kind.to_owned(),
            _ if ["market", "tradable"].contains(&call.name.as_str()) => match call.args.get(1) {
                Some(Expr::StringConstant(kind, _)) => format!("{} {kind}", call.name),
                _ => return,
            },
            _ if SINGLE.contains(&call.name.as_str()) => call.name.to_string(),
            _ => return,
        };
        let Some(first) = call.args.first() else { return };
        let named = match first {
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
        let place = Place { file: self.at, at: first.start_position() };
        let inside = self.inside.clone();
        self.at_venues.push(AtVenue { group, place, named, variable, inside });
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
        // One by its name beside the same of a variable is what the others are held against.
        let is_reference =
            |it: &Self| it.inside == self.inside && it.group == self.group && it.named.is_none();
        if all.iter().any(is_reference) {
            return false;
        }
        let alike =
            || all.iter().filter(|it| it.place.file == self.place.file && it.group == self.group);
        let by_name = alike().filter(|it| it.named.is_some()).count();
        let by_variable = alike().count() - by_name;
        let beside = all.iter().filter(|it| it.inside == self.inside && it.named.is_none());
        // The spot market of a venue, and the perp of one by its name.
        let is_market = |it: &Self| it.group.starts_with("market");
        let is_beside_market = is_market(self) && beside.clone().any(is_market);
        let is_single = SINGLE.contains(&&*self.group) && beside.count() >= OTHERS_MIN;
        by_name == 1
            && (by_variable >= OTHERS_MIN || by_variable > 0 && is_beside_market || is_single)
    }
}
