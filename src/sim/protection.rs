//! Resting stops and targets of perp positions: set as a whole, checked on each bar that closed, gone with their position.
//!
//! Each closes the whole position: a stop at the worse of its trigger and the bar's open, a target at its trigger. Setting both to nothing takes
//! the protection off; the venue answers `Resting` to either, since both leave the market's protection as it was asked for.

use smallvec::SmallVec;

use crate::market::Bar;
use crate::types::{MarketId, MarketKind, Posting, Price, Quantity, Rejection};

use super::cex;
use super::refusal::refused;
use super::session::Session;

/// What rests at one market.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Protection {
    pub(super) take_profit: Option<Price>,
    pub(super) stop_loss: Option<Price>,
}

impl Protection {
    pub(super) const NONE: Self = Self { take_profit: None, stop_loss: None };

    /// Whether the price lies already at or beyond the stop or the target.
    fn is_past(&self, is_short: bool, price: Price) -> bool {
        let (above, below) = match is_short {
            true => (self.stop_loss, self.take_profit),
            false => (self.take_profit, self.stop_loss),
        };
        above.is_some_and(|above| price >= above) || below.is_some_and(|below| price <= below)
    }

    /// The price at which the stop of a position fills on a bar, if it is hit.
    pub(super) fn stop(&self, size: Quantity, bar: &Bar) -> Option<Price> {
        let trigger = self.stop_loss?;
        if size.is_negative() {
            (bar.high >= trigger).then(|| trigger.max(bar.open))
        } else {
            (bar.low <= trigger).then(|| trigger.min(bar.open))
        }
    }

    /// The price at which the target of a position fills on a bar, if it is hit: the trigger, even when the bar opened better.
    pub(super) fn target(&self, size: Quantity, bar: &Bar) -> Option<Price> {
        let trigger = self.take_profit?;
        let is_hit = if size.is_negative() { bar.low <= trigger } else { bar.high >= trigger };
        is_hit.then_some(trigger)
    }
}

/// Sets or takes off a market's protection.
pub(super) fn place(
    session: &Session,
    protections: &mut [Protection],
    market: MarketId,
    wanted: Protection,
    price: Option<Price>,
) -> Result<(), Rejection> {
    let rules = session.market(market);
    let name = session.market_name(rules);
    if rules.kind == MarketKind::Spot {
        return Err(refused("UNSUPPORTED", format!("{name} has no positions to protect")));
    }
    let is_flat = session.ledger.quantity(rules.position).is_zero();
    if is_flat && wanted != Protection::NONE {
        let message = format!("{name} has no position to protect; open it first");
        return Err(refused("NO_POSITION", message));
    }
    let prices = [wanted.take_profit, wanted.stop_loss];
    if let Some(price) = prices.into_iter().flatten().find(|price| !price.is_positive()) {
        return Err(refused(
            "PRICE",
            format!("{price} is no price for a stop or target of {name}"),
        ));
    }
    let is_short = session.ledger.quantity(rules.position).is_negative();
    if let Some(price) = price
        && wanted.is_past(is_short, price)
    {
        return Err(refused(
            "WOULD_TRIGGER",
            format!("a stop or target of {name} would be hit at once: its price is {price}"),
        ));
    }
    protections[market.index()] = wanted;
    Ok(())
}

/// Closes a position at a price, as a stop or target does, and takes the protection off.
pub(super) fn fill(
    session: &mut Session,
    protections: &mut [Protection],
    market: MarketId,
    price: Price,
) -> SmallVec<[Posting; 4]> {
    let rules = session.market(market);
    let size = session.ledger.quantity(rules.position);
    let postings = cex::perp_postings(session, rules, -size, price);
    session.ledger.post(&postings);
    protections[market.index()] = Protection::NONE;
    postings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testkit::dec;
    use crate::types::Timestamp;

    fn price(text: &str) -> Price {
        Price::new(dec(text))
    }

    fn bar(open: &str, high: &str, low: &str) -> Bar {
        let at = Timestamp::from_ms(0);
        let volume = Quantity::ZERO;
        Bar {
            at,
            open: price(open),
            high: price(high),
            low: price(low),
            close: price(open),
            volume,
        }
    }

    const LONG: Quantity = Quantity::new(rust_decimal::Decimal::ONE);

    #[test]
    fn a_stop_is_hit_at_its_trigger_and_not_one_unit_before() {
        let it = Protection { stop_loss: Some(price("95")), take_profit: None };
        assert_eq!(it.stop(LONG, &bar("100", "101", "95.01")), None);
        assert_eq!(it.stop(LONG, &bar("100", "101", "95")), Some(price("95")));
        assert_eq!(it.stop(LONG, &bar("94", "96", "93")), Some(price("94")), "opened beyond");
        assert_eq!(it.stop(-LONG, &bar("90", "94.99", "89")), None);
        assert_eq!(it.stop(-LONG, &bar("90", "95", "89")), Some(price("95")));
        assert_eq!(it.stop(-LONG, &bar("96", "97", "94")), Some(price("96")), "opened beyond");
    }

    #[test]
    fn a_target_never_fills_better_than_its_trigger() {
        let it = Protection { take_profit: Some(price("110")), stop_loss: None };
        assert_eq!(it.target(LONG, &bar("100", "109.99", "99")), None);
        assert_eq!(it.target(LONG, &bar("100", "110", "99")), Some(price("110")));
        assert_eq!(it.target(LONG, &bar("112", "113", "111")), Some(price("110")), "opened better");
        assert_eq!(it.target(-LONG, &bar("120", "121", "110")), Some(price("110")));
        assert_eq!(
            it.target(-LONG, &bar("108", "109", "107")),
            Some(price("110")),
            "opened better"
        );
        assert_eq!(it.target(-LONG, &bar("120", "121", "110.01")), None);
    }
}
