//! Where what stands at a place comes from, for the notes below a finding: a variable that is set on another line, a function
//! that gives nothing on one of its ways.

use std::collections::BTreeMap;

use super::facts::Place;
use super::lints::{ENDING, GIVEN, Lint, METHOD, NOTHING, OPERANDS, UNITS};

/// One source of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A variable was set there.
    Set { name: String, at: Place },
    /// A constant is declared there.
    Constant { name: String, at: Place },
    /// A variable is nothing there.
    Nothing { name: String, at: Place },
    /// A function gives nothing there.
    GivesNothing { function: String, at: Place },
    /// A function whose argument is wrong is defined there.
    Defined { function: String, at: Place },
    /// It is always left there before.
    Leaves { at: Place },
    /// A field of what a function gives is made there.
    Field { name: String, at: Place },
    /// What a function gives is made there.
    Made { function: String, at: Place },
    /// The group in which an order stands begins there.
    Group { at: Place },
    /// A module is imported there.
    Imported { name: String, at: Place },
    /// Another way of the function gives there what it gives.
    Way { at: Place },
    /// A parameter is given there what it is.
    Given { name: String, at: Place },
    /// A field of `this` is set there that nobody reads.
    KeptUnread { name: String, at: Place },
    /// The other leg of a group stands there.
    Leg { at: Place },
    /// A member of a variable is used there.
    Used { name: String, at: Place },
    /// A function of a name that may be meant is defined there, and nobody calls it.
    Uncalled { function: String, at: Place },
    /// A function is called there without `this`.
    Called { function: String, at: Place },
}

/// Findings that may be the fault of whoever calls the function in which they are.
const GIVEN_NOTED: [Lint; 3] = [OPERANDS, UNITS, METHOD];

/// All that is known of places.
#[derive(Debug, Default)]
pub(super) struct Origins(BTreeMap<(usize, Option<usize>, Option<usize>), Vec<Origin>>);

const fn key(place: Place) -> (usize, Option<usize>, Option<usize>) {
    (place.file, place.at.line(), place.at.position())
}

impl Origins {
    pub(super) fn add(&mut self, place: Place, origin: Origin) {
        let known = self.0.entry(key(place)).or_default();
        if !known.contains(&origin) {
            known.push(origin);
        }
    }

    /// What alone is to be mended where many places are wrong for it: a constant, or a function that gives nothing.
    pub(super) fn cause(&self, place: Place, lint: Lint) -> Option<Place> {
        let is_of_nothing = [NOTHING, GIVEN].contains(&lint);
        self.0.get(&key(place))?.iter().find_map(|origin| match origin {
            Origin::Constant { at, .. } if !is_of_nothing => Some(*at),
            Origin::GivesNothing { at, .. } if is_of_nothing => Some(*at),
            _ => None,
        })
    }

    /// What to say below a finding at a place, and where.
    pub(super) fn of(
        &self,
        place: Place,
        lint: Lint,
    ) -> impl Iterator<Item = (Place, String)> + use<'_> {
        let is_of_nothing = [NOTHING, GIVEN, ENDING].contains(&lint);
        let origins = self.0.get(&key(place)).into_iter().flatten();
        let told = origins.filter_map(move |origin| match origin {
            Origin::Set { name, at } | Origin::Constant { name, at } => {
                Some((*at, format!("{name} is set here")))
            }
            Origin::GivesNothing { function, at } if is_of_nothing => {
                Some((*at, format!("here {function} gives nothing")))
            }
            Origin::Nothing { name, at } if is_of_nothing => {
                Some((*at, format!("{name} is () here")))
            }
            Origin::GivesNothing { .. } | Origin::Nothing { .. } => None,
            Origin::Defined { function, at } => Some((*at, format!("{function} is defined here"))),
            Origin::Leaves { at } => Some((*at, "it always ends here".to_owned())),
            Origin::Field { name, at } => Some((*at, format!("{name} is made here"))),
            Origin::Made { function, at } => {
                Some((*at, format!("here {function} ends with what it gives")))
            }
            Origin::Uncalled { function, at } => {
                Some((*at, format!("nobody calls {function}, which is defined here")))
            }
            Origin::Group { at } => Some((*at, "this is the group".to_owned())),
            Origin::Given { name, at } if GIVEN_NOTED.contains(&lint) => {
                Some((*at, format!("{name} is given here")))
            }
            Origin::Given { .. } => None,
            Origin::KeptUnread { name, at } => {
                Some((*at, format!("{name} is kept here, and read nowhere")))
            }
            Origin::Imported { name, at } => Some((*at, format!("{name} is imported here"))),
            Origin::Way { at } => Some((*at, "this is another way".to_owned())),
            Origin::Leg { at } => Some((*at, "this is the other leg".to_owned())),
            Origin::Used { name, at } => Some((*at, format!("{name} is used here"))),
            Origin::Called { function, at } => {
                Some((*at, format!("here {function} is called without this")))
            }
        });
        told.filter(move |(at, _)| at.file != place.file || at.at.line() != place.at.line())
    }
}
