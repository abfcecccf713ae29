//! A token's price by longer candles than the run's bars, for series that price a token and nothing else: ETH for gas, by the
//! hour, in a run of five minutes.
//!
//! Of a longer candle only its opening is used, which stands until the next one opens: high, low, close and volume would be known
//! long before the run may see them.

use std::path::Path;

use crate::types::Span;

use super::csv::SeriesFile;
use super::load::interval_text;
use super::series::{Kind, OPEN, Series};

/// Longer candles that are looked for, the shortest first.
const LONGER: [Span; 3] = [Span::from_minutes(15), Span::from_hours(1), Span::from_hours(24)];

/// The file of longer candles of a series, and how long they are.
pub(super) fn find(dir: &Path, series: &str, step: Span) -> Option<(SeriesFile, Span)> {
    LONGER
        .into_iter()
        .filter(|longer| longer.ms() > step.ms() && longer.ms() % step.ms() == 0)
        .find_map(|longer| Some((SeriesFile::find(dir, series, &interval_text(longer))?, longer)))
}

/// The rows of a run's bars: each opening stands for as long as its candle.
pub(super) fn spread(candles: &Series, length: Span, step: Span) -> Series {
    let mut spread = Series::new(Kind::Prices);
    for row in 0..candles.len() {
        let open = candles.number(OPEN, row).into();
        for bar in 0..length.ms() / step.ms() {
            // Candles lie on their grid and ascend, so their parts do.
            let _ = spread.push(candles.stamp(row) + Span::from_ms(bar * step.ms()), &[open, open]);
        }
    }
    spread.shrink();
    spread
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::market::number::Number;
    use crate::types::Timestamp;

    #[test]
    fn an_opening_stands_until_the_next_and_nothing_else_of_a_candle_is_seen() {
        let hour = |n| Timestamp::from_ms(1_704_067_200_000) + Span::from_hours(n);
        let number = |n: i64| Number::from(Decimal::from(n));
        let mut candles = Series::new(Kind::Prices);
        // The second hour is missing.
        candles.push(hour(0), &[number(3000), number(9999)]).unwrap();
        candles.push(hour(2), &[number(3100), number(9999)]).unwrap();
        let spread = spread(&candles, Span::from_hours(1), Span::from_minutes(5));
        assert_eq!(spread.len(), 24);
        let prices: Vec<Decimal> = (0..24).map(|row| spread.number(OPEN, row)).collect();
        assert!(prices[..12].iter().all(|price| *price == Decimal::from(3000)), "{prices:?}");
        assert!(prices[12..].iter().all(|price| *price == Decimal::from(3100)), "{prices:?}");
        assert_eq!(spread.stamp(11), hour(1) - Span::from_minutes(5));
        assert_eq!(spread.holes(Span::from_minutes(5))[0].2, 12, "an hour is missing still");
    }
}
