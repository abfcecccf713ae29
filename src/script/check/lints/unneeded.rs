//! Imports, constants and functions that nobody uses, orders in no plan, and fields of `this` that nobody keeps.

use super::super::Of;
use super::super::facts::{Fact, Misplaced, What};
use super::super::types::{Object, Type};
use super::{Lint, Report};
use crate::script::fault::nearest;

pub(in crate::script::check) const UNNEEDED: Lint =
    Lint::warning("unused-definition", "an import, constant or function that nobody uses");
pub(in crate::script::check) const ALIAS: Lint =
    Lint::error("taken-alias", "an import under a name that another has, or the host");
pub(in crate::script::check) const UNPLANNED: Lint =
    Lint::error("unplanned-order", "an order or decision in a variable that is put into no plan");
pub(in crate::script::check) const KEPT: Lint =
    Lint::error("unknown-state", "a field of this that is read and kept nowhere");
pub(in crate::script::check) const MIXED: Lint =
    Lint::error("mixed-list", "something that is no order, in a list of orders");
pub(in crate::script::check) const PLACE: Lint =
    Lint::error("misplaced-order", "an order that cannot stand where it stands in its plan");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    match &fact.what {
        What::Unneeded { what, name } => {
            let help = match *what == "function" && report.of == Of::Tests {
                true => format!("take {name} out, use it, or call it test_… for a test"),
                false => format!("take the {what} out, or use it"),
            };
            report.tell(UNNEEDED, fact.place, format!("{name} is used nowhere"), Some(help));
        }
        What::Alias { name } => {
            let help = "import it under another name".to_owned();
            report.tell(ALIAS, fact.place, format!("'{name}' is taken"), Some(help));
        }
        // A test looks at orders that it does not send.
        What::Unplanned { .. } if report.of == Of::Tests => {}
        What::Unplanned { name, of, .. } => {
            let message = format!("{name} is {}, and in no plan", of.name());
            let help = format!("put {name} into the plan, before what uses it");
            report.tell(UNPLANNED, fact.place, message, Some(help));
        }
        What::NeverKept { name, kept } => {
            let help = match nearest(name, kept.iter().map(String::as_str)) {
                Some(near) => format!("did you mean this.{near}?"),
                None if kept.is_empty() => "nothing is kept in this".to_owned(),
                None => format!("this keeps {}", kept.join(", ")),
            };
            report.tell(KEPT, fact.place, format!("this.{name} is kept nowhere"), Some(help));
        }
        What::NoConstant { name, known } => {
            let help = match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean global::{near}?"),
                None => "constants of the file are written const NAME = …; at its top".to_owned(),
            };
            let message = format!("there is no constant {name}");
            report.tell(super::super::loading::VARIABLE, fact.place, message, Some(help));
        }
        What::Nameless { path } => {
            let message = "an import without a name: nothing of it can be called".to_owned();
            let name = path.rsplit('/').next().unwrap_or(path);
            let help = format!("write import \"{path}\" as {name};");
            report.tell(UNNEEDED, fact.place, message, Some(help));
        }
        What::ConstantSet { name } => {
            let message = format!("{name} is a constant of the file");
            let help = "what changes is kept in a let, or from step to step in this".to_owned();
            let lint = super::super::loading::CONSTANT;
            report.tell(lint, fact.place, message, Some(help));
        }
        What::NoVariable { name } => {
            let help = format!("declare it before: let {name} = …;");
            let message = format!("there is no variable {name}");
            report.tell(super::super::loading::VARIABLE, fact.place, message, Some(help));
        }
        What::HostSet { object, member } => {
            let help = match object {
                Object::World | Object::Step | Object::Sent => {
                    "what a world is like is set by its functions: world.price(token, price)"
                }
                _ => {
                    "parameters stand in the configuration; keep what changes in a let, or in this"
                }
            };
            let name = match member {
                Some(member) => format!("{member} of {}", object.name()),
                None => object.name().to_owned(),
            };
            let message = format!("{name} cannot be set");
            let lint = super::super::loading::CONSTANT;
            report.tell(lint, fact.place, message, Some(help.to_owned()));
        }
        What::OrderOrList => {
            let help = "put it into a list: [ … ]".to_owned();
            let message = "this is an order, and the other way gives a list";
            report.tell(MIXED, fact.place, message, Some(help));
        }
        What::NamedAsVariable { map, name } => {
            let message = format!("{map}.{name} is the field \"{name}\", whatever {name} is");
            let help = format!("write {map}[{name}] for the field that it names");
            report.tell(super::QUOTED, fact.place, message, Some(help));
        }
        What::Pushed { list, of } => pushed(fact, list, of, report),
        What::InList { why, name } => misplaced(fact, *why, name, report),
        _ => {}
    }
}

/// A list of orders holds orders.
fn pushed(fact: &Fact, list: &Type, of: &Type, report: &mut Report<'_>) {
    let is_order = |of: &Type| match of {
        Type::Optional(of) => matches!(**of, Type::Host(Object::Order(_) | Object::Group)),
        of => matches!(of, Type::Host(Object::Order(_) | Object::Group)),
    };
    let is_other = of.is_number()
        || of.is_amount()
        || matches!(of, Type::Text(_) | Type::List(_) | Type::Map(_) | Type::Bool)
        || *of == Type::Host(Object::Decision);
    if is_order(list) && is_other {
        let message = format!("{} is put into a list of orders", of.name());
        let help = "lists are joined by +, and orders put in by push".to_owned();
        report.tell(MIXED, fact.place, message, Some(help));
    } else if *of == Type::Host(Object::Decision) {
        let help = "return it: a plan holds orders".to_owned();
        report.tell(MIXED, fact.place, "a decision is put into a list", Some(help));
    }
}

fn misplaced(fact: &Fact, why: Misplaced, name: &str, report: &mut Report<'_>) {
    let (message, help) = match why {
        Misplaced::Twice => {
            (format!("{name} stands in the list twice"), "each order is sent once: build a second")
        }
        Misplaced::Before => (
            format!("what {name} brings is used before it is there"),
            "put it before the order that uses its .out",
        ),
        Misplaced::Beside => (
            format!("{name} goes at the same time, so what it brings is not there yet"),
            "put both into the plan one after the other, or into atomic([…])",
        ),
        Misplaced::Unpaid => (
            format!("{name} is taken and not paid back, or paid back and not taken"),
            "a group has as many flash_borrow as flash_repay",
        ),
        Misplaced::Loose => (
            format!("{name} is of one transaction, and these go each by itself"),
            "a flash loan is taken and paid back in atomic([…])",
        ),
        Misplaced::OffChain => (
            format!("{name} is an order of an exchange, and the group is of a chain"),
            "orders at exchanges go together in parallel([…])",
        ),
    };
    report.tell(PLACE, fact.place, message, Some(help.to_owned()));
}
