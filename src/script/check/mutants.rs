//! All small mutations of the shipped scripts and modules, made by machine, and how many of them are found.
//!
//! A sample of them is a test with a floor for each kind; all of them are tried by
//! `cargo test --lib script::check::mutants -- --ignored`, which writes a table and those that were missed to
//! `basis-mutants.txt` in the folder for temporary files.

mod kinds;
pub(super) mod shipped;

use std::collections::BTreeMap;

use super::Finding;
use kinds::{KINDS, Mutant};
use shipped::Shipped;

/// Of a kind about so many are tried, or all that there are.
const TRIED_AT_LEAST: usize = 20;

/// How many of a kind were tried, found, and found where they are.
#[derive(Clone, Copy, Default)]
struct Count {
    tried: usize,
    found: usize,
    at_line: usize,
}

/// Tries mutants of all files; of each kind each `every`th, and of a rare kind so many that one that is missed is not a
/// large part of them.
fn tried(every: usize, missed: &mut Vec<String>) -> BTreeMap<&'static str, Count> {
    let mut counts: BTreeMap<&'static str, Count> = BTreeMap::new();
    let all = Shipped::all();
    let mut totals: BTreeMap<&'static str, usize> = BTreeMap::new();
    for (_, text) in all.iter().flat_map(Shipped::files) {
        for (kind, make) in KINDS {
            *totals.entry(kind).or_default() += make(&text).len();
        }
    }
    for shipped in &all {
        for (file, text) in shipped.files() {
            for (kind, make) in KINDS {
                let every = every.min(totals[kind].div_ceil(TRIED_AT_LEAST));
                for mutant in make(&text).into_iter().skip(file.len() % every).step_by(every) {
                    let Mutant { at, instead } = mutant;
                    let mutated = format!("{}{instead}{}", &text[..at.start], &text[at.end..]);
                    let line = text[..at.start].matches('\n').count() as u32 + 1;
                    let lines = line..=line + instead.matches('\n').count() as u32;
                    let found = found(&all, shipped, &file, mutated);
                    // What is missing is told where it is missed.
                    let is_gone = kind == "line dropped";
                    let is_at_line = found.iter().any(|it| {
                        let mut told = it.notes.iter().chain([&it.fault]);
                        is_gone || told.any(|it| *it.file == *file && lines.contains(&it.line))
                    });
                    let count = counts.entry(kind).or_default();
                    count.tried += 1;
                    count.found += usize::from(!found.is_empty());
                    count.at_line += usize::from(is_at_line);
                    if !is_at_line {
                        let source = text.lines().nth(line as usize - 1).unwrap_or("").trim();
                        let told = found.first().map_or("missed".to_owned(), |it| {
                            format!("told at {}:{} {}", it.fault.file, it.fault.line, it.lint.name)
                        });
                        let was = &text[at.clone()];
                        missed.push(format!(
                            "{kind}: {told}: {file}:{line} `{was}` -> `{instead}` in `{source}`"
                        ));
                    }
                }
            }
        }
    }
    counts
}

/// What is found in a file of a script. What that script never calls is told where another one does.
fn found(all: &[Shipped], first: &Shipped, file: &str, text: String) -> Vec<Finding> {
    let others = all.iter().filter(|it| it.imports(file) && it.main() != first.main());
    let mut found = first.check(file, text.clone());
    for other in others {
        if found.is_empty() {
            found = other.check(file, text.clone());
        }
    }
    found
}

fn table(counts: &BTreeMap<&'static str, Count>) -> String {
    let mut text = format!("{:<28}{:>7}{:>7}{:>9}\n", "kind", "tried", "found", "at line");
    let mut all = Count::default();
    let share = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
    for (kind, count) in counts {
        text.push_str(&format!(
            "{kind:<28}{:>7}{:>6.1}%{:>8.1}%\n",
            count.tried,
            share(count.found, count.tried),
            share(count.at_line, count.tried)
        ));
        all.tried += count.tried;
        all.found += count.found;
        all.at_line += count.at_line;
    }
    text.push_str(&format!(
        "{:<28}{:>7}{:>6.1}%{:>8.1}%\n",
        "all",
        all.tried,
        share(all.found, all.tried),
        share(all.at_line, all.tried)
    ));
    text
}

#[test]
#[ignore = "all mutants; takes a minute"]
fn all_mutants() {
    let mut missed = Vec::new();
    let counts = tried(1, &mut missed);
    let report = format!("{}\n{}", missed.join("\n"), table(&counts));
    let path = std::env::temp_dir().join("basis-mutants.txt");
    std::fs::write(path, report).unwrap();
}

#[test]
fn of_each_kind_of_mutant_most_are_found() {
    let mut missed = Vec::new();
    let counts = tried(29, &mut missed);
    let floor = |kind: &str| KINDS_FLOORS.iter().find(|(known, _)| *known == kind).map(|it| it.1);
    for (kind, count) in &counts {
        let wanted = floor(kind).unwrap_or(90);
        assert!(
            100 * count.found >= wanted * count.tried,
            "{kind}: {} of {} found, {wanted} % wanted\n{}",
            count.found,
            count.tried,
            missed.join("\n")
        );
    }
}

/// Kinds of which many cannot be told from what an author may mean, with the least that is found, in percent.
const KINDS_FLOORS: &[(&str, usize)] =
    &[("fraction as percent", 25), ("line dropped", 80), ("sign dropped", 20)];
