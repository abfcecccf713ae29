//! Each withdrawal has a row in the run's output and an object in summary.json: asked, paid, what it cost, how long it took.

use crate::desk::Desk;

#[test]
fn paid_at_once_paid_later_and_never() {
    let desk = Desk::new();
    let mode = "configs/modes/btc_basis.yaml";
    let flows = "\ncapital_flows:\n  \
         - { at: 2024-01-04, kind: withdrawal, amount: 65000, speed: slow }\n  \
         - { at: 2024-01-07, kind: withdrawal, amount: 1000, speed: fast }\n";
    desk.write(mode, desk.read(mode) + flows);
    let ran = desk.basis(&["run", "btc_basis", "--data", "data"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let id = desk.names("results").remove(0);
    let summary = desk.summary(&id);
    let rows = summary["withdrawals"].as_array().expect("a list");
    let sum: f64 = rows.iter().filter_map(|row| row["paid"].as_str()?.parse::<f64>().ok()).sum();
    let told: f64 = summary["withdrawn"].as_str().expect("money").parse().expect("a number");
    assert!((sum - told).abs() < 1e-6, "{sum} in rows, {told} in all");
    let slow = &rows[0];
    assert_eq!([&slow["asked"], &slow["speed"]], ["65000", "slow"]);
    let number = |name: &str| slow[name].as_str().expect("text").parse::<f64>().expect("a number");
    assert!(number("cost") > 0.0 && slow["waited_h"].as_f64().expect("hours") > 0.0);
    assert!((number("asked") - number("cost") - number("paid")).abs() < 0.01, "{slow}");
    let table = ran.stdout.split("  withdrawals, USDT").nth(1).expect("a table");
    let told: Vec<&str> = table.lines().take(2).flat_map(str::split_whitespace).collect();
    let expected = "asked paid cost waited 2024-01-04 00:00 slow 65 000.00";
    assert_eq!(told[..9].join(" "), expected, "{}", ran.stdout);
    assert!(rows.iter().any(|row| row["speed"] == "fast" && row["waited_h"] == 0.0), "{rows:?}");

    // The last hour is too late for anything to be unwound.
    let late = flows.replace("2024-01-04", "2024-01-10T22:00:00Z").replace("fast", "slow");
    desk.write(mode, desk.read(mode).replace(flows, &late));
    let ran = desk.basis(&["run", "btc_basis", "--data", "data", "--to", "2024-01-10T22:00:00Z"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("waits"), "{}", ran.stdout);
}
