//! Conditions that cannot hold where they stand.

use super::super::facts::{Fact, What};
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::warning("never-true", "a condition that cannot hold where it stands");

pub(in crate::script::check) const GUARD: Lint = Lint::warning(
    "turned-guard",
    "a way out where a market can be traded, before orders: its `!` is missing",
);

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if let What::Contradiction { why } = &fact.what {
        let help = "look at its sign and its sides".to_owned();
        report.tell(LINT, fact.place, format!("this never holds: {why}"), Some(help));
    }
    if let What::TurnedGuard = &fact.what {
        let message = "this leaves where it can be traded, and goes on where it cannot";
        report.tell(GUARD, fact.place, message, Some("write ! before it".to_owned()));
    }
}
