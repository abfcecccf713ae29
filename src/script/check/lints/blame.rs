//! A name that is asked for and not there is often there, misspelt: then the place where it is defined is told too.

use std::collections::BTreeSet;

use super::super::facts::{Called, Fact, Place, What};
use super::super::infer::definition;
use super::super::types::Type;
use super::{MEMBER, Report, UNNEEDED};
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
    for fact in facts {
        let What::Field { name } = &fact.what else { continue };
        if read.contains(name.as_str()) {
            continue;
        }
        if let Some(asked) = nearest(name, missed.iter().copied()) {
            let message = format!("the field {name} is read nowhere");
            report.tell(MEMBER, fact.place, message, Some(format!("{asked} is asked for")));
        }
    }
}

/// Functions that are defined, called by nobody, and near to one that is called and not there.
fn functions(facts: &[Fact], report: &mut Report<'_>) {
    let mut missed: BTreeSet<&str> = BTreeSet::new();
    let mut called: BTreeSet<&str> = BTreeSet::new();
    for fact in facts {
        if let What::Call { name, of, .. } = &fact.what {
            match of {
                Called::Nowhere(_) => missed.insert(name),
                Called::Outside => missed.insert(name),
                _ => called.insert(name),
            };
        }
    }
    missed.retain(|name| {
        !super::super::language::has(name) && !report.entries.iter().any(|it| it.name == *name)
    });
    let uncalled: Vec<String> = report
        .functions
        .iter()
        .map(|(name, _)| name.clone())
        .filter(|name| !called.contains(name.as_str()) && !name.starts_with("anon$"))
        .collect();
    for asked in missed {
        let Some(near) = nearest(asked, uncalled.iter().map(String::as_str)) else { continue };
        for file in 0..report.texts.len() {
            let at = definition(report.texts[file], near);
            if !at.is_none() {
                let message = format!("{near} is called by nobody");
                let help = format!("{asked} is asked for");
                report.tell(UNNEEDED, Place { file, at }, message, Some(help));
            }
        }
    }
}
