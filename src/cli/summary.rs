//! A run's summary as a person likes to read it.

use std::fmt::Write;

use crate::records::summary::Summary;
use crate::run::backtest::Finished;
use crate::types::{Attribution, PnlCause, Value};

/// The whole text, for stdout.
pub fn text(finished: &Finished) -> String {
    let summary = &finished.summary;
    let mut out = String::new();
    header(&mut out, finished);
    figures(&mut out, summary);
    causes(&mut out, summary);
    notes(&mut out, summary);
    let _ = writeln!(out, "\n  results  {}", finished.results.display());
    let _ = writeln!(out, "  logs     {}", finished.logs.display());
    out
}

fn header(out: &mut String, finished: &Finished) {
    let summary = &finished.summary;
    let data = &summary.data;
    let (from, to) = (data.from.to_string(), data.to.to_string());
    let kind = if data.synthetic { "synthetic data" } else { "data" };
    let _ = writeln!(out, "\n{}  {} … {}", summary.strategy, &from[..16], &to[..16]);
    let speed = summary.steps as f64 / summary.timings.run_s.max(1e-9);
    let _ = writeln!(
        out,
        "  {} in {:.3} s ({} steps/s), {kind} from {}",
        counted(summary.steps, "step"),
        summary.timings.run_s,
        grouped(speed as u64),
        data.dir
    );
    if let Some(why) = &finished.stopped {
        let at = finished.ended_at.to_string();
        let _ = writeln!(out, "  stopped at {} by {}", &at[..16], why.code);
    }
    out.push('\n');
}

/// A number with its noun.
fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
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
                "{}, in the entry and {}; {}",
                grouped(summary.orders),
                counted(summary.rebalances, "rebalance"),
                counted(summary.decisions, "decision")
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
        for (index, line) in wrapped(note, COLUMNS - 6).into_iter().enumerate() {
            let indent = if index == 0 { 4 } else { 6 };
            let _ = writeln!(out, "{:indent$}{line}", "");
        }
    }
    if notes.len() > SHOWN {
        let _ = writeln!(out, "    … and {} more in summary.json", notes.len() - SHOWN);
    }
}

/// Notes beyond this many are in `summary.json` alone.
const SHOWN: usize = 12;

/// The width of the summary: a terminal as it opens.
const COLUMNS: usize = 80;

/// A sentence in lines of at most so many characters, broken at spaces; a longer word stands alone.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Two places, rounded as a bank does, and thousands apart.
fn money(value: Value) -> String {
    // Formatting a decimal cuts its places off, so it is rounded first.
    let text = format!("{:.2}", value.get().round_dp(2));
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    format!("{sign}{}.{cents}", spaced(whole))
}

/// A whole number, thousands apart.
pub fn grouped(n: u64) -> String {
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

    #[test]
    fn cents_are_rounded_and_not_cut_off() {
        let money = |text: &str| money(Value::new(text.parse().unwrap()));
        assert_eq!(money("-614.35602302"), "-614.36");
        assert_eq!(money("99999.999"), "100 000.00");
        assert_eq!(money("-0.001"), "0.00");
    }

    #[test]
    fn a_long_note_is_broken_at_spaces() {
        let lines = wrapped("one two three four extraordinarily five", 9);
        assert_eq!(lines, ["one two", "three", "four", "extraordinarily", "five"]);
    }
}
