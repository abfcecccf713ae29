//! A small universe and one event of each kind, for the tests of this module.

use std::path::Path;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::types::event::{
    DecisionEvent, DeltasEvent, Event, EventBatch, ExecutionEvent, GroupEvent, Loudness, NoteEvent,
    Numbers, OrderEvent, ReconciliationEvent, StepRow, TightLoopEvent, Trigger,
};
use crate::types::order::Origin;
use crate::types::order_state::{ExecutionHandshake, HandshakeStatus};
use crate::types::venue::{Venue, VenueKind};
use crate::types::{
    Action, Amount, Attribution, BoundOrder, Breach, Cause, Code, Coded, Execution, Expected,
    FeeAsset, KeyId, Limit, Market, MarketId, MarketKind, Notional, Operation, OperationId,
    Options, Order, OrderId, OrderState, PlanId, PnlCause, PositionType, Posting, Price, Quantity,
    Rate, RiskLevel, RunTag, Side, Span, Timestamp, Universe, Value, VenueId,
};

use super::plan::{RecordLevel, RecordPlan};

pub const CASH: KeyId = KeyId(1);
pub const COINS: KeyId = KeyId(2);
pub const PERP: KeyId = KeyId(3);
const GAS: KeyId = KeyId(4);
const SPOT_MARKET: MarketId = MarketId(0);
const PERP_MARKET: MarketId = MarketId(1);

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn quantity(text: &str) -> Quantity {
    Quantity::new(dec(text))
}

fn value(text: &str) -> Value {
    Value::new(dec(text))
}

/// A wallet, Binance with a spot and a perp market, and OKX without a position.
pub fn universe() -> Arc<Universe> {
    let mut universe = Universe::default();
    let [usdt, btc, eth] = ["USDT", "BTC", "ETH"].map(|name| universe.intern_token(name));
    let [wallet, binance, _okx] = [
        ("wallet", VenueKind::Wallet),
        ("binance", VenueKind::Exchange),
        ("okx", VenueKind::Exchange),
    ]
    .map(|(name, kind)| universe.add_venue(|id| Venue::new(id, name, kind)));
    universe.intern_key(wallet, PositionType::BaseToken, "USDT", usdt, 6);
    universe.intern_key(binance, PositionType::BaseToken, "USDT", usdt, 8);
    universe.intern_key(binance, PositionType::BaseToken, "BTC", btc, 8);
    universe.intern_key(binance, PositionType::Perp, "BTCUSDT", btc, 3);
    universe.intern_key(wallet, PositionType::BaseToken, "ETH", eth, 18);
    universe.intern_key(binance, PositionType::Transit, "USDT", usdt, 6);
    for (kind, position) in [(MarketKind::Spot, COINS), (MarketKind::Perp, PERP)] {
        universe.add_market(|id| Market {
            id,
            venue: binance,
            kind,
            symbol: "BTCUSDT".into(),
            base: btc,
            quote: usdt,
            position,
            cash: CASH,
            lot: quantity("0.001"),
            min_notional: Notional::new(dec("5")),
            fee: Rate::new(dec("0.001")),
            fee_asset: FeeAsset::Quote,
            half_spread: Rate::new(dec("0.0001")),
        });
    }
    Arc::new(universe)
}

pub fn plan(folder: &Path) -> RecordPlan {
    let (logs, results) = (folder.join("logs"), folder.join("results"));
    std::fs::create_dir_all(&logs).unwrap();
    std::fs::create_dir_all(&results).unwrap();
    RecordPlan {
        logs_dir: Some(logs),
        results_dir: Some(results),
        level: RecordLevel::Full,
        universe: universe(),
        series_names: vec!["spot/binance_BTCUSDT".into(), "perp/binance_BTCUSDT".into()],
        share_class: "USDT".into(),
        strategy: "btc_basis".into(),
        correlation_id: "c0ffee".into(),
        pid: 7,
        simulated: true,
        max_file_bytes: RecordPlan::MAX_FILE_BYTES,
        starts_at: at("2024-06-01"),
    }
}

pub fn order_id(leg: u16) -> OrderId {
    OrderId { run: RunTag::new(0xabc), plan: PlanId(3), leg, attempt: 1 }
}

/// One step with one event of each kind, at this time.
pub fn step(now: Timestamp) -> EventBatch {
    let mut batch = EventBatch::default();
    push_measures(&mut batch, now);
    push_decision(&mut batch, now);
    let order = order_event(now);
    batch.events.push(Event::Order(Box::new(order)));
    batch.events.push(Event::Execution(Box::new(execution_event(now))));
    push_checks(&mut batch, now);
    push_row(&mut batch, now);
    batch
}

fn push_measures(batch: &mut EventBatch, now: Timestamp) {
    let quantities = batch.list(["0", "60000.5", "0.592", "-0.592", "0.1", "0"].map(dec));
    let values = batch.list(["0", "60000.5", "39960", "12.5", "350", "0"].map(dec));
    batch.events.push(Event::Positions {
        at: now,
        real: true,
        trigger: Trigger::Tick,
        quantities,
        values,
        total: value("100323"),
    });
    let net_delta = batch.list(["60000.5", "0", "0.1"].map(dec));
    let held = batch.list(["60000.5", "0.592", "0.1"].map(dec));
    let values = batch.list(["60000.5", "39960", "350"].map(dec));
    batch.events.push(Event::Exposures {
        at: now,
        net_delta,
        held,
        values,
        total_usd: dec("100323.00"),
        equity: value("100323"),
    });
    let margin_ratios = batch.list(["-1", "0.18", "-1"].map(dec));
    let lending = batch.list(["1100", "1000", "1045"].map(dec));
    let ages_s = batch.list(["0", "-1"].map(dec));
    batch.events.push(Event::Risk {
        at: now,
        level: RiskLevel::Warn,
        margin_ratios,
        lending,
        delta_drift: dec("-0.0012"),
        ages_s,
        breaches: [Breach {
            limit: Limit::MarginRatio,
            level: RiskLevel::Warn,
            venue: Some(VenueId(1)),
            value: dec("0.18"),
            bound: dec("0.20"),
        }]
        .into(),
    });
}

fn push_decision(batch: &mut EventBatch, now: Timestamp) {
    let prices = batch.list(["67500", "67510.10"].map(dec));
    batch.events.push(Event::Decision(Box::new(DecisionEvent {
        at: now,
        action: Action::EntryFull,
        reason: "flat, and funding pays: \"go\"".into(),
        trigger: Trigger::Tick,
        orders: 9,
        level: RiskLevel::Ok,
        prices,
        equity: value("100323"),
        constraints: [Coded::new(Code::Risk005, "the order was cut to 40000 USDT")].into(),
        script_version: "5c21".into(),
    })));
}

/// A spot purchase of 0.592 BTC.
pub fn order_event(now: Timestamp) -> OrderEvent {
    let operation = Operation::SpotTrade { market: SPOT_MARKET, side: Side::Buy };
    let deltas = vec![
        Expected {
            key: COINS,
            expected: quantity("0.592"),
            at_least: quantity("0.592"),
            at_most: quantity("0.592"),
        },
        Expected {
            key: CASH,
            expected: quantity("-40003.95"),
            at_least: quantity("-40200"),
            at_most: quantity("-38000"),
        },
    ];
    OrderEvent {
        at: now,
        order_id: order_id(0),
        order: Order {
            operation_id: OperationId(4),
            operation,
            amount: Amount::all(CASH, quantity("0.5920")),
            options: Options {
                limit: Some(Price::new(dec("67600"))),
                slippage: Some(Rate::new(dec("0.0025"))),
                reduce_only: true,
            },
            deltas: deltas.clone(),
            origin: Origin { file: "btc_basis.rhai".into(), line: 42 },
        },
        bound: BoundOrder {
            operation,
            quantity: quantity("0.592"),
            limit: Some(Price::new(dec("67600"))),
            reduce_only: true,
            deltas,
        },
        group: Some((1, 0)),
        reason: "enter".into(),
        script_version: "5c21".into(),
    }
}

/// The purchase of [`order_event`], filled with a fee in quote.
pub fn execution_event(now: Timestamp) -> ExecutionEvent {
    ExecutionEvent {
        at: now + Span::from_ms(250),
        venue: VenueId(1),
        operation_id: OperationId(4),
        operation: Operation::SpotTrade { market: SPOT_MARKET, side: Side::Buy },
        handshake: ExecutionHandshake {
            order_id: order_id(0),
            status: HandshakeStatus::Confirmed,
            state: OrderState::Filled,
            execution: Some(Execution {
                executed: quantity("0.592"),
                average_price: Some(Price::new(dec("67506.75"))),
                deltas: vec![
                    Posting {
                        price: Some(Price::new(dec("67506.75"))),
                        ..Posting::of_market(COINS, quantity("0.592"), Cause::Trade, SPOT_MARKET)
                    },
                    Posting::of_market(CASH, quantity("-39963.996"), Cause::Trade, SPOT_MARKET),
                    Posting::of_market(CASH, quantity("-39.963996"), Cause::Fee, SPOT_MARKET),
                    Posting::plain(GAS, quantity("-0.0001"), Cause::Gas),
                ],
                gas_used: Some(21_000),
                submitted_at: now + Span::from_ms(100),
                executed_at: now + Span::from_ms(200),
            }),
            error: None,
            submitted_at: now,
            simulated: true,
        },
    }
}

fn push_checks(batch: &mut EventBatch, now: Timestamp) {
    batch.events.push(Event::Group(Box::new(GroupEvent {
        at: now + Span::from_ms(250),
        plan: PlanId(3),
        item: 1,
        operations: vec!["wrap", "transfer"],
        status: "rolled_back",
        gas: quantity("0.0021"),
        submitted_at: now,
        reason: Some("leg 1: not enough WETH".into()),
    })));
    batch.events.push(Event::Deltas(Box::new(DeltasEvent {
        at: now + Span::from_ms(250),
        order_id: order_id(0),
        operation_id: OperationId(4),
        operation: Operation::SpotTrade { market: SPOT_MARKET, side: Side::Buy },
        deltas: vec![(CASH, quantity("-40003.95"), quantity("-40003.959996"))],
        within_bounds: true,
    })));
    batch.events.push(Event::Reconciliation(Box::new(ReconciliationEvent {
        at: now + Span::from_ms(300),
        trigger: Trigger::Order,
        order_id: Some(order_id(0)),
        ledger: true,
        success: false,
        as_of: now + Span::from_ms(260),
        compared: vec![
            (COINS, quantity("0.592"), quantity("0.592"), quantity("0.00000002")),
            (CASH, quantity("20000"), quantity("19999.5"), quantity("0.00000002")),
        ],
        attempt: 1,
        max_attempts: 3,
    })));
    batch.events.push(Event::TightLoop(Box::new(TightLoopEvent {
        at: now + Span::from_ms(300),
        plan: PlanId(3),
        order_number: 1,
        total_orders: 9,
        order_id: order_id(0),
        status: HandshakeStatus::Confirmed,
        reconciled: false,
        reconciliation_attempts: 3,
        retries: 0,
        submitted_at: now,
        executed_at: now + Span::from_ms(200),
        failure: Some((Code::Exec003, "0.5 USDT are missing at binance".into())),
    })));
    batch.events.push(Event::Note(Box::new(NoteEvent {
        at: now,
        component: "engine",
        loudness: Loudness::Alarm,
        code: Some(Code::Exec003),
        text: "0.5 USDT are missing at binance".into(),
    })));
}

/// The row of a step.
pub fn push_row(batch: &mut EventBatch, now: Timestamp) {
    let by_venue = batch.list(["0", "322.5", "0"].map(dec));
    let by_token = batch.list(["10", "312.5", "0"].map(dec));
    let mut attribution = Attribution::default();
    attribution[PnlCause::Funding] = value("10");
    attribution[PnlCause::Basis] = value("352.463996");
    attribution[PnlCause::Fees] = value("-39.963996");
    let mut cumulative = attribution;
    cumulative += &attribution;
    batch.events.push(Event::Step(Box::new(StepRow {
        at: now,
        step: 12,
        equity: value("100322.50"),
        liquidation_value: value("100200"),
        pnl_step: value("322.5"),
        pnl_total: value("645"),
        flows: value("0"),
        share_value: value("100322.50"),
        attribution,
        cumulative,
        residual: value("0.00"),
        weakest_loan: None,
        delta_drift: dec("-0.0012"),
        by_venue,
        by_token,
    })));
}

/// Balances of cash alone.
pub fn push_balances(batch: &mut EventBatch, now: Timestamp, real: bool, cash: Decimal) {
    let zero = Decimal::ZERO;
    let quantities = batch.list([zero, cash, zero, zero, zero, zero]);
    batch.events.push(Event::Positions {
        at: now,
        real,
        trigger: Trigger::Order,
        quantities,
        values: quantities,
        total: Value::new(cash),
    });
}

/// A margin ratio at Binance and nothing else to say about risk.
pub fn push_risk(batch: &mut EventBatch, now: Timestamp, ratio: Decimal) {
    let margin_ratios = batch.list([-Decimal::ONE, ratio, -Decimal::ONE]);
    batch.events.push(Event::Risk {
        at: now,
        level: RiskLevel::Ok,
        margin_ratios,
        lending: Numbers::default(),
        delta_drift: Decimal::ZERO,
        ages_s: Numbers::default(),
        breaches: [].into(),
    });
}

/// The operation that protects the perp position.
pub fn protection() -> Operation {
    Operation::Protect {
        market: PERP_MARKET,
        take_profit: Some(Price::new(dec("60000"))),
        stop_loss: Some(Price::new(dec("72000.50"))),
    }
}
