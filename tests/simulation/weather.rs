//! Two days of made-up prices: a random walk at two exchanges, funding every eight hours, a gas price, staked ETH and its rates.

use std::sync::Arc;

use basis::config::{Costs, Fault, LoadRequest, Setup, StrategyRef, load};
use basis::engine::Strategy;
use basis::market::{Bar, Funding, MarketData, MarketRows, ReserveFigures};
use basis::run::opening;
use basis::types::{Price, Quantity, Rate, Span, Timestamp};
use rust_decimal::Decimal;

use crate::chaos::Chaos;
use crate::dice::Dice;
use crate::drill::Stage;

const STEPS: usize = 40;
/// Balances are looked at every two hours.
const FAIR_STEPS: usize = 4;

/// The strategy without sense in this weather.
pub fn stage(seed: u64) -> Stage {
    let setup = setup();
    let data = data(&setup, seed);
    let setup = opening(Arc::new(setup), &data.view_at(0)).expect("the gas tank can be bought");
    let strategy = Arc::new(move || Box::new(Chaos::new(seed)) as Box<dyn Strategy>);
    Stage { setup, data, strategy, fair_steps: FAIR_STEPS, may_stop: false, wind_down: None }
}

fn setup() -> Setup {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = root.join("tests/configs/drill.yaml");
    let mut setup = load(LoadRequest {
        strategy: StrategyRef { name: config.display().to_string(), config: Some(config) },
        config_dir: root.join("configs"),
        sets: Vec::new(),
        capital: None,
        from: None,
        to: None,
        costs: Costs::Full,
    })
    .unwrap_or_else(|faults| panic!("the drill's configuration is wrong:\n{faults}"));
    // The strategy never leaves: the venue liquidates before risk stops the run.
    setup.risk.health_factor = None;
    setup
}

fn data(setup: &Setup, seed: u64) -> Arc<MarketData> {
    let mut dice = Dice::new(seed ^ 0x7ea7_4e12);
    let mut rows = MarketRows::default();
    let start: Timestamp = "2024-06-01".parse().expect("a date");
    let mut spot = Decimal::from(60_000);
    for hour in 0..=STEPS as i64 {
        let at = start + Span::from_hours(hour);
        let open = spot;
        // Up to 3 % an hour: enough to move margins, and now and then to trip a stop.
        spot *= Decimal::ONE + Decimal::new(dice.below(601) as i64 - 300, 4);
        spot = spot.round_dp(2);
        for (venue, shift) in [("binance", 10), ("bybit", -15)] {
            for (kind, basis) in [("spot", 0), ("perp", 12)] {
                let series = format!("{kind}/{venue}_BTCUSDT");
                let by = Decimal::new(shift + basis, 0);
                push(&mut rows, &series, at, open + by, spot + by, &mut dice);
            }
            if hour % 8 == 0 {
                let rate = Rate::new(Decimal::new(dice.below(41) as i64 - 15, 5));
                rows.push_funding(&format!("funding/{venue}_BTCUSDT"), &Funding { at, rate })
                    .unwrap_or_else(|fault| panic!("{fault}"));
            }
        }
        push(
            &mut rows,
            "spot/bybit_ETHUSDT",
            at,
            Decimal::from(3000),
            Decimal::from(3000),
            &mut dice,
        );
        rows.push_gas("gas/ethereum_gas", at, Decimal::new(12 + hour % 5, 0))
            .unwrap_or_else(|fault| panic!("{fault}"));
    }
    snapshots(&mut rows, start, &mut dice);
    let end = start + Span::from_hours(STEPS as i64 - 1);
    let loaded = MarketData::from_rows(setup, &rows, Some(start), Some(end));
    loaded.unwrap_or_else(|faults| panic!("the drill's market is wrong:\n{faults}")).data
}

/// Daily figures on chain: a staking token that grows, is trued up or slashed; indices; and what the token is sold for.
fn snapshots(rows: &mut MarketRows, start: Timestamp, dice: &mut Dice) {
    let told = |pushed: Result<(), Fault>| pushed.unwrap_or_else(|fault| panic!("{fault}"));
    let (mut rate, mut supply, mut borrow) = (dec(105, 2), dec(1001, 3), dec(103, 2));
    for day in -2..=2 {
        let at = start + Span::from_hours(24 * day);
        told(rows.push_rate("lst/weETH_exchange_rate", at, rate));
        for (token, supplied, borrowed) in [("WETH", 900_000, 800_000), ("weETH", 500_000, 0)] {
            let figures = ReserveFigures {
                as_of: at,
                supply_rate: Rate::new(dec(2, 2)),
                borrow_rate: Rate::new(dec(3, 2)),
                supplied: Quantity::new(supplied.into()),
                borrowed: Quantity::new(borrowed.into()),
            };
            told(rows.push_reserve(&format!("aave_v3/{token}_rates"), &figures, [supply, borrow]));
        }
        // Growth that is trued up a little every day, and in one of three drills a slash of up to 6 % after the first day.
        rate *= Decimal::ONE + dec(60 + dice.below(60) as i64, 6);
        if day == 0 && dice.below(3) == 0 {
            rate *= Decimal::ONE - dec(1 + dice.below(60) as i64, 3);
        }
        rate = rate.round_dp(18);
        supply = (supply * (Decimal::ONE + dec(40 + dice.below(30) as i64, 6))).round_dp(27);
        borrow = (borrow * (Decimal::ONE + dec(60 + dice.below(60) as i64, 6))).round_dp(27);
    }
    for hour in 0..=STEPS as i64 {
        let at = start + Span::from_hours(hour);
        let sold = dec(105, 2) * (Decimal::ONE - dec(dice.below(30) as i64, 4));
        told(rows.push_market_rate("lst/weETH_dex_rate_24h_median_1h", at, sold));
    }
}

/// `digits` with so many places after the point.
fn dec(digits: i64, places: u32) -> Decimal {
    Decimal::new(digits, places)
}

fn push(
    rows: &mut MarketRows,
    series: &str,
    at: Timestamp,
    open: Decimal,
    close: Decimal,
    dice: &mut Dice,
) {
    let wick = Decimal::ONE + Decimal::new(dice.below(100) as i64, 4);
    let high = (open.max(close) * wick).round_dp(2);
    let low = (open.min(close) / wick).round_dp(2);
    let price = Price::new;
    let bar = Bar {
        at,
        open: price(open),
        high: price(high),
        low: price(low),
        close: price(close),
        volume: Quantity::new(Decimal::from(500 + dice.below(1000))),
    };
    rows.push_bar(series, &bar).unwrap_or_else(|fault| panic!("{fault}"));
}
