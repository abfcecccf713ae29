//! What is said of a script before it runs: its doors, its names against the run's own venues, tokens and parameters, and what
//! a look through it by types finds.
//!
//! What is wrong with doors, calls and names refuses the script when it is loaded; the rest is told by `basis check`. A comment
//! `// allow(LINT)` on the line, or by itself on the line before, silences a lint there.

mod allow;
mod bodies;
mod env;
mod facts;
mod gives;
mod infer;
mod known;
mod lints;
mod names;
mod types;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use rhai::Engine;

use crate::config::Setup;
use crate::types::Code;

use super::api::{Entry, parameter_values};
use super::fault::ScriptFault;
use infer::{Look, Source};
pub use lints::{Lint, Severity};
use types::{Fields, Type};

/// Something that is wrong with a script, or looks wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which lint has found it.
    pub lint: Lint,
    /// What and where.
    pub fault: ScriptFault,
}

/// A script with its modules, and the run that it is for.
pub(super) struct Script<'a> {
    pub(super) engine: &'a Engine,
    pub(super) entries: &'a [Entry],
    pub(super) setup: &'a Setup,
    /// The name of the script's own file.
    pub(super) main: &'a str,
    /// All files by name, imported ones under the name that imports give them; each of them compiles.
    pub(super) texts: &'a BTreeMap<String, String>,
}

/// What keeps a script from being loaded.
pub(super) fn refusals(script: &Script<'_>) -> Vec<ScriptFault> {
    let found = sorted(names::check(script), script.main);
    found.into_iter().map(|finding| finding.fault).collect()
}

/// All findings in a script and its modules.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let mut found = names::check(script);
    found.append(&mut by_types(script));
    let mut found = sorted(allow::filtered(found, script.texts), script.main);
    // What two lints say of one place is told once, by the first: names before types.
    let mut told = BTreeSet::new();
    found.retain(|Finding { fault, .. }| {
        fault.line == 0 || told.insert((fault.file.clone(), fault.line, fault.column))
    });
    found
}

/// The script's own findings first, each file from its top: functions are walked in an order that differs from build to build.
fn sorted(mut found: Vec<Finding>, main: &str) -> Vec<Finding> {
    found.sort_by_key(|Finding { fault, .. }| {
        (&*fault.file != main, fault.file.clone(), fault.line, fault.column)
    });
    found
}

fn by_types(script: &Script<'_>) -> Vec<Finding> {
    let Script { engine, entries, setup, main, texts } = *script;
    let compiled = texts.iter().filter_map(|(name, text)| Some((name, engine.compile(text).ok()?)));
    let compiled: Vec<_> = compiled.collect();
    let sources: Vec<_> = compiled.iter().map(|(name, ast)| Source { name, ast }).collect();
    let parameters = parameter_values(setup);
    let known = parameters.iter().map(|(name, value)| (name.clone(), Type::of(value))).collect();
    let facts = Look::through(&sources, entries, Type::Map(Fields { known, is_closed: true }));
    let main = sources.iter().position(|source| source.name == main).unwrap_or(usize::MAX);
    let mut report = lints::Report { entries, setup, main, found: Vec::new() };
    lints::look(&facts, &mut report);
    let finding = |found: lints::Found| {
        let file = sources[found.place.file].name;
        let fault = ScriptFault::of_file(Code::Strat004, file, found.message);
        let fault = fault.at(&texts[file], found.place.at).with_help(found.help);
        Finding { lint: found.lint, fault }
    };
    report.found.into_iter().map(finding).collect()
}
