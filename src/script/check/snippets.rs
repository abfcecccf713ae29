//! Correct code as different people write it, of which nothing may be said.

use std::path::Path;

use super::mutants::shipped::Shipped;

/// Each file of `tests/data/correct_scripts` begins with `// script:`, the script in whose configuration it is checked.
#[test]
fn nothing_is_said_of_correct_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/correct_scripts");
    let all = Shipped::all();
    let (mut told, mut count) = (Vec::new(), 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let main = text.lines().next().unwrap().strip_prefix("// script: ").unwrap();
        let shipped = all.iter().find(|shipped| shipped.main() == main).unwrap();
        count += 1;
        // They are pieces, and no strategies that answer whatever they are asked.
        let found = shipped.check(main, text.clone());
        for finding in found.into_iter().filter(|it| it.lint != super::unanswered::LINT) {
            told.push(format!("{}: {} {}", path.display(), finding.lint.name, finding.fault));
        }
    }
    assert!(count >= 25, "{count} files");
    assert!(told.is_empty(), "{} said:\n{}", told.len(), told.join("\n\n"));
}
