//! Prices on a defined way: every candle of the run, of whatever coin and venue, is moved by the same factor of its time.

use rust_decimal::Decimal;

use crate::config::SeriesRole;
use crate::types::{Span, Universe};

use super::super::series::{CLOSE, HIGH, LOW, OPEN, Series};
use super::bent::{Bent, rows, series};
use super::path::Path;

/// Significant digits of a price that was moved.
const DIGITS: u32 = 12;

/// Moves all prices; whether the run reads any.
pub(super) fn bend(bent: &mut Bent, way: Path) -> bool {
    let is_price = |_: &Universe, role| {
        matches!(role, SeriesRole::Spot(_) | SeriesRole::Perp(_) | SeriesRole::Price(_))
    };
    let step = bent.data.step();
    bent.each(is_price, |series| moved(series, way, step))
}

/// A candle's open moves by the factor of its opening and its close by that of its end. Its high moves by the larger of the
/// two and its low by the smaller, so that it still holds all that lies between them.
fn moved(candles: &Series, way: Path, step: Span) -> Series {
    let mut rows = rows(candles);
    for (at, numbers) in rows.iter_mut().filter(|(at, _)| *at >= way.from()) {
        let (first, last) = (way.at(*at), way.at(*at + step));
        for (column, number) in numbers.iter_mut().enumerate() {
            let factor = match column {
                OPEN => first,
                CLOSE => last,
                HIGH => first.max(last),
                LOW => first.min(last),
                _ => continue,
            };
            *number = times(*number, factor);
        }
    }
    series(candles.width(), &rows)
}

fn times(price: Decimal, factor: Decimal) -> Decimal {
    let moved = price.checked_mul(factor).and_then(|moved| moved.round_sf(DIGITS));
    moved.unwrap_or(price).normalize()
}
