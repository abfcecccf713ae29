//! A name that is asked for and not there is often there, misspelt: then the place where it is defined is told too.

use std::collections::BTreeSet;

use super::super::facts::{Called, Fact, Place, What};
use super::super::infer::{DOORS, definition};
use super::super::origins::Origin;
use super::super::types::Type;
use super::{FUNCTION, MEMBER, Report};
use crate::script::fault::nearest;

pub(super) fn look(facts: &[Fact], report: &mut Report<'_>) {
    fields(facts, report);
    functions(facts, report);
}

/// Fields of maps that stand in the script, and are read by another name.
fn fields(facts: &[Fact], report: &mut Report<'_>) {
    let mut read: BTreeSet<&str> = BTreeSet::new();
    let mut missed: BTreeSet<&str> = BTreeSet::new();
    for fact in facts {
        if let What::Read { subject, name } = &fact.what {
            match subject.kept() {
                Type::Map(of) if of.is_closed && !of.known.contains_key(name) => {
                    missed.insert(name)
                }
                _ => read.insert(name),
            };
        }
    }
    let fields = || {
        facts.iter().filter_map(|fact| match &fact.what {
            What::Field { name } if !read.contains(name.as_str()) => Some((fact, name.as_str())),
            _ => None,
        })
    };
    // Where one alone is asked for in vain, and one alone is there in vain, they are the same.
    let unread: BTreeSet<&str> = fields().map(|(_, name)| name).collect();
    let only = if unread.len() == 1 && missed.len() == 1 { missed.first() } else { None };
    for (fact, name) in fields() {
        if let Some(asked) = nearest(name, missed.iter().copied()).or(only.copied()) {
            let message = format!("the field {name} is read nowhere");
            report.tell(MEMBER, fact.place, message, Some(format!("{asked} is asked for")));
        }
    }
}

/// Functions that are defined, called by nobody, and near to one that is called and not there: told below the call.
fn functions(facts: &[Fact], report: &mut Report<'_>) {
    let mut missed: Vec<(Place, &str, usize)> = Vec::new();
    let mut called: BTreeSet<&str> = BTreeSet::new();
    for fact in facts {
        if let What::Call { name, given, of, .. } = &fact.what {
            match of {
                Called::Nowhere(_) | Called::Outside => {
                    missed.push((fact.place, name, given.len()));
                }
                _ => drop(called.insert(name)),
            };
        }
    }
    missed.retain(|(_, name, _)| {
        !super::super::language::has(name) && !report.entries.iter().any(|it| it.name == *name)
    });
    let is_uncalled =
        |name: &str| !called.contains(name) && !name.starts_with("anon$") && !DOORS.contains(&name);
    let uncalled: Vec<(String, usize)> =
        report.functions.iter().filter(|(name, _)| is_uncalled(name)).cloned().collect();
    for (place, asked, count) in missed {
        // Where the names say nothing, the only one that nobody calls and that takes as many.
        let mut fitting = uncalled.iter().filter(|(_, takes)| *takes == count);
        let only = match (fitting.next(), fitting.next()) {
            (Some((name, _)), None) => Some(name.as_str()),
            _ => None,
        };
        let near = nearest(asked, uncalled.iter().map(|(name, _)| name.as_str())).or(only);
        let Some(near) = near else { continue };
        let places =
            (0..report.texts.len()).map(|file| (file, definition(report.texts[file], near)));
        let defined = places.filter(|(_, at)| !at.is_none());
        report.near.extend(defined.map(|(file, at)| {
            let at = Place { file, at };
            (place, Origin::Uncalled { function: near.to_owned(), at })
        }));
        // Names tell it first; the note goes with it.
        report.tell(FUNCTION, place, format!("there is no function '{asked}'"), None);
    }
}
