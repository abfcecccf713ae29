//! Two runs of the same inputs leave the same files, byte for byte, but for the fields that SPEC 6 names.

use crate::desk::Desk;
use crate::evidence::{assert_same, basis1_data, evidence};

#[test]
fn two_runs_of_basis1_give_the_same_bytes() {
    let data = basis1_data();
    assert_twice_the_same(&["run", "strategies/bench/basis1.rhai", "--data", &data]);
}

#[test]
fn two_runs_of_btc_basis_give_the_same_bytes() {
    assert_twice_the_same(&["run", "btc_basis", "--data", "data", "--tag", "twice"]);
}

#[test]
fn the_tables_do_not_depend_on_what_events_are_written() {
    let desk = Desk::new();
    let tables = ["equity", "balance_sheet", "pnl_attribution", "risk_metrics", "orders"];
    let run = |level: &str| {
        let id = desk.run(&["run", "btc_basis", "--data", "data", "--events", level]);
        let texts = tables.map(|table| desk.read(&format!("results/{id}/{table}.csv")));
        desk.remove("results");
        texts
    };
    let [full, decisions, none] = ["full", "decisions", "none"].map(run);
    for (index, table) in tables.into_iter().enumerate() {
        assert!(full[index] == decisions[index] && full[index] == none[index], "{table} differs");
    }
}

#[test]
fn another_capital_gives_other_bytes() {
    let desk = Desk::new();
    let run = |capital: &str| {
        let id = desk.run(&["run", "btc_basis", "--data", "data", "--capital", capital]);
        let evidence = evidence(&desk, &id);
        desk.remove("results");
        evidence
    };
    let (one, other) = (run("100000"), run("100001"));
    for name in ["results/equity.csv", "logs/events/orders.jsonl", "journal.log"] {
        assert_ne!(one[name], other[name], "{name} must depend on the capital");
    }
}

fn assert_twice_the_same(arguments: &[&str]) {
    let desk = Desk::new();
    let first = desk.run(arguments);
    let one = evidence(&desk, &first);
    desk.remove("results");
    let second = desk.run(arguments);
    assert_ne!(first, second, "each run has an id of its own");
    assert_same(&one, &evidence(&desk, &second));
    // Twelve event files, metadata, a log at least, five tables, a summary, three inputs, journal and command.
    assert!(one.len() >= 24, "{:?}", one.keys());
}
