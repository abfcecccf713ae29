//! Mistakes as people make them in tests, and the lint that finds each at its line.
//!
//! `tests/data/mistakes_in_tests.txt`: below `# file` a line is a mistake, `written ¦ instead ¦ lint`. Below
//! `# file (not found)` stand those that are not told at their line, with the reason in place of the lint.

use std::path::Path;

use super::suite;
use crate::config::Drafts;

#[test]
fn mistakes_that_people_make_in_tests_are_found_at_their_line() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let drafts = Drafts::of(&root.join("configs"));
    let list = std::fs::read_to_string(root.join("tests/data/mistakes_in_tests.txt")).unwrap();
    let (mut made, mut told) = (0, Vec::new());
    let (mut file, mut is_known) = ("", false);
    for line in list.lines().filter(|line| !line.is_empty()) {
        if let Some(heading) = line.strip_prefix("# ") {
            file = heading.trim_end_matches(" (not found)");
            is_known = heading.ends_with("(not found)");
            continue;
        }
        let [written, instead, lint]: [&str; 3] =
            line.split(" ¦ ").collect::<Vec<_>>().try_into().expect(line);
        let path = root.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let at = text.find(written).unwrap_or_else(|| panic!("{file} has no {written}"));
        let spoilt = text.replacen(written, instead, 1);
        let found = suite::check_text(&path, &spoilt, &root.join("stdlib"), &drafts).unwrap();
        let line = text[..at].matches('\n').count() as u32 + 1;
        made += 1;
        if !is_known && !found.iter().any(|it| it.lint.name == lint && it.fault.line == line) {
            let found: Vec<_> =
                found.iter().map(|it| format!("{} at {}", it.lint.name, it.fault.line)).collect();
            told.push(format!("{file}:{line} {instead}\n   wants {lint}, found {found:?}"));
        }
    }
    assert!(made >= 45, "{made} mistakes");
    assert!(told.is_empty(), "{} of {made}:\n{}", told.len(), told.join("\n"));
}
