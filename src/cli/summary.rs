//! A run's summary as a person likes to read it.

use std::fmt::Write;

use crate::records::summary::Summary;
use crate::run::backtest::Finished;
use crate::types::{Attribution, PnlCause, Value};

/// The whole text, for stdout.
pub fn text(finished: &Finished) -> String {
    let summary = &finished.summary;
    let mut out = String::new();
    header(&mut out, summary);
    figures(&mut out, summary);
    causes(&mut out, summary);
    notes(&mut out, summary);
    let _ = writeln!(out, "\n  results  {}", finished.results.display());
    let _ = writeln!(out, "  logs     {}", finished.logs.display());
    out
}

fn header(out: &mut String, summary: &Summary) {
    let data = &summary.data;
    let (from, to) = (data.from.to_string(), data.to.to_string());
    let kind = if data.synthetic { "synthetic data" } else { "data" };
    let _ = writeln!(out, "\n{}  {} … {}", summary.strategy, &from[..16], &to[..16]);
    let speed = summary.steps as f64 / summary.timings.run_s.max(1e-9);
    let _ = writeln!(
        out,
        "  {} steps in {:.3} s ({} steps/s), {kind} from {}\n",
        grouped(summary.steps),
        summary.timings.run_s,
        grouped(speed as u64),
        data.dir
    );
}

fn figures(out: &mut String, summary: &Summary) {
    let percent = |x: Option<f64>| x.map_or("—".to_owned(), |x| format!("{:.2} %", x * 100.0));
    let number = |x: Option<f64>| x.map_or("—".to_owned(), |x| format!("{x:.2}"));
    let rows = [
        ("equity", format!("{} → {}", money(summary.initial_equity), money(summary.final_equity))),
        ("if closed now", money(summary.liquidation_value)),
        (
            "return",
            format!(
                "{} ({} a year)",
                percent(summary.total_return),
                percent(summary.annualised_return)
            ),
        ),
        ("volatility", percent(summary.volatility)),
        ("Sharpe, Sortino", format!("{}, {}", number(summary.sharpe), number(summary.sortino))),
        ("worst drawdown", percent(summary.max_drawdown)),
        (
            "worst margin ratio",
            summary
                .worst_margin_ratio
                .map_or("—".to_owned(), |ratio| format!("{}", ratio.round_dp(4))),
        ),
        (
            "orders",
            format!(
                "{} in {} rebalances, {} decisions",
                grouped(summary.orders),
                grouped(summary.rebalances),
                grouped(summary.decisions)
            ),
        ),
    ];
    for (name, value) in rows {
        let _ = writeln!(out, "  {name:<20} {value}");
    }
}

fn causes(out: &mut String, summary: &Summary) {
    let _ = writeln!(out, "\n  profit by cause");
    let attribution: &Attribution = &summary.attribution;
    let mut rows: Vec<(PnlCause, Value)> =
        attribution.iter().filter(|(_, value)| !value.is_zero()).collect();
    rows.sort_by_key(|(_, value)| -value.get());
    for (cause, value) in rows {
        let _ = writeln!(out, "    {:<16} {:>16}", cause.text().replace('_', " "), money(value));
    }
    let _ = writeln!(out, "    {:<16} {:>16}", "total", money(attribution.total()));
    let _ = writeln!(out, "    {:<16} {:>16}", "unexplained", summary.residual);
}

fn notes(out: &mut String, summary: &Summary) {
    let data = &summary.data;
    let notes = data.assumed.iter().chain(&summary.warnings);
    let notes: Vec<&String> = notes.collect();
    if notes.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n  to know");
    for note in notes.iter().take(SHOWN) {
        let _ = writeln!(out, "    {note}");
    }
    if notes.len() > SHOWN {
        let _ = writeln!(out, "    … and {} more in summary.json", notes.len() - SHOWN);
    }
}

/// Notes beyond this many are in `summary.json` alone.
const SHOWN: usize = 12;

/// Two places and thousands apart.
fn money(value: Value) -> String {
    let text = format!("{:.2}", value.get());
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    format!("{sign}{}.{cents}", spaced(whole))
}

fn grouped(n: u64) -> String {
    spaced(&n.to_string())
}

fn spaced(digits: &str) -> String {
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(money(Value::new("-1234567.891".parse().unwrap())), "-1 234 567.89");
        assert_eq!(money(Value::new("0.4".parse().unwrap())), "0.40");
        assert_eq!(grouped(8760), "8 760");
    }
}
