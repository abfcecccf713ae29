//! Statements that are never reached.

use super::super::facts::{Fact, What};
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::warning("unreachable", "a statement that is never reached");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if matches!(fact.what, What::Unreachable) {
        let help = "take it out, or the return before it".to_owned();
        report.tell(LINT, fact.place, "this is never reached", Some(help));
    }
}
