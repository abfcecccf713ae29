//! One venue by its name, where everything else goes by a variable.

use super::super::facts::{Fact, What};
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::warning("lone-venue", "a venue by its name, where all others like it go by a variable");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if let What::OddVenue { venue, variable } = &fact.what {
        let message = format!("this is {venue}, and the others like it go by {variable}");
        report.tell(LINT, fact.place, message, Some(format!("write {variable}")));
    }
}
