//! What of a group of legs stands unhedged: how much, since when, and the notional times seconds of it.
//!
//! Legs that go together are meant to change an asset by a certain sum, for a hedged pair by next to nothing. On the way from
//! nothing to that sum all is well; what lies outside of it stands without its counterpart:
//! `unhedged = Σ over assets |n − clamp(n, min(0, N), max(0, N))| · P`, n what the fills have changed so far, N what all legs
//! together are to change, P the price of the asset's last fill. Less than the smallest order of the coarsest market counts as
//! nothing: legs in lots of different size cannot meet more closely.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::types::{Notional, Price, Quantity, Span, Timestamp, TokenId};

/// What the legs of a group are to change, and what they have changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Legs {
    /// By asset: coins that all legs together are to change, signed.
    pub intended: BTreeMap<TokenId, Quantity>,
    /// What was filled so far, in any order.
    pub fills: Vec<Fill>,
    /// Less than this, in the quote token, counts as nothing.
    pub least: Notional,
}

/// What one order of a group has changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fill {
    /// When it was executed, by its venue.
    pub at: Timestamp,
    /// The coin.
    pub asset: TokenId,
    /// Coins, signed: bought is positive, of spot less a fee in coins.
    pub change: Quantity,
    /// What it was filled at.
    pub price: Price,
}

/// What stands unhedged after the last fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How much, in the quote token; positive.
    pub notional: Notional,
    /// Without a break since then.
    pub since: Timestamp,
}

/// What stood unhedged over a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unhedged {
    /// The integral of its notional over time: quote token times seconds.
    pub notional_seconds: Decimal,
    /// The most that stood at a time, in the quote token.
    pub worst: Notional,
    /// The longest time without a break.
    pub longest: Span,
}

impl Legs {
    /// What stands unhedged after the last fill; `None` where nothing does.
    pub fn standing(&self) -> Option<Standing> {
        let course = self.course();
        let (_, notional) = *course.last()?;
        let since = course.iter().rev().take_while(|(_, notional)| !notional.is_zero()).last()?.0;
        Some(Standing { notional, since })
    }

    /// What stood unhedged from the first fill on; what still does is counted until `now`.
    pub fn unhedged(&self, now: Timestamp) -> Unhedged {
        let course = self.course();
        let ends = course.iter().skip(1).map(|(at, _)| *at).chain([now]);
        let (mut sum, mut since) = (Unhedged::default(), None);
        for (&(at, notional), end) in course.iter().zip(ends) {
            if notional.is_zero() {
                since = None;
                continue;
            }
            let (begun, end) = (*since.get_or_insert(at), end.max(at));
            sum.notional_seconds += notional.get() * seconds(end - at);
            sum.worst = if end > at { sum.worst.max(notional) } else { sum.worst };
            sum.longest = sum.longest.max(end - begun);
        }
        sum
    }

    /// What stands unhedged from each moment on at which something was filled.
    fn course(&self) -> Vec<(Timestamp, Notional)> {
        let mut fills: Vec<&Fill> = self.fills.iter().collect();
        fills.sort_by_key(|fill| fill.at);
        let mut changed: BTreeMap<TokenId, (Quantity, Price)> = BTreeMap::new();
        let mut course: Vec<(Timestamp, Notional)> = Vec::new();
        for fill in fills {
            let (sum, price) = changed.entry(fill.asset).or_default();
            (*sum, *price) = (*sum + fill.change, fill.price);
            let stands = changed
                .iter()
                .map(|(asset, (sum, price))| *price * self.beyond(*asset, *sum).abs());
            let stands: Notional = stands.sum();
            let stands = if stands < self.least { Notional::ZERO } else { stands };
            match course.last_mut() {
                Some((at, last)) if *at == fill.at => *last = stands,
                _ => course.push((fill.at, stands)),
            }
        }
        course
    }

    /// By coin: what stands unhedged after the last fill, signed; none where that counts as nothing.
    pub fn surplus(&self) -> BTreeMap<TokenId, Quantity> {
        let stands = self.standing().is_some();
        let assets: BTreeSet<TokenId> = self.fills.iter().map(|fill| fill.asset).collect();
        let each = assets.into_iter().filter(|_| stands).map(|asset| {
            let changed = self.changed(asset);
            (asset, self.beyond(asset, changed))
        });
        each.filter(|(_, beyond)| !beyond.is_zero()).collect()
    }

    /// What the fills have changed a coin by so far.
    pub fn changed(&self, asset: TokenId) -> Quantity {
        self.fills.iter().filter(|fill| fill.asset == asset).map(|fill| fill.change).sum()
    }

    /// The price of a coin's last fill; zero without one.
    pub fn last_price(&self, asset: TokenId) -> Price {
        let of_it = self.fills.iter().filter(|fill| fill.asset == asset);
        of_it.max_by_key(|fill| fill.at).map(|fill| fill.price).unwrap_or_default()
    }

    /// How far a change lies outside of the way from nothing to what is intended, signed.
    fn beyond(&self, asset: TokenId, changed: Quantity) -> Quantity {
        let intended = self.intended.get(&asset).copied().unwrap_or_default();
        let (low, high) = (intended.min(Quantity::ZERO), intended.max(Quantity::ZERO));
        changed - changed.max(low).min(high)
    }
}

impl Unhedged {
    /// This and another time.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            notional_seconds: self.notional_seconds + other.notional_seconds,
            worst: self.worst.max(other.worst),
            longest: self.longest.max(other.longest),
        }
    }
}

/// A span in seconds, to the millisecond.
pub fn seconds(span: Span) -> Decimal {
    Decimal::new(span.ms(), 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BTC: TokenId = TokenId(1);
    const ETH: TokenId = TokenId(2);

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(1_700_000_000_000 + ms)
    }

    fn fill(ms: i64, asset: TokenId, change: &str, price: &str) -> Fill {
        let (change, price) = (Quantity::new(dec(change)), Price::new(dec(price)));
        Fill { at: at(ms), asset, change, price }
    }

    /// Legs that together are to change BTC by so much, with a smallest order of 10.
    fn legs(intended: &str, fills: Vec<Fill>) -> Legs {
        let intended = BTreeMap::from([(BTC, Quantity::new(dec(intended)))]);
        Legs { intended, fills, least: Notional::new(dec("10")) }
    }

    fn measured(legs: &Legs, now: i64) -> (Decimal, Decimal, i64) {
        let it = legs.unhedged(at(now));
        (it.notional_seconds.normalize(), it.worst.get().normalize(), it.longest.ms())
    }

    #[test]
    fn the_integral_is_that_of_the_steps_between_fills() {
        // One coin bought at 60 000; 0.4 sold after 2 s at 60 100, the rest after 5 s: 120 000 + 0.6 · 60 100 · 3.
        let fills = vec![
            fill(0, BTC, "1", "60000"),
            fill(2_000, BTC, "-0.4", "60100"),
            fill(5_000, BTC, "-0.6", "60100"),
        ];
        let whole = legs("0", fills);
        assert_eq!(measured(&whole, 9_000), (dec("228180"), dec("60000"), 5_000));
        assert_eq!(whole.standing(), None);
        // The order in which the answers came changes nothing.
        let turned = Legs { fills: whole.fills.iter().rev().copied().collect(), ..whole.clone() };
        assert_eq!(turned.unhedged(at(9_000)), whole.unhedged(at(9_000)));
    }

    #[test]
    fn what_is_filled_at_the_same_moment_stands_at_no_time() {
        let fills = vec![fill(7, BTC, "1", "60000"), fill(7, BTC, "-1", "60050")];
        assert_eq!(measured(&legs("0", fills), 9_000), (Decimal::ZERO, Decimal::ZERO, 0));
    }

    #[test]
    fn what_still_stands_is_counted_until_now() {
        let half = legs("0", vec![fill(0, BTC, "1", "60000"), fill(500, BTC, "-0.5", "60000")]);
        assert_eq!(measured(&half, 1_500), (dec("60000"), dec("60000"), 1_500));
        let standing = half.standing().unwrap();
        assert_eq!((standing.notional.get().normalize(), standing.since), (dec("30000"), at(0)));
    }

    #[test]
    fn a_break_begins_the_time_anew() {
        let fills = vec![
            fill(0, BTC, "1", "100"),
            fill(1_000, BTC, "-1", "100"),
            fill(4_000, BTC, "-1", "100"),
        ];
        let again = legs("0", fills);
        assert_eq!(again.standing().map(|it| it.since), Some(at(4_000)));
        assert_eq!(measured(&again, 7_000), (dec("400"), dec("100"), 3_000));
    }

    #[test]
    fn the_way_to_what_is_intended_is_not_unhedged() {
        // Two buys that are to bring two coins: one of them alone is half of the way. A sale takes it off the way.
        let buys = legs("2", vec![fill(0, BTC, "1", "100")]);
        assert_eq!((buys.standing(), measured(&buys, 1_000).0), (None, Decimal::ZERO));
        let past = legs("2", vec![fill(0, BTC, "3", "100")]);
        assert_eq!(past.standing().map(|it| it.notional.get()), Some(dec("100")));
        let astray = legs("2", vec![fill(0, BTC, "-1", "100")]);
        assert_eq!(astray.standing().map(|it| it.notional.get()), Some(dec("100")));
        // A short that is to grow by more than the coins: the mirror image.
        let shorts = legs("-2", vec![fill(0, BTC, "-2", "100")]);
        assert_eq!(shorts.standing(), None);
    }

    #[test]
    fn assets_do_not_hedge_each_other_and_dust_is_nothing() {
        let two = legs("0", vec![fill(0, BTC, "1", "100"), fill(0, ETH, "-2", "50")]);
        assert_eq!(two.standing().map(|it| it.notional.get()), Some(dec("200")));
        let dust = legs("0", vec![fill(0, BTC, "0.09", "100")]);
        assert_eq!((dust.standing(), measured(&dust, 9_000).0), (None, Decimal::ZERO));
    }
}
