//! What is said of a script before it runs: its doors, its names against the run's own venues, tokens and parameters, and what
//! a look through it by types finds.
//!
//! What is wrong with doors, calls and names refuses the script when it is loaded; the rest is told by `basis check`. A comment
//! `// allow(LINT)` on the line, or by itself on the line before, silences a lint there.

mod allow;
mod bodies;
mod brought;
mod changes;
mod doors;
mod env;
mod examples;
mod facts;
mod gives;
mod infer;
mod known;
mod language;
mod lints;
mod loading;
mod measures;
mod misspelt;
mod names;
mod namesakes;
mod needs;
mod order;
mod origins;
mod same;
mod texts;
mod tried;
mod types;
mod unanswered;
mod unasserted;
mod unit;
mod unread;
mod used;
mod worlds;

mod document;
#[cfg(test)]
mod mutants;

#[cfg(test)]
pub(crate) mod mistakes;
#[cfg(test)]
mod snippets;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use rhai::Engine;

use crate::config::Setup;
use crate::types::Code;

use super::Bundle;
use super::api::{Entry, entries};
use super::fault::ScriptFault;
use super::imports::{CompiledFiles, Files};
use super::sandbox;
use super::test_file::TestPlace;
pub use document::lints_md;
pub use examples::{EXAMPLES, Example};
use facts::Place;
use infer::{Look, Source};
pub(super) use language::{arities as arities_of_language, has as is_of_language};
pub use lints::{Lint, Severity};
use origins::Origins;
pub(crate) use worlds::{Setting, Worlds, Wrong};

/// Something that is wrong with a script, or looks wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which lint has found it.
    pub lint: Lint,
    /// What and where.
    pub fault: ScriptFault,
    /// Where what it is about comes from: the line that sets a variable, the way by which a function gives nothing.
    pub notes: Vec<ScriptFault>,
}

impl Finding {
    const fn new(lint: Lint, fault: ScriptFault) -> Self {
        Self { lint, fault, notes: Vec::new() }
    }
}

/// A script with its modules, and the run that it is for.
pub(super) struct Script<'a> {
    pub(super) entries: &'a [Entry],
    pub(super) setup: &'a Setup,
    /// The name of the script's own file.
    pub(super) main: &'a str,
    /// What the file is.
    pub(super) of: Of,
    /// All files, as they are compiled.
    pub(super) files: &'a CompiledFiles,
}

/// What a file is that is looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Strategy,
    /// A module of `stdlib/` by itself.
    Module,
    /// Tests of scripts: nobody calls `decide` there.
    Tests,
}

/// What keeps a script from being loaded.
pub(super) fn refusals(script: &Script<'_>) -> Vec<ScriptFault> {
    let found = used::by_the_run(names::check(script), script);
    let (found, _) = allow::kept(found, script.files);
    let found = sorted(found, script.main);
    found.into_iter().map(|finding| finding.fault).collect()
}

impl Bundle {
    /// Everything that is wrong or odd with a script and what it imports, its own findings first.
    pub fn check(script: &Path, stdlib_dir: &Path, setup: &Setup) -> Vec<Finding> {
        let (name, text) = match Self::read(script) {
            Ok(read) => read,
            Err(faults) => return loading::unreadable(faults),
        };
        let engine = sandbox::compiler(Of::Strategy);
        of_text((&engine, entries(), setup), (name, text), &Files::Folder(stdlib_dir), Of::Strategy)
    }
}

/// What is wrong or odd with a module: what keeps it from being loaded, and, where no script imports it, all that does not depend
/// on a run; a setup lends its names then. What its functions are given is known in scripts alone.
pub fn check_module(module: &Path, stdlib_dir: &Path, setup: Option<&Setup>) -> Vec<Finding> {
    let (file, text) = match Bundle::read(module) {
        Ok(read) => read,
        Err(faults) => return loading::unreadable(faults),
    };
    let engine = sandbox::compiler(Of::Module);
    let name = format!("stdlib/{file}");
    match (loading::files((&engine, entries()), (&name, text), &Files::Folder(stdlib_dir)), setup) {
        (Err(found), _) => found,
        (Ok(_), None) => Vec::new(),
        (Ok(files), Some(setup)) => {
            let script =
                Script { entries: entries(), setup, main: &name, of: Of::Module, files: &files };
            let mut found = checked(&script, Vec::new());
            found.retain(|it| *it.fault.file == *name && !used::OF_THE_RUN.contains(&it.lint));
            found
        }
    }
}

/// What says that a file cannot be read; nothing where it can.
pub fn check_readable(file: &Path) -> Vec<Finding> {
    Bundle::read(file).err().map_or_else(Vec::new, loading::unreadable)
}

/// Everything that is wrong or odd with a file of tests in a run; what it imports is told with its own scripts. `entries` are what
/// tests can call, `worlds` what they can make worlds of.
pub(crate) fn check_tests(
    place: TestPlace<'_>,
    entries: &[Entry],
    setup: &Setup,
    worlds: &dyn Worlds,
) -> Vec<Finding> {
    let engine = sandbox::compiler(Of::Tests);
    let text = (place.name, place.text.to_owned());
    let files = match loading::files((&engine, entries), text, &place.files()) {
        Ok(files) => files,
        Err(found) => return found,
    };
    let script = Script { entries, setup, main: place.name, of: Of::Tests, files: &files };
    let mut more = Vec::new();
    if let Some(file) = files.get(place.name) {
        more = worlds::check(file, place.name, worlds);
    }
    let mut found = checked(&script, more);
    found.retain(|finding| &*finding.fault.file == place.name);
    found
}

/// All findings in a text and what it imports.
fn of_text(
    (engine, entries, setup): (&Engine, &[Entry], &Setup),
    (name, text): (&str, String),
    files: &Files<'_>,
    of: Of,
) -> Vec<Finding> {
    match loading::files((engine, entries), (name, text), files) {
        Ok(files) => checked(&Script { entries, setup, main: name, of, files: &files }, Vec::new()),
        Err(found) => found,
    }
}

/// All findings in a script and its modules, with those that others have made.
fn checked(script: &Script<'_>, more: Vec<Finding>) -> Vec<Finding> {
    let mut found = names::check(script);
    found.extend(more);
    found.append(&mut by_types(script));
    let main = script.files.get(script.main);
    if let (Of::Tests, Some(file)) = (script.of, main) {
        found = tried::meant(found, (script.main, &file.ast));
    }
    let found = misspelt::once(used::by_the_run(found, script));
    let found = sorted(found, script.main);
    let unread = unread::look(script, &found);
    let unanswered = unanswered::look(script, &found);
    let idle = unasserted::look(script, &found);
    let found = found.into_iter().chain(unread).chain(unanswered).chain(idle).collect();
    let (mut found, used) = allow::kept(once(found), script.files);
    // What is wrong elsewhere may hide what a comment allows.
    let is_wrong = found.iter().any(|it| it.lint.severity == Severity::Error);
    if let (Some(file), false) = (main, is_wrong) {
        found.extend(allow::unused(script.main, &file.text, &used));
    }
    sorted(found, script.main)
}

/// So many places may be wrong for one cause before only the first of them is told.
const PLACES_MAX: usize = 3;

/// Where one constant or function is wrong, many places are: the first is told, with how many more there are.
fn by_cause(
    found: Vec<lints::Found>,
    origins: &Origins,
) -> (Vec<lints::Found>, BTreeMap<usize, usize>) {
    let key = |found: &lints::Found| {
        let at = origins.cause(found.place, found.lint)?;
        Some((at.file, at.at.line(), at.at.position()))
    };
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for cause in found.iter().filter_map(key) {
        *counts.entry(cause).or_default() += 1;
    }
    let (mut kept, mut more) = (Vec::new(), BTreeMap::new());
    for one in found {
        let cause = key(&one).filter(|cause| counts.get(cause).is_some_and(|it| *it > PLACES_MAX));
        if let Some(cause) = cause {
            match counts.insert(cause, usize::MAX) {
                Some(usize::MAX) => continue,
                count => drop(more.insert(kept.len(), count.unwrap_or_default() - 1)),
            }
        }
        kept.push(one);
    }
    (kept, more)
}

/// What two lints say of one place is told once, by the first: names before types. Notes are of either.
fn once(found: Vec<Finding>) -> Vec<Finding> {
    let mut told = BTreeMap::new();
    let mut kept: Vec<Finding> = Vec::new();
    for finding in found {
        let fault = &finding.fault;
        let place = (fault.file.clone(), fault.line, fault.column);
        match told.get(&place) {
            Some(&first) if fault.line > 0 => {
                let first: &mut Finding = &mut kept[first];
                if first.lint == finding.lint && first.notes.is_empty() {
                    first.notes = finding.notes;
                }
            }
            _ => {
                told.insert(place, kept.len());
                kept.push(finding);
            }
        }
    }
    kept
}

/// The script's own findings first, each file from its top: functions are walked in an order that differs from build to build.
fn sorted(mut found: Vec<Finding>, main: &str) -> Vec<Finding> {
    found.sort_by_key(|Finding { fault, .. }| {
        (&*fault.file != main, fault.file.clone(), fault.line, fault.column)
    });
    found
}

fn by_types(script: &Script<'_>) -> Vec<Finding> {
    let Script { entries, setup, main, of, .. } = *script;
    let sources: Vec<_> = script.files.iter().map(|(name, file)| Source { name, file }).collect();
    let main = sources.iter().position(|source| source.name == main).unwrap_or(usize::MAX);
    // What tests import is told with the scripts that it is of.
    let only = (of == Of::Tests).then_some(main);
    let (facts, functions, mut origins) = Look::through(&sources, entries, setup, only);
    let texts = sources.iter().map(|source| &*source.file.text).collect();
    let own = functions.iter().cloned().collect();
    let functions = functions.into_iter().map(|(_, name, count)| (name, count)).collect();
    let (found, near) = (Vec::new(), Vec::new());
    let mut report = lints::Report { entries, setup, of, main, functions, own, texts, found, near };
    lints::look(&facts, &mut report);
    for (place, origin) in std::mem::take(&mut report.near) {
        origins.add(place, origin);
    }
    let fault = |place: Place, message: String| {
        let source = &sources[place.file];
        ScriptFault::of_file(Code::Strat004, source.name, message).at(&source.file.text, place.at)
    };
    let told = std::mem::take(&mut report.found);
    let told = match of {
        Of::Strategy => brought::by_caller(told, &facts, main, &mut origins),
        Of::Module | Of::Tests => told,
    };
    let (told, more) = by_cause(told, &origins);
    let finding = |(index, found): (usize, lints::Found)| {
        let notes = origins.of(found.place, found.lint).map(|(place, text)| fault(place, text));
        let mut notes: Vec<ScriptFault> = notes.collect();
        if let (Some(more), Some(note)) = (more.get(&index), notes.last_mut()) {
            note.message.push_str(&format!(", and {more} more places are told by it"));
        }
        let fault = fault(found.place, found.message).with_help(found.help);
        Finding { lint: found.lint, fault, notes }
    };
    told.into_iter().enumerate().map(finding).collect()
}
