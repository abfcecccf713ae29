//! The drawdown of the summary and of the report is that of the value of a share, and `equity.csv` holds all that it is made of.

use crate::desk::Desk;

/// The columns of a row that a drawdown is made of.
struct Row {
    opening: f64,
    share_value: f64,
    drawdown: f64,
}

fn rows(desk: &Desk, id: &str) -> Vec<Row> {
    let text = desk.read(&format!("results/{id}/equity.csv"));
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let place = |name: &str| header.iter().position(|column| *column == name).expect("a column");
    let row = |line: &str| {
        let fields: Vec<f64> =
            line.split(',').map(|field| field.parse().unwrap_or(f64::NAN)).collect();
        let field = |name| fields[place(name)];
        Row {
            opening: field("equity") - field("pnl_step") - field("flows"),
            share_value: field("share_value"),
            drawdown: field("drawdown"),
        }
    };
    lines.map(row).collect()
}

/// The largest drawdown by the formula of the docs, which each row's own column must follow.
fn by_formula(rows: &[Row]) -> f64 {
    let mut peak = rows[0].opening;
    let mut largest: f64 = 0.0;
    for row in rows {
        peak = peak.max(row.share_value);
        let drawdown = 1.0 - row.share_value / peak;
        assert!((drawdown - row.drawdown).abs() < 1e-8, "{drawdown} and {}", row.drawdown);
        largest = largest.max(drawdown);
    }
    largest
}

#[test]
fn with_owners_who_come_and_go_and_without() {
    for flows in [
        "",
        "\ncapital_flows:\n  \
         - { at: 2024-01-02, kind: deposit, amount: 30000 }\n  \
         - { at: 2024-01-04, kind: withdrawal, amount: 65000, speed: slow }\n  \
         - { at: 2024-01-07, kind: withdrawal, amount: 1000, speed: fast }\n",
    ] {
        let desk = Desk::new();
        let mode = "configs/modes/btc_basis.yaml";
        desk.write(mode, desk.read(mode) + flows);
        let ran = desk.basis(&["run", "btc_basis", "--data", "data"]);
        assert_eq!(ran.status, Some(0), "{}", ran.stderr);
        let id = desk.names("results").remove(0);
        let summary = desk.summary(&id);
        let came_and_went = summary["withdrawn"] != "0";
        assert_eq!(came_and_went, !flows.is_empty());
        let largest = by_formula(&rows(&desk, &id));
        let told = summary["max_drawdown"].as_f64().expect("a number");
        assert!(largest > 0.0001, "the entry alone costs more: {largest}");
        assert!((told - largest).abs() < 1e-12, "{told} of the summary, {largest} of equity.csv");
        let report = format!("{:.2} %; the target allows", largest * 100.0);
        assert!(ran.stdout.contains(&report), "{report} is not in\n{}", ran.stdout);
    }
}
