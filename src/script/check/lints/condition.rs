//! A condition that is not true or false.

use super::super::facts::{Fact, What};
use super::super::types::Type;
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::error("condition", "a condition that is not true or false");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    let of = match &fact.what {
        What::Condition { of } => of,
        What::Closure { method, of } => return closure(fact, method, of, report),
        _ => return,
    };
    let is_kept = matches!(of, Type::Stored(_));
    let may_be = matches!(of.kept(), Type::Bool | Type::Any | Type::Never);
    if may_be || is_kept && matches!(of.kept(), Type::Optional(_) | Type::Unit) {
        return;
    }
    let help =
        matches!(of, Type::Optional(_) | Type::Unit).then(|| "compare it with ()".to_owned());
    let message = format!("true or false is asked for, and this is {}", of.name());
    report.tell(LINT, fact.place, message, help);
}

/// What a closure gives is asked for by the method that it is handed to.
fn closure(fact: &Fact, method: &str, of: &Type, report: &mut Report<'_>) {
    let is_condition = ["all", "some", "filter", "retain", "find"].contains(&method);
    let is_bool = matches!(of, Type::Bool | Type::Any | Type::Never | Type::Stored(_));
    let is_nothing = *of == Type::Unit && ["map", "find_map"].contains(&method);
    if is_condition && !is_bool || is_nothing {
        let wanted = if is_condition { "true or false" } else { "a value" };
        let message = format!("{method} asks its closure for {wanted}, and it gives {}", of.name());
        let help = "end it with what it is to give: |x| x > 0".to_owned();
        report.tell(LINT, fact.place, message, Some(help));
    }
}
