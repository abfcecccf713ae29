//! The tables of a survey, in Markdown.

use std::fmt::Write;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::config::Setup;
use crate::records::summary::{RunStatus, Summary};
use crate::types::{PnlCause, Rate, Value};

use super::survey::Surveyed;

/// Both tables, and what became of runs that have no row in them.
pub(super) fn markdown(surveyed: &[Surveyed]) -> String {
    let mut out = String::new();
    figures(&mut out, surveyed);
    out.push('\n');
    causes(&mut out, surveyed);
    let failed = surveyed.iter().filter_map(|it| Some((&it.mode, it.outcome.as_ref().err()?)));
    for (mode, why) in failed {
        // Writing into a string cannot fail.
        let _ = writeln!(out, "\n`{mode}` did not run: {}", why.lines().next().unwrap_or_default());
    }
    out
}

fn finished(surveyed: &[Surveyed]) -> impl Iterator<Item = (&Summary, &Setup)> {
    let finished = surveyed.iter().filter_map(|it| it.outcome.as_ref().ok());
    finished.map(|finished| (&finished.summary, &*finished.setup))
}

fn figures(out: &mut String, surveyed: &[Surveyed]) {
    out.push_str(
        "| mode | return a year | target | if closed | drawdown | allowed | orders | fees + gas + slippage | worst health factor \
         | worst margin ratio | unhedged, notional × s | residual |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for (summary, setup) in finished(surveyed) {
        let worst =
            |number: Option<Decimal>| number.map_or("—".into(), |it| it.round_dp(3).to_string());
        let paid = [PnlCause::Fees, PnlCause::Gas, PnlCause::Slippage, PnlCause::Peg];
        let costs: Value = paid.into_iter().map(|cause| -summary.attribution[cause]).sum();
        let name = match summary.status {
            RunStatus::Done => summary.strategy.clone(),
            RunStatus::Stopped => format!("{} (stopped by risk)", summary.strategy),
            RunStatus::Failed => format!("{} (failed)", summary.strategy),
        };
        let _ = writeln!(
            out,
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            percent(summary.annualised_return),
            target(setup.target_apy),
            percent(if_closed(summary)),
            percent(summary.max_drawdown),
            target(setup.target_drawdown),
            summary.orders,
            of_capital(costs, summary),
            worst(summary.worst_health_factor),
            worst(summary.worst_margin_ratio),
            unhedged(summary),
            residual(summary),
        );
    }
}

/// Profit by cause, in parts of the capital; causes that nobody had are left out.
fn causes(out: &mut String, surveyed: &[Surveyed]) {
    let has = |cause: &PnlCause| {
        finished(surveyed).any(|(summary, _)| !summary.attribution[*cause].is_zero())
    };
    let causes: Vec<PnlCause> = PnlCause::ALL.into_iter().filter(has).collect();
    out.push_str("| % of capital |");
    for cause in &causes {
        let _ = write!(out, " {} |", cause.text().replace('_', " "));
    }
    let _ = writeln!(out, " total |\n| --- |{}", " ---: |".repeat(causes.len() + 1));
    for (summary, _) in finished(surveyed) {
        let _ = write!(out, "| {} |", summary.strategy);
        for &cause in &causes {
            let _ = write!(out, " {} |", of_capital(summary.attribution[cause], summary));
        }
        let _ = writeln!(out, " {} |", of_capital(summary.attribution.total(), summary));
    }
}

/// The return a year if all were closed at the end.
fn if_closed(summary: &Summary) -> Option<f64> {
    let part = summary.liquidation_value.get().checked_div(summary.final_equity.get())?.to_f64()?;
    let days = (summary.data.to - summary.data.from).ms() as f64 / 86_400_000.0;
    Some(((1.0 + summary.total_return?) * part).powf(365.0 / days) - 1.0)
}

fn percent(part: Option<f64>) -> String {
    part.map_or("—".to_owned(), |part| format!("{:.2} %", part * 100.0))
}

fn target(rate: Rate) -> String {
    format!("{} %", (rate.get() * Decimal::ONE_HUNDRED).normalize())
}

fn of_capital(value: Value, summary: &Summary) -> String {
    let part = value.get().checked_div(summary.initial_equity.get()).unwrap_or_default();
    match (part * Decimal::ONE_HUNDRED).round_dp(2) {
        zero if zero.is_zero() && value.is_zero() => "—".to_owned(),
        part => format!("{part:.2}"),
    }
}

/// What stood alone of legs that go together: quote token times seconds.
fn unhedged(summary: &Summary) -> String {
    match summary.unhedged_notional_seconds {
        zero if zero.is_zero() => "—".to_owned(),
        sum => sum.round_dp(0).normalize().to_string(),
    }
}

/// What the causes do not explain, as a fraction of the capital: its power of ten.
fn residual(summary: &Summary) -> String {
    let part = summary.residual.get().checked_div(summary.initial_equity.get()).unwrap_or_default();
    match part.abs().to_f64() {
        Some(part) if part > 0.0 => format!("1e{}", part.log10().ceil()),
        _ => "0".to_owned(),
    }
}
