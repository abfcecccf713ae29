//! Properties and methods that a value does not have.

use super::super::Of;
use super::super::facts::{Fact, What};
use super::super::names::{NAME, PARAMETER};
use super::super::types::{Object, Type};
use super::{Lint, Report, owner, so_many};
use crate::script::api::{Entry, Shape, parameter_values};
use crate::script::fault::nearest;
use crate::script::host::{self, HostError};
use crate::script::syntax::meant;

pub(in crate::script::check) const LINT: Lint =
    Lint::error("unknown-member", "a property or method that a value does not have");

/// What the language has of a number without brackets.
const OF_NUMBERS: [&str; 6] = ["int", "fraction", "floor", "ceiling", "round", "is_zero"];

/// So many names are read through; more of them are looked up in the reference.
const LISTED_MAX: usize = 12;

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    match &fact.what {
        What::Read { subject, name } => read(fact, subject, name, report),
        What::Method { subject: Type::Host(object), name, given } => {
            of_object(fact, *object, name, Shape::Call, Some(given.len()), report);
        }
        _ => {}
    }
}

fn read(fact: &Fact, subject: &Type, name: &str, report: &mut Report<'_>) {
    match subject.kept() {
        Type::Any | Type::Never => {}
        Type::Host(Object::Params) => {
            let known = parameter_values(report.setup);
            let known = known.iter().map(|(name, _)| name.as_str());
            if !known.clone().any(|known| known == name) {
                let error = HostError::unknown("parameter", name, known);
                report.tell(PARAMETER, fact.place, error.message, error.help);
            }
        }
        Type::Host(object) => of_object(fact, *object, name, Shape::Property, None, report),
        Type::Map(fields) if !fields.is_closed || fields.known.contains_key(name) => {}
        Type::Map(fields) => {
            let known = fields.known.keys().map(String::as_str);
            let universe = &report.setup.universe;
            let is_by_key = known.clone().next().is_some_and(|it| universe.key_named(it).is_some());
            if let (true, Err(error)) = (is_by_key, host::key(universe, name)) {
                return report.tell(NAME, fact.place, error.message, error.help);
            }
            let help = match nearest(name, known.clone()) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("it has {}", known.collect::<Vec<_>>().join(", ")),
            };
            report.tell(LINT, fact.place, format!("the map has no field '{name}'"), Some(help));
        }
        // A test fails where it is not there.
        Type::Optional(_) if report.of == Of::Tests => {}
        Type::Optional(of) => {
            let message = format!("{} is read of what may be nothing ()", name);
            let help = Some(format!("ask before whether it is (); it is {} otherwise", of.name()));
            report.tell(LINT, fact.place, message, help);
        }
        Type::List(_) | Type::Text(_) if ["len", "is_empty"].contains(&name) => {}
        of if of.is_number() && OF_NUMBERS.contains(&name) => {}
        other => {
            let message = format!("{} has no '{name}'", other.name());
            // What a parameter is declared with: in a script it is its value.
            let is_declared = ["value", "unit", "min", "max", "default"].contains(&name);
            let help = match other.is_number() && is_declared {
                true => Some("take it out: this is the number itself"),
                false => meant(name),
            };
            report.tell(LINT, fact.place, message, help.map(str::to_owned));
        }
    }
}

fn of_object(
    fact: &Fact,
    object: Object,
    name: &str,
    shape: Shape,
    given: Option<usize>,
    report: &mut Report<'_>,
) {
    let Some(owner) = owner(object) else {
        let message = format!("{} has no '{name}'", object.name());
        return report.tell(LINT, fact.place, message, None);
    };
    let entries = report.entries;
    let known = entries.iter().filter(|entry| entry.owner == owner);
    let (message, help) = match known.clone().find(|entry| entry.name == name) {
        None => {
            let near = match (object, name) {
                (Object::Case, "float" | "number" | "uniform" | "random") => Some("decimal"),
                (Object::Case, "int" | "randint" | "range" | "whole") => Some("integer"),
                (Object::Case, "bool" | "boolean") => Some("flag"),
                (Object::Case, "choice" | "one_of" | "choose") => Some("pick"),
                (Object::World, "lst_market_rate" | "peg" | "discount") => Some("lst_discount"),
                (Object::World, "run_until" | "advance" | "forward") => Some("run"),
                (Object::World, "tick" | "next") => Some("step"),
                (Object::World, "set_balance") => Some("deposit"),
                (Object::World, "set_price") => Some("price"),
                _ => nearest(name, known.clone().map(|entry| entry.name)),
            };
            let near = known.clone().find(|entry| Some(entry.name) == near);
            let help = near.map_or_else(
                || {
                    let all: Vec<&str> = known.clone().map(|entry| entry.name).collect();
                    let listed = || format!("it has {}", all.join(", "));
                    let meant = meant(name).map(str::to_owned);
                    meant.or_else(|| (all.len() <= LISTED_MAX).then(listed))
                },
                |entry| Some(format!("did you mean {}?", entry.signature())),
            );
            (format!("{} has no '{name}'", object.name()), help)
        }
        Some(entry) if entry.shape != shape => {
            let how =
                if entry.shape == Shape::Call { "called, not read" } else { "read, not called" };
            (format!("{name} is {how}"), Some(format!("write {}", entry.signature())))
        }
        Some(entry) if given.is_some_and(|given| !Entry::takes(entry, given)) => (
            format!("{name} is called with {}", so_many(given.unwrap_or_default())),
            Some(format!("it is called as {}", entry.signature())),
        ),
        Some(_) => return,
    };
    report.tell(LINT, fact.place, message, help);
}
