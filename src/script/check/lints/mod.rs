//! The lints, one a file: each looks at one fact after the other.

mod arguments;
mod asserted;
mod blame;
mod condition;
mod dead_code;
mod effect;
mod ending;
mod equality;
mod functions;
mod items;
mod legs;
mod members;
mod methods;
mod never;
mod nothing;
mod operands;
mod options;
mod own_calls;
mod plausible;
mod roles;
mod sorts;
mod state;
mod this;
mod turned;
mod units;
mod unneeded;
mod unused;
mod venue;
pub(super) mod whole_division;
mod wording;

pub(super) use arguments::LINT as TYPE;
pub(super) use condition::LINT as CONDITION;
pub(super) use dead_code::LINT as UNREACHABLE;
pub(super) use effect::{LOOP, NO_EFFECT as EFFECT, SAME};
pub(super) use ending::{ENTRY, LINT as ENDING};
pub(super) use equality::LINT as EQUAL;
pub(super) use functions::{ARITY, FUNCTION};
pub(super) use items::{CAUGHT, FOR_EACH, LINT as ITEMS};
pub(super) use legs::LINT as LEGS;
pub(super) use members::LINT as MEMBER;
pub(super) use methods::LINT as METHOD;
pub(super) use never::{GUARD, LINT as NEVER};
pub(super) use nothing::LINT as NOTHING;
pub(super) use operands::LINT as OPERANDS;
pub(super) use options::LINT as OPTION;
pub(super) use own_calls::{NOTHING as GIVEN, SWAPPED};
pub(super) use plausible::LINT as NUMBER;
pub(super) use roles::LINT as ROLE;
pub(super) use sorts::LINT as SORT;
pub(super) use state::LINT as STATE;
pub(super) use this::LINT as UNBOUND;
pub(super) use turned::LINT as TURNED;
pub(super) use units::LINT as UNITS;
pub(super) use unneeded::{ALIAS, KEPT, MIXED, PLACE, UNNEEDED, UNPLANNED};
pub(super) use unused::{DROPPED, HIDING, UNREAD};
pub(super) use venue::LINT as VENUE;
pub(super) use whole_division::LINT as DIVISION;
pub(super) use wording::{CHOICE, PLAN, QUOTED, REASON};

use std::collections::BTreeSet;

use super::Of;
use super::facts::{Fact, Given, Place, What};
use super::origins::Origin;
use super::types::{Object, Type};
use crate::config::Setup;
use crate::script::api::{Entry, Owner, Shape};

/// A lint: its name, by which a comment allows it, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lint {
    /// Its name.
    pub name: &'static str,
    /// What it finds.
    pub finds: &'static str,
    /// Whether it refuses the script.
    pub severity: Severity,
}

/// Whether a finding refuses a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The script would fail, or do what its author cannot mean.
    Error,
    /// It runs, and something in it is odd.
    Warning,
}

impl Lint {
    pub(in crate::script) const fn error(name: &'static str, finds: &'static str) -> Self {
        Self { name, finds, severity: Severity::Error }
    }

    pub(super) const fn warning(name: &'static str, finds: &'static str) -> Self {
        Self { name, finds, severity: Severity::Warning }
    }
}

/// What a lint has found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) lint: Lint,
    pub(super) place: Place,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// What lints know beside a fact, and where they say what they find.
pub(super) struct Report<'a> {
    pub(super) entries: &'a [Entry],
    /// The run that the script is for.
    pub(super) setup: &'a Setup,
    /// What the script's own file is.
    pub(super) of: Of,
    /// The number of the script's own file.
    pub(super) main: usize,
    /// All functions of the script and its modules: name and number of parameters.
    pub(super) functions: Vec<(String, usize)>,
    /// Functions by the file where they are, with their numbers of parameters.
    pub(super) own: BTreeSet<(usize, String, usize)>,
    /// The texts of the files.
    pub(super) texts: Vec<&'a str>,
    pub(super) found: Vec<Found>,
    /// By the place of a call: what may be meant by it.
    pub(super) near: Vec<(Place, Origin)>,
}

impl Report<'_> {
    pub(super) fn tell(
        &mut self,
        lint: Lint,
        place: Place,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.found.push(Found { lint, place, message: message.into(), help });
    }
}

/// So many arguments, in words.
pub(in crate::script) fn so_many(count: usize) -> String {
    match count {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        count => format!("{count} arguments"),
    }
}

type Look = fn(&Fact, &mut Report<'_>);

/// Where two lints speak of one place, the first of them is heard.
const LOOKS: [Look; 30] = [
    this::look,
    turned::look,
    venue::look,
    legs::look,
    sorts::look,
    items::look,
    never::look,
    roles::look,
    asserted::look,
    arguments::look,
    own_calls::look,
    options::look,
    condition::look,
    dead_code::look,
    ending::look,
    equality::look,
    functions::look,
    members::look,
    methods::look,
    nothing::look,
    operands::look,
    plausible::look,
    units::look,
    state::look,
    unused::look,
    unneeded::look,
    effect::look,
    whole_division::look,
    wording::look,
    wording::type_names,
];

/// Shows each fact to each lint.
pub(super) fn look(facts: &[Fact], report: &mut Report<'_>) {
    for look in LOOKS {
        facts.iter().for_each(|fact| look(fact, report));
    }
    blame::look(facts, report);
}

/// The line of the host's table that a call is of, what it is called on, and its arguments; `None` when it does not fit.
pub(super) fn called<'f, 'e>(
    fact: &'f Fact,
    entries: &'e [Entry],
) -> Option<(&'e Entry, Object, &'f [Given])> {
    let (of, subject, name, given) = match &fact.what {
        What::Call { module: None, name, given, .. } => (Owner::Global, Object::Ctx, name, given),
        What::Call { module: Some(module), name, given, .. } if module == "orders" => {
            (Owner::Orders, Object::Ctx, name, given)
        }
        What::Method { subject: Type::Host(object), name, given } => {
            (owner(*object)?, *object, name, given)
        }
        _ => return None,
    };
    let entry = entries.iter().find(|entry| {
        entry.owner == of
            && entry.name == name
            && entry.shape == Shape::Call
            && entry.takes(given.len())
    })?;
    Some((entry, subject, given))
}

/// To whom the members of an object belong in the host's table.
pub(super) const fn owner(object: Object) -> Option<Owner> {
    Some(match object {
        Object::Ctx => Owner::Ctx,
        Object::Risk => Owner::Risk,
        Object::Market(_) => Owner::Market,
        Object::Pair(_) => Owner::Pair,
        Object::Hedge(_) => Owner::Hedge,
        Object::Amount(_) => Owner::Amount,
        Object::Order(_) => Owner::Order,
        Object::World => Owner::World,
        Object::Step => Owner::Step,
        Object::Sent => Owner::Sent,
        Object::Case => Owner::Case,
        Object::Params | Object::Group | Object::Decision => return None,
    })
}
