//! The world of the live tests: the run's configuration, and prices and funding by the number of the step.

use std::path::Path;
use std::sync::Arc;

use basis::config::{LoadRequest, Setup, StrategyRef, load};
use basis::market::{Bar, Funding, MarketRows};
use basis::run::codec::LiveTick;
use basis::types::{Price, Quantity, Rate, Span, Timestamp};
use rust_decimal::Decimal;

use crate::mischief::hash;
use crate::wire::NextTick;

const HOUR: Span = Span::from_hours(1);

pub fn setup() -> Arc<Setup> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = root.join("tests/configs/live.yaml");
    let request = LoadRequest {
        strategy: StrategyRef { name: "live".to_owned(), config: Some(config) },
        ..LoadRequest::of_mode("live", &root.join("configs"))
    };
    let setup = load(request);
    Arc::new(setup.unwrap_or_else(|faults| panic!("the tests' configuration is wrong:\n{faults}")))
}

/// Prices that jump about from step to step, the same for the same seed.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    pub seed: u64,
    pub steps: u64,
    /// The largest distance from 60 000.
    pub swing: u64,
}

impl Weather {
    pub fn time(&self, step: u64) -> Timestamp {
        start() + Span::from_hours(step as i64)
    }

    /// Spot and perp at the opening of a step.
    pub fn prices(&self, step: u64) -> (Decimal, Decimal) {
        let drawn = hash(self.seed, &step.to_string()) % (2 * self.swing + 1);
        let spot = Decimal::from(60_000 - self.swing) + Decimal::from(drawn);
        (spot, spot + Decimal::from(12))
    }

    /// Every fourth step pays.
    pub fn funding(&self, step: u64) -> Option<Decimal> {
        let drawn = hash(self.seed ^ 0xf4, &step.to_string()) % 41;
        step.is_multiple_of(4).then(|| Decimal::new(drawn as i64 - 15, 5))
    }

    /// The first step after a time; nothing when there are no more.
    pub fn step_after(&self, after: i64) -> Option<u64> {
        (1..=self.steps).find(|&step| self.time(step).ms() > after)
    }
}

pub fn start() -> Timestamp {
    "2024-06-01".parse().expect("a date")
}

/// What the run knows when it begins.
pub fn opening_rows(spot: Decimal, perp: Decimal) -> MarketRows {
    let mut rows = MarketRows::default();
    let before = start() - HOUR;
    let pushed = rows
        .push_bar("spot/binance_BTCUSDT", &bar(before, spot, spot))
        .and_then(|()| rows.push_bar("spot/binance_BTCUSDT", &bar(start(), spot, spot)))
        .and_then(|()| rows.push_bar("perp/binance_BTCUSDT", &bar(before, perp, perp)))
        .and_then(|()| rows.push_bar("perp/binance_BTCUSDT", &bar(start(), perp, perp)))
        .and_then(|()| {
            let funding = Funding { at: start(), rate: Rate::ZERO };
            rows.push_funding("funding/binance_BTCUSDT", &funding)
        });
    pushed.unwrap_or_else(|fault| panic!("{fault}"));
    rows
}

/// A step as the exchange tells it, as the run takes it.
pub fn tick_of(next: &NextTick) -> LiveTick {
    let at = Timestamp::from_ms(next.at);
    let mut rows = MarketRows::default();
    for (series, [before, opens]) in
        [("spot/binance_BTCUSDT", next.spot), ("perp/binance_BTCUSDT", next.perp)]
    {
        let pushed = rows
            .push_bar(series, &bar(at - HOUR, before, opens))
            .and_then(|()| rows.push_bar(series, &bar(at, opens, opens)));
        pushed.unwrap_or_else(|fault| panic!("{fault}"));
    }
    if let Some(rate) = next.funding {
        let funding = Funding { at, rate: Rate::new(rate) };
        rows.push_funding("funding/binance_BTCUSDT", &funding)
            .unwrap_or_else(|fault| panic!("{fault}"));
    }
    LiveTick { at, rows }
}

fn bar(at: Timestamp, open: Decimal, close: Decimal) -> Bar {
    let (open, close) = (Price::new(open), Price::new(close));
    let volume = Quantity::new(Decimal::from(100));
    Bar { at, open, high: open.max(close), low: open.min(close), close, volume }
}
