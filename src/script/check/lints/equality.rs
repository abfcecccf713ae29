//! Comparisons whose outcome is always the same, because the two sides are of different kinds.

use super::super::facts::{Fact, Place, What};
use super::super::types::Type;
use super::{Lint, Report, asserted};

pub(in crate::script::check) const LINT: Lint =
    Lint::error("never-equal", "a comparison of two things that are never equal");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    let (place, left, right) = match (&fact.what, asserted::sides(fact)) {
        (What::Operator { op: "==" | "!=", left, right, .. }, _) => (fact.place, left, right),
        (_, Some([left, right])) => (Place { at: right.at, ..fact.place }, &left.of, &right.of),
        _ => return,
    };
    if !may_be_equal(left, right) {
        let message = format!("{} and {} are never equal", left.name(), right.name());
        report.tell(LINT, place, message, None);
    }
}

fn may_be_equal(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::Any | Type::Never | Type::Stored(_), _)
        | (_, Type::Any | Type::Never | Type::Stored(_)) => true,
        (Type::Optional(_) | Type::Unit, Type::Optional(_) | Type::Unit) => true,
        (Type::Optional(of), other) | (other, Type::Optional(of)) => may_be_equal(of, other),
        (Type::Text(_), Type::Text(_))
        | (Type::Text(_), Type::Char)
        | (Type::Char, Type::Text(_)) => true,
        (left, right) if left.is_number() || right.is_number() => {
            left.is_number() && right.is_number()
        }
        (left, right) => std::mem::discriminant(left) == std::mem::discriminant(right),
    }
}
