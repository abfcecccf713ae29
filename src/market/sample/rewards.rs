//! What holders of eETH earn besides: EIGEN every week, and a top-up of ETHFI every fourth. Amounts per eETH times the eETH there is.

use crate::types::{Span, Timestamp};

use super::calendar::{DAY, END, HOURS_FROM, WEEK, date, stamps};
use super::dice::Dice;
use super::text::SampleFile;

const EIGEN_A_WEEK: f64 = 0.185;
const EIGEN_DEVIATION: f64 = 0.04;
const ETHFI_A_TOP_UP: f64 = 0.12;
const ETHFI_DEVIATION: f64 = 0.4;
const TOP_UP_EVERY: usize = 4;
const TOP_UP_AFTER: Span = Span::from_hours(12 * 24);

/// Both files.
pub(super) fn rewards(seed: u64) -> Vec<SampleFile> {
    let mut dice = Dice::of(seed, "rewards");
    let mut eigen = SampleFile::new(
        "rewards/etherfi_eigen_distributions.csv".to_owned(),
        "period_start,period_end,eigen_earned,eth_restaked,eth_not_restaked,eigen_per_eeth",
        "1 week",
    );
    let mut ethfi = SampleFile::new(
        "rewards/etherfi_ethfi_topups.csv".to_owned(),
        "top_up_date,period_start,period_end,ethfi_amount,ethfi_per_eeth",
        "4 weeks",
    );
    // Periods run from Sunday to Saturday, the first from 2024-05-26.
    let sundays = stamps(HOURS_FROM + DAY, END - WEEK, WEEK);
    let (mut restaked, not_restaked) = (1_500_000.0, 200_000.0);
    for (week, start) in sundays.enumerate() {
        let last_day: Timestamp = start + WEEK - DAY;
        restaked *= 1.01 + 0.01 * dice.normal();
        let eeth = restaked + not_restaked;
        let eigen_per_eeth = EIGEN_A_WEEK * libm::exp(EIGEN_DEVIATION * dice.normal());
        let earned = eigen_per_eeth * eeth;
        let (from, to) = (date(start), date(last_day));
        eigen.push(
            &from,
            format_args!("{to},{earned:.0},{restaked:.0},{not_restaked:.0},{eigen_per_eeth:.3}"),
        );
        let ethfi_per_eeth = ETHFI_A_TOP_UP * libm::exp(ETHFI_DEVIATION * dice.normal());
        if week % TOP_UP_EVERY == 0 {
            let amount = ethfi_per_eeth * eeth;
            let on = date(last_day + TOP_UP_AFTER);
            ethfi.push(on, format_args!("{from},{to},{amount:.0},{ethfi_per_eeth:.3}"));
        }
    }
    vec![eigen, ethfi]
}
