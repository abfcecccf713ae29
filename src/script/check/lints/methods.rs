//! Methods of texts, lists, maps and numbers: what the language has, and how many arguments it takes.

use super::super::facts::{Called, Fact, Given, What};
use super::super::language;
use super::super::types::Type;
use super::wording::QUOTED;
use super::{ARITY, Lint, Report, so_many};
use crate::script::api::Owner;
use crate::script::fault::nearest;
use crate::script::syntax::meant;

pub(in crate::script::check) const LINT: Lint =
    Lint::error("unknown-method", "a method that nothing of the language has");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    match &fact.what {
        What::Method { subject, name, given } if !matches!(subject, Type::Host(_)) => {
            let is_kept = report.functions.iter().any(|(known, _)| known == name);
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
                judge(fact, name, given.len(), 0, report);
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
