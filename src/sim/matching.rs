//! At which price a market order fills: the step's price, half the spread, and an impact that grows with size.
//!
//! price × (1 ± (half_spread + coefficient × (coins / coins of the last closed bar) ^ power)), rounded against us to
//! [`PRICE_DECIMALS`]. Until the next tick an order book remembers what was taken on a side: an order after others costs what
//! all of them would together, less what those have paid. The impact is never clamped. Orders are immediate or cancel: what their limit allows is filled.

use rust_decimal::{Decimal, MathematicalOps, RoundingStrategy};

use crate::config::Impact;
use crate::types::{Price, Quantity, Rate, Side};

/// Places after the point of a price that spread or impact has moved.
pub(super) const PRICE_DECIMALS: u32 = 8;

const HALF: Decimal = Decimal::from_parts(5, 0, 0, false, 1);

/// What there is to trade against at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Liquidity {
    /// The market's price.
    pub(super) price: Price,
    /// Half of the bid-ask spread, a fraction.
    pub(super) half_spread: Rate,
    /// The impact rule with the coins traded in the last closed bar; `None` where there is no impact or no bar to measure it by.
    pub(super) impact: Option<(Impact, Quantity)>,
    /// Coins that were taken on this side since the tick.
    pub(super) filled: Quantity,
}

/// What of an order fills, and at which average price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Match {
    /// Coins, positive.
    pub(super) quantity: Quantity,
    /// Quote per coin.
    pub(super) price: Price,
}

impl Liquidity {
    /// The largest part of an order, in whole lots, that fills within its limit; `None` when not even one lot does.
    pub(super) fn fill(
        &self,
        side: Side,
        quantity: Quantity,
        limit: Option<Price>,
        lot: Quantity,
    ) -> Option<Match> {
        let fits = |quantity: Quantity| {
            let price = self.price_of(side, quantity)?;
            let is_worse = match (side, limit) {
                (_, None) => false,
                (Side::Buy, Some(limit)) => price > limit,
                (Side::Sell, Some(limit)) => price < limit,
            };
            (!is_worse).then_some(Match { quantity, price })
        };
        if let Some(whole) = fits(quantity) {
            return Some(whole);
        }
        // Price grows with size, so the largest part that fits is found by halving. The power law has an inverse, but its
        // rounding would have to be checked lot by lot all the same.
        let lot = if lot.is_zero() { Quantity::new(Decimal::new(1, PRICE_DECIMALS)) } else { lot };
        let mut best = None;
        let (mut fitting, mut too_large) = (Decimal::ZERO, (quantity.get() / lot.get()).ceil());
        while too_large - fitting > Decimal::ONE {
            let lots = ((fitting + too_large) * HALF).floor();
            match fits(Quantity::new(lots * lot.get())) {
                Some(part) => (best, fitting) = (Some(part), lots),
                None => too_large = lots,
            }
        }
        best
    }

    /// The average price of an order of this size; `None` when the impact exceeds any number.
    fn price_of(&self, side: Side, quantity: Quantity) -> Option<Price> {
        let against = self.half_spread.get() + self.impact_of(quantity)?;
        if against.is_zero() {
            return Some(self.price);
        }
        let moved = self.price.get().checked_mul(against)?;
        let (price, rounding) = match side {
            Side::Buy => (self.price.get() + moved, RoundingStrategy::ToPositiveInfinity),
            Side::Sell => (self.price.get() - moved, RoundingStrategy::ToNegativeInfinity),
        };
        let price = price.round_dp_with_strategy(PRICE_DECIMALS, rounding);
        (price > Decimal::ZERO).then(|| Price::new(price))
    }

    /// The average impact of an order after those that came before it.
    fn impact_of(&self, quantity: Quantity) -> Option<Decimal> {
        let Some((rule, volume)) = self.impact else { return Some(Decimal::ZERO) };
        let alone = |quantity| impact(rule, volume, quantity);
        if self.filled.is_zero() {
            return alone(quantity);
        }
        let all = self.filled + quantity;
        let of_all = all.get().checked_mul(alone(all)?)?;
        let paid = self.filled.get().checked_mul(alone(self.filled)?)?;
        (of_all - paid).checked_div(quantity.get())
    }
}

/// The average impact of an order that meets a full order book, a fraction; `None` beyond any number.
fn impact(rule: Impact, volume: Quantity, quantity: Quantity) -> Option<Decimal> {
    let share = quantity.get().checked_div(volume.get())?;
    // The square root is exact to the last place and the usual rule; the general power is good to about seven digits.
    let grown = if rule.power == HALF { share.sqrt() } else { share.checked_powd(rule.power) };
    grown?.checked_mul(rule.coefficient.get())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn coins(text: &str) -> Quantity {
        Quantity::new(dec(text))
    }

    fn liquidity(half_spread: &str, coefficient: &str, volume: &str) -> Liquidity {
        let impact = Impact { coefficient: Rate::new(dec(coefficient)), power: HALF };
        Liquidity {
            price: Price::new(dec("100")),
            half_spread: Rate::new(dec(half_spread)),
            impact: Some((impact, coins(volume))),
            filled: Quantity::ZERO,
        }
    }

    #[test]
    fn spread_and_impact_are_added_against_the_taker() {
        // A hundredth of the volume: root 0.1, impact 0.01 × 0.1 = 0.001, plus 0.0005.
        let book = liquidity("0.0005", "0.01", "400");
        let lot = coins("1");
        let price = |side| book.fill(side, coins("4"), None, lot).unwrap().price;
        assert_eq!(price(Side::Buy), Price::new(dec("100.15")));
        assert_eq!(price(Side::Sell), Price::new(dec("99.85")));
    }

    #[test]
    fn without_costs_the_price_is_the_price() {
        let book = Liquidity { impact: None, half_spread: Rate::ZERO, ..liquidity("0", "0", "1") };
        let fill = book.fill(Side::Buy, coins("3"), Some(Price::new(dec("100"))), coins("1"));
        assert_eq!(fill, Some(Match { quantity: coins("3"), price: Price::new(dec("100")) }));
    }

    #[test]
    fn an_order_that_moves_the_price_past_its_limit_fills_in_part() {
        // Limit 100.15 allows exactly 4 of 400 (see above); one unit of price less allows 3.
        let book = liquidity("0.0005", "0.01", "400");
        let fill = |limit: &str| {
            book.fill(Side::Buy, coins("50"), Some(Price::new(dec(limit))), coins("1"))
        };
        assert_eq!(fill("100.15").unwrap().quantity, coins("4"));
        assert_eq!(fill("100.14999999").unwrap().quantity, coins("3"));
        assert_eq!(fill("100.05"), None, "the spread alone is the whole limit");
    }

    #[test]
    fn impact_is_extrapolated_and_never_clamped() {
        let book = liquidity("0", "0.01", "1");
        let price = book.fill(Side::Buy, coins("10000"), None, coins("1")).unwrap().price;
        assert_eq!(price, Price::new(dec("200")), "root of 10 000 is 100, times 0.01");
        let sale = book.fill(Side::Sell, coins("10000"), None, coins("10000"));
        assert_eq!(sale, None, "a sale that would push the price to zero finds no buyer");
        assert_eq!(liquidity("0", "0.01", "0").fill(Side::Buy, coins("1"), None, coins("1")), None);
    }

    proptest! {
        #[test]
        fn a_fill_keeps_its_limit_and_one_lot_more_would_not(
            lots in 1_i64..5_000, coefficient in 1_i64..500, volume in 1_i64..100_000, room in 0_i64..400,
        ) {
            let book = Liquidity {
                impact: Some((
                    Impact { coefficient: Rate::new(Decimal::new(coefficient, 4)), power: HALF },
                    Quantity::new(Decimal::new(volume, 1)),
                )),
                ..liquidity("0.0002", "1", "1")
            };
            let lot = coins("0.001");
            let quantity = Quantity::new(Decimal::new(lots, 3));
            let limit = Price::new(dec("100") + Decimal::new(room, 3));
            let fill = book.fill(Side::Buy, quantity, Some(limit), lot);
            let filled = fill.map_or(Quantity::ZERO, |fill| fill.quantity);
            prop_assert!(filled <= quantity && filled.is_multiple_of(lot));
            prop_assert!(fill.is_none_or(|fill| fill.price <= limit));
            if filled < quantity {
                let more = book.price_of(Side::Buy, filled + lot).unwrap();
                prop_assert!(more > limit, "{more} would still have fitted into {limit}");
            }
        }
    }
}
