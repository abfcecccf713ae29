//! Comments that silence a lint: `// allow(unused-variable)` on the line, or by itself on the line before.

use std::collections::BTreeMap;

use super::Finding;

/// The findings that no comment allows.
pub(super) fn filtered(found: Vec<Finding>, texts: &BTreeMap<String, String>) -> Vec<Finding> {
    let is_allowed = |finding: &Finding| {
        let Some(text) = texts.get(&*finding.fault.file) else { return false };
        let line = finding.fault.line as usize;
        let line_of = |number: usize| number.checked_sub(1).and_then(|at| text.lines().nth(at));
        let own = line_of(line).and_then(comment);
        let before = line_of(line.wrapping_sub(1)).filter(|line| line.trim().starts_with("//"));
        [own, before.and_then(comment)]
            .into_iter()
            .flatten()
            .any(|comment| allows(comment, finding))
    };
    found.into_iter().filter(|finding| !is_allowed(finding)).collect()
}

/// What stands behind `//`.
fn comment(line: &str) -> Option<&str> {
    line.split_once("//").map(|(_, comment)| comment.trim())
}

fn allows(comment: &str, finding: &Finding) -> bool {
    let Some((_, rest)) = comment.split_once("allow(") else { return false };
    let Some((names, _)) = rest.split_once(')') else { return false };
    names.split(',').any(|name| name.trim() == finding.lint.name)
}
