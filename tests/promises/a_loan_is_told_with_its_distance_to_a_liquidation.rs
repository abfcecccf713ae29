//! What a leveraged run tells of its loan: the three figures of each risk assessment, and a liquidation by its own name.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::desk::Desk;
use crate::evidence::{events, finished_process};

const RUN: &[&str] = &["run", "eth_leveraged", "--data", "data"];

fn figure(event: &Value, name: &str) -> Option<Decimal> {
    event.get(name).map(|text| text.as_str().expect("a text").parse().expect("a number"))
}

#[test]
fn a_risk_assessment_has_the_figures_of_the_loan() {
    let desk = Desk::new();
    let id = desk.run(RUN);
    let assessments = events(&desk, &id, "risk_assessments");
    let (before, after) = (&assessments[0], assessments.last().expect("there is one"));
    for name in ["health_factor", "ltv_ratio", "liquidation_threshold"] {
        assert_eq!(figure(before, name), None, "{name} before anything is lent");
    }
    let known = |name| figure(after, name).unwrap_or_else(|| panic!("{name} is told"));
    let (health, ltv) = (known("health_factor"), known("ltv_ratio"));
    assert_eq!(known("liquidation_threshold").round_dp(12), "0.95".parse().expect("a number"));
    let target = Decimal::new(909_075, 6);
    assert!((ltv - target).abs() < Decimal::new(1, 2), "a loan-to-value of {ltv}");
    assert_eq!((health * ltv).round_dp(12), known("liquidation_threshold").round_dp(12));
    let summary = desk.summary(&id);
    // The engine measures more often than it tells, so the summary's may be lower by an hour's interest.
    let told = assessments.iter().filter_map(|event| figure(event, "health_factor")).min();
    let (told, worst) = (told.expect("it was told"), figure(&summary, "worst_health_factor"));
    let below = told - worst.expect("a debt was measured");
    assert!(!below.is_sign_negative() && below < Decimal::new(1, 6), "{told} and {worst:?}");
    // The table has the weakest moment of each step; the last step measures once.
    let table = desk.read(&format!("results/{id}/risk_metrics.csv"));
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("timestamp,level,health_factor,ltv,delta_drift,drawdown"));
    let last: Vec<&str> = table.lines().last().expect("a row").split(',').collect();
    assert_eq!(last[2..4], [health, ltv].map(|ratio| ratio.round_dp(8).normalize().to_string()));
}

#[test]
fn lending_without_a_debt_has_no_health_factor() {
    let desk = Desk::new();
    let id = desk.run(&["run", "pure_lending_eth", "--data", "data"]);
    let assessments = events(&desk, &id, "risk_assessments");
    let last = assessments.last().expect("there is one");
    assert_eq!(figure(last, "health_factor"), None);
    assert_eq!(figure(last, "ltv_ratio"), Some(Decimal::ZERO));
    assert_eq!(figure(last, "liquidation_threshold"), Some(Decimal::new(83, 2)));
    let table = desk.read(&format!("results/{id}/risk_metrics.csv"));
    assert!(table.starts_with("timestamp,level,delta_drift,drawdown\n"), "{}", &table[..80]);
}

#[test]
fn a_liquidated_loan_is_not_called_a_want_of_margin() {
    let desk = Desk::new();
    desk.edit_lines("data/lst/weETH_exchange_rate.csv", |lines| {
        // A slash of a twentieth on the sixth day: eleven times that is more than half of the equity.
        for line in &mut lines[8..] {
            *line = line.replace(",1.04", ",0.98");
        }
    });
    let ran = desk.basis(RUN);
    assert_eq!(ran.status, Some(3), "{}", ran.stderr);
    let id = desk.names("results").remove(0);
    let log = desk.read(&format!("{}/engine.log", finished_process(&desk, &id)));
    let told =
        "ALARM RISK-001 aave_v3 liquidated collateral, because the health factor fell below 1: -";
    let alarm = log.lines().find(|line| line.contains(told)).unwrap_or_else(|| panic!("{log}"));
    assert!(alarm.contains(" at aave_v3:aToken:aweETH, -"), "{alarm}");
    assert!(alarm.ends_with(" at aave_v3:debtToken:debtWETH"), "{alarm}");
    assert!(!log.contains("margin"), "{log}");
    // What is left is healthy again; the row of the step has the loan as it was before.
    let table = desk.read(&format!("results/{id}/risk_metrics.csv"));
    let rows = || table.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let weakest: Option<Decimal> = rows().filter_map(|row| row[2].parse().ok()).min();
    let summary = desk.summary(&id);
    let worst = figure(&summary, "worst_health_factor").expect("a debt was measured");
    assert!(worst < Decimal::ONE, "{worst}");
    assert_eq!(weakest, Some(worst.round_dp(8).normalize()));
    for level in ["warn", "reduce", "exit"] {
        let hours = rows().filter(|row| row[1] == level).count();
        assert_eq!(summary["risk_level_h"][level].as_f64(), Some(hours as f64), "{level}");
    }
    assert!(ran.stdout.contains("at a risk limit"), "{}", ran.stdout);
}

#[test]
fn the_drawdown_of_a_table_is_the_fall_of_its_equity() {
    let desk = Desk::new();
    desk.edit_lines("data/lst/weETH_exchange_rate.csv", |lines| {
        // A slash of three tenths of a percent: within the drawdown stop, whose own peak counts what snapshots have told.
        for line in &mut lines[8..] {
            *line = line.replace(",1.04", ",1.037");
        }
    });
    let id = desk.run(RUN);
    let table = desk.read(&format!("results/{id}/equity.csv"));
    let mut peak: Option<Decimal> = None;
    let mut fell = false;
    for row in table.lines().skip(1) {
        let cells: Vec<Decimal> =
            row.split(',').skip(1).map(|cell| cell.parse().expect("a number")).collect();
        let (equity, told) = (cells[0], cells[5]);
        // Before the first row there was the capital.
        let highest = peak.unwrap_or(equity - cells[2] - cells[4]).max(equity);
        peak = Some(highest);
        assert_eq!(told, ((highest - equity) / highest).round_dp(8).normalize(), "{row}");
        fell |= !told.is_zero();
    }
    assert!(fell, "no row has a drawdown, so nothing was tested");
}
