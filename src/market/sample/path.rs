//! The reference price of a coin, in steps of five minutes: one path, of which every venue's price is a view.
//!
//! Over a step the logarithm moves by μ/12 + σ²(1 − heat)/24 + σ·√(heat/12)·z, with the month's hourly mean μ and deviation σ. So
//! the mean of log returns is μ, as it was measured, and the price given the past grows by exp(μ + σ²/2) an hour and by nothing else:
//! neither direction, nor basis, nor volume tells where it goes. High and low are those of the Brownian bridge between the step's
//! ends: P(max > m) = exp(−2(m − a)(m − b)/s²).

use crate::types::Timestamp;

use super::calendar::{END, FIVE_MINUTES, PATHS_FROM, stamps};
use super::dice::Dice;
use super::figures::Figures;

/// Steps in an hour.
pub(super) const STEPS_AN_HOUR: usize = 12;
const STEP: f64 = 1.0 / 12.0;

/// Five minutes of a price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) open: f64,
    pub(super) high: f64,
    pub(super) low: f64,
    pub(super) close: f64,
    /// How hot its hour is, which shows in the volume too.
    pub(super) heat: f64,
}

/// Mean and deviation of hourly log returns.
#[derive(Clone, Copy)]
struct Law {
    mean: f64,
    deviation: f64,
}

/// The paths of BTC and ETH in USDT, correlated as the month was.
pub(super) fn coins(seed: u64, figures: &Figures) -> (Vec<Step>, Vec<Step>) {
    let figure = |coin: &str, what: &str| figures.of(&format!("bybit_{coin}USDT_{what}"));
    let law = |coin: &str| {
        let mean = figure(coin, "hourly_logret_mean");
        let deviation = figure(coin, "hourly_logret_std");
        move |at| Law { mean: mean.at(at), deviation: deviation.at(at) }
    };
    let (btc_law, eth_law) = (law("BTC"), law("ETH"));
    let correlation = figures.of("bybit_BTC_ETH_hourly_logret_corr");
    let start = |coin: &str| figure(coin, "first_open").at(PATHS_FROM);
    let mut btc = Walker::new(seed, "BTC", start("BTC"));
    let mut eth = Walker::new(seed, "ETH", start("ETH"));
    let mut dice = Dice::of(seed, "path BTC and ETH");
    let mut hours = Dice::of(seed, "heat BTC and ETH");
    walk(&mut hours, |at, heat| {
        let (shared, own) = (dice.normal(), dice.normal());
        let rho = correlation.at(at);
        btc.step(btc_law(at), heat, shared);
        eth.step(eth_law(at), heat, rho * shared + (1.0 - rho * rho).sqrt() * own);
    });
    (btc.steps, eth.steps)
}

/// The path of a token of which no monthly figures are kept: no drift of the mean, one deviation of hourly log returns throughout.
pub(super) fn token(seed: u64, name: &str, start: f64, deviation: f64) -> Vec<Step> {
    let mut walker = Walker::new(seed, name, start);
    let mut dice = Dice::of(seed, &format!("path {name}"));
    let mut hours = Dice::of(seed, &format!("heat {name}"));
    // A martingale: the mean of log returns is what makes the price's own drift nothing.
    let law = Law { mean: -deviation * deviation / 2.0, deviation };
    walk(&mut hours, |_, heat| walker.step(law, heat, dice.normal()));
    walker.steps
}

/// Goes through all steps with the heat of their hour.
fn walk(hours: &mut Dice, mut step: impl FnMut(Timestamp, f64)) {
    let mut heat = 1.0;
    for (index, at) in stamps(PATHS_FROM, END, FIVE_MINUTES).enumerate() {
        if index % STEPS_AN_HOUR == 0 {
            heat = hours.heat();
        }
        step(at, heat);
    }
}

/// Who walks a path.
struct Walker {
    extremes: Dice,
    log: f64,
    price: f64,
    steps: Vec<Step>,
}

impl Walker {
    fn new(seed: u64, name: &str, start: f64) -> Self {
        let extremes = Dice::of(seed, &format!("extremes {name}"));
        Self { extremes, log: libm::log(start), price: start, steps: Vec::new() }
    }

    fn step(&mut self, law: Law, heat: f64, chance: f64) {
        let variance = law.deviation * law.deviation * STEP;
        let moved =
            law.mean * STEP + variance * (1.0 - heat) / 2.0 + (variance * heat).sqrt() * chance;
        // The bridge's maximum above the open by its inverse distribution, and the minimum below by the same.
        let mut reach = || {
            let chance = self.extremes.share();
            (moved * moved - 2.0 * variance * heat * libm::log(chance)).sqrt()
        };
        let (up, down) = ((moved + reach()) / 2.0, (moved - reach()) / 2.0);
        let open = self.price;
        self.log += moved;
        self.price = libm::exp(self.log);
        let (high, low) = (open * libm::exp(up), open * libm::exp(down));
        let (top, bottom) = (open.max(self.price), open.min(self.price));
        let (high, low) = (high.max(top), low.min(bottom));
        self.steps.push(Step { open, high, low, close: self.price, heat });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_grows_by_its_drift_alone_whatever_the_heat() {
        let law = Law { mean: 0.0, deviation: 0.05 };
        let (mut dice, mut hours) = (Dice::of(3, "z"), Dice::of(3, "heat"));
        let mut walker = Walker::new(3, "x", 1.0);
        let n = 200_000;
        for _ in 0..n {
            walker.step(law, hours.heat(), dice.normal());
        }
        let growth: f64 = walker.steps.iter().map(|step| step.close / step.open - 1.0).sum();
        let expected = libm::exp(0.05 * 0.05 / 24.0) - 1.0;
        let error = growth / f64::from(n) - expected;
        // Three standard errors of the mean.
        assert!(error.abs() < 3.0 * 0.05 / (12.0 * f64::from(n)).sqrt(), "{error}");
    }

    #[test]
    fn the_extremes_are_those_of_a_continuous_path() {
        let law = Law { mean: 0.0, deviation: 0.01 };
        let mut dice = Dice::of(4, "z");
        let mut walker = Walker::new(4, "x", 1.0);
        let n = 100_000;
        for _ in 0..n {
            walker.step(law, 1.0, dice.normal());
        }
        let reach: f64 = walker.steps.iter().map(|step| libm::log(step.high / step.open)).sum();
        // The mean maximum of a Brownian motion is √(2/π) of its deviation.
        let expected = (2.0 / std::f64::consts::PI).sqrt() * 0.01 * STEP.sqrt();
        assert!((reach / f64::from(n) / expected - 1.0).abs() < 0.02);
    }
}
