//! What programs read goes to stdout and nothing else does; silence is silence; every command's help has an example.

use serde_json::Value;

use crate::desk::Desk;

/// The object of `summary.json`, in the words of SPEC 8.
const FIELDS: &str = "correlation_id status strategy script_version config_hash tag data steps decisions rebalances orders \
    initial_equity final_equity liquidation_value total_return annualised_return volatility sharpe sortino max_drawdown \
    attribution residual fees gas deposited withdrawn withdrawals worst_health_factor worst_margin_ratio worst_delta_drift delta_drift_beyond_h risk_level_h unhedged_notional_seconds worst_unhedged_notional worst_unhedged_seconds \
    timings peak_rss_mb warnings stress equity_in_usd";

const DATA_FIELDS: &str = "dir synthetic from to ended_at range gaps proxies assumed";

#[test]
fn json_is_one_object_on_stdout_and_the_summary_on_disk() {
    let desk = Desk::new();
    let ran = desk.basis(&["run", "btc_basis", "--data", "data", "--format", "json"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    let object: Value =
        serde_json::from_str(&ran.stdout).expect("one JSON object and nothing else");
    assert_eq!(names(&object), sorted(FIELDS));
    assert_eq!(names(&object["data"]), sorted(DATA_FIELDS));
    assert_eq!(object["status"], "done");
    assert_eq!(object["data"]["synthetic"], true);
    for money in [
        "initial_equity",
        "final_equity",
        "liquidation_value",
        "residual",
        "fees",
        "gas",
        "deposited",
        "withdrawn",
    ] {
        let text = object[money].as_str().unwrap_or_else(|| panic!("{money} is a text"));
        text.parse::<rust_decimal::Decimal>().unwrap_or_else(|_| panic!("{money} is a decimal"));
    }
    // What the entry costs is part of the return.
    let number = |name: &str| -> f64 {
        let value = &object[name];
        value.as_f64().unwrap_or_else(|| value.as_str().expect("a number").parse().expect("one"))
    };
    let told = number("final_equity") / number("initial_equity") - 1.0;
    assert!(
        (number("total_return") - told).abs() < 1e-9,
        "{} is not {told}",
        object["total_return"]
    );
    let id = object["correlation_id"].as_str().expect("it has an id");
    assert_eq!(ran.stdout, desk.read(&format!("results/{id}/summary.json")));
}

#[test]
fn json_of_a_run_that_risk_stopped_is_whole_and_the_reason_is_on_stderr() {
    let desk = Desk::new();
    let stop = "risk.emergency_drawdown=0.0001";
    let ran =
        desk.basis(&["run", "mine.rhai", "--data", "data", "--set", stop, "--format", "json"]);
    assert_eq!(ran.status, Some(3));
    let object: Value = serde_json::from_str(&ran.stdout).expect("one JSON object");
    assert_eq!(object["status"], "stopped");
    assert!(ran.stderr.starts_with("stopped: RISK-004: "), "{}", ran.stderr);
}

#[test]
fn json_of_a_run_that_failed_is_nothing() {
    let desk = Desk::new();
    desk.replace("mine.rhai", "if ctx.in_band(", "throw \"no\"; if ctx.in_band(");
    let ran = desk.basis(&["run", "mine.rhai", "--data", "data", "--format", "json"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.contains("the script threw: no"), "{}", ran.stderr);
}

#[test]
fn quiet_is_silent_but_for_errors() {
    let desk = Desk::new();
    let ran = desk.basis(&["run", "mine.rhai", "--data", "data", "--quiet"]);
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(desk.names("results").len(), 1, "it made its results nevertheless");
    let failed = desk.basis(&["run", "mine.rhai", "--data", "elsewhere", "--quiet"]);
    assert_eq!((failed.status, failed.stdout.as_str()), (Some(2), ""));
    assert!(failed.stderr.contains("elsewhere"), "{}", failed.stderr);
}

#[test]
fn a_summary_for_people_has_no_colours_where_nobody_looks() {
    let desk = Desk::new();
    let ran = desk.basis(&["run", "mine.rhai", "--data", "data"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "no progress in a pipe");
    assert!(ran.stdout.contains("profit by cause"), "{}", ran.stdout);
    assert!(!ran.stdout.contains('\u{1b}'), "no escape codes in a pipe");
    let widest = ran.stdout.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "it fits a narrow terminal: {widest:?}\n{}", ran.stdout);
}

#[test]
fn every_commands_help_has_an_example() {
    let desk = Desk::new();
    let mut paths = vec![Vec::new()];
    let mut seen = 0;
    while let Some(path) = paths.pop() {
        let help = desk.basis(&[path.clone(), vec!["--help"]].concat());
        let shown = path.join(" ");
        assert_eq!((help.status, help.stderr.as_str()), (Some(0), ""), "basis {shown} --help");
        let call = format!("basis {shown}");
        let has_example = help
            .stdout
            .split_once("Example")
            .is_some_and(|(_, examples)| examples.contains(call.trim_end()));
        assert!(has_example, "basis {shown} --help has no example:\n{}", help.stdout);
        for name in commands(&help.stdout) {
            let name: &'static str = Box::leak(name.into_boxed_str());
            paths.push([path.clone(), vec![name]].concat());
        }
        seen += 1;
    }
    assert!(seen >= 6, "run, data check, config show and those above them were asked, not {seen}");
}

/// The names below `Commands:` in a help text, but for `help`.
fn commands(help: &str) -> Vec<String> {
    let Some((_, list)) = help.split_once("Commands:\n") else { return Vec::new() };
    let names = list.lines().take_while(|line| !line.trim().is_empty());
    names
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

fn names(object: &Value) -> Vec<String> {
    let mut names: Vec<String> = object.as_object().expect("an object").keys().cloned().collect();
    names.sort();
    names
}

fn sorted(names: &str) -> Vec<String> {
    let mut names: Vec<String> = names.split_whitespace().map(str::to_owned).collect();
    names.sort();
    names
}
