//! What venues hand out to holders of their staking tokens: known when it is paid, and not before.

use smallvec::SmallVec;

use crate::config::{Fault, Faults, Pricing, Setup};
use crate::types::chain::RewardRules;
use crate::types::{Code, Quantity, RewardId, Span, Timestamp};

use super::series::{Kind, Series, distribution};
use super::view::View;

const DAY_MS: i64 = 86_400_000;

/// What was handed out for one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// When it is paid, and becomes known.
    pub at: Timestamp,
    /// The first moment of the period: 00:00 of its first day.
    pub start: Timestamp,
    /// The end of the period, when its last day is over.
    pub end: Timestamp,
    /// Tokens for each unit of the staking token's base that was held all the time.
    pub per_unit: Quantity,
}

impl View {
    /// What was paid of a reward in (`since`, now], oldest first.
    pub fn distributions_since(
        &self,
        reward: RewardId,
        since: Timestamp,
    ) -> SmallVec<[Distribution; 2]> {
        let Some(stored) = self.data.distribution(reward) else { return SmallVec::new() };
        let (series, rows) = (self.data.stored(stored), self.rows(stored));
        let first = (0..rows).rev().take_while(|row| series.stamp(*row) > since).count();
        (rows - first..rows).map(|row| of_row(series, row)).collect()
    }
}

fn of_row(series: &Series, row: usize) -> Distribution {
    let day = |column| {
        let days = i64::try_from(series.number(column, row)).unwrap_or_default();
        Timestamp::from_ms(days * DAY_MS)
    };
    Distribution {
        at: series.stamp(row),
        start: day(distribution::START),
        end: day(distribution::END),
        per_unit: Quantity::new(series.number(distribution::PER_UNIT, row)),
    }
}

/// The rows with their times of payment: the data's own, or a delay after the end of the period.
pub(super) fn paid(series: &Series, delay: Span) -> Series {
    let mut paid = Series::new(Kind::Distributions);
    for row in 0..series.len() {
        let is_dated = !series.number(distribution::DATED, row).is_zero();
        let at = series.stamp(row) + if is_dated { Span::default() } else { delay };
        // What ascends still does, all of it later by the same.
        let _ = paid.push(at, &series.row(row));
    }
    paid.shrink();
    paid
}

/// What there is to say of a reward's rows over a range: a sentence where the range goes beyond them.
///
/// # Errors
/// DATA-002 where something would be handed out that has no price yet.
pub(super) fn check(
    setup: &Setup,
    rules: &RewardRules,
    (name, series): (&str, &Series),
    priced_from: impl Fn(usize) -> Option<Timestamp>,
    (from, to): (Timestamp, Timestamp),
) -> Result<Option<String>, Faults> {
    let rows: Vec<Distribution> = (0..series.len()).map(|row| of_row(series, row)).collect();
    let token = setup.universe.instrument(rules.key).token;
    let prices = match setup.pricing[token.index()] {
        Pricing::In(index, _) | Pricing::Series(index) | Pricing::Rated(index) => Some(index),
        Pricing::Base | Pricing::None => None,
    };
    let begin = prices.and_then(priced_from);
    let is_paid = |paid: &&Distribution| from < paid.at && paid.at <= to;
    if let (Some(first), Some(begin)) = (rows.iter().find(is_paid), begin)
        && first.at < begin
    {
        let token = setup.universe.token(token);
        let sentence =
            format!("{token} is handed out at {}, and its price begins at {begin}", first.at);
        let advice = "choose a later range, or set rewards.enabled to false";
        return Err(Fault::new(Code::Data002, sentence).on(name).suggest(advice).into());
    }
    let ends = rows.first().zip(rows.last());
    let beyond = ends.filter(|(first, last)| from < first.start || last.at < to);
    Ok(beyond.map(|(first, last)| {
        let [start, end] = [first.start, last.end].map(|time| time.to_string()[..10].to_owned());
        format!("{name}: its periods go from {start} to {end}; nothing is handed out for others")
    }))
}
