//! The shipped scripts, the modules, the examples of the reference: all of their tests pass, and hardly a line is left out.

use std::path::{Path, PathBuf};

use basis::trial::suite::{self, Failure, Request, Verdict};

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What must have run of each script, in parts of a hundred.
const COVERED: usize = 95;

fn run(folders: &[&str], coverage: bool) -> Verdict {
    let home = root();
    let below = |folder: &&str| {
        suite::files_below(&home.join(folder), suite::ENDING).expect("a folder of ours")
    };
    let files: Vec<PathBuf> = folders.iter().flat_map(below).collect();
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    let config_dir = home.join("configs");
    suite::run(&Request { files, config_dir, filter: None, coverage, threads })
}

/// How the only test of a file by itself fails.
fn failure_of(text: &str) -> Failure {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("alone.test.rhai");
    std::fs::write(&file, text).expect("it can be written");
    let config_dir = root().join("configs");
    let request =
        Request { files: vec![file], config_dir, filter: None, coverage: false, threads: 1 };
    suite::run(&request).results[0].failure.clone().expect("it fails")
}

fn is_good(verdict: &Verdict) {
    assert!(verdict.broken.is_empty(), "{:?}", verdict.broken);
    let failed = verdict.results.iter().filter_map(|result| {
        let failure = result.failure.as_ref()?;
        Some(format!("{} {}: {}\n{}", result.file, result.name, failure.fault, failure.trace))
    });
    let failed: Vec<String> = failed.collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_script_has_tests_that_pass_and_run_its_lines() {
    let verdict = run(&["strategies", "stdlib"], true);
    is_good(&verdict);
    let mut scripts = Vec::new();
    for folder in ["strategies", "strategies/bench", "stdlib"] {
        for entry in std::fs::read_dir(root().join(folder)).expect("a folder of ours") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.ends_with(".rhai") && !name.ends_with(suite::ENDING) {
                let is_module = folder == "stdlib";
                scripts.push(if is_module { format!("stdlib/{name}") } else { name.to_owned() });
            }
        }
    }
    for script in scripts {
        let covered = verdict.coverage.iter().find(|file| file.file == script);
        let Some(file) = covered else { panic!("{script} has no tests") };
        let missed: Vec<&u32> = file.lines.difference(&file.hit).collect();
        let is_covered = 100 * file.hit.len() >= COVERED * file.lines.len();
        assert!(is_covered, "{script}: lines {missed:?} did not run");
    }
}

#[test]
fn every_example_of_the_reference_is_true() {
    is_good(&run(&["docs/scripting/examples"], false));
}

#[test]
fn a_failure_has_both_sides_its_place_and_what_happened() {
    let failure = failure_of(
        "fn test_wrong() {\n    let world = world(\"pure_lending_usdt\");\n    let step = world.step();\n    assert_eq(step.action, \"hold\");\n}\n",
    );
    assert_eq!(
        failure.fault.message,
        "left and right differ\n   left: \"entry_partial\"\n  right: \"hold\""
    );
    assert_eq!((failure.fault.line, failure.fault.column), (4, 5));
    assert_eq!(failure.fault.source_line, "    assert_eq(step.action, \"hold\");");
    assert!(failure.trace.contains("entry_partial: idle money is lent\n      supply aave_v3 USDT"));
}

#[test]
fn a_property_that_fails_tells_its_smallest_case() {
    let failure = failure_of(
        "fn test_wrong() {\n    check_all(1, 100, |draw| {\n        let a = draw.integer(0, 1000);\n        let b = draw.integer(0, 1000);\n        assert(a + b < 700);\n    });\n}\n",
    );
    let case = failure.case.expect("a case is told");
    let numbers = case.split("made small: ").nth(1).expect("numbers");
    let sum: i64 = numbers.split(", ").filter_map(|number| number.parse::<i64>().ok()).sum();
    assert_eq!(sum, 700, "{case}");
    assert_eq!(failure.fault.line, 5, "the place is that of the assertion");
}

#[test]
fn a_test_without_a_strategy_beside_it_is_asked_for_a_mode() {
    let failure = failure_of("fn test_alone() { world(); }\n");
    assert_eq!(failure.fault.message, "there is no strategy beside this test");
    assert_eq!(failure.fault.help.as_deref(), Some("name a mode: world(\"btc_basis\")"));
}
