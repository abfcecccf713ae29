//! Loops over what has no items, and items by what is no place in a list.

use super::super::facts::{Fact, What};
use super::super::types::{Object, Type};
use super::{Lint, NOTHING, Report};

pub(in crate::script::check) const LINT: Lint =
    Lint::error("no-items", "a loop over what has no items, or an item by what is no index");

pub(in crate::script::check) const CAUGHT: Lint =
    Lint::error("caught-twice", "a closure that reads the variable on which it is called");

pub(in crate::script::check) const FOR_EACH: Lint =
    Lint::warning("for-each", "a closure with a parameter in for_each, which hands over a number");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    match &fact.what {
        What::Caught { name } => {
            let message = format!("this closure reads {name}, on which the method is called");
            let help = "keep what it goes through in a variable first: let names = map.keys();";
            report.tell(CAUGHT, fact.place, message, Some(help.to_owned()));
        }
        What::ForEach => {
            let help = "write for item in list { … }; in for_each the item is this".to_owned();
            let message = "for_each hands over the number of the item, not the item";
            report.tell(FOR_EACH, fact.place, message, Some(help));
        }
        What::Over { of } => over(fact, of, report),
        What::Indexed { subject: Type::List(_), by: Type::Text(_) } => {
            let help = "a list is counted from 0; names are of a map: #{}".to_owned();
            report.tell(LINT, fact.place, "an item of a list is asked for by a text", Some(help));
        }
        What::Indexed { subject, .. } if subject.is_number() || *subject == Type::Bool => {
            let message = format!("{} has no items", subject.name());
            let help = "a map begins as #{}, a list as []".to_owned();
            report.tell(LINT, fact.place, message, Some(help));
        }
        What::Indexed { subject: Type::Map(_), by } if by.is_number() => {
            let help = "of a map ask by the name: map[\"name\"]".to_owned();
            report.tell(LINT, fact.place, "a field of a map is asked for by a number", Some(help));
        }
        _ => {}
    }
}

fn over(fact: &Fact, of: &Type, report: &mut Report<'_>) {
    let help = match of {
        Type::Map(_) | Type::Host(Object::Params) => "write for name in map.keys() { … }",
        Type::Optional(_) | Type::Unit => {
            let message = format!("the loop goes over {}", of.name());
            let help = "ask before whether it is ()".to_owned();
            return report.tell(NOTHING, fact.place, message, Some(help));
        }
        Type::Bool | Type::Host(_) => "a loop goes over a list, or a range: 0..3",
        of if of.is_number() => "count by a range: for i in 0..3 { … }",
        _ => return,
    };
    let message = format!("a loop over {}, which has no items", of.name());
    report.tell(LINT, fact.place, message, Some(help.to_owned()));
}
