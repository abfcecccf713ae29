//! Aave V3, a snapshot a day: rates around the month's means, indices that grow by the month's growth and never fall.
//!
//! A day's rate is the month's mean times a log-normal share that returns to 1; over a month the shares are scaled to mean 1, so
//! that rates and growth are the month's. Growth is spread over the days as the rates are: index(t + 1 d) = index(t)·exp(g·share/365),
//! where g is the yearly growth of the index's logarithm as it was realised, which differs from the mean of the snapshots.

use crate::types::Timestamp;

use super::calendar::{block_number, days, month_number};
use super::dice::Reverting;
use super::figures::Figures;
use super::text::SampleFile;

const COLUMNS: &str = "timestamp,liquidity_rate,variable_borrow_rate,liquidity_index,\
    variable_borrow_index,total_supplied,total_variable_debt,block_number";

/// What a day's rate keeps of the day before's distance from the month's mean.
const RATE_KEEP: f64 = 0.6;
const SUPPLIED_KEEP: f64 = 0.97;
const SUPPLIED_DEVIATION: f64 = 0.1;
const UTILISATION_KEEP: f64 = 0.6;
const UTILISATION_DEVIATION: f64 = 0.01;

/// A reserve where it begins.
struct Reserve {
    token: &'static str,
    liquidity_index: f64,
    borrow_index: f64,
    /// Tokens that are usually supplied.
    supplied: f64,
}

const RESERVES: [Reserve; 4] = [
    Reserve { token: "USDT", liquidity_index: 1.067, borrow_index: 1.089, supplied: 2.2e9 },
    Reserve { token: "WETH", liquidity_index: 1.024, borrow_index: 1.042, supplied: 1.5e6 },
    Reserve { token: "wstETH", liquidity_index: 1.0005, borrow_index: 1.005, supplied: 1.05e6 },
    Reserve { token: "weETH", liquidity_index: 1.00004, borrow_index: 1.0008, supplied: 1.0e6 },
];

/// The files of all reserves.
pub(super) fn lending(seed: u64, figures: &Figures) -> Vec<SampleFile> {
    RESERVES.iter().map(|reserve| of(seed, figures, reserve)).collect()
}

fn of(seed: u64, figures: &Figures, reserve: &Reserve) -> SampleFile {
    let token = reserve.token;
    let figure = |what: &str| figures.of(&format!("aave_{token}_{what}"));
    let supply_rate = figure("supply_rate_mean");
    let borrow_rate = figure("borrow_rate_mean");
    let supply_growth = figure("supply_index_growth_annualised");
    let borrow_growth = figure("borrow_index_growth_annualised");
    let utilisation = figure("utilisation_mean");
    let process = |what: &str, keep| Reverting::of(seed, &format!("{what} {token}"), keep);
    let mut supplied = process("supplied", SUPPLIED_KEEP);
    let mut used = process("utilisation", UTILISATION_KEEP);
    let (mut liquidity_index, mut borrow_index) = (reserve.liquidity_index, reserve.borrow_index);
    let mut file = SampleFile::new(format!("aave_v3/{token}_rates.csv"), COLUMNS, "1 d");
    for (at, share) in shares(seed, figures, token) {
        let supplied = reserve.supplied * libm::exp(SUPPLIED_DEVIATION * supplied.next());
        let used = utilisation.at(at) * (1.0 + UTILISATION_DEVIATION * used.next());
        let debt = supplied * used.min(0.99);
        file.push(
            at,
            format_args!(
                "{:.12},{:.12},{liquidity_index:.15},{borrow_index:.15},{supplied:.6},{debt:.6},{}",
                supply_rate.at(at) * share,
                borrow_rate.at(at) * share,
                block_number(at)
            ),
        );
        liquidity_index *= libm::exp(supply_growth.at(at) * share / 365.0);
        borrow_index *= libm::exp(borrow_growth.at(at) * share / 365.0);
    }
    file
}

/// Every day's share of the month's rate, of mean 1 over the days that the sample has of the month.
fn shares(seed: u64, figures: &Figures, token: &str) -> Vec<(Timestamp, f64)> {
    let mean = figures.of(&format!("aave_{token}_borrow_rate_mean"));
    let deviation = figures.of(&format!("aave_{token}_borrow_rate_std"));
    let mut process = Reverting::of(seed, &format!("rates {token}"), RATE_KEEP);
    let mut shares: Vec<(Timestamp, f64)> = days()
        .map(|at| {
            let relative = deviation.at(at) / mean.at(at);
            let log_deviation = libm::log(1.0 + relative * relative).sqrt();
            (at, libm::exp(log_deviation * process.next()))
        })
        .collect();
    for month in shares.chunk_by_mut(|one, other| month_number(one.0) == month_number(other.0)) {
        let (sum, days) =
            month.iter().fold((0.0, 0.0), |(sum, days), day| (sum + day.1, days + 1.0));
        month.iter_mut().for_each(|day| day.1 *= days / sum);
    }
    shares
}
