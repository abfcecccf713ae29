//! Candles: a venue's view of a reference path, in bars of five minutes, of which its hourly bars are made.

use crate::types::{Span, Timestamp};

use super::calendar::{END, FIVE_MINUTES, FIVE_MINUTES_FROM, HOUR, HOURS_FROM, PATHS_FROM, stamps};
use super::dice::{Dice, Reverting};
use super::path::{STEPS_AN_HOUR, Step};
use super::text::{SampleFile, rounded};

/// A market of a venue: how its numbers are written and how much is traded.
pub(super) struct Market {
    /// Its file without the interval: `spot/binance_BTCUSDT`.
    pub(super) name: &'static str,
    /// Decimals of its prices.
    pub(super) places: u8,
    /// The usual volume of an hour.
    pub(super) hourly_volume: f64,
    /// Decimals of its volume.
    pub(super) volume_places: u8,
    /// What its volume is counted in.
    pub(super) volume: Volume,
}

/// What a volume is counted in; pools name it in the column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Volume {
    Coins,
    Quote,
}

/// A bar, its numbers rounded as they are written.
#[derive(Clone, Copy)]
struct Bar {
    at: Timestamp,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    volume: f64,
}

/// The hourly file of a market, and the one of five minutes.
pub(super) struct Candles {
    pub(super) hourly: SampleFile,
    pub(super) five_minutes: SampleFile,
}

/// The candles of a market, whose price stands `premiums` away from the reference at the end of each step.
pub(super) fn candles(seed: u64, market: &Market, path: &[Step], premiums: &[f64]) -> Candles {
    let bars = bars(seed, market, path, premiums);
    let hours: Vec<Bar> = bars.chunks(STEPS_AN_HOUR).filter_map(joined).collect();
    let late: Vec<Bar> = bars.into_iter().filter(|bar| bar.at >= FIVE_MINUTES_FROM).collect();
    Candles { hourly: file(market, HOUR, &hours), five_minutes: file(market, FIVE_MINUTES, &late) }
}

fn bars(seed: u64, market: &Market, path: &[Step], premiums: &[f64]) -> Vec<Bar> {
    let price = |reference: f64, premium: f64| rounded(reference * (1.0 + premium), market.places);
    let mut volumes = Volumes::new(seed, market);
    let mut bars = Vec::with_capacity(path.len());
    let mut last = None;
    for (at, (step, &premium)) in
        stamps(PATHS_FROM, END, FIVE_MINUTES).zip(path.iter().zip(premiums))
    {
        // What is not traded between two bars has no price of its own: a bar opens where the last one closed.
        let open = last.unwrap_or_else(|| price(step.open, premium));
        let close = price(step.close, premium);
        let high = price(step.high, premium).max(open).max(close);
        let low = price(step.low, premium).min(open).min(close);
        let volume = volumes.next(step.heat);
        last = Some(close);
        if at >= HOURS_FROM {
            bars.push(Bar { at, open, high, low, close, volume });
        }
    }
    bars
}

/// One bar of several that follow each other.
fn joined(bars: &[Bar]) -> Option<Bar> {
    let (first, last) = (bars.first()?, bars.last()?);
    let high = bars.iter().map(|bar| bar.high).fold(first.high, f64::max);
    let low = bars.iter().map(|bar| bar.low).fold(first.low, f64::min);
    let volume = bars.iter().map(|bar| bar.volume).sum();
    Some(Bar { at: first.at, open: first.open, high, low, close: last.close, volume })
}

fn file(market: &Market, step: Span, bars: &[Bar]) -> SampleFile {
    let (interval, told) = if step == HOUR { ("1h", "1 h") } else { ("5m", "5 min") };
    let columns = match market.volume {
        Volume::Coins => "timestamp,open,high,low,close,volume",
        Volume::Quote => "timestamp,open,high,low,close,volume_quote",
    };
    let mut file = SampleFile::new(format!("{}_{interval}.csv", market.name), columns, told);
    let (places, volume_places) = (usize::from(market.places), usize::from(market.volume_places));
    for Bar { at, open, high, low, close, volume } in bars {
        file.push(
            at,
            format_args!(
                "{open:.places$},{high:.places$},{low:.places$},{close:.places$},{volume:.volume_places$}"
            ),
        );
    }
    file
}

/// Volumes: log-normal around the market's usual one, with levels that last for hours; more in hot hours, of whatever direction.
struct Volumes {
    dice: Dice,
    levels: Reverting,
    level: f64,
    index: usize,
    usual: f64,
    places: u8,
}

impl Volumes {
    fn new(seed: u64, market: &Market) -> Self {
        const HOURLY_KEEP: f64 = 0.85;
        Self {
            dice: Dice::of(seed, &format!("volume {}", market.name)),
            levels: Reverting::of(seed, &format!("volume levels {}", market.name), HOURLY_KEEP),
            level: 0.0,
            index: 0,
            usual: market.hourly_volume / 12.0,
            places: market.volume_places,
        }
    }

    fn next(&mut self, heat: f64) -> f64 {
        const LEVEL_DEVIATION: f64 = 0.6;
        const STEP_DEVIATION: f64 = 0.4;
        if self.index.is_multiple_of(STEPS_AN_HOUR) {
            self.level = LEVEL_DEVIATION * self.levels.next();
        }
        self.index += 1;
        let log = self.level + STEP_DEVIATION * self.dice.normal();
        rounded(self.usual * libm::exp(log) * heat.sqrt(), self.places)
    }
}
