//! Division of whole numbers drops the remainder.

use rust_decimal::Decimal;

use super::super::facts::{Fact, What};
use super::super::types::Type;
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::error("integer-division", "a division of whole numbers");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    let What::Operator { op: "/", left, right, .. } = &fact.what else { return };
    let told = match (left, right) {
        (&Type::Fixed(of, true), &Type::Fixed(by, true)) => lost(of, by),
        (left, right) if left.is_whole() && right.is_whole() => {
            let message = "a division of whole numbers drops the remainder".to_owned();
            let help = "make one of them a decimal, as in 7.0 / 2; where it is meant, // allow(integer-division)";
            Some((message, help.to_owned()))
        }
        _ => None,
    };
    if let Some((message, help)) = told {
        report.tell(LINT, fact.place, message, Some(help));
    }
}

/// What is said where two numbers are known, and what helps; nothing where there is no remainder.
pub(in crate::script::check) fn lost(of: Decimal, by: Decimal) -> Option<(String, String)> {
    if of.checked_rem(by).is_some_and(|rest| rest.is_zero()) {
        return None;
    }
    let message = format!("{of} / {by} of whole numbers drops the remainder");
    Some((message, format!("write {of}.0 / {by} for the exact quotient")))
}
