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
            _ if ["free_margin", "spendable"].contains(&call.name.as_str()) => {
                call.name.to_string()
            }
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
            let alike =
                || all.iter().filter(|it| it.place.file == one.place.file && it.group == one.group);
            let named = alike().filter(|it| it.named.is_some()).count();
            // The spot market of a venue, and the perp of one by its name.
            let is_beside = one.group.starts_with("market")
                && all.iter().any(|it| {
                    it.inside == one.inside && it.named.is_none() && it.group.starts_with("market")
                });
            let others = alike().count() - named;
            if named == 1
                && (others >= OTHERS_MIN || others > 0 && is_beside)
                && self.is_told(one.place.file)
            {
                let (venue, variable) = (venue.clone(), one.variable.clone());
                self.push_fact(one.place, What::OddVenue { venue, variable });
            }
        }
    }
}
