//! Arguments that have each other's names on purpose: a difference that is taken either way.

use super::super::facts::{Place, What};
use super::{Key, Look};

/// Calls by where what they call is defined, and in what function they stand.
#[derive(Default)]
pub(super) struct Exchanges {
    /// An argument that has the name of its own parameter.
    straight: Vec<(Place, usize, Option<Key>)>,
    exchanged: Vec<Exchanged>,
}

struct Exchanged {
    at: Place,
    defined: Place,
    params: [usize; 2],
    inside: Option<Key>,
}

impl Look<'_> {
    /// An argument stands where its name says.
    pub(super) fn given_straight(&mut self, defined: Place, param: usize) {
        self.exchanges.straight.push((defined, param, self.inside.clone()));
    }

    /// An argument stands where another parameter is.
    pub(super) fn given_exchanged(&mut self, (at, defined): (Place, Place), params: [usize; 2]) {
        let inside = self.inside.clone();
        let one = Exchanged { at, defined, params, inside };
        self.exchanges.exchanged.push(one);
    }

    /// Where the same function calls it straight as well, both are meant.
    pub(super) fn exchanged_on_purpose(&mut self) {
        let Exchanges { straight, exchanged } = std::mem::take(&mut self.exchanges);
        for one in exchanged {
            let is_straight = |param: usize| {
                straight.iter().any(|(defined, index, inside)| {
                    *defined == one.defined && *index == param && *inside == one.inside
                })
            };
            if one.params.into_iter().all(is_straight) {
                self.facts.retain(|fact| {
                    fact.place != one.at || !matches!(fact.what, What::Exchanged { .. })
                });
            }
        }
    }
}
