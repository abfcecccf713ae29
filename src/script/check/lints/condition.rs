//! A condition that is not true or false.

use super::super::facts::{Fact, What};
use super::super::types::Type;
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::error("condition", "a condition that is not true or false");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    let What::Condition { of } = &fact.what else { return };
    if matches!(of, Type::Bool | Type::Any | Type::Never | Type::Stored(_)) {
        return;
    }
    let help =
        matches!(of, Type::Optional(_) | Type::Unit).then(|| "compare it with ()".to_owned());
    let message = format!("true or false is asked for, and this is {}", of.name());
    report.tell(LINT, fact.place, message, help);
}
