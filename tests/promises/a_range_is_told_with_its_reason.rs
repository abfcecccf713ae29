//! A run whose range nobody named says which it took and why; and what owners bring beyond reason is told.

use serde_json::Value;

use crate::desk::Desk;

/// A run of the basis trade: its report and its summary.
fn ran(desk: &Desk, more: &[&str]) -> (String, Value) {
    let ran = desk.basis(&[&["run", "btc_basis", "--data", "data"], more].concat());
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let id = desk.names("results").pop().expect("a run");
    (ran.stdout, desk.summary(&id))
}

#[test]
fn of_a_range_that_the_data_decides() {
    let desk = Desk::new();
    // The gas prices begin a day late and are the shortest.
    desk.edit_lines("data/gas/ethereum_gas.csv", |lines| drop(lines.drain(1..25)));
    let (report, summary) = ran(&desk, &[]);
    let why = summary["data"]["range"].as_str().expect("a text").to_owned();
    assert!(
        why.starts_with("it begins where ") && why.contains(" begins and ends where "),
        "{why}"
    );
    let told: Vec<&str> = report.split_whitespace().collect();
    assert!(told.join(" ").contains(&format!("range: {why}")), "{why} is not in\n{report}");
}

#[test]
fn of_one_end_that_is_named_and_of_both() {
    let desk = Desk::new();
    let (_, summary) = ran(&desk, &["--from", "2024-01-02"]);
    let why = summary["data"]["range"].as_str().expect("a text").to_owned();
    assert!(why.starts_with("it begins as asked for and ends "), "{why}");
    let desk = Desk::new();
    let (report, summary) = ran(&desk, &["--from", "2024-01-02", "--to", "2024-01-04"]);
    assert_eq!(summary["data"]["range"], "as asked for");
    assert!(!report.contains("range:"), "{report}");
}

#[test]
fn a_deposit_that_dwarfs_the_capital_is_told() {
    for (amount, is_told) in [("100000000", true), ("200000", false)] {
        let desk = Desk::new();
        let mode = "configs/modes/btc_basis.yaml";
        let flow = format!(
            "\ncapital_flows:\n  - {{ at: 2024-01-03, kind: deposit, amount: {amount} }}\n"
        );
        desk.write(mode, format!("{}{flow}", desk.read(mode)));
        let (report, _) = ran(&desk, &[]);
        let words: Vec<&str> = report.split_whitespace().collect();
        let told = words.join(" ").contains("times the capital: look whether that is meant");
        assert_eq!(told, is_told, "{report}");
    }
}
