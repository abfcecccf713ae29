//! Comments that silence a lint: `// allow(unused-variable)` on the line, or by itself on the line before.

use std::collections::BTreeSet;

use rhai::Position;

use crate::types::Code;

use super::super::fault::{ScriptFault, nearest};
use super::super::imports::CompiledFiles;
use super::examples::EXAMPLES;
use super::{Finding, Lint};

pub(super) const LINT: Lint = Lint::warning(
    "unused-allow",
    "a comment that allows what is not found there, or what is no lint",
);

/// Comments that have silenced a lint, by file and line.
type Used = BTreeSet<(String, usize)>;

/// The findings that no comment allows, and the comments that were used.
pub(super) fn kept(found: Vec<Finding>, files: &CompiledFiles) -> (Vec<Finding>, Used) {
    let mut used = Used::new();
    let mut is_allowed = |finding: &Finding| {
        let file = &*finding.fault.file;
        let Some(text) = files.get(file).map(|file| &*file.text) else { return false };
        let line = finding.fault.line as usize;
        let line_of = |number: usize| number.checked_sub(1).and_then(|at| text.lines().nth(at));
        let is_comment = |line: &&str| line.trim().starts_with("//");
        let own = line_of(line).map(|text| (line, text));
        let before = line_of(line.wrapping_sub(1)).filter(is_comment).map(|text| (line - 1, text));
        [own, before].into_iter().flatten().any(|(line, text)| {
            let is_meant = allowed(text).is_some_and(|names| names.contains(&finding.lint.name));
            if is_meant {
                used.insert((file.to_owned(), line));
            }
            is_meant
        })
    };
    let kept = found.into_iter().filter(|finding| !is_allowed(finding)).collect();
    (kept, used)
}

/// Comments of a file that allow nothing that was found.
pub(super) fn unused(file: &str, text: &str, used: &Used) -> Vec<Finding> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let Some(names) = allowed(line) else { continue };
        if used.contains(&(file.to_owned(), number + 1)) {
            continue;
        }
        let known = EXAMPLES.iter().map(|example| example.lint.name);
        let unknown = names.iter().find(|name| !known.clone().any(|known| known == **name));
        let (message, help) = match unknown {
            Some(name) => (
                format!("'{name}' is no lint"),
                match nearest(name, known) {
                    Some(near) => format!("did you mean {near}?"),
                    None => "basis check --lints lists them".to_owned(),
                },
            ),
            None => (
                "nothing is found here that this allows".to_owned(),
                "take the comment out".to_owned(),
            ),
        };
        let column = line.find("//").map_or(1, |at| line[..at].chars().count() + 1);
        let at = Position::new((number + 1) as u16, column as u16);
        let fault = ScriptFault::of_file(Code::Strat004, file, message);
        found.push(Finding::new(LINT, fault.at(text, at).with_help(Some(help))));
    }
    found
}

/// The names in `allow(…)` of a comment.
fn allowed(line: &str) -> Option<Vec<&str>> {
    let comment = line.split_once("//")?.1.trim();
    let names = comment.strip_prefix("allow(")?.split_once(')')?.0;
    Some(names.split(',').map(str::trim).collect())
}
