//! Conditions that cannot hold where they stand.

use super::super::facts::{Fact, What};
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::warning("never-true", "a condition that cannot hold where it stands");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if let What::Contradiction { why } = &fact.what {
        let help = "look at its sign and its sides".to_owned();
        report.tell(LINT, fact.place, format!("this never holds: {why}"), Some(help));
    }
}
