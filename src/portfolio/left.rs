//! What plans have left unhedged at their end, followed by the books until it is evened.
//!
//! Of a coin whose net exposure was E when a plan left s of it alone, `beside = E − s` is what lies beside it. Later, at a net
//! exposure E', still alone is `clamp(E' − beside, min(0, s), max(0, s))`: what was left and no more, less what was evened since.
//! A strategy that wants an exposure of its own, as one told in the coin itself, has it in `beside`.

use serde::{Deserialize, Serialize};

use crate::types::{Notional, Price, Quantity, Timestamp, TokenId};

use super::legs::{Unhedged, seconds};

/// What plans have left alone of one coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The coin.
    pub asset: TokenId,
    /// Coins that stand alone still, signed.
    pub amount: Quantity,
    /// Net exposure of the coin beside it, coins.
    pub beside: Quantity,
    /// The price of its last fill.
    pub price: Price,
    /// Less than this, in the quote token, counts as nothing.
    pub least: Notional,
    /// It stands without a break since then.
    pub since: Timestamp,
    /// What stood before is counted.
    pub counted: Timestamp,
}

impl Left {
    /// What it adds from the time of which all is counted until now.
    pub fn unhedged(&self, now: Timestamp) -> Unhedged {
        let (from, now) = (self.counted, now.max(self.counted));
        let notional = self.notional();
        Unhedged {
            notional_seconds: notional.get() * seconds(now - from),
            worst: if now > from { notional } else { Notional::ZERO },
            longest: now - self.since,
        }
    }

    /// The same at another net exposure of the coin; `None` when it is evened.
    #[must_use]
    pub fn at(self, net: Quantity) -> Option<Self> {
        let (low, high) = (self.amount.min(Quantity::ZERO), self.amount.max(Quantity::ZERO));
        let amount = (net - self.beside).max(low).min(high);
        Self { amount, ..self }.if_it_counts()
    }

    /// This and what a later plan left alone of the same coin, by which net exposure became this; `None` when they hedge each
    /// other.
    #[must_use]
    pub fn with(self, later: Self, net: Quantity) -> Option<Self> {
        let amount = self.amount + later.amount;
        let is_older = amount.is_negative() == self.amount.is_negative();
        let since = if is_older { self.since } else { later.since };
        let least = self.least.max(later.least);
        Self { amount, beside: net - amount, least, since, ..later }.if_it_counts()
    }

    fn notional(&self) -> Notional {
        self.price * self.amount.abs()
    }

    fn if_it_counts(self) -> Option<Self> {
        (!self.amount.is_zero() && self.notional() >= self.least).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn qty(text: &str) -> Quantity {
        Quantity::new(dec(text))
    }

    fn at(s: i64) -> Timestamp {
        Timestamp::from_ms(s * 1_000)
    }

    /// So much left alone at 0 s, of a coin at 100, beside an exposure; known until 10 s.
    fn left(amount: &str, beside: &str) -> Left {
        Left {
            asset: TokenId(1),
            amount: qty(amount),
            beside: qty(beside),
            price: Price::new(dec("100")),
            least: Notional::new(dec("10")),
            since: at(0),
            counted: at(10),
        }
    }

    #[test]
    fn it_is_counted_from_where_its_plan_was() {
        let told = left("-2", "0").unhedged(at(40));
        assert_eq!(told.notional_seconds, dec("6000.000"));
        assert_eq!((told.worst, told.longest.ms()), (Notional::new(dec("200")), 40_000));
        assert_eq!(left("-2", "0").unhedged(at(10)).worst, Notional::ZERO, "it stood no moment");
    }

    #[test]
    fn what_evens_it_ends_it_and_nothing_else_does() {
        let amount = |left: Left, net: &str| left.at(qty(net)).map(|left| left.amount);
        assert_eq!(amount(left("2", "0"), "2"), Some(qty("2")));
        assert_eq!(amount(left("2", "0"), "0.5"), Some(qty("0.5")), "partly evened");
        assert_eq!(amount(left("2", "0"), "0.09"), None, "less than a smallest order");
        assert_eq!(amount(left("2", "0"), "-3"), None, "evened and more");
        assert_eq!(
            amount(left("2", "0"), "7"),
            Some(qty("2")),
            "what else is bought is another thing"
        );
        // A share class in the coin: a thousand coins are meant to be there, a short of two is not.
        assert_eq!(amount(left("-2", "1000"), "998"), Some(qty("-2")));
        assert_eq!(amount(left("-2", "1000"), "1000"), None);
    }

    #[test]
    fn what_two_plans_left_is_one_or_hedges_itself() {
        let later = Left { since: at(5), counted: at(20), ..left("1", "0") };
        let both = left("2", "0").with(later, qty("3")).unwrap();
        assert_eq!((both.amount, both.beside, both.since), (qty("3"), qty("0"), at(0)));
        assert_eq!(both.counted, at(20));
        assert_eq!(left("-1", "0").with(later, qty("0")), None);
        let turned = left("-0.5", "7").with(later, qty("7.5")).unwrap();
        assert_eq!((turned.amount, turned.beside, turned.since), (qty("0.5"), qty("7.0"), at(5)));
    }
}
