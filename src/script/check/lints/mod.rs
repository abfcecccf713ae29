//! The lints, one a file: each looks at one fact after the other.

mod arguments;
mod condition;
mod dead_code;
mod ending;
mod equality;
mod functions;
mod members;
mod nothing;
mod operands;
mod state;
mod unused;
mod whole_division;

pub(super) use functions::{ARITY, FUNCTION};
pub(super) use members::LINT as MEMBER;
pub(super) use unused::UNREAD;
pub(super) use whole_division::LINT as DIVISION;

use super::facts::{Fact, Place};
use super::types::Object;
use crate::config::Setup;
use crate::script::api::{Entry, Owner};

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
    /// The number of the script's own file.
    pub(super) main: usize,
    pub(super) found: Vec<Found>,
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

type Look = fn(&Fact, &mut Report<'_>);

const LOOKS: [Look; 12] = [
    arguments::look,
    condition::look,
    dead_code::look,
    ending::look,
    equality::look,
    functions::look,
    members::look,
    nothing::look,
    operands::look,
    state::look,
    unused::look,
    whole_division::look,
];

/// Shows each fact to each lint.
pub(super) fn look(facts: &[Fact], report: &mut Report<'_>) {
    for fact in facts {
        LOOKS.iter().for_each(|look| look(fact, report));
    }
}

/// To whom the members of an object belong in the host's table.
pub(super) const fn owner(object: Object) -> Option<Owner> {
    Some(match object {
        Object::Ctx => Owner::Ctx,
        Object::Risk => Owner::Risk,
        Object::Market(_) => Owner::Market,
        Object::Amount(_) => Owner::Amount,
        Object::Order => Owner::Order,
        Object::Params | Object::Group | Object::Decision => return None,
    })
}
