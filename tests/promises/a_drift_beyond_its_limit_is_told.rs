//! A net delta beyond `risk.delta_drift` stops nothing, so the summary and the report say how far and for how long it was there.

use crate::desk::Desk;

/// Runs the basis trade with a limit of the net delta: what it printed, its summary, its rows of risk as (delta drift).
fn ran(limit: &str) -> (String, serde_json::Value, Vec<f64>) {
    let desk = Desk::new();
    let set = format!("risk.delta_drift={limit}");
    let ran = desk.basis(&["run", "btc_basis", "--data", "data", "--set", &set]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let id = desk.names("results").remove(0);
    let summary = desk.summary(&id);
    let table = desk.read(&format!("results/{id}/risk_metrics.csv"));
    let header: Vec<&str> = table.lines().next().expect("a header").split(',').collect();
    let place = header.iter().position(|name| *name == "delta_drift").expect("a column");
    let drift = |line: &str| line.split(',').nth(place)?.parse().ok();
    let drifts = table.lines().skip(1).filter_map(drift).collect();
    (ran.stdout, summary, drifts)
}

#[test]
fn in_the_summary_and_in_the_report() {
    // Half of what it comes to at worst, so that some hours are beyond it and some are not.
    let (_, _, drifts) = ran("0.5");
    let largest = drifts.iter().fold(0.0_f64, |most, drift| most.max(drift.abs()));
    let limit = (largest * 5e7).round() / 1e8;
    let (report, summary, drifts) = ran(&limit.to_string());
    assert_eq!(drifts.len(), crate::desk::HOURS);
    let hours = drifts.iter().filter(|drift| drift.abs() > limit).count();
    assert!(hours > 0 && hours < drifts.len(), "the test means some hours: {hours}");
    let hours_told = summary["delta_drift_beyond_h"].as_f64().expect("a number");
    assert_eq!(hours_told, hours as f64);
    let worst = drifts.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).expect("one");
    let told: f64 = summary["worst_delta_drift"].as_str().expect("text").parse().expect("a number");
    assert!((told - worst).abs() < 1e-8, "{told} and {worst}");
    let row = format!("of equity; {limit} warns; beyond it {hours_told} h");
    assert!(report.contains("worst net delta") && report.contains(&row), "{row}: {report}");
    let warnings = summary["warnings"].to_string();
    let sentence = format!("EXP-002: the net delta was beyond its limit of {limit} of equity");
    assert!(warnings.contains(&sentence), "{warnings}");
}

#[test]
fn and_within_it_there_is_nothing_to_know() {
    let (report, summary, _) = ran("0.5");
    assert_eq!(summary["delta_drift_beyond_h"], 0.0);
    assert!(report.contains("of equity; 0.5 warns\n"), "{report}");
    assert!(!summary["warnings"].to_string().contains("EXP-002"));
}
