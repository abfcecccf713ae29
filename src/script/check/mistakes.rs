//! Mistakes as people make them, written by hand, and the lint that finds each at its line.
//!
//! `tests/data/mistakes/*.txt`, and `tests/data/mistakes_in_tests.txt` of tests: below `# file` a line is a mistake,
//! `written ¦ instead ¦ lint`; `¶` is the end of a line. Below `# file (not found)` stand those that nothing finds, with the
//! reason in place of the lint.

use std::ops::RangeInclusive;
use std::path::Path;

use super::Finding;
use super::mutants::shipped::Shipped;

/// How many of a hundred are found at their line by the lint that is theirs.
const FOUND_MIN: usize = 96;

/// A mistake of a table.
pub(crate) struct Mistake<'l> {
    /// The file in which it is made.
    pub(crate) file: &'l str,
    /// Whether the table knows that it is not found.
    pub(crate) is_known: bool,
    written: String,
    instead: String,
    lint: &'l str,
}

/// All mistakes of a table.
pub(crate) fn listed(table: &str) -> Vec<Mistake<'_>> {
    let (mut file, mut is_known, mut all) = ("", false, Vec::new());
    for line in table.lines().filter(|line| !line.is_empty()) {
        if let Some(heading) = line.strip_prefix("# ") {
            file = heading.trim_end_matches(" (not found)");
            is_known = heading.ends_with("(not found)");
            continue;
        }
        let [written, instead, lint]: [&str; 3] =
            line.split(" ¦ ").collect::<Vec<_>>().try_into().expect(line);
        let (written, instead) = (written.replace('¶', "\n"), instead.replace('¶', "\n"));
        all.push(Mistake { file, is_known, written, instead, lint });
    }
    all
}

impl Mistake<'_> {
    /// The text with the mistake in it, and the lines where it stands.
    pub(crate) fn made_in(&self, text: &str) -> (String, RangeInclusive<u32>) {
        let Self { file, written, instead, .. } = self;
        let at = text.find(written).unwrap_or_else(|| panic!("{file} has no {written}"));
        let first = text[..at].matches('\n').count() as u32 + 1;
        let last = first + instead.matches('\n').count() as u32;
        (text.replacen(written, instead, 1), first..=last)
    }

    /// What is wrong with what was found: nothing where the lint has told the line, in itself or in a note.
    pub(crate) fn missed(&self, lines: &RangeInclusive<u32>, found: &[Finding]) -> Option<String> {
        let is_found = found.iter().any(|it| {
            let mut told = it.notes.iter().chain([&it.fault]);
            let is_of = |file: &str| self.file.ends_with(file) || file.ends_with(self.file);
            let is_at = told.any(|told| is_of(&told.file) && lines.contains(&told.line));
            it.lint.name == self.lint && (is_at || self.lint == "missing-door")
        });
        if is_found {
            return None;
        }
        let name = |it: &Finding| format!("{} {}:{}", it.lint.name, it.fault.file, it.fault.line);
        let names: Vec<_> = found.iter().map(name).collect();
        let Self { file, instead, lint, .. } = self;
        Some(format!("{file}:{} {instead}\n   wants {lint}, found {names:?}", lines.start()))
    }
}

#[test]
fn mistakes_that_people_make_are_found_at_their_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/mistakes");
    let all = Shipped::all();
    let (mut made, mut missed, mut told) = (0, 0, Vec::new());
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files {
        let table = std::fs::read_to_string(path).unwrap();
        for mistake in listed(&table) {
            let shipped = all.iter().find(|shipped| shipped.has(mistake.file)).unwrap();
            let (text, lines) = mistake.made_in(shipped.text(mistake.file));
            made += 1;
            if let Some(why) = mistake.missed(&lines, &shipped.check(mistake.file, text)) {
                missed += 1;
                told.extend((!mistake.is_known).then_some(why));
            }
        }
    }
    assert!(made >= 170, "{made} mistakes");
    assert!(100 * (made - missed) >= FOUND_MIN * made, "{missed} of {made}:\n{}", told.join("\n"));
    assert!(told.is_empty(), "{} of {made}:\n{}", told.len(), told.join("\n"));
}
