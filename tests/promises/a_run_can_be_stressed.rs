//! `--stress` bends the data of a run, says so everywhere, and is refused where it means nothing.

use serde_json::Value;

use crate::desk::{Desk, Ran};
use crate::evidence::{assert_same, evidence};

const RUN: &[&str] = &["run", "btc_basis", "--data", "data"];

fn stressed(desk: &Desk, stress: &str) -> String {
    desk.run(&[RUN, &["--stress", stress]].concat())
}

fn json(desk: &Desk, path: &str) -> Value {
    serde_json::from_str(&desk.read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn refused(arguments: &[&str]) -> String {
    let desk = Desk::new();
    let Ran { status, stderr, .. } = desk.basis(arguments);
    assert_eq!(status, Some(2), "{stderr}");
    assert!(desk.names("results").is_empty() && desk.names("logs").is_empty(), "nothing is left");
    stderr
}

#[test]
fn the_names_are_told_by_the_command_that_takes_them() {
    let desk = Desk::new();
    let list = desk.basis(&["run", "--stress", "list"]);
    assert_eq!(list.status, Some(0), "{}", list.stderr);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = basis::market::stress::list();
    let told: Vec<String> = told.iter().map(|(name, what)| format!("{name} {what}")).collect();
    assert_eq!(words(&list.stdout), told.join(" "));
    assert!(list.stdout.lines().all(|line| line.chars().count() <= 80), "{}", list.stdout);
    for stress in basis::market::stress::all() {
        assert!(list.stdout.contains(&format!("{}  ", stress.name)), "{}", stress.name);
    }
    let help = desk.basis(&["run", "--help"]).stdout;
    assert!(
        help.contains("--stress <STRESS>") && help.contains("`list` tells the names"),
        "{help}"
    );
}

#[test]
fn all_stresses_at_once_are_refused_with_the_command_that_runs_each() {
    let told = refused(&[RUN, &["--stress", "all"]].concat());
    assert!(told.contains("basis modes MODE --run --stress all"), "{told}");
}

#[test]
fn a_stress_that_nobody_knows_and_one_outside_of_the_run_are_refused() {
    let told = refused(&[RUN, &["--stress", "venue-dawn"]].concat());
    assert!(told.contains("did you mean 'venue-down'?"), "{told}");
    let told = refused(&[RUN, &["--stress", "gas-x20,adl@noon"]].concat());
    assert!(told.contains("'noon' is not a UTC time"), "{told}");
    let told = refused(&[RUN, &["--stress", "gas-x20@2024-02-01"]].concat());
    assert!(
        told.contains(
            "DATA-007 --stress: gas-x20@2024-02-01T00:00:00Z: it begins outside of the run"
        ),
        "{told}"
    );
    let told = refused(&["run", "--stress", "slash", "--data", "data"]);
    assert!(told.contains("name the strategy that is to be stressed"), "{told}");
    let told = refused(&["run", "--resume", "c0ffee", "--stress", "slash"]);
    assert!(told.contains("cannot be used with"), "{told}");
}

#[test]
fn a_stressed_run_says_so_in_its_report_its_summary_and_its_inputs() {
    let desk = Desk::new();
    let ran = desk.basis(&[RUN, &["--stress", "slash,eth-down-40-day@2024-01-05"]].concat());
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let names = "slash@2024-01-04T00:00:00Z, eth-down-40-day@2024-01-05T00:00:00Z";
    let report = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(report.contains(&format!("STRESSED data: {names}.")), "{report}");
    assert!(
        report
            .contains("DATA-007: slash does nothing in this run, whose mode has no staking token")
    );
    let id = desk.names("results").remove(0);
    let summary = desk.summary(&id);
    let listed: Vec<&str> = names.split(", ").collect();
    assert_eq!(summary["stress"], serde_json::json!(listed));
    assert_eq!(summary["equity_in_usd"], Value::Null);
    assert_eq!(json(&desk, &format!("results/{id}/inputs/data.json"))["stress"], summary["stress"]);
}

#[test]
fn a_quote_token_off_its_peg_is_told_in_dollars_beside() {
    let desk = Desk::new();
    let id = stressed(&desk, "usdt-depeg@2024-01-03");
    let summary = desk.summary(&id);
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<f64>().ok()).unwrap();
    let [first, last] = [0, 1].map(|of| number(&summary["equity_in_usd"][of]));
    assert!((first - number(&summary["initial_equity"])).abs() < 0.01, "a dollar before");
    assert!((last - number(&summary["final_equity"]) * 0.95).abs() < 0.01, "{last}");
}

#[test]
fn the_same_stress_gives_the_same_bytes_and_another_start_others() {
    let desk = Desk::new();
    let run = |stress: &str| {
        let id = if stress.is_empty() { desk.run(RUN) } else { stressed(&desk, stress) };
        let found = evidence(&desk, &id);
        let hash = json(&desk, &format!("results/{id}/inputs/data.json"))["hash"].to_string();
        desk.remove("results");
        (found, hash)
    };
    // Nothing is traded in these hours, so that prices are not what tells the runs apart.
    let (plain, one) = (run(""), run("half-fills@2024-01-09"));
    let (again, later) = (run("half-fills@2024-01-09"), run("half-fills@2024-01-10"));
    assert_same(&one.0, &again.0);
    let hashes = [&plain.1, &one.1, &later.1];
    assert!(
        hashes[0] != hashes[1] && hashes[1] != hashes[2] && hashes[0] != hashes[2],
        "{hashes:?}"
    );
    let journals = [&plain, &one, &later].map(|run| run.0["journal.log"].lines().next());
    assert!(journals[0] != journals[1] && journals[1] != journals[2], "the run's tag differs");
    let other = run("eth-down-40-day");
    assert_ne!(plain.0["results/equity.csv"], other.0["results/equity.csv"]);
}

#[test]
fn a_stressed_run_that_was_cut_off_is_resumed_under_its_stresses() {
    let desk = Desk::new();
    let stress = "eth-down-40-day,venue-down@2024-01-05,half-fills@2024-01-02,adl@2024-01-06";
    let id = stressed(&desk, stress);
    let whole = evidence(&desk, &id);
    desk.remove(&format!("results/{id}"));
    for process in desk.names(&format!("logs/{id}")) {
        if desk.path(&format!("logs/{id}/{process}")).is_dir() {
            desk.remove(&format!("logs/{id}/{process}"));
        }
    }
    let journal = desk.read(&format!("logs/{id}/journal.log"));
    desk.write(&format!("logs/{id}/journal.log"), &journal[..journal.len() / 2]);
    let resumed = desk.basis(&["run", "--resume", &id]);
    assert_eq!(resumed.status, Some(0), "{}", resumed.stderr);
    assert_same(&whole, &evidence(&desk, &id));
}
