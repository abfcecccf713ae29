//! A finished run in one object: the figures of `summary.json`.

use std::path::PathBuf;

use rust_decimal::prelude::ToPrimitive;

use crate::config::Setup;
use crate::engine::{Engine, Tally};
use crate::market::{Gap, Loaded, ProxyUse, StandIn, sample};
use crate::portfolio::legs::seconds;
use crate::records::summary::{DataSummary, LevelHours, RunStatus, Summary, Timings};
use crate::types::{Code, Coded, Instrument, PnlCause, PositionType, Span, Timestamp, Value};

use super::assumed::assumed;
use super::owners;
use super::witness::Recorded;

/// What only the shell knows of a run.
pub(super) struct Facts {
    pub(super) id: String,
    pub(super) tag: Option<String>,
    pub(super) dir: PathBuf,
    pub(super) timings: Timings,
    /// Ordeals that found nothing to do.
    pub(super) spared: usize,
}

/// The summary of a run that came to its end, or that risk stopped.
pub(super) fn summarise(
    engine: &Engine,
    setup: &Setup,
    loaded: &Loaded,
    recorded: Recorded,
    is_stopped: bool,
    facts: Facts,
) -> Summary {
    let state = engine.state();
    let tally = &state.tally;
    let attribution = state.ledger.total;
    let figures = recorded.track.figures();
    let unhedged = engine.unhedged();
    let (final_equity, liquidation_value) = recorded
        .last_row
        .as_ref()
        .map_or((Value::ZERO, Value::ZERO), |row| (row.equity, row.liquidation_value));
    let mut warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    let ended_at = recorded.last_row.as_ref().map_or(loaded.to, |row| row.at);
    warnings.extend(setup.unwind_at.and_then(|at| unwinds_never(at, loaded)));
    warnings.extend(unfinished(engine, setup, ended_at).filter(|_| !is_stopped));
    warnings.extend(owners::warnings(setup, state, loaded));
    warnings.extend((facts.spared > 0).then(no_short));
    warnings.extend(drifted(setup, tally));
    let usd = |at, equity| in_usd(setup, loaded, at, equity);
    let equity_in_usd = usd(loaded.from, tally.initial_equity).zip(usd(ended_at, final_equity));
    warnings.extend(recorded.warnings);
    if tally.orders == 0 {
        let text = "the strategy sent no order; why it held is in strategy_decisions.jsonl";
        warnings.push(text.to_owned());
    }
    Summary {
        correlation_id: facts.id,
        status: if is_stopped { RunStatus::Stopped } else { RunStatus::Done },
        strategy: setup.mode.clone(),
        script_version: engine.version().to_string(),
        config_hash: setup.hash.clone(),
        tag: facts.tag,
        data: DataSummary {
            dir: facts.dir.display().to_string(),
            synthetic: sample::is_synthetic(&facts.dir),
            from: loaded.from,
            to: loaded.to,
            ended_at,
            range: loaded.why.clone(),
            gaps: loaded.gaps.iter().map(tell_gap).collect(),
            proxies: loaded.proxies.iter().map(tell_proxy).collect(),
            assumed: assumed(setup),
        },
        stress: loaded.stress.told(),
        steps: state.steps,
        decisions: tally.decisions,
        rebalances: tally.rebalances,
        orders: tally.orders,
        initial_equity: tally.initial_equity,
        final_equity,
        equity_in_usd: equity_in_usd.map(|(first, last)| [first, last]),
        liquidation_value,
        deposited: tally.deposited,
        withdrawn: tally.withdrawn,
        withdrawals: owners::withdrawals(state, setup),
        total_return: figures.total_return.to_f64(),
        annualised_return: figures.annualised_return,
        volatility: figures.volatility,
        sharpe: figures.sharpe,
        sortino: figures.sortino,
        max_drawdown: Some(figures.max_drawdown),
        fees: -attribution[PnlCause::Fees],
        gas: -attribution[PnlCause::Gas],
        attribution,
        residual: tally.residual,
        worst_health_factor: tally.worst_health_factor,
        worst_margin_ratio: tally.worst_margin_ratio,
        worst_delta_drift: setup.risk.delta_drift.map(|_| tally.worst_delta_drift),
        delta_drift_beyond_h: setup.risk.delta_drift.map(|_| hours(tally.drift_beyond)),
        risk_level_h: LevelHours {
            warn: hours(tally.at_warn),
            reduce: hours(tally.at_reduce),
            exit: hours(tally.at_exit),
        },
        unhedged_notional_seconds: unhedged.notional_seconds.round_dp(2),
        worst_unhedged_notional: unhedged.worst.get().round_dp(2),
        worst_unhedged_seconds: seconds(unhedged.longest),
        timings: facts.timings,
        peak_rss_mb: peak_rss_mb(),
        warnings,
    }
}

/// Hours, and parts of one.
pub(super) fn hours(span: Span) -> f64 {
    span.ms() as f64 / 3_600_000.0
}

/// The net delta stood beyond its limit, which asks for nothing and stops nothing.
fn drifted(setup: &Setup, tally: &Tally) -> Option<String> {
    let limit = setup.risk.delta_drift.filter(|_| tally.drift_beyond > Span::default())?;
    let (worst, limit) = (tally.worst_delta_drift.round_dp(4), limit.get().normalize());
    let sentence = format!(
        "the net delta was beyond its limit of {limit} of equity (risk.delta_drift) at the end of steps of {} h in all, at worst at \
         {worst}; when is in risk_metrics.csv",
        hours(tally.drift_beyond)
    );
    Some(Coded::new(Code::Exp002, sentence).to_string())
}

/// A short that was to be closed was never held.
fn no_short() -> String {
    let sentence = "adl did nothing: no short was held from its start on";
    Coded::new(Code::Data007, sentence).to_string()
}

/// Equity in US dollars, where the quote token is not taken for one.
fn in_usd(setup: &Setup, loaded: &Loaded, at: Timestamp, equity: Value) -> Option<Value> {
    let of_quote = loaded.stress.quote_in_usd(at)?;
    let price = loaded.data.view_at_time(at).reference(setup.share_class.token)?;
    let quote = equity.get().checked_mul(price.get())?;
    Some(Value::new(quote.checked_mul(of_quote)?.round_dp(2)))
}

/// A time to leave that lies outside of the run.
fn unwinds_never(at: Timestamp, loaded: &Loaded) -> Option<String> {
    if at > loaded.to {
        return Some(format!("unwind_at, {at}, is after the last step: nothing was unwound"));
    }
    let text = format!("unwind_at, {at}, is not after the first step: nothing was entered");
    (at <= loaded.from).then_some(text)
}

/// A wind-down that has begun, and that the data ends before.
fn unfinished(engine: &Engine, setup: &Setup, ended_at: Timestamp) -> Option<String> {
    let begun = setup.unwind_at.filter(|at| *at <= ended_at)?;
    let (universe, books) = (&setup.universe, &engine.state().books);
    let is_claim = |key: &&Instrument| key.position_type == PositionType::Queued;
    let mut claims = universe.instruments().iter().filter(is_claim);
    let waits = claims.any(|key| !books.quantity(key.id).is_zero());
    (waits || !engine.is_empty()).then(|| {
        format!("the wind-down that began at {begun} is not finished: the run ends at {ended_at}, with what is told below")
    })
}

fn tell_gap(gap: &Gap) -> String {
    format!("{} lacks {} rows from {} to {}", gap.series, gap.rows, gap.first, gap.last)
}

fn tell_proxy(used: &ProxyUse) -> String {
    let ProxyUse { series, proxy, stand_in } = used;
    match stand_in {
        StandIn::Whole => format!("{proxy} stands in for {series}"),
        StandIn::Prices(rows) => format!("{proxy} values {rows} missing prices of {series}"),
        StandIn::Payments(rows) => {
            format!("{proxy} stands in for {rows} missing payments of {series}")
        }
    }
}

/// The process's largest memory so far, where the system tells.
fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some((kib / 1024.0 * 10.0).round() / 10.0)
}
