//! `basis modes`: what is shipped is listed with its thesis, and one command makes the tables of results and of stress.

use crate::desk::Desk;

/// The bundled sample.
const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data");

const MODES: [&str; 10] = [
    "btc_basis",
    "eth_basis",
    "eth_leveraged",
    "eth_staking_only",
    "ml_btc_directional_btc_margin",
    "ml_btc_directional_usdt_margin",
    "pure_lending_eth",
    "pure_lending_usdt",
    "usdt_market_neutral",
    "usdt_market_neutral_no_leverage",
];

#[test]
fn all_ten_modes_are_listed_with_thesis_venues_and_targets() {
    let desk = Desk::new();
    let listed = desk.basis(&["modes", "--format", "json"]);
    let modes: serde_json::Value = serde_json::from_str(&listed.stdout).expect("it is JSON");
    let modes = modes.as_array().expect("a list");
    let names: Vec<&str> = modes.iter().filter_map(|mode| mode["name"].as_str()).collect();
    assert_eq!(names, MODES);
    for mode in modes {
        assert!(mode["thesis"].as_str().is_some_and(|thesis| thesis.len() > 80), "{mode}");
        assert!(mode["venues"].as_array().is_some_and(|venues| !venues.is_empty()), "{mode}");
        assert_ne!(mode["target_apy"], "0", "{mode}");
    }
    let listed = desk.basis(&["modes"]);
    assert!(listed.stdout.lines().all(|line| line.chars().count() <= 80), "{}", listed.stdout);
    assert!(listed.stdout.contains("btc_basis\n  thesis   Longs of a perp pay shorts"));
}

#[test]
fn second_names_are_known_and_others_are_refused_with_the_nearest() {
    let desk = Desk::new();
    let listed = desk.basis(&["modes", "usdt_eth_staking_hedged_simple"]);
    assert!(listed.stdout.starts_with("usdt_market_neutral_no_leverage\n"), "{}", listed.stdout);
    let refused = desk.basis(&["modes", "btc_bsis"]);
    assert_eq!(refused.status, Some(2));
    assert!(refused.stderr.contains("btc_basis"), "{}", refused.stderr);
}

#[test]
fn one_command_runs_modes_and_prints_their_tables() {
    let desk = Desk::new();
    let ran = desk.basis(&[
        "modes",
        "pure_lending_usdt",
        "eth_staking_only",
        "ml_btc_directional_usdt_margin",
        "--run",
        "--data",
        SAMPLE,
        "--from",
        "2024-06-01",
        "--to",
        "2024-06-15",
    ]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let rows: Vec<&str> = ran.stdout.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows[0].starts_with("| mode | return a year | target |"), "{}", rows[0]);
    assert!(rows.iter().any(|row| row.starts_with("| pure_lending_usdt | ")), "{}", ran.stdout);
    assert!(rows.iter().any(|row| row.starts_with("| % of capital |")), "{}", ran.stdout);
    // What has no data for the range is told, and stops no other.
    assert!(
        ran.stdout.contains("`ml_btc_directional_usdt_margin` did not run: "),
        "{}",
        ran.stdout
    );
}

#[test]
fn tables_fit_a_terminal_and_programs_get_the_summaries() {
    let desk = Desk::new();
    let run = |more: &[&str]| {
        let modes = ["modes", "pure_lending_usdt", "usdt_market_neutral_no_leverage", "--run"];
        let range = ["--data", SAMPLE, "--from", "2024-06-01", "--to", "2024-06-15"];
        let ran = desk.basis(&[&modes[..], &range, more].concat());
        assert_eq!(ran.status, Some(0), "{}", ran.stderr);
        ran.stdout
    };
    for more in [&["--format", "text"][..], &["--format", "text", "--stress", "slash,gas-x20"]] {
        let text = run(more);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(text.contains("usdt_market_neutral_no_leverage  "), "{text}");
    }
    // Two weeks are no year: the return is that of the days, in the table, the report and the summary alike.
    let text = run(&["--format", "text"]);
    assert!(text.contains(" % in 14 d"), "{text}");
    assert!(text.contains("A return of less than a year is not annualised"), "{text}");
    let json = run(&["--format", "json", "--stress", "slash"]);
    let runs: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let runs = runs.as_array().expect("a list");
    let told = |run: &serde_json::Value| (run["mode"].clone(), run["stress"].clone());
    assert_eq!(runs.len(), 4);
    assert_eq!(told(&runs[1]), ("pure_lending_usdt".into(), "slash".into()));
    assert_eq!((&runs[1]["became"], &runs[1]["change"]), (&"ok".into(), &0.0.into()));
    assert!(runs[0]["became"].is_null() && runs[0]["failed"].is_null());
    assert!(runs[0]["summary"]["annualised_return"].is_null(), "{}", runs[0]);
    assert!(runs[0]["summary"]["total_return"].as_f64().is_some_and(|part| part > 0.0));
    let refused = desk.basis(&["modes", "--format", "markdown"]);
    assert!(refused.stderr.contains("add --run"), "{}", refused.stderr);
}

#[test]
fn one_command_runs_modes_under_stress_and_prints_what_became_of_them() {
    let desk = Desk::new();
    let ran = desk.basis(&[
        "modes",
        "eth_staking_only",
        "pure_lending_eth",
        "--run",
        "--data",
        SAMPLE,
        "--stress",
        "slash,gas-x20",
        "--to",
        "2024-07-01",
    ]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let row =
        |name: &str| ran.stdout.lines().find(|line| line.starts_with(name)).map(str::to_owned);
    let slash = row("| slash |").expect("a row");
    // 98.9 % of the capital is staked, of which 2 % are lost; a lender of WETH loses nothing.
    assert!(
        slash.starts_with("| slash | exited -1.") || slash.starts_with("| slash | ok -1."),
        "{slash}"
    );
    assert!(slash.ends_with("| ok +0.00 |"), "{slash}");
    assert!(row("| gas-x20 |").is_some());
    assert!(ran.stdout.contains("| slash | eth_staking_only | staking -1."), "{}", ran.stdout);
}
