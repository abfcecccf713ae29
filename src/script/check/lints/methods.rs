//! Methods of texts, lists, maps and numbers: what the language has, and how many arguments it takes.

use super::super::facts::{Called, Fact, Given, Place, What};
use super::super::language;
use super::super::types::Type;
use super::wording::QUOTED;
use super::{ARITY, Lint, NOTHING, Report, so_many};
use crate::script::api::{Entry, Kind, Owner};
use crate::script::fault::nearest;
use crate::script::syntax::meant;

pub(in crate::script::check) const LINT: Lint =
    Lint::error("unknown-method", "a method that nothing of the language has");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    match &fact.what {
        What::Method { subject, name, given } if !matches!(subject, Type::Host(_)) => {
            let mut own =
                report.own.iter().filter(|own| (own.0, &own.1) == (fact.place.file, name));
            let own: Vec<usize> = own.by_ref().map(|own| own.2).collect();
            let is_kept = !own.is_empty();
            if is_kept && !own.contains(&given.len()) {
                let message = format!("{name} is called with {}", so_many(given.len()));
                let takes: Vec<String> = own.iter().map(usize::to_string).collect();
                let takes = takes.join(" or ");
                let help = match given.len() {
                    0 => format!(
                        "a field is read without brackets: .{name}; fn {name} takes {takes}"
                    ),
                    _ => format!("fn {name} takes {takes}"),
                };
                return report.tell(ARITY, fact.place, message, Some(help));
            }
            let is_field =
                matches!(subject.kept(), Type::Map(fields) if fields.known.contains_key(name));
            if is_kept
                || is_field && matches!(field(subject, name), Some(Type::Function | Type::Any))
            {
                return;
            }
            if report.entries.iter().any(|entry| entry.name == name && entry.takes(given.len()))
                && matches!(subject.kept(), Type::Any | Type::Never)
            {
                return;
            }
            judge(fact, name, given.len(), 1, report);
            let mut hosts = report.entries.iter().filter(|entry| entry.name == name);
            match hosts.next() {
                None => of_subject(fact, subject, name, given, report),
                // A function of numbers is none of a list.
                Some(entry) if hosts.next().is_none() && is_of_numbers(entry) => {
                    let is_other =
                        matches!(subject.kept(), Type::List(_) | Type::Map(_) | Type::Text(_));
                    if is_other {
                        none_such(fact, subject, name, report);
                    }
                }
                Some(_) => {}
            }
        }
        What::Call { module: None, name, given, of: Called::Outside }
            if !report.entries.iter().any(|it| it.name == name && it.owner == Owner::Global) =>
        {
            let is_free =
                ["type_of", "is_def_fn", "is_def_var", "is_shared", "Fn", "call", "curry"]
                    .contains(&name.as_str());
            // A method of the host may be called with its subject in front.
            let is_host = report.entries.iter().any(|entry| {
                entry.name == name
                    && entry.owner != Owner::Orders
                    && entry.takes(given.len().saturating_sub(1))
            });
            if is_host {
            } else if language::has(name) && !is_free {
                let is_of = given.first().is_none_or(|first| match &first.of {
                    Type::Host(_) => language::is_of(name, "any"),
                    _ => true,
                });
                if is_of {
                    judge(fact, name, given.len(), 0, report);
                } else {
                    let message = format!("{name} is of lists, texts and numbers alone");
                    let help = "a function of a module is called by its alias: alias::name(…)";
                    report.tell(LINT, fact.place, message, Some(help.to_owned()));
                }
            } else if let ("type_of", [Given { of: Type::Text(texts), name: None, .. }]) =
                (name.as_str(), &given[..])
                && texts.single().is_some()
            {
                let help = "write the variable without quotes".to_owned();
                report.tell(QUOTED, fact.place, "this is the type of a text", Some(help));
            } else if name == "type_of" && given.len() != 1 {
                let message = format!("type_of is called with {}", so_many(given.len()));
                report.tell(ARITY, fact.place, message, Some("it takes 1".to_owned()));
            }
        }
        _ => {}
    }
}

/// Whether what it is called on has such a method.
fn of_subject(fact: &Fact, subject: &Type, name: &str, given: &[Given], report: &mut Report<'_>) {
    let of = match subject {
        Type::Optional(_) | Type::Unit if language::is_of(name, "()") => return,
        Type::Optional(_) | Type::Unit => {
            let message = format!("{name} of {}", subject.name());
            let help = "ask before whether it is ()".to_owned();
            return report.tell(NOTHING, fact.place, message, Some(help));
        }
        of => match kind(of) {
            Some(kind) => kind,
            None => return,
        },
    };
    if !language::arities(name).is_empty() && !language::is_of(name, of) {
        return none_such(fact, subject, name, report);
    }
    if let ("append", "array", [one]) = (name, of, given)
        && !matches!(one.of.kept(), Type::List(_) | Type::Any | Type::Never)
    {
        let message = format!("append joins a list to a list, and this is {}", one.of.name());
        let place = Place { at: one.at, ..fact.place };
        report.tell(LINT, place, message, Some("write push to put in one thing".to_owned()));
    }
}

/// What the language calls the type of a value.
fn kind(of: &Type) -> Option<&'static str> {
    Some(match of.kept() {
        Type::List(_) => "array",
        Type::Map(_) => "map",
        Type::Text(_) => "string",
        Type::Char => "char",
        Type::Bool => "bool",
        Type::Int | Type::Fixed(_, true) | Type::Measure(_, true) => "i64",
        Type::Decimal | Type::Fixed(_, false) | Type::Measure(_, false) => "Decimal",
        _ => return None,
    })
}

fn is_of_numbers(entry: &Entry) -> bool {
    entry.owner == Owner::Global && entry.params.first().is_some_and(|it| it.kind == Kind::Number)
}

/// A method that there is, of something else; and the one that may be meant.
fn none_such(fact: &Fact, subject: &Type, name: &str, report: &mut Report<'_>) {
    let own = language::names()
        .filter(|own| kind(subject).is_some_and(|kind| language::is_of(own, kind)));
    let near = nearest(name, own).map(|near| format!("did you mean {near}?"));
    let message = format!("{} has no method '{name}'", subject.kept().name());
    report.tell(LINT, fact.place, message, meant(name).map(str::to_owned).or(near));
}

fn field<'t>(subject: &'t Type, name: &str) -> Option<&'t Type> {
    match subject.kept() {
        Type::Map(fields) => fields.known.get(name),
        _ => None,
    }
}

fn judge(fact: &Fact, name: &str, given: usize, subjects: usize, report: &mut Report<'_>) {
    if ["call", "curry", "type_of", "is_shared", "is_anonymous"].contains(&name) {
        return;
    }
    let arities = language::arities(name);
    if arities.is_empty() {
        let near = nearest(name, language::names());
        let near = near.map(|near| format!("did you mean {near}?"));
        let field = || format!("a field is read without brackets: .{name}");
        let near = if given == 0 { Some(near.unwrap_or_else(field)) } else { near };
        let help = meant(name).map(str::to_owned).or(near);
        return report.tell(LINT, fact.place, format!("there is no method '{name}'"), help);
    }
    if !arities.contains(&(given + subjects)) {
        let takes: Vec<String> =
            arities.iter().map(|arity| arity.saturating_sub(subjects).to_string()).collect();
        let message = format!("{name} is called with {}", so_many(given));
        let help = match name {
            "range" => "write for i in 0..3 { … }".to_owned(),
            _ => format!("it takes {}", takes.join(" or ")),
        };
        report.tell(ARITY, fact.place, message, Some(help));
    }
}
