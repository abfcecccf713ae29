//! Division of whole numbers drops the remainder.

use super::super::facts::{Fact, What};
use super::super::types::Type;
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::error("integer-division", "a division of whole numbers");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if matches!(&fact.what, What::Operator { op: "/", left, right, .. } if left.is_whole() && right.is_whole())
    {
        if let What::Operator { left: Type::Fixed(of, _), right: Type::Fixed(by, _), .. } =
            &fact.what
            && of.checked_rem(*by).is_some_and(|rest| rest.is_zero())
        {
            return;
        }
        let help = "make one of them a decimal, as in 7.0 / 2; where it is meant, // allow(integer-division)".to_owned();
        report.tell(
            LINT,
            fact.place,
            "a division of whole numbers drops the remainder",
            Some(help),
        );
    }
}
