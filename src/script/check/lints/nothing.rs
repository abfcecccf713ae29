//! What may be `()` and is reckoned with.

use super::super::Of;
use super::super::facts::{Fact, What};
use super::super::types::Type;
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::warning("maybe-nothing", "a value that may be () and is reckoned with");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    // A test fails where something is not there, and says so.
    if report.of == Of::Tests {
        return;
    }
    let What::Operator { op, left, right, .. } = &fact.what else { return };
    // To hold it against a number is not to ask whether it is there.
    if let ("==" | "!=", Type::Optional(_), of) | ("==" | "!=", of, Type::Optional(_)) =
        (*op, left, right)
        && matches!(of, Type::Fixed(..))
    {
        let message = format!("this side of {op} may be nothing (), which is no number");
        let help = "ask before whether it is (): x == ()".to_owned();
        return report.tell(LINT, fact.place, message, Some(help));
    }
    let is_text = matches!(left, Type::Text(_)) || matches!(right, Type::Text(_));
    if ["==", "!=", "in", "!in"].contains(op) || is_text {
        return;
    }
    if let Some(of) =
        [left, right].into_iter().find(|of| matches!(of, Type::Optional(_) | Type::Unit))
    {
        let message = format!("this side of {op} is {}", of.name());
        let help = "keep it in a variable, and ask before whether it is ()".to_owned();
        report.tell(LINT, fact.place, message, Some(help));
    }
}
