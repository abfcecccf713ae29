//! `=-` for `-=`.

use super::super::facts::{Fact, What};
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::warning("turned-operator", "=- or =+, which set what -= and += change");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if let What::TurnedSign { sign } = &fact.what {
        let message = format!("={sign} sets what stands behind it, with its sign");
        let help = format!("write {sign}= to change what is there, or = {sign}x to set it");
        report.tell(LINT, fact.place, message, Some(help));
    }
}
