//! The worked example of the basis mode: no costs, no reserve, transfers that take no time, lots of 0.001 BTC, and
//! 100 000 USDT at a price of 67 500: three transfers, three buys of spot and three equal shorts, in one decision.

use std::path::Path;
use std::sync::Arc;

use basis::config::{Costs, LoadRequest, StrategyRef, load};
use basis::engine::{Engine, Input, Mode, Outbox};
use basis::market::{Bar, Funding, MarketData, MarketRows};
use basis::run::{Pump, Witness};
use basis::script::{Bundle, ScriptStrategy};
use basis::sim::{Faults, World};
use basis::types::event::Event;
use basis::types::{Coded, Operation, Price, Quantity, Rate, RunTag, Side, Span, Timestamp};
use rust_decimal::Decimal;

#[test]
fn a_basis_entry_of_100_000_is_nine_orders() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut request = LoadRequest::of_mode("btc_basis", &root.join("configs"));
    request.strategy = StrategyRef { name: "btc_basis".into(), config: None };
    request.costs = Costs::None;
    request.sets = sets();
    let setup = Arc::new(load(request).unwrap_or_else(|faults| panic!("{faults}")));
    let data = flat_market(&setup);
    let script = setup.script.clone().expect("the mode has a script");
    let bundle = Bundle::load(&script, &root.join("stdlib"), &setup)
        .unwrap_or_else(|faults| panic!("{}", faults[0]));
    let strategy = Box::new(ScriptStrategy::new(Arc::new(bundle)));
    let opening = setup.initial_balances.clone();
    let engine = Engine::new(
        setup.clone(),
        data.view_at(0),
        strategy,
        RunTag::new(1),
        &opening,
        Mode::Backtest,
    )
    .expect("the opening is valid");
    let world = World::new(setup.clone(), 0, Faults::NONE);
    let mut pump = Pump::new(engine, world, Orders::default());
    for view in data.views().take(2) {
        pump.step(view).expect("nothing is written");
    }

    let told: Vec<String> = pump
        .witness
        .0
        .iter()
        .map(|(operation, quantity)| tell(&setup, operation, *quantity))
        .collect();
    let expected = [
        "transfer 40000 to binance:BaseToken:USDT",
        "transfer 30000 to bybit:BaseToken:USDT",
        "transfer 30000 to okx:BaseToken:USDT",
        "spot buy 0.592 at binance",
        "perp sell 0.592 at binance",
        "spot buy 0.444 at bybit",
        "perp sell 0.444 at bybit",
        "spot buy 0.444 at okx",
        "perp sell 0.444 at okx",
    ];
    assert_eq!(told, expected);
    assert!(pump.engine.state().plans.is_empty(), "the plan has ended");
}

/// Lots of 0.001, no buffer, no reserve, no time between venues.
fn sets() -> Vec<(String, String)> {
    let mut sets = vec![("cash_buffer", "0".to_owned()), ("reserve.ratio", "0".to_owned())];
    sets.push(("venues.wallet.transfers.USDT.minutes", "0".to_owned()));
    let mut sets: Vec<(String, String)> =
        sets.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    for venue in ["binance", "bybit", "okx"] {
        for kind in ["spot", "perp"] {
            let key = format!("venues.{venue}.markets.{kind}.symbols.BTCUSDT.lot");
            sets.push((key, "0.001".to_owned()));
        }
    }
    sets
}

/// Every price stands still at 67 500, and funding is paid.
fn flat_market(setup: &basis::config::Setup) -> Arc<MarketData> {
    let mut rows = MarketRows::default();
    let start: Timestamp = "2024-06-01".parse().expect("a date");
    for hour in -1..=3 {
        let at = start + Span::from_hours(hour);
        for spec in &setup.series {
            let price =
                Price::new(Decimal::from(if spec.name.contains("ETH") { 3000 } else { 67_500 }));
            if spec.name.starts_with("spot/") || spec.name.starts_with("perp/") {
                let volume = Quantity::new(Decimal::from(1000));
                let bar = Bar { at, open: price, high: price, low: price, close: price, volume };
                rows.push_bar(&spec.name, &bar).unwrap_or_else(|fault| panic!("{fault}"));
            } else if spec.name.starts_with("gas/") {
                rows.push_gas(&spec.name, at, Decimal::from(10))
                    .unwrap_or_else(|fault| panic!("{fault}"));
            }
        }
    }
    for spec in setup.series.iter().filter(|spec| spec.name.starts_with("funding/")) {
        for eight_hours in -12..=1 {
            let at = start + Span::from_hours(8 * eight_hours);
            let funding = Funding { at, rate: Rate::new(Decimal::new(1, 4)) };
            rows.push_funding(&spec.name, &funding).unwrap_or_else(|fault| panic!("{fault}"));
        }
    }
    let end = start + Span::from_hours(3);
    let loaded = MarketData::from_rows(setup, &rows, Some(start), Some(end));
    loaded.unwrap_or_else(|faults| panic!("{faults}")).data
}

/// Keeps every order that is sent.
#[derive(Default)]
struct Orders(Vec<(Operation, Quantity)>);

impl Witness for Orders {
    fn before(&mut self, _at: Timestamp, _input: &Input) -> Result<(), Coded> {
        Ok(())
    }

    fn after(&mut self, out: &mut Outbox) -> Result<(), Coded> {
        for event in &out.events.events {
            if let Event::Order(order) = event {
                self.0.push((order.bound.operation, order.bound.quantity));
            }
        }
        out.events.clear();
        Ok(())
    }
}

fn tell(setup: &basis::config::Setup, operation: &Operation, quantity: Quantity) -> String {
    let universe = &setup.universe;
    let venue =
        |market: &basis::types::MarketId| &universe.venue(universe.market(*market).venue).name;
    let side = |side: &Side| if *side == Side::Buy { "buy" } else { "sell" };
    match operation {
        Operation::Transfer { to, .. } => {
            format!("transfer {quantity} to {}", universe.instrument(*to).name)
        }
        Operation::SpotTrade { market, side: way } => {
            format!("spot {} {quantity} at {}", side(way), venue(market))
        }
        Operation::PerpTrade { market, side: way } => {
            format!("perp {} {quantity} at {}", side(way), venue(market))
        }
        other => format!("{} {quantity}", other.name()),
    }
}
