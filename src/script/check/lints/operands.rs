//! Operators between things that have none.

use super::super::facts::{Fact, What};
use super::super::types::{Object, Type};
use super::{Lint, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::error("operands", "an operator between things that it does not know");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if let What::Negated { of } = &fact.what {
        let is_known = !matches!(
            of,
            Type::Any | Type::Never | Type::Optional(_) | Type::Unit | Type::Stored(_)
        );
        if is_known && !of.is_number() {
            report.tell(LINT, fact.place, format!("- of {}", of.name()), None);
        }
    }
    let What::Operator { op, left, right, .. } = &fact.what else { return };
    if ["==", "!=", "in", "!in"].contains(op) {
        return;
    }
    let sides = [left, right];
    if sides.iter().any(|side| side.is_amount()) {
        return amount(fact, op, left, right, report);
    }
    let is_certain = sides.iter().all(|side| {
        !matches!(side, Type::Any | Type::Never | Type::Optional(_) | Type::Unit | Type::Stored(_))
    });
    let fits = match *op {
        "+" => {
            both(left, right, Type::is_number)
                || (is_text(left) || is_text(right)) && !is_of_orders(left) && !is_of_orders(right)
                || both(left, right, is_list)
                || both(left, right, is_map)
        }
        "<" | "<=" | ">" | ">=" => both(left, right, Type::is_number) || both(left, right, is_text),
        "^" => {
            both(left, right, Type::is_whole) || both(left, right, |of| matches!(of, Type::Bool))
        }
        _ => both(left, right, Type::is_number),
    };
    if is_certain && !fits {
        let message = format!("{op} between {} and {}", left.name(), right.name());
        let help = match *op {
            "^" => Some("a power is written x ** 3"),
            "&" => Some("write && for and"),
            "|" => Some("write || for or"),
            _ => None,
        };
        let help = help.map(str::to_owned);
        report.tell(LINT, fact.place, message, help);
    }
}

/// An amount is cut and lessened, and known at execution alone.
fn amount(fact: &Fact, op: &str, left: &Type, right: &Type, report: &mut Report<'_>) {
    let number =
        |side: &Type| side.is_number() || matches!(side, Type::Any | Type::Never | Type::Stored(_));
    let fits = match op {
        "*" => (left.is_amount() && number(right)) || (right.is_amount() && number(left)),
        "-" => left.is_amount() && number(right),
        _ => false,
    };
    if !fits {
        let message = format!("{op} of an amount, which is known only at execution");
        let help =
            "an amount takes * k, - x and .min(x); its number as far as known now is .expected";
        report.tell(LINT, fact.place, message, Some(help.to_owned()));
    }
}

fn both(left: &Type, right: &Type, is: impl Fn(&Type) -> bool) -> bool {
    is(left) && is(right)
}

/// Orders and decisions have no words of their own.
const fn is_of_orders(of: &Type) -> bool {
    matches!(of, Type::Host(Object::Order(_) | Object::Group | Object::Decision))
}

const fn is_text(of: &Type) -> bool {
    matches!(of, Type::Text(_) | Type::Char)
}

const fn is_map(of: &Type) -> bool {
    matches!(of, Type::Map(_))
}

const fn is_list(of: &Type) -> bool {
    matches!(of, Type::List(_))
}
