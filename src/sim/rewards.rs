//! Tokens that staking venues hand out to holders of their staking token.
//!
//! What a period brings = the mean of what was held over it, in the staking token's base, × what each unit of that was handed
//! out. The mean is by time: what a step leaves behind counts until the next, at the protocol's rate of that next one. It is
//! kept in whole wei times milliseconds, cut at every midnight, and so is exact; means and what is paid are rounded down. A
//! period is looked up when it is paid: until then nothing needs to know of it.

use rust_decimal::Decimal;

use crate::market::Distribution;
use crate::types::chain::RewardRules;
use crate::types::{Cause, Posting, Quantity, Settlement, Span, Timestamp};

use super::floor::Tell;
use super::session::Session;

const DAY: Span = Span::from_hours(24);

/// What has been held since the start, for one reward.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Holdings {
    /// Units of the base token, in its smallest ones, times milliseconds, until the last tick.
    total: u128,
    /// The same until each midnight that has passed, oldest first.
    until: Vec<(Timestamp, u128)>,
}

impl Holdings {
    /// `units` were held from `since` to `now`.
    fn pass(&mut self, units: u128, since: Timestamp, now: Timestamp) {
        let mut at = since;
        while at < now {
            let midnight = Timestamp::from_ms((at.day() + 1) * DAY.ms());
            let next = midnight.min(now);
            let ms = u128::from((next - at).ms().unsigned_abs());
            self.total = self.total.saturating_add(units.saturating_mul(ms));
            if next == midnight {
                self.until.push((midnight, self.total));
            }
            at = next;
        }
    }

    /// What had been held until a midnight: nothing before the first that has passed.
    fn until(&self, midnight: Timestamp) -> u128 {
        let passed = self.until.partition_point(|(at, _)| *at <= midnight);
        passed.checked_sub(1).map_or(0, |last| self.until[last].1)
    }

    /// The mean of what was held over a period, in smallest units, rounded down.
    fn mean(&self, paid: &Distribution) -> u128 {
        let held = self.until(paid.end).saturating_sub(self.until(paid.start));
        let ms = u128::from((paid.end - paid.start).ms().unsigned_abs());
        held.checked_div(ms).unwrap_or(0)
    }
}

/// Counts what was held since the last tick, and pays what is due since then.
pub(super) fn run(
    session: &mut Session,
    holdings: &mut [Holdings],
    since: Timestamp,
    tell: Tell<'_>,
) {
    let setup = session.setup;
    for (rules, holdings) in setup.universe.rewards().iter().zip(holdings) {
        holdings.pass(units_held(session, rules), since, session.now);
        for paid in session.weather.distributions_since(rules.id, since) {
            let amount = earned(session, rules, holdings.mean(&paid), paid.per_unit);
            if amount.is_positive() {
                pay(session, rules, amount, tell);
            }
        }
    }
}

/// Pays a reward.
pub(super) fn pay(session: &mut Session, rules: &RewardRules, amount: Quantity, tell: Tell<'_>) {
    let posting = Posting::plain(rules.key, amount, Cause::Reward);
    session.ledger.post(&[posting]);
    tell(rules.venue, Settlement::Reward, vec![posting]);
}

/// What lies where it earns, in the base token's smallest units, rounded down.
fn units_held(session: &Session, rules: &RewardRules) -> u128 {
    let universe = session.universe();
    let rate = session.weather.rate(rules.staked).unwrap_or_default();
    let units = |quantity: Decimal, decimals: u32| {
        let scaled = quantity.max(Decimal::ZERO).trunc_with_scale(decimals);
        let missing = decimals.saturating_sub(scaled.scale());
        let units = scaled.mantissa().unsigned_abs();
        units.checked_mul(10_u128.pow(missing)).unwrap_or(0)
    };
    let of = |key: &crate::types::KeyId| {
        let index = match universe.reserve_behind(*key) {
            Some(reserve) => session.weather.supply_index(reserve.id).unwrap_or_default(),
            None => Decimal::ONE,
        };
        let tokens = session.ledger.quantity(*key).get().checked_mul(index);
        let base = tokens.and_then(|tokens| tokens.checked_mul(rate)).unwrap_or_default();
        units(base, session.key(*key).decimals)
    };
    rules.held.iter().map(of).sum()
}

/// The mean of what was held times what each unit was handed out, rounded down.
fn earned(session: &Session, rules: &RewardRules, mean: u128, per_unit: Quantity) -> Quantity {
    let decimals = rules.held.first().map_or(0, |key| session.key(*key).decimals);
    let mean = i128::try_from(mean).ok();
    let mean = mean.and_then(|mean| Decimal::try_from_i128_with_scale(mean, decimals).ok());
    let amount = mean.and_then(|mean| mean.checked_mul(per_unit.get())).unwrap_or_default();
    Quantity::new(amount).towards_zero(session.key(rules.key).decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_ms(hours * 3_600_000)
    }

    fn period(first_day: i64, days: i64) -> Distribution {
        let [start, end] = [first_day, first_day + days].map(|day| at(day * 24));
        Distribution { at: end, start, end, per_unit: Quantity::ZERO }
    }

    #[test]
    fn a_mean_is_by_time_and_of_the_whole_period() {
        let mut holdings = Holdings::default();
        // Nothing before hour 12 of day 2, then 70 for six days and a half.
        holdings.pass(0, at(0), at(60));
        holdings.pass(70, at(60), at(100));
        holdings.pass(70, at(100), at(24 * 9));
        assert_eq!(holdings.mean(&period(2, 7)), 65, "70 × 6.5 / 7");
        assert_eq!(holdings.mean(&period(3, 2)), 70);
        assert_eq!(holdings.mean(&period(0, 2)), 0);
    }

    #[test]
    fn steps_of_any_length_give_the_same() {
        let mut by_hour = Holdings::default();
        (0..24 * 14).for_each(|hour| by_hour.pass(123, at(hour), at(hour + 1)));
        let mut at_once = Holdings::default();
        at_once.pass(123, at(0), at(24 * 14));
        assert_eq!(by_hour, at_once);
    }

    #[test]
    fn a_run_that_begins_within_a_period_has_held_nothing_before() {
        let mut holdings = Holdings::default();
        holdings.pass(70, at(24 * 6 + 12), at(24 * 7));
        assert_eq!(holdings.mean(&period(0, 7)), 5);
    }
}
