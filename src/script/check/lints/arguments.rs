//! What is handed to the host's functions: of the right kind, and names that the run has.

use super::super::Of;
use super::super::facts::{Fact, Given, Place};
use super::super::known::{unknown_name, unknown_partial};
use super::super::origins::Origin;
use super::super::texts::is_partial;
use super::super::types::{Object, Type};
use super::nothing::LINT as NOTHING;
use super::{Lint, Report, called};
use crate::script::api::{Entry, Kind};

pub(in crate::script::check) const LINT: Lint =
    Lint::error("wrong-type", "an argument of the wrong kind");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if let Some((entry, _, given)) = called(fact, report.entries) {
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
        Type::Any | Type::Never | Type::Stored(_) => return,
        Type::Optional(of) if fits(entry, kind, of) && !fits(entry, kind, &Type::Unit) => {
            if report.of == Of::Tests {
                return;
            }
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
        let help = match kind {
            Kind::Function => "hand over a closure, which is called there: || …".to_owned(),
            Kind::Orders if matches!(of, Type::List(_)) => {
                "it is a list of lists: take the brackets away, or join lists by +".to_owned()
            }
            _ => format!("it is called as {}", entry.signature()),
        };
        report.tell(LINT, place, message, Some(help));
    }
}

fn fits(entry: &Entry, kind: Kind, of: &Type) -> bool {
    match kind {
        // min and max of amounts are theirs.
        Kind::Number => of.is_number() || (of.is_amount() && ["min", "max"].contains(&entry.name)),
        Kind::Amount => of.is_number() || of.is_amount(),
        Kind::Options | Kind::Parts => matches!(of, Type::Map(_)),
        // An order that is () is left out of a plan.
        Kind::Orders => match of {
            Type::List(items) if matches!(**items, Type::List(_)) => false,
            Type::List(items) => is_order(items),
            of => is_order(of),
        },
        Kind::Decision => matches!(of, Type::Host(Object::Decision)),
        // What a function is cannot be told from what it is given.
        Kind::Function => matches!(of, Type::Function | Type::Any | Type::Never),
        Kind::Any => true,
        Kind::Text => matches!(of, Type::Text(_)),
        _ => matches!(of, Type::Text(_)),
    }
}

fn is_order(of: &Type) -> bool {
    match of {
        Type::Optional(of) | Type::List(of) => is_order(of),
        Type::Host(Object::Order(_) | Object::Group) | Type::Unit | Type::Any | Type::Never => true,
        _ => false,
    }
}

const fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "a number",
        Kind::Amount => "a number or an amount",
        Kind::Options => "a map of options",
        Kind::Parts => "a map of numbers by venue",
        Kind::Orders => "a list of orders",
        Kind::Decision => "a decision",
        Kind::Function => "a function",
        _ => "a text",
    }
}

/// Names that are unknown whatever way they come about.
fn names(fact: &Fact, entry: &Entry, given: &[Given], report: &mut Report<'_>) {
    let texts = |given: &Given| match &given.of {
        Type::Text(texts) if texts.say_something() => {
            texts.all().map(str::to_owned).collect::<Vec<_>>()
        }
        _ => Vec::new(),
    };
    let all: Vec<Vec<String>> = given.iter().map(texts).collect();
    let single: Vec<Option<&str>> = all
        .iter()
        .map(|texts| match &texts[..] {
            [one] if !is_partial(one) => Some(one.as_str()),
            _ => None,
        })
        .collect();
    for (index, given) in given.iter().enumerate() {
        let Type::Text(texts) = &given.of else { continue };
        for (text, place) in texts.surely() {
            let mut one = single.clone();
            one[index] = Some(text);
            if let Some((_, error)) = unknown_name(report.setup, entry, &one) {
                let used = Place { at: given.at, ..fact.place };
                let name = text.to_owned();
                report.near.push((place, Origin::Used { name, at: used }));
                return report.tell(super::super::names::NAME, place, error.message, error.help);
            }
        }
    }
    let unknown = unknown_name(report.setup, entry, &single).or_else(|| {
        // Of several, one that is known is enough: which of them comes here may be asked before.
        all.iter().enumerate().filter(|(index, _)| single[*index].is_none()).find_map(
            |(index, texts)| {
                let mut errors = texts.iter().map(|text| {
                    let kind = entry.params.get(index)?.kind;
                    if is_partial(text) {
                        return unknown_partial(report.setup, kind, text);
                    }
                    let mut one = single.clone();
                    one[index] = Some(text);
                    unknown_name(report.setup, entry, &one).map(|(_, error)| error)
                });
                let first = errors.next()??;
                errors.all(|error| error.is_some()).then_some((index, first))
            },
        )
    });
    if let Some((index, error)) = unknown {
        let place = Place { at: given[index].at, ..fact.place };
        report.tell(super::super::names::NAME, place, error.message, error.help);
    }
}
