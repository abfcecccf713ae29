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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rust_decimal::Decimal;

    use super::*;
    use crate::config::{LoadRequest, SeriesRole, load};
    use crate::market::{Bar, Loaded, MarketData, MarketRows};
    use crate::types::Price;

    const STEPS: i64 = 48;

    fn setup() -> Setup {
        let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
        let sets = vec![("rewards.enabled".to_owned(), "true".to_owned())];
        let request = LoadRequest { sets, ..LoadRequest::of_mode("eth_staking_only", &configs) };
        load(request).unwrap_or_else(|faults| panic!("{faults}"))
    }

    fn hour(hours: i64) -> Timestamp {
        Timestamp::from_ms(1_728_172_800_000) + Span::from_hours(hours)
    }

    /// ETH at 2 500, EIGEN at 0.002 ETH from an hour on, and one distribution that is paid at an hour.
    fn loaded(setup: &Setup, priced_from: i64, paid: i64) -> Result<Loaded, String> {
        let mut rows = MarketRows::default();
        for spec in &setup.series {
            let is_early = spec.name.contains("EIGEN");
            for at in if is_early { priced_from } else { -48 }..=STEPS {
                let price = |text: &str| Price::new(text.parse::<Decimal>().unwrap());
                let [open, high, low, close] =
                    [price(if matches!(spec.role, SeriesRole::PriceIn(_)) {
                        "0.002"
                    } else {
                        "2500"
                    }); 4];
                let (at, volume) = (hour(at), Quantity::ZERO);
                let pushed = match spec.role {
                    SeriesRole::Rate(_) if at.ms() % DAY_MS == 0 => {
                        rows.push_rate(&spec.name, at, Decimal::ONE)
                    }
                    SeriesRole::MarketRate(_) => {
                        rows.push_market_rate(&spec.name, at, Decimal::ONE)
                    }
                    SeriesRole::Gas => rows.push_gas(&spec.name, at, Decimal::ONE),
                    SeriesRole::Price(_) | SeriesRole::PriceIn(_) => {
                        rows.push_bar(&spec.name, &Bar { at, open, high, low, close, volume })
                    }
                    _ => Ok(()),
                };
                pushed.unwrap();
            }
        }
        let (start, end) = (hour(-7 * 24), hour(0));
        let per_unit = Quantity::new(Decimal::new(179, 3));
        let of_it = Distribution { at: hour(paid), start, end, per_unit };
        rows.push_distribution("rewards/etherfi_eigen_distributions", &of_it).unwrap();
        MarketData::from_rows(setup, &rows, Some(hour(0)), Some(hour(STEPS)))
            .map_err(|faults| faults.to_string())
    }

    #[test]
    fn a_distribution_is_known_when_it_is_paid() {
        let setup = setup();
        let reward = setup.universe.rewards()[0].id;
        let data = loaded(&setup, 5, 24).unwrap().data;
        let known = |step: i64| data.view_at(step as usize).distributions_since(reward, hour(0));
        assert!(known(23).is_empty());
        assert_eq!(known(24).len(), 1);
        assert_eq!(known(24)[0].per_unit, Quantity::new(Decimal::new(179, 3)));
        assert!(data.view_at(25).distributions_since(reward, hour(24)).is_empty(), "told once");
    }

    #[test]
    fn a_price_in_another_token_may_begin_later_than_the_run() {
        let setup = setup();
        let eigen = setup.universe.token_named("EIGEN").unwrap();
        let data = loaded(&setup, 5, 24).unwrap().data;
        assert_eq!(data.view_at(4).reference(eigen), None);
        assert_eq!(data.view_at(5).reference(eigen), Some(Price::new(Decimal::from(5))));
    }

    #[test]
    fn what_is_handed_out_before_it_has_a_price_is_refused() {
        let told = loaded(&setup(), 30, 24).unwrap_err();
        let words = "EIGEN is handed out at 2024-10-07T00:00:00Z, and its price begins at 2024-10-07T06:00:00Z";
        assert!(told.contains(words), "{told}");
        assert!(loaded(&setup(), 24, 24).is_ok());
    }

    #[test]
    fn the_delay_is_of_rows_without_a_date_of_payment() {
        let mut series = Series::new(Kind::Distributions);
        for dated in [0, 1] {
            let whole =
                |number| crate::market::number::Number::Small { mantissa: number, scale: 0 };
            series.push(hour(24 * dated), &[whole(0), whole(7), whole(1), whole(dated)]).unwrap();
        }
        let paid = paid(&series, Span::from_hours(7));
        assert_eq!([paid.stamp(0), paid.stamp(1)], [hour(7), hour(24)]);
    }
}
