//! Mistakes as people make them, written by hand, and the lint that finds each at its line.
//!
//! `tests/data/mistakes/*.txt`: below `# file` a line is a mistake, `written ¦ instead ¦ lint`; `¶` is the end of a line.
//! Below `# file (not found)` stand those that nothing finds, with the reason in place of the lint.

use std::path::Path;

use super::mutants::shipped::Shipped;

/// How many of a hundred are found at their line by the lint that is theirs.
const FOUND_MIN: usize = 96;

#[test]
fn mistakes_that_people_make_are_found_at_their_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/mistakes");
    let all = Shipped::all();
    let (mut made, mut missed, mut told) = (0, 0, Vec::new());
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files {
        let list = std::fs::read_to_string(path).unwrap();
        let (mut file, mut is_known) = ("", false);
        for line in list.lines().filter(|line| !line.is_empty()) {
            if let Some(heading) = line.strip_prefix("# ") {
                file = heading.trim_end_matches(" (not found)");
                is_known = heading.ends_with("(not found)");
                continue;
            }
            let [written, instead, lint]: [&str; 3] =
                line.split(" ¦ ").collect::<Vec<_>>().try_into().expect(line);
            let (written, instead) = (written.replace('¶', "\n"), instead.replace('¶', "\n"));
            let shipped = all.iter().find(|shipped| shipped.has(file)).unwrap();
            let text = shipped.text(file);
            let at = text.find(&written).unwrap_or_else(|| panic!("{file} has no {written}"));
            let first = text[..at].matches('\n').count() as u32 + 1;
            let last = first + instead.matches('\n').count() as u32;
            let found = shipped.check(file, text.replacen(&written, &instead, 1));
            made += 1;
            let is_found = found.iter().any(|it| {
                let mut told = it.notes.iter().chain([&it.fault]);
                let is_at =
                    told.any(|told| *told.file == *file && (first..=last).contains(&told.line));
                it.lint.name == lint && (is_at || lint == "missing-door")
            });
            if !is_found {
                missed += 1;
            }
            if !is_found && !is_known {
                let names: Vec<_> = found
                    .iter()
                    .map(|it| format!("{} {}:{}", it.lint.name, it.fault.file, it.fault.line))
                    .collect();
                told.push(format!("{file}:{first} {instead}\n   wants {lint}, found {names:?}"));
            }
        }
    }
    assert!(made >= 170, "{made} mistakes");
    assert!(100 * (made - missed) >= FOUND_MIN * made, "{missed} of {made}:\n{}", told.join("\n"));
    assert!(told.is_empty(), "{} of {made}:\n{}", told.len(), told.join("\n"));
}
