//! What is handed to the host's functions: of the right kind, and names that the run has.

use super::super::facts::{Fact, Given, Place, What};
use super::super::known::unknown_name;
use super::super::types::{Object, Type};
use super::nothing::LINT as NOTHING;
use super::{Lint, Report, owner};
use crate::script::api::{Entry, Kind, Owner, Shape};

const LINT: Lint = Lint::error("wrong-type", "an argument of the wrong kind");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    let (owner, name, given) = match &fact.what {
        What::Call { module: None, name, given, .. } => (Owner::Global, name, given),
        What::Call { module: Some(module), name, given, .. } if module == "orders" => {
            (Owner::Orders, name, given)
        }
        What::Method { subject: Type::Host(object), name, given } => match owner(*object) {
            Some(owner) => (owner, name, given),
            None => return,
        },
        _ => return,
    };
    let entries = report.entries;
    let entry = entries.iter().find(|entry| {
        entry.owner == owner
            && entry.name == name
            && entry.shape == Shape::Call
            && entry.takes(given.len())
    });
    if let Some(entry) = entry {
        entry.params.iter().zip(given).for_each(|(param, given)| {
            judge(fact, entry, (param.name, param.kind), given, report);
        });
        names(fact, entry, given, report);
    }
}

fn judge(
    fact: &Fact,
    entry: &Entry,
    (name, kind): (&str, Kind),
    given: &Given,
    report: &mut Report<'_>,
) {
    let place = Place { at: given.at, ..fact.place };
    let of = match &given.of {
        Type::Any | Type::Never => return,
        Type::Optional(of) if fits(entry, kind, of) && !fits(entry, kind, &Type::Unit) => {
            let message = format!("{name} of {} is {}", entry.name, given.of.name());
            let help = "keep it in a variable, and ask before whether it is ()".to_owned();
            return report.tell(NOTHING, place, message, Some(help));
        }
        Type::Optional(of) => of,
        of => of,
    };
    if !fits(entry, kind, of) {
        let message =
            format!("{name} of {} must be {}, not {}", entry.name, wanted(kind), of.name());
        let help = format!("it is called as {}", entry.signature());
        report.tell(LINT, place, message, Some(help));
    }
}

fn fits(entry: &Entry, kind: Kind, of: &Type) -> bool {
    let amount = Type::Host(Object::Amount);
    match kind {
        // min and max of amounts are theirs.
        Kind::Number => of.is_number() || (*of == amount && ["min", "max"].contains(&entry.name)),
        Kind::Amount => of.is_number() || *of == amount,
        Kind::Options => matches!(of, Type::Map(_)),
        // An order that is () is left out of a plan.
        Kind::Orders => match of {
            Type::List(items) => is_order(items),
            of => is_order(of),
        },
        Kind::Text => matches!(of, Type::Text(_)),
        _ => matches!(of, Type::Text(_)),
    }
}

fn is_order(of: &Type) -> bool {
    match of {
        Type::Optional(of) | Type::List(of) => is_order(of),
        Type::Host(Object::Order | Object::Group) | Type::Unit | Type::Any | Type::Never => true,
        _ => false,
    }
}

const fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "a number",
        Kind::Amount => "a number or an amount",
        Kind::Options => "a map of options",
        Kind::Orders => "a list of orders",
        _ => "a text",
    }
}

/// Names that are the same in every call of the run.
fn names(fact: &Fact, entry: &Entry, given: &[Given], report: &mut Report<'_>) {
    let texts = given.iter().map(|given| match &given.of {
        Type::Text(text) => text.as_deref(),
        _ => None,
    });
    let texts: Vec<Option<&str>> = texts.collect();
    if let Some((index, error)) = unknown_name(report.setup, entry, &texts) {
        let place = Place { at: given[index].at, ..fact.place };
        report.tell(super::super::names::NAME, place, error.message, error.help);
    }
}
