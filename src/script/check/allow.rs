//! Comments that silence a lint: `// allow(unused-variable)` on the line, or by itself on the line before.

use std::collections::{BTreeMap, BTreeSet};

use rhai::Position;

use crate::types::Code;

use super::super::fault::{ScriptFault, nearest};
use super::examples::EXAMPLES;
use super::{Finding, Lint};

pub(super) const LINT: Lint = Lint::warning(
    "unused-allow",
    "a comment that allows what is not found there, or what is no lint",
);

/// The findings that no comment allows, and the comments of the script itself that allow nothing.
pub(super) fn filtered(
    found: Vec<Finding>,
    texts: &BTreeMap<String, String>,
    main: &str,
) -> Vec<Finding> {
    let mut used: BTreeSet<(String, usize)> = BTreeSet::new();
    let mut is_allowed = |finding: &Finding| {
        let file = &*finding.fault.file;
        let Some(text) = texts.get(file) else { return false };
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
    let mut kept: Vec<Finding> = found.into_iter().filter(|finding| !is_allowed(finding)).collect();
    for (number, line) in texts.get(main).map_or("", String::as_str).lines().enumerate() {
        let Some(names) = allowed(line) else { continue };
        if used.contains(&(main.to_owned(), number + 1)) {
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
        let fault = ScriptFault::of_file(Code::Strat004, main, message);
        let fault = fault.at(&texts[main], at).with_help(Some(help));
        kept.push(Finding { lint: LINT, fault });
    }
    kept
}

/// The names in `allow(…)` of a comment.
fn allowed(line: &str) -> Option<Vec<&str>> {
    let comment = line.split_once("//")?.1.trim();
    let names = comment.strip_prefix("allow(")?.split_once(')')?.0;
    Some(names.split(',').map(str::trim).collect())
}
