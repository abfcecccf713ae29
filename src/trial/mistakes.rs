//! Mistakes as people make them in tests, and the lint that finds each at its line.

use std::path::Path;

use super::suite;
use crate::config::Drafts;
use crate::script::mistakes::listed;

#[test]
fn mistakes_that_people_make_in_tests_are_found_at_their_line() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let drafts = Drafts::of(&root.join("configs"));
    let table = std::fs::read_to_string(root.join("tests/data/mistakes_in_tests.txt")).unwrap();
    let (mut made, mut told) = (0, Vec::new());
    for mistake in listed(&table) {
        let path = root.join(mistake.file);
        let (text, lines) = mistake.made_in(&std::fs::read_to_string(&path).unwrap());
        let found = suite::check_text(&path, &text, &root.join("stdlib"), &drafts).unwrap();
        made += 1;
        let missed = mistake.missed(&lines, &found);
        told.extend(missed.filter(|_| !mistake.is_known));
    }
    assert!(made >= 45, "{made} mistakes");
    assert!(told.is_empty(), "{} of {made}:\n{}", told.len(), told.join("\n"));
}
