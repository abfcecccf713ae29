//! When staking tokens are sold while everything is closed, and how much of a large sale goes at once: pools are full again at the
//! next step, so parts lose less than the whole does; and a discount is waited out while nothing presses.

use rust_decimal::Decimal;

use crate::types::risk::Limit;
use crate::types::{Operation, Options, Quantity, RiskLevel};

use super::promise::gas_of;
use super::promise_chain::{cost_of_swap, promise_on_chain};
use super::step_view::StepView;

/// What a part may lose by its own size: this much more than a sale of one coin.
const OWN_IMPACT: Decimal = Decimal::from_parts(5, 0, 0, false, 3);

/// A market that pays so much less than the protocol's rate is under pressure, and comes back.
const DEAR: Decimal = Decimal::from_parts(2, 0, 0, false, 2);

/// A sale is never cut more finely, or it would not end: at steps of an hour these are four days.
const MOST_PARTS: u32 = 100;

/// A swap that may be made in equal parts.
#[derive(Clone, Copy)]
pub(super) struct Sale<'a> {
    pub(super) step: &'a StepView,
    pub(super) swap: Operation,
    /// All of it, of the side that is exact.
    pub(super) whole: Quantity,
    pub(super) decimals: u32,
}

impl Sale<'_> {
    /// In how few equal parts it goes so that each is possible and loses little by its own size. Where no part does, the
    /// smallest that is possible; `None` where none is. `orders` is what each part takes of gas: what lies there for it must be
    /// enough for twice as many.
    pub(super) fn parts(
        &self,
        orders: &[Operation],
        is_possible: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let most = self.most(orders);
        let one = self.given_for_one(self.whole.min(Quantity::new(Decimal::ONE)));
        let is_cheap = |parts: u32| {
            let given = self.given_for_one(self.of(parts));
            given.zip(one).is_some_and(|(given, one)| one > given * (Decimal::ONE - OWN_IMPACT))
        };
        let fewest = fewest(most, |parts| is_possible(parts) && is_cheap(parts));
        fewest.or_else(|| [most, 1].into_iter().find(|parts| is_possible(*parts)))
    }

    /// Whether it is better made later: the market pays much less than the token is worth, and the health of no loan is at its exit
    /// limit, where a liquidation is dearer. Perps that want margin are closed instead.
    pub(super) fn waits(&self) -> bool {
        let Operation::Swap { venue, from, to, .. } = self.swap else { return false };
        let one = Quantity::new(Decimal::ONE);
        let lost = cost_of_swap(self.step, venue, (from, to), one);
        let mut breaches = self.step.risk.breaches.iter();
        let presses = breaches
            .any(|breach| breach.limit == Limit::HealthFactor && breach.level >= RiskLevel::Exit);
        !presses && lost.is_ok_and(|lost| lost > DEAR)
    }

    /// One of so many equal parts.
    pub(super) fn of(&self, parts: u32) -> Quantity {
        match parts {
            1 => self.whole,
            _ => Quantity::new(self.whole.get() / Decimal::from(parts)).floor(self.decimals),
        }
    }

    /// What is given for each coin that is brought, where the sale is for so much; `None` where the pool cannot take it.
    fn given_for_one(&self, quantity: Quantity) -> Option<Decimal> {
        let Operation::Swap { from, to, .. } = self.swap else { return None };
        let (step, options) = (self.step, Options::default());
        let deltas = promise_on_chain(step, &step.draws, &self.swap, quantity, &options).ok()?;
        let of = |key| deltas.iter().find(|delta| delta.key == key).map(|delta| delta.expected);
        (-of(from)?.get()).checked_div(of(to)?.get())
    }

    fn most(&self, orders: &[Operation]) -> u32 {
        let gas = orders.iter().filter_map(|order| gas_of(self.step, order));
        let Some((key, gas)) = gas.reduce(|(key, sum), (_, gas)| (key, sum + gas)) else {
            return MOST_PARTS;
        };
        let paid = (gas + gas).get();
        let times = self.step.balance(key).get().checked_div(paid);
        let times = times.map_or(Decimal::from(MOST_PARTS), |times| times.floor());
        let times = times.clamp(Decimal::ONE, Decimal::from(MOST_PARTS));
        u32::try_from(times).unwrap_or(1)
    }
}

/// The least number from one up to `most` that is well; what is well of a number is well of each larger one.
fn fewest(most: u32, is_well: impl Fn(u32) -> bool) -> Option<u32> {
    if !is_well(most) {
        return None;
    }
    let (mut low, mut high) = (1, most);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_well(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::fewest;

    #[test]
    fn the_fewest_parts_that_are_well_are_found() {
        for least in 1..=100 {
            assert_eq!(fewest(100, |parts| parts >= least), Some(least));
        }
        assert_eq!(fewest(100, |_| false), None);
        assert_eq!(fewest(1, |_| true), Some(1));
    }
}
