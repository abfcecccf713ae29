//! The tables of a survey.

use std::fmt::Write;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::cli::numbers::{grouped, money_of, power_of_ten};
use crate::config::Setup;
use crate::portfolio::metrics::annualised;
use crate::records::summary::{RunStatus, Summary};
use crate::types::{PnlCause, Rate, Span, Value};

use super::survey::Surveyed;
use super::table::{Align, Table};

/// Both tables, and what became of runs that have no row in them.
pub(super) fn told(surveyed: &[Surveyed], show: impl Fn(&Table) -> String) -> String {
    let mut out = show(&figures(surveyed));
    if finished(surveyed).any(|(summary, _)| summary.annualised_return.is_none()) {
        out +=
            "\nA return of less than a year is not annualised: it is that of the days with it.\n";
    }
    out.push('\n');
    out += &show(&causes(surveyed));
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

fn figures(surveyed: &[Surveyed]) -> Table {
    let head = [
        "mode",
        "return a year",
        "target",
        "if closed",
        "drawdown",
        "allowed",
        "orders",
        "fees + gas + slippage",
        "worst health factor",
        "worst margin ratio",
        "unhedged, notional × s",
        "residual",
    ];
    let mut table = Table::new(head, Align::Right);
    for (summary, setup) in finished(surveyed) {
        let worst =
            |number: Option<Decimal>| number.map_or("—".into(), |it| it.round_dp(3).to_string());
        let paid = [PnlCause::Fees, PnlCause::Gas, PnlCause::Slippage, PnlCause::Peg];
        let costs: Value = paid.into_iter().map(|cause| -summary.attribution[cause]).sum();
        let name = match summary.status {
            RunStatus::Done => summary.strategy.clone(),
            RunStatus::Stopped => {
                let lasted = short(summary.data.ended_at - summary.data.from);
                format!("{} (stopped by risk after {lasted})", summary.strategy)
            }
            RunStatus::Failed => format!("{} (failed)", summary.strategy),
        };
        table.push(vec![
            name,
            returned(summary.total_return, summary),
            target(setup.target_apy),
            returned(if_closed(summary), summary),
            percent(summary.max_drawdown),
            target(setup.target_drawdown),
            grouped(summary.orders),
            of_capital(costs, summary),
            worst(summary.worst_health_factor),
            worst(summary.worst_margin_ratio),
            unhedged(summary),
            power_of_ten(summary.residual, summary.initial_equity),
        ]);
    }
    table
}

/// Profit by cause, in parts of the capital; causes that nobody had are left out.
fn causes(surveyed: &[Surveyed]) -> Table {
    let has = |cause: &PnlCause| {
        finished(surveyed).any(|(summary, _)| !summary.attribution[*cause].is_zero())
    };
    let causes: Vec<PnlCause> = PnlCause::ALL.into_iter().filter(has).collect();
    let named = causes.iter().map(|cause| cause.text().replace('_', " "));
    let head = std::iter::once("% of capital".to_owned()).chain(named);
    let mut table = Table::new(head.chain(std::iter::once("total".to_owned())), Align::Right);
    for (summary, _) in finished(surveyed) {
        let of = |value| of_capital(value, summary);
        let mut row = vec![summary.strategy.clone()];
        row.extend(causes.iter().map(|&cause| of(summary.attribution[cause])));
        row.push(of(summary.attribution.total()));
        table.push(row);
    }
    table
}

/// The return if all were closed at the end.
fn if_closed(summary: &Summary) -> Option<f64> {
    let part = summary.liquidation_value.get().checked_div(summary.final_equity.get())?.to_f64()?;
    Some((1.0 + summary.total_return?) * part - 1.0)
}

/// A return as it is told: a year, or where the run was shorter than one in its days.
fn returned(part: Option<f64>, summary: &Summary) -> String {
    let span = summary.data.ended_at - summary.data.from;
    let Some(part) = part else { return percent(None) };
    match annualised(part, span) {
        Some(year) => percent(Some(year)),
        None => format!("{} in {}", percent(Some(part)), short(span)),
    }
}

/// Days, or hours of less than two.
pub(super) fn short(span: Span) -> String {
    let (days, hours) = (span.ms() / 86_400_000, span.ms() / 3_600_000);
    if days >= 2 { format!("{days} d") } else { format!("{hours} h") }
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
        sum => money_of(Value::new(sum), 0),
    }
}
