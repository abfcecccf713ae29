//! What a step costs the encoder: five events and the rows of four tables, for five keys and two markets.
//!
//! `cargo bench --bench records` runs a year of hourly steps several times and prints the median and the best: microseconds
//! a step of the encoder's own time and of the whole. The rows are those of a hedged position, with the many digits that
//! divided prices bring.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use basis::records::{RecordLevel, RecordPlan, RecordSummary, Recorder};
use basis::types::event::{DecisionEvent, Event, EventBatch, StepRow, Trigger};
use basis::types::venue::{Venue, VenueKind};
use basis::types::{
    Action, Attribution, Code, Coded, FeeAsset, Market, MarketKind, Notional, PnlCause,
    PositionType, Quantity, Rate, RiskLevel, Span, Timestamp, Universe, Value,
};
use rust_decimal::Decimal;

const STEPS: u64 = 8_760;
const RUNS: usize = 15;

fn main() -> Result<(), Coded> {
    let folder = std::env::temp_dir().join(format!("basis-bench-records-{}", std::process::id()));
    for level in [RecordLevel::Full, RecordLevel::Decisions, RecordLevel::None] {
        measure(&folder, level)?;
    }
    Ok(())
}

fn measure(folder: &Path, level: RecordLevel) -> Result<(), Coded> {
    let mut figures = Vec::new();
    let mut last = RecordSummary::default();
    for _ in 0..RUNS {
        let begun = Instant::now();
        last = run(folder, level)?;
        let whole = begun.elapsed();
        remove(folder)?;
        let a_step = |time: std::time::Duration| time.as_secs_f64() * 1e6 / STEPS as f64;
        figures.push((a_step(last.busy), a_step(whole)));
    }
    figures.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (best, median) = (figures[0], figures[RUNS / 2]);
    println!(
        "{level:?}: encoder {:.2} us/step (best {:.2}), whole {:.2} us/step, {} event lines, {} table bytes",
        median.0, best.0, median.1, last.event_lines, last.table_bytes
    );
    Ok(())
}

fn run(folder: &Path, level: RecordLevel) -> Result<RecordSummary, Coded> {
    let mut recorder = Recorder::start(plan(folder, level)?)?;
    let from = Timestamp::from_ms(1_717_200_000_000);
    let script: Arc<str> = "5c21c40ffee".into();
    let reason: Arc<str> = "inside the band: nothing to do".into();
    let mut batch = EventBatch::default();
    for step in 0..STEPS {
        let now = from + Span::from_hours(step as i64);
        push_step(&mut batch, step, now, &reason, &script);
        if batch.events.len() >= Recorder::BATCH_EVENTS {
            recorder.send(&mut batch)?;
        }
    }
    recorder.send(&mut batch)?;
    recorder.finish()
}

/// A number with as many digits as a quantised value has, and another one each step.
fn number(step: u64, salt: i64, scale: u32) -> Decimal {
    Decimal::new(6_543_210_987_654 + step as i64 * 7_919 + salt * 104_729, scale)
}

fn push_step(
    batch: &mut EventBatch,
    step: u64,
    now: Timestamp,
    reason: &Arc<str>,
    script: &Arc<str>,
) {
    let equity = Value::new(number(step, 1, 8));
    let quantities = batch.list((0..5).map(|key| number(step, key, 8)));
    let values = batch.list((0..5).map(|key| number(step, key + 9, 8)));
    let real = true;
    let trigger = Trigger::Tick;
    batch.events.push(Event::Positions {
        at: now,
        real,
        trigger,
        quantities,
        values,
        total: equity,
    });
    let net_delta = batch.list((0..3).map(|token| number(step, token, 8)));
    let held = batch.list((0..3).map(|token| number(step, token + 3, 8)));
    let values = batch.list((0..3).map(|token| number(step, token + 5, 8)));
    let total_usd = equity.get();
    batch.events.push(Event::Exposures { at: now, net_delta, held, values, total_usd, equity });
    // Quotients carry as many digits as a decimal has.
    let ratio = Decimal::ONE / number(step, 3, 12);
    let margin_ratios = batch.list([-Decimal::ONE, ratio]);
    let lending = batch.list([]);
    let ages_s = batch.list([Decimal::ZERO, Decimal::ZERO, Decimal::from(3600)]);
    batch.events.push(Event::Risk {
        at: now,
        level: RiskLevel::Ok,
        margin_ratios,
        lending,
        delta_drift: ratio,
        ages_s,
        breaches: Arc::default(),
    });
    let prices = batch.list([number(step, 5, 8), number(step, 6, 8)]);
    batch.events.push(Event::Decision(Box::new(DecisionEvent {
        at: now,
        action: Action::Hold,
        reason: reason.clone(),
        trigger,
        orders: 0,
        level: RiskLevel::Ok,
        prices,
        equity,
        constraints: Arc::default(),
        script_version: script.clone(),
    })));
    push_row(batch, step, now, equity);
}

fn push_row(batch: &mut EventBatch, step: u64, now: Timestamp, equity: Value) {
    let by_venue = batch.list([Decimal::ZERO, number(step, 7, 12)]);
    let by_token = batch.list([number(step, 8, 12), number(step, 9, 12)]);
    let mut attribution = Attribution::default();
    for cause in [PnlCause::Funding, PnlCause::Basis, PnlCause::Delta] {
        attribution[cause] = Value::new(number(step, cause as i64, 12));
    }
    batch.events.push(Event::Step(Box::new(StepRow {
        at: now,
        step,
        equity,
        liquidation_value: equity,
        pnl_step: Value::new(number(step, 2, 12)),
        pnl_total: Value::new(number(step, 4, 10)),
        flows: Value::ZERO,
        share_value: equity,
        attribution,
        cumulative: attribution,
        residual: Value::ZERO,
        weakest_loan: None,
        delta_drift: Decimal::ZERO,
        by_venue,
        by_token,
    })));
}

fn plan(folder: &Path, level: RecordLevel) -> Result<RecordPlan, Coded> {
    let (logs, results) = (folder.join("logs"), folder.join("results"));
    for dir in [&logs, &results] {
        std::fs::create_dir_all(dir)
            .map_err(|error| Coded::new(Code::Log002, format!("{}: {error}", dir.display())))?;
    }
    Ok(RecordPlan {
        logs_dir: Some(logs),
        results_dir: Some(results),
        level,
        universe: universe(),
        series_names: ["spot/binance_BTCUSDT", "perp/binance_BTCUSDT", "funding/binance_BTCUSDT"]
            .map(str::to_owned)
            .into(),
        share_class: "USDT".into(),
        strategy: "btc_basis".into(),
        correlation_id: "0123456789abcdef".into(),
        pid: std::process::id(),
        simulated: true,
        max_file_bytes: RecordPlan::MAX_FILE_BYTES,
        starts_at: Timestamp::from_ms(1_717_200_000_000),
    })
}

fn universe() -> Arc<Universe> {
    let mut universe = Universe::default();
    let [usdt, btc, eth] = ["USDT", "BTC", "ETH"].map(|name| universe.intern_token(name));
    let [wallet, binance] = [("wallet", VenueKind::Wallet), ("binance", VenueKind::Exchange)]
        .map(|(name, kind)| universe.add_venue(|id| Venue::new(id, name, kind)));
    universe.intern_key(wallet, PositionType::BaseToken, "USDT", usdt, 6);
    universe.intern_key(wallet, PositionType::BaseToken, "ETH", eth, 18);
    let cash = universe.intern_key(binance, PositionType::BaseToken, "USDT", usdt, 8);
    let coins = universe.intern_key(binance, PositionType::BaseToken, "BTC", btc, 8);
    let perp = universe.intern_key(binance, PositionType::Perp, "BTCUSDT", btc, 3);
    for (kind, position) in [(MarketKind::Spot, coins), (MarketKind::Perp, perp)] {
        universe.add_market(|id| Market {
            id,
            venue: binance,
            kind,
            symbol: "BTCUSDT".into(),
            base: btc,
            quote: usdt,
            position,
            cash,
            lot: Quantity::ZERO,
            min_notional: Notional::ZERO,
            fee: Rate::ZERO,
            fee_asset: FeeAsset::Quote,
            half_spread: Rate::ZERO,
        });
    }
    Arc::new(universe)
}

fn remove(folder: &Path) -> Result<(), Coded> {
    std::fs::remove_dir_all(folder)
        .map_err(|error| Coded::new(Code::Log001, format!("{}: {error}", folder.display())))
}
