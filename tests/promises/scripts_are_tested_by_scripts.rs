//! The shipped scripts, the modules, the examples of the reference: all of their tests pass, and hardly a line is left out.

use std::path::{Path, PathBuf};

use basis::trial::files::files_below;
use basis::trial::suite::{self, Failure, Request, Verdict};

use crate::desk::Desk;

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What must have run of each script, in parts of a hundred.
const COVERED: usize = 95;

fn run(folders: &[&str], coverage: bool) -> Verdict {
    let home = root();
    let below =
        |folder: &&str| files_below(&home.join(folder), suite::ENDING).expect("a folder of ours");
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
    let mut lines = case.lines();
    let head = lines.next().expect("a head");
    assert!(head.ends_with(" of 100 with seed 1, made as small as it still fails:"), "{case}");
    let numbers = [3, 4].into_iter().zip(lines).map(|(line, draw)| {
        let number = draw.strip_prefix(&format!("  line {line}: draw.integer(0, 1000) = "));
        number.and_then(|number| number.parse::<i64>().ok()).expect("a draw as it was asked for")
    });
    assert_eq!(numbers.sum::<i64>(), 700, "{case}");
    assert_eq!(failure.fault.message, "this is not true: a + b < 700\n  a + b: 700");
    assert_eq!(failure.fault.line, 5, "the place is that of the assertion");
}

#[test]
fn a_property_that_fails_whatever_is_drawn_says_so() {
    let case = |draws: &str| {
        let text = format!(
            "fn test_wrong() {{\n check_all(1, 9, |draw| {{ {draws} assert(1 > 2); }});\n}}\n"
        );
        failure_of(&text).case.expect("a case is told")
    };
    let nothing = "case 1 of 9 with seed 1; it draws nothing, so every case is this one";
    assert_eq!(case(""), nothing);
    let one = "case 1 of 9 with seed 1; nothing smaller was found to fail:\n  line 2: draw.pick(one of 1) = \"a\"";
    assert_eq!(case("let a = draw.pick([\"a\"]);"), one);
}

#[test]
fn an_assertion_that_fails_tells_its_source_and_what_its_parts_were() {
    let failure = failure_of(
        "fn test_wrong() {\n    let step = world(\"pure_lending_usdt\").step();\n    assert(step.sent.len == 0 || step.reason.contains(\"gold\"), \"it is lent\");\n}\n",
    );
    assert_eq!(
        failure.fault.message,
        "it is lent\n  this is not true: step.sent.len == 0 || step.reason.contains(\"gold\")\n  step.sent.len: 1\n  step.reason: \"idle money is lent\""
    );
    assert_eq!((failure.fault.line, failure.fault.column), (3, 5));
}

#[test]
fn a_mishap_that_never_strikes_is_told_at_its_order() {
    let failure = failure_of(
        "fn test_wrong() {\n    let world = world(\"pure_lending_usdt\");\n    world.reject(\"aave_v3\");\n    world.step();\n    world.reject(\"aave_v3\");\n    world.liquidate(\"aave_v3\");\n    world.wait(1);\n    world.revert(2);\n}\n",
    );
    assert_eq!(
        failure.fault.message,
        "what was ordered has not happened: reject(\"aave_v3\"), revert(2) of line 8, liquidate(\"aave_v3\") of line 6"
    );
    assert_eq!((failure.fault.line, failure.fault.column), (5, 11));
    assert_eq!(failure.fault.source_line, "    world.reject(\"aave_v3\");");
}

#[test]
fn a_liquidation_that_a_test_orders_is_told_as_that() {
    let failure = failure_of(
        "fn test_wrong() {\n    let world = world(\"eth_leveraged\");\n    world.step();\n    world.liquidate(\"aave_v3\");\n    world.wait(1);\n    fail(\"look\");\n}\n",
    );
    let trace = &failure.trace;
    assert!(trace.contains("RISK-001: aave_v3 liquidated us, as the test ordered: -"), "{trace}");
    assert!(trace.contains("mishap: liquidate(\"aave_v3\")"), "{trace}");
    assert!(!trace.contains("health factor"), "{trace}");
}

#[test]
fn a_script_that_does_not_load_is_told_once_for_all_of_its_tests() {
    let desk = Desk::new();
    desk.replace("mine.rhai", "ctx.equity", "ctx.equty");
    let tests =
        "fn test_a() { world(); }\nfn test_b() { world(); }\n\nfn test_c() { fail(\"no\"); }\n";
    desk.write("mine.test.rhai", tests);
    let told = desk.basis(&["test", "mine.rhai", "--quiet", "--junit", "junit.xml"]);
    assert_eq!((told.status, told.stderr.as_str()), (Some(1), ""));
    let head = "FAIL 2 tests of mine.test.rhai\nmine.rhai does not load:\nctx has no 'equty'\n --> mine.rhai:";
    assert!(told.stdout.starts_with(head), "{}", told.stdout);
    assert_eq!(told.stdout.matches("help: did you mean ctx.equity?").count(), 1, "{}", told.stdout);
    assert!(told.stdout.contains("0 passed, 3 failed"), "{}", told.stdout);
    let junit = desk.read("junit.xml");
    assert_eq!(junit.matches("<failure message=\"mine.rhai does not load: ctx has no").count(), 2);
    assert!(!junit.contains("did you mean ctx.equity?"), "{junit}");
    let json = desk.basis(&["test", "mine.rhai", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON and nothing else");
    assert_eq!(json["unmade"].as_array().map(Vec::len), Some(1), "{json:#}");

    desk.replace("mine.yaml", "share_class: USDT", "share_clas: USDT");
    let told = desk.basis(&["test", "mine.rhai", "--quiet"]).stdout;
    let cause = "CONFIG-002 mine.yaml:2:1: share_clas: unknown key; did you mean 'share_class'?";
    assert_eq!(told.matches(cause).count(), 1, "{told}");
}

#[test]
fn what_a_world_does_not_have_is_told_with_what_it_has() {
    let lending =
        |call: &str| format!("fn test_wrong() {{ world(\"pure_lending_usdt\").{call}; }}\n");
    let basis = |call: &str| format!("fn test_wrong() {{ world(\"btc_basis\").{call}; }}\n");
    for (text, message, help) in [
        (
            lending("gap(\"aave_v3\", \"perp\", \"BTCUSDT\")"),
            "aave_v3 has no perp market in this run",
            "this run has no perp market at all",
        ),
        (
            basis("funding(\"wallet\", \"BTCUSDT\", 0.1)"),
            "wallet has no perp market in this run",
            "perp markets of this run are: BTCUSDT at binance, BTCUSDT at bybit, BTCUSDT at okx",
        ),
        (
            basis("gap(\"okx\", \"spot\", \"BTCUSD\")"),
            "unknown spot symbol at okx 'BTCUSD'",
            "did you mean 'BTCUSDT'? known are: BTCUSDT",
        ),
        (
            lending("reject(\"aave\")"),
            "unknown venue of this run 'aave'",
            "did you mean 'aave_v3'? known are: aave_v3, wallet",
        ),
        (
            lending("supply_rate(\"aave_v3\", \"ETH\", 0.1)"),
            "aave_v3 has no reserve of ETH in this run",
            "reserves of this run are: USDT at aave_v3",
        ),
        (
            lending("pnl(\"lendign\")"),
            "unknown cause 'lendign'",
            "did you mean 'lending'? known are: basis, borrow_cost, delta, fees, funding, gas, lending, liquidation, other, peg, rewards, slippage, staking",
        ),
    ] {
        let fault = failure_of(&text).fault;
        assert_eq!((&*fault.message, fault.help.as_deref()), (message, Some(help)), "{text}");
    }
    let told = |text: &str| failure_of(text).fault;
    let date = told("fn test_wrong() { world(\"2024-06-05\"); }\n");
    assert!(date.message.contains("there is no mode '2024-06-05'"), "{}", date.message);
    assert_eq!(
        date.help.as_deref(),
        Some("the text alone is a mode; a start is world(#{ start: … })")
    );
    let history =
        told("fn test_wrong() { world(#{ mode: \"btc_basis\", history_h: \"2024-06-05\" }); }\n");
    assert_eq!(history.message, "history_h is a whole number of hours from 1 to 744, not a text");
}

#[test]
fn a_test_without_a_strategy_beside_it_is_asked_for_a_mode() {
    let failure = failure_of("fn test_alone() { world(); }\n");
    assert_eq!(failure.fault.message, "there is no strategy beside this test");
    assert_eq!(failure.fault.help.as_deref(), Some("name a mode: world(\"btc_basis\")"));
}
