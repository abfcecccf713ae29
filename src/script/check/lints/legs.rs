//! Two legs of a group that do not hedge each other.

use super::super::facts::{Fact, What};
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::warning("unhedged-legs", "spot and perp of one group that both buy, or both sell");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if let What::SameWay { first } = &fact.what {
        let message = format!("this goes the same way as {first} beside it: nothing is hedged");
        let help = "of two legs one buys and the other sells".to_owned();
        report.tell(LINT, fact.place, message, Some(help));
    }
}
