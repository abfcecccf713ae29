//! Gas: log-normal by the month's median and mean, with levels that last for hours; one block an hour.

use crate::types::Span;

use super::calendar::{END, HOUR, HOURS_FROM, block_number, stamps};
use super::dice::{Dice, Reverting};
use super::figures::Figures;
use super::text::{SampleFile, rounded};

const COLUMNS: &str =
    "timestamp,base_fee_gwei,priority_fee_p50_gwei,gas_price_gwei,block_number,block_timestamp";
/// What an hour's level keeps of the one before.
const HOURLY_KEEP: f64 = 0.93;
const SECONDS_OF_A_BLOCK: u32 = 12;

/// The file.
pub(super) fn gas(seed: u64, figures: &Figures) -> SampleFile {
    let [mean, median, base] =
        ["gas_gwei_mean", "gas_gwei_median", "base_fee_gwei_mean"].map(|name| figures.of(name));
    let mut levels = Reverting::of(seed, "gas", HOURLY_KEEP);
    let mut dice = Dice::of(seed, "blocks");
    let mut file = SampleFile::new("gas/ethereum_gas.csv".to_owned(), COLUMNS, "1 h");
    // A step knows the row before it, so there is one before the first.
    for at in stamps(HOURS_FROM - HOUR, END, HOUR) {
        // A log-normal number's mean over its median is exp(s²/2).
        let deviation = (2.0 * libm::log(mean.at(at) / median.at(at))).sqrt();
        let price = median.at(at) * libm::exp(deviation * levels.next());
        let base_fee = rounded(price * base.at(at) / mean.at(at), 3).max(0.001);
        let tip = rounded(price - base_fee, 3).max(0.001);
        let age = Span::from_s(i64::from(dice.below(SECONDS_OF_A_BLOCK)));
        let block = block_number(at);
        file.push(
            at,
            format_args!("{base_fee:.3},{tip:.3},{:.3},{block},{}", base_fee + tip, at - age),
        );
    }
    file
}
