//! Staked ETH: exchange rates between the month's first and last, oracle prices at 00:00, and the rates of pools.

use crate::types::{Span, Timestamp};

use super::calendar::{
    DAY, DAYS_FROM, END, FIVE_MINUTES, HOUR, HOURS_FROM, PATHS_FROM, days, month_number, stamps,
};
use super::dice::{Dice, Reverting};
use super::figures::Figures;
use super::path::Step;
use super::text::{SampleFile, rounded};

/// A staked token.
struct Token {
    name: &'static str,
    /// How far a pool's discount goes from its mean.
    discount_deviation: f64,
}

const TOKENS: [Token; 2] = [
    Token { name: "weETH", discount_deviation: 6e-4 },
    Token { name: "wstETH", discount_deviation: 5e-4 },
];

const ORACLE_NOISE: f64 = 10e-4;
const DOLLAR_MEAN: f64 = 1.0;
const DOLLAR_DEVIATION: f64 = 5e-4;
const DOLLAR_KEEP: f64 = 0.8;
const DISCOUNT_MEAN: f64 = -7e-4;
const DISCOUNT_KEEP: f64 = 0.99;
const MONTH_AT_MOST: Span = Span::from_hours(31 * 24);
/// Between these a pool's rate stays against the exchange rate.
const DISCOUNTS: (f64, f64) = (-50e-4, 5e-4);

/// Files of exchange rates, oracles and pools, by the reference path of ETH.
pub(super) fn staking(seed: u64, figures: &Figures, eth: &[Step]) -> Vec<SampleFile> {
    let dollars = dollars(seed);
    let eth = eth_in_dollars(seed, eth, &dollars);
    let mut files = vec![prices("oracle/USDT_USD", &dollars), prices("oracle/WETH_USD", &eth)];
    for token in &TOKENS {
        let rates = exchange_rates(seed, figures, token.name);
        let name = token.name;
        let file = format!("lst/{name}_exchange_rate.csv");
        files.push(daily(file, "timestamp,exchange_rate", &rates, 16));
        files.push(daily(format!("oracle/{name}_ETH.csv"), "timestamp,price", &rates, 16));
        let in_dollars: Vec<_> =
            rates.iter().zip(&eth).map(|(rate, eth)| (rate.0, rate.1 * eth.1)).collect();
        files.push(prices(&format!("oracle/{name}_USD"), &in_dollars));
        files.push(pool_rates(seed, token, &rates));
    }
    files
}

fn prices(name: &str, rows: &[(Timestamp, f64)]) -> SampleFile {
    daily(format!("{name}.csv"), "timestamp,price", rows, 8)
}

fn daily(
    name: String,
    columns: &'static str,
    rows: &[(Timestamp, f64)],
    places: usize,
) -> SampleFile {
    let mut file = SampleFile::new(name, columns, "1 d");
    for (at, value) in rows {
        file.push(at, format_args!("{value:.places$}"));
    }
    file
}

/// USDT in dollars, day by day.
fn dollars(seed: u64) -> Vec<(Timestamp, f64)> {
    let mut process = Reverting::of(seed, "USDT in dollars", DOLLAR_KEEP);
    days().map(|at| (at, DOLLAR_MEAN + DOLLAR_DEVIATION * process.next())).collect()
}

/// ETH in dollars at 00:00 of every day, as the oracle tells it.
fn eth_in_dollars(seed: u64, eth: &[Step], dollars: &[(Timestamp, f64)]) -> Vec<(Timestamp, f64)> {
    let mut dice = Dice::of(seed, "oracle of ETH");
    // The path ends where the last day begins, so its price is the last close.
    let opens = stamps(PATHS_FROM, END, FIVE_MINUTES).zip(eth.iter().map(|step| step.open));
    let last = eth.last().map(|step| (END, step.close));
    opens
        .chain(last)
        .filter(|(at, _)| *at >= DAYS_FROM && (*at - DAYS_FROM).ms() % DAY.ms() == 0)
        .zip(dollars)
        .map(|((at, price), dollar)| {
            let price = price * dollar.1 * (1.0 + ORACLE_NOISE * dice.normal());
            (at, rounded(price, 8))
        })
        .collect()
}

/// The exchange rate of every day: through the month's first and last, growing every day, by a little more or less.
fn exchange_rates(seed: u64, figures: &Figures, token: &str) -> Vec<(Timestamp, f64)> {
    const GROWTH_DEVIATION: f64 = 0.1;
    let first = figures.of(&format!("{token}_exchange_rate_first"));
    let last = figures.of(&format!("{token}_exchange_rate_last"));
    // Whole months, so that the days of the sample's last one lie between its figures too.
    let end = stamps(END, END + DAY + MONTH_AT_MOST, DAY)
        .find(|&at| month_number(at) > month_number(END))
        .unwrap_or(END);
    let known = |at: Timestamp| {
        let is_new = at == DAYS_FROM || month_number(at - DAY) < month_number(at);
        let is_over = month_number(at + DAY) > month_number(at);
        if is_new { Some(first.at(at)) } else { is_over.then(|| last.at(at)) }
    };
    let mut dice = Dice::of(seed, &format!("growth {token}"));
    let mut rates: Vec<(Timestamp, f64)> = Vec::new();
    // Days since the last known rate, each with its share of the growth to the next.
    let mut waiting: Vec<(Timestamp, f64)> = Vec::new();
    for at in stamps(DAYS_FROM, end, DAY) {
        waiting.push((at, (1.0 + GROWTH_DEVIATION * dice.normal()).max(0.5)));
        let Some(target) = known(at) else { continue };
        let from = rates.last().map_or(target, |rate| rate.1);
        let growth = libm::log(target / from);
        let whole: f64 = waiting.iter().map(|day| day.1).sum();
        let mut passed = 0.0;
        for (at, share) in waiting.drain(..) {
            passed += share;
            rates.push((at, from * libm::exp(growth * passed / whole)));
        }
    }
    rates.retain(|rate| rate.0 <= END);
    rates
}

/// What a pool pays for the token, hour by hour: the exchange rate, which grows evenly over a day, less a discount that wanders.
fn pool_rates(seed: u64, token: &Token, rates: &[(Timestamp, f64)]) -> SampleFile {
    let mut discounts = Reverting::of(seed, &format!("discount {}", token.name), DISCOUNT_KEEP);
    let name = format!("lst/{}_dex_rate_24h_median_1h.csv", token.name);
    let mut file = SampleFile::new(name, "timestamp,rate", "1 h");
    for day in rates.windows(2) {
        let [(from, rate), (to, next)] = day else { continue };
        let hourly = (next - rate) / 24.0;
        let mut exchange_rate = *rate;
        for at in stamps(*from, *to, HOUR) {
            let discount = DISCOUNT_MEAN + token.discount_deviation * discounts.next();
            let rate = exchange_rate * (1.0 + discount.clamp(DISCOUNTS.0, DISCOUNTS.1));
            exchange_rate += hourly;
            if at >= HOURS_FROM {
                file.push(at, format_args!("{rate:.14}"));
            }
        }
    }
    file
}
