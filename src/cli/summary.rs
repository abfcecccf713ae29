//! A run's summary as a person likes to read it: what the data was, what was earned and by what, how near it came to its
//! limits, and where the files are.

use std::fmt::Write;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::config::Setup;
use crate::market::AS_ASKED;
use crate::records::summary::{LevelHours, Summary};
use crate::run::backtest::Finished;
use crate::types::{PnlCause, Rate, Span, Value};

use super::lines::{COLUMNS, beside, wrapped};
use super::numbers::{grouped, minute, money_of, power_of_ten};
use super::owners;

/// The whole text, for stdout.
pub fn text(finished: &Finished) -> String {
    let mut out = String::new();
    header(&mut out, finished);
    figures(&mut out, finished);
    owners::withdrawals(&mut out, &finished.summary, &finished.setup);
    causes(&mut out, &finished.summary, &finished.setup);
    notes(&mut out, &finished.summary);
    places(&mut out, finished);
    out
}

fn header(out: &mut String, finished: &Finished) {
    let data = &finished.summary.data;
    let _ = writeln!(
        out,
        "\n{}  {} → {}, {} of {}",
        finished.summary.strategy,
        minute(data.from),
        minute(finished.ended_at),
        counted(finished.summary.steps, "step"),
        length(finished.setup.step)
    );
    let dir = &data.dir;
    let kind = if data.synthetic {
        format!(
            "SYNTHETIC data from {dir}: it shows what the strategy does, not what it would have earned."
        )
    } else {
        format!("data from {dir}")
    };
    for line in wrapped(&kind, COLUMNS - 2) {
        let _ = writeln!(out, "  {line}");
    }
    if data.range != AS_ASKED {
        for line in wrapped(&format!("range: {}", data.range), COLUMNS - 2) {
            let _ = writeln!(out, "  {line}");
        }
    }
    if !finished.summary.stress.is_empty() {
        let stress = finished.summary.stress.join(", ");
        let told = format!(
            "STRESSED data: {stress}. From there on it is bent, and no record of a market."
        );
        for line in wrapped(&told, COLUMNS - 2) {
            let _ = writeln!(out, "  {line}");
        }
    }
    if let Some(why) = &finished.stopped {
        let planned = minute(data.to);
        let _ = writeln!(out, "  stopped there by {}; it was to go on to {planned}", why.code);
    }
    out.push('\n');
}

/// The length of a step: `1 h`, `5 min`.
fn length(step: Span) -> String {
    let minutes = step.ms() / 60_000;
    if minutes % 60 == 0 { format!("{} h", minutes / 60) } else { format!("{minutes} min") }
}

/// A number with its noun.
fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// The return if all were closed now: that of the run, less what closing costs.
fn gained_if_closed(summary: &Summary) -> Option<f64> {
    let part = summary.liquidation_value.get().checked_div(summary.final_equity.get())?.to_f64()?;
    Some((1.0 + summary.total_return?) * part - 1.0)
}

fn figures(out: &mut String, finished: &Finished) {
    let (summary, setup) = (&finished.summary, &finished.setup);
    let (unit, places) = (&setup.share_class.name, setup.share_class.decimals);
    let money = |value: Value| money_of(value, places);
    let percent = |x: Option<f64>| x.map_or("—".to_owned(), |x| format!("{:.2} %", x * 100.0));
    let number = |x: Option<f64>| x.map_or("—".to_owned(), |x| format!("{x:.2}"));
    let target = |rate: Rate| (rate.get() * Decimal::ONE_HUNDRED).normalize();
    let mut row = |name: &str, value: String| {
        *out += &beside(&format!("  {name}"), 23, &value);
    };
    let aim = (!setup.target_apy.is_zero())
        .then(|| format!("; the target is {} %", target(setup.target_apy)));
    let year = summary.annualised_return.map(|year| percent(Some(year)));
    let whole = percent(summary.total_return);
    row(
        "return",
        earned(&whole, year.as_deref(), aim.as_deref(), finished.ended_at - summary.data.from),
    );
    let (first, last) = (money(summary.initial_equity), money(summary.final_equity));
    row("equity", format!("{first} → {last} {unit}"));
    if let Some([first, last]) = summary.equity_in_usd {
        row("equity in dollars", format!("{} → {} USD", money_of(first, 2), money_of(last, 2)));
    }
    let closed = summary.liquidation_value;
    let gained = percent(gained_if_closed(summary));
    row(
        "if all closed now",
        format!("{} {unit}, {gained}, by what the market pays", money(closed)),
    );
    if has_flows(summary) {
        let (came, went) = (money(summary.deposited), money(summary.withdrawn));
        row(
            "owners",
            format!("brought {came} and were paid {went} {unit}; the return leaves them out"),
        );
    }
    let allowed = target(setup.target_drawdown);
    let drawdown = percent(summary.max_drawdown);
    row("worst drawdown", format!("{drawdown}; the target allows {allowed} %"));
    row(
        "volatility",
        format!(
            "{}; Sharpe {}, Sortino {}",
            percent(summary.volatility),
            number(summary.sharpe),
            number(summary.sortino)
        ),
    );
    if let (Some(worst), Some(limits)) = (summary.worst_health_factor, setup.risk.health_factor) {
        let limit =
            format!("{} warns, {} reduces, {} exits", limits.warn, limits.reduce, limits.exit);
        row("worst health factor", format!("{}; {limit}", worst.round_dp(4)));
    }
    if let (Some(worst), Some(limits)) = (summary.worst_margin_ratio, setup.risk.margin_ratio) {
        let limit =
            format!("{} warns, {} reduces, {} exits", limits.warn, limits.reduce, limits.exit);
        row("worst margin ratio", format!("{}; {limit}", worst.round_dp(4)));
    }
    if let (Some(worst), Some(limit)) = (summary.worst_delta_drift, setup.risk.delta_drift) {
        let (limit, hours) = (limit.get().normalize(), summary.delta_drift_beyond_h.unwrap_or(0.0));
        let beyond = if hours > 0.0 { format!("; beyond it {hours} h") } else { String::new() };
        row("worst net delta", format!("{} of equity; {limit} warns{beyond}", worst.round_dp(4)));
    }
    let at = summary.risk_level_h;
    if at != LevelHours::default() {
        row(
            "at a risk limit",
            format!("{} h warned, {} h reducing, {} h leaving", at.warn, at.reduce, at.exit),
        );
    }
    if !summary.unhedged_notional_seconds.is_zero() {
        row("unhedged legs", unhedged(summary, setup));
    }
    let paid = |cause: PnlCause| money(-summary.attribution[cause]);
    row(
        "costs",
        format!(
            "fees {}, gas {}, slippage {} {unit}",
            paid(PnlCause::Fees),
            paid(PnlCause::Gas),
            paid(PnlCause::Slippage)
        ),
    );
    row(
        "orders",
        format!(
            "{} by {}, {} after the entry",
            grouped(summary.orders),
            counted(summary.decisions, "decision"),
            counted(summary.rebalances, "rebalance")
        ),
    );
}

/// What stood alone of legs that go together.
fn unhedged(summary: &Summary, setup: &Setup) -> String {
    let quote = setup.universe.token(setup.quote);
    let whole = |number: Decimal| money_of(Value::new(number), 0);
    let (sum, most) = (summary.unhedged_notional_seconds, summary.worst_unhedged_notional);
    let longest = summary.worst_unhedged_seconds.normalize();
    format!(
        "{} {quote} × s; at most {} {quote}, at the longest {longest} s",
        whole(sum),
        whole(most)
    )
}

/// What was earned, and what that is in a year where the run was as long as one.
fn earned(whole: &str, year: Option<&str>, aim: Option<&str>, length: Span) -> String {
    let (hours, days) = (length.ms() / 3_600_000, length.ms() / 86_400_000);
    let aim = aim.unwrap_or_default();
    if let Some(year) = year {
        return format!("{whole}, {year} a year{aim}");
    }
    let length = if days >= 2 { format!("{days} days") } else { format!("{hours} h") };
    let of_year = if aim.is_empty() { "" } else { " a year" };
    format!("{whole} in {length}, not annualised below a year{aim}{of_year}")
}

fn causes(out: &mut String, summary: &Summary, setup: &Setup) {
    let (unit, places) = (&setup.share_class.name, setup.share_class.decimals);
    let _ = writeln!(out, "\n  {:<16} {unit:>18} {:>12}", "profit by cause", "of capital");
    let mut row = |name: &str, value: Value| {
        let capital = summary.initial_equity.get();
        let share = value.get().checked_div(capital).unwrap_or_default() * Decimal::ONE_HUNDRED;
        let share = money_of(Value::new(share), 2);
        let _ = writeln!(out, "    {name:<14} {:>18} {share:>10} %", money_of(value, places));
    };
    let mut rows: Vec<(PnlCause, Value)> =
        summary.attribution.iter().filter(|(_, value)| !value.is_zero()).collect();
    rows.sort_by_key(|(_, value)| -value.get());
    for (cause, value) in rows {
        row(&cause.text().replace('_', " "), value);
    }
    row("total", summary.attribution.total());
    // Equity is computed without the causes, so this is a test of both.
    let residual = power_of_ten(summary.residual, summary.initial_equity);
    let _ = writeln!(out, "    {:<14} {residual:>18}   of capital", "unexplained");
    if has_flows(summary) {
        let note = "Beside each cause is its part of the capital of the start, whatever owners brought and took since; \
                    the return above is that of a share.";
        for line in wrapped(note, COLUMNS - 4) {
            let _ = writeln!(out, "    {line}");
        }
    }
}

fn has_flows(summary: &Summary) -> bool {
    !summary.deposited.is_zero() || !summary.withdrawn.is_zero()
}

fn places(out: &mut String, finished: &Finished) {
    let timings = &finished.summary.timings;
    let speed = finished.summary.steps as f64 / timings.run_s.max(1e-9);
    let memory =
        finished.summary.peak_rss_mb.map_or(String::new(), |mib| format!(", {mib:.0} MiB"));
    let _ = writeln!(
        out,
        "\n  {:.3} s of steps ({} a second), {:.3} s of reading and writing{memory}",
        timings.run_s,
        grouped(speed as u64),
        timings.load_s + timings.setup_s + timings.write_s
    );
    let _ = writeln!(out, "  results  {}", finished.results.display());
    let _ = writeln!(out, "  logs     {}", finished.logs.display());
}

fn notes(out: &mut String, summary: &Summary) {
    let data = &summary.data;
    let notes = summary.warnings.iter().chain(&data.assumed);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run_is_not_told_by_the_year() {
        let told = |hours, aim| earned("-3.35 %", None, aim, Span::from_hours(hours));
        let short = "-3.35 % in 16 days, not annualised below a year";
        let aim = Some("; the target is 5 %");
        assert_eq!(told(24 * 16, None), short);
        assert_eq!(told(24 * 16, aim), format!("{short}; the target is 5 % a year"));
        assert_eq!(told(30, None), "-3.35 % in 30 h, not annualised below a year");
        let whole = earned("4 %", Some("3.9 %"), aim, Span::from_hours(24 * 370));
        assert_eq!(whole, "4 %, 3.9 % a year; the target is 5 %");
    }
}
