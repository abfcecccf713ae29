//! When the sample's series begin and end, and on what grid they lie. Everything is UTC.

use crate::types::{Span, Timestamp};

/// Where the paths of prices and the payments of funding begin.
pub(super) const PATHS_FROM: Timestamp = Timestamp::from_ms(1_714_521_600_000);
/// Where daily snapshots begin: interpolation needs some before the first step.
pub(super) const DAYS_FROM: Timestamp = Timestamp::from_ms(1_715_472_000_000);
/// Where hourly series begin: a week before the sample's year, for closes and trailing means.
pub(super) const HOURS_FROM: Timestamp = Timestamp::from_ms(1_716_595_200_000);
/// Where five-minute bars begin: the last three months.
pub(super) const FIVE_MINUTES_FROM: Timestamp = Timestamp::from_ms(1_740_787_200_000);
/// The first step of the sample's year.
pub(super) const YEAR_FROM: Timestamp = Timestamp::from_ms(1_717_200_000_000);
/// Its last one.
pub(super) const YEAR_TO: Timestamp = Timestamp::from_ms(1_748_736_000_000);
/// Where everything ends: the last daily snapshot; other series end within the day before it.
pub(super) const END: Timestamp = Timestamp::from_ms(1_748_822_400_000);

pub(super) const FIVE_MINUTES: Span = Span::from_minutes(5);
pub(super) const HOUR: Span = Span::from_hours(1);
pub(super) const FUNDING_INTERVAL: Span = Span::from_hours(8);
pub(super) const DAY: Span = Span::from_hours(24);
pub(super) const WEEK: Span = Span::from_hours(7 * 24);

/// The stamps of a grid, the end not included.
pub(super) fn stamps(
    from: Timestamp,
    end: Timestamp,
    step: Span,
) -> impl Iterator<Item = Timestamp> {
    std::iter::successors(Some(from), move |&at| Some(at + step)).take_while(move |&at| at < end)
}

/// The stamps of the daily snapshots, the last included.
pub(super) fn days() -> impl Iterator<Item = Timestamp> {
    stamps(DAYS_FROM, END + DAY, DAY)
}

/// Months since year 0, to tell two months apart and to count them.
pub(super) fn month_number(at: Timestamp) -> i64 {
    let (year, month, ..) = at.civil();
    year * 12 + i64::from(month) - 1
}

/// The date alone: `2024-06-01`.
pub(super) fn date(at: Timestamp) -> String {
    let (year, month, day, ..) = at.civil();
    format!("{year:04}-{month:02}-{day:02}")
}

/// The last block of Ethereum at a time, about: counted on from a known one at the mean distance of blocks.
pub(super) fn block_number(at: Timestamp) -> i64 {
    const KNOWN_BLOCK: i64 = 19_850_229;
    const MEAN_BLOCK_MS: i64 = 12_071;
    KNOWN_BLOCK + (at - DAYS_FROM).ms() / MEAN_BLOCK_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_covers_its_year_and_what_a_run_looks_back_on() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(PATHS_FROM, at("2024-05-01"));
        assert_eq!(DAYS_FROM, at("2024-05-12"));
        assert_eq!(HOURS_FROM, at("2024-05-25"));
        assert_eq!(FIVE_MINUTES_FROM, at("2025-03-01"));
        assert_eq!((YEAR_FROM, YEAR_TO), (at("2024-06-01"), at("2025-06-01")));
        assert_eq!(END, at("2025-06-02"));
        assert_eq!(stamps(HOURS_FROM, END, HOUR).last(), Some(at("2025-06-01T23:00Z")));
        assert_eq!(days().last(), Some(END));
    }
}
