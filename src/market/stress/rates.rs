//! What staking tokens are worth and sold for, what funding pays, what gas costs.

use rust_decimal::Decimal;

use crate::config::SeriesRole;
use crate::types::{Span, Timestamp, Universe};

use super::super::series::{RATE, Series};
use super::super::snapshot::grown_to;
use super::super::view::FUNDING_PERIOD;
use super::During;
use super::bent::{Bent, Row, as_before, row_at, rows, series};

/// Places of a rate that was changed.
const PLACES: u32 = 18;
/// A year of rates.
const YEAR: Span = Span::from_hours(24 * 365);

/// What staking tokens are sold for changes while it lasts.
pub(super) fn sold_for(bent: &mut Bent, during: During, percent: i64) -> bool {
    let end = bent.data.to();
    bent.each(is_market_rate, |rates| {
        let mut rows = rows(rates);
        row_at(&mut rows, during.from, as_before);
        if during.until <= end {
            row_at(&mut rows, during.until, as_before);
        }
        scale(&mut rows, |at| during.has(at), Decimal::new(100 + percent, 2));
        series(rates.width(), &rows)
    })
}

/// Staking tokens lose a part of what they are worth, and are sold for so much less, from now on.
pub(super) fn slash(bent: &mut Bent, during: During, percent: i64) -> bool {
    let (left, hit) = (Decimal::new(100 - percent, 2), |at: Timestamp| during.has(at));
    let rated = bent.each(
        |_, role| matches!(role, SeriesRole::Rate(_)),
        |rates| {
            let mut rows = rows(rates);
            row_at(&mut rows, during.from, |_| vec![grown_to(rates, RATE, during.from)]);
            scale(&mut rows, hit, left);
            series(rates.width(), &rows)
        },
    );
    let sold = bent.each(is_market_rate, |rates| {
        let mut rows = rows(rates);
        row_at(&mut rows, during.from, as_before);
        scale(&mut rows, hit, left);
        series(rates.width(), &rows)
    });
    rated || sold
}

/// All perps pay the same. A payment is for the time since the one before it, so one due just when it begins is as it was.
pub(super) fn funding(bent: &mut Bent, during: During, percent_a_year: i64) -> bool {
    let a_year = Decimal::new(percent_a_year, 2);
    bent.each(
        |_, role| matches!(role, SeriesRole::Funding(_)),
        |payments| {
            let mut rows = rows(payments);
            let mut before: Option<Timestamp> = None;
            for (at, numbers) in &mut rows {
                let passed = before.map_or(FUNDING_PERIOD, |before| *at - before);
                before = Some(*at);
                if during.from < *at && *at <= during.until {
                    numbers[RATE] = a_year * share_of_a_year(passed.min(FUNDING_PERIOD));
                    numbers[RATE] = numbers[RATE].round_dp(PLACES).normalize();
                }
            }
            series(payments.width(), &rows)
        },
    )
}

/// Gas costs so many times as much.
pub(super) fn gas(bent: &mut Bent, during: During, times: i64) -> bool {
    bent.each(
        |_, role| matches!(role, SeriesRole::Gas),
        |prices| {
            let mut rows = rows(prices);
            scale(&mut rows, |at| during.has(at), Decimal::from(times));
            series(prices.width(), &rows)
        },
    )
}

/// What part of a year a span is.
pub(super) fn share_of_a_year(span: Span) -> Decimal {
    Decimal::from(span.ms()) / Decimal::from(YEAR.ms())
}

fn is_market_rate(_: &Universe, role: SeriesRole) -> bool {
    matches!(role, SeriesRole::MarketRate(_))
}

fn scale(rows: &mut [Row], is_hit: impl Fn(Timestamp) -> bool, factor: Decimal) {
    for (_, numbers) in rows.iter_mut().filter(|(at, _)| is_hit(*at)) {
        numbers[RATE] = (numbers[RATE] * factor).round_dp(PLACES).normalize();
    }
}

/// A series of one column, changed where it lies: for those that stand still.
pub(super) fn standing(rates: &Series, during: During) -> Series {
    let mut rows = rows(rates);
    let value = grown_to(rates, RATE, during.from);
    let after = grown_to(rates, RATE, during.until);
    rows.retain(|(at, _)| !during.has(*at));
    let place = rows.partition_point(|(at, _)| *at < during.from);
    if place > 0 {
        // A value grows between two snapshots as between the two before; two equal ones a second apart hold it.
        let held = [during.from, during.from + Span::from_s(1)].map(|at| (at, vec![value]));
        rows.splice(place..place, held);
        row_at(&mut rows, during.until, |_| vec![after]);
    }
    series(rates.width(), &rows)
}
