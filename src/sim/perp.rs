//! The arithmetic of a linear perp position held as (size, cost): open, close, flip, and the profit that closing pays.
//!
//! Cost is Σ size × entry price with the sign of the size, quantised to the decimals of the cash it settles in. Every
//! rounding is against us: costs up, proceeds down.

use crate::types::{Notional, Price, Quantity};

use super::ledger::Slot;

/// What a trade does to a position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Change {
    /// Added to the entry cost.
    pub(super) cost: Notional,
    /// Paid to cash for what was closed; zero when nothing was.
    pub(super) realised: Notional,
    /// Coins closed, positive.
    pub(super) closed: Quantity,
}

/// The effect of a signed `change` of size at a price. A trade through zero closes first and opens with the rest.
pub(super) fn change(held: Slot, change: Quantity, price: Price, decimals: u32) -> Change {
    let reduces = !held.quantity.is_zero() && held.quantity.is_negative() != change.is_negative();
    if !reduces {
        let cost = up(price * change, decimals);
        return Change { cost, realised: Notional::ZERO, closed: Quantity::ZERO };
    }
    let closed = change.abs().min(held.quantity.abs());
    let (closing, opening) =
        if change.is_negative() { (-closed, change + closed) } else { (closed, change - closed) };
    let removed = if closed == held.quantity.abs() {
        held.cost
    } else {
        up(Notional::new(held.cost.get() * closed.get() / held.quantity.abs().get()), decimals)
    };
    let realised = -up(price * closing, decimals) - removed;
    Change { cost: up(price * opening, decimals) - removed, realised, closed }
}

/// Rounded towards plus infinity: a long's cost grows, a short's proceeds shrink.
fn up(amount: Notional, decimals: u32) -> Notional {
    -(-amount).floor(decimals)
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn held(size: &str, cost: &str) -> Slot {
        Slot { quantity: Quantity::new(dec(size)), cost: Notional::new(dec(cost)) }
    }

    /// (cost change, realised, closed) of a trade of `size` at `price`, cash in cents.
    fn trade(slot: Slot, size: &str, price: &str) -> (String, String, String) {
        let it = change(slot, Quantity::new(dec(size)), Price::new(dec(price)), 2);
        (it.cost.to_string(), it.realised.to_string(), it.closed.to_string())
    }

    fn texts(cost: &str, realised: &str, closed: &str) -> (String, String, String) {
        (cost.to_owned(), realised.to_owned(), closed.to_owned())
    }

    #[test]
    fn opening_adds_its_cost_and_pays_nothing() {
        assert_eq!(trade(held("0", "0"), "2", "100"), texts("200", "0", "0"));
        assert_eq!(trade(held("-1", "-90"), "-1", "100"), texts("-100", "0", "0"));
    }

    #[test]
    fn closing_removes_cost_in_proportion_and_pays_the_difference() {
        assert_eq!(trade(held("4", "400"), "-1", "110"), texts("-100", "10", "1"));
        assert_eq!(trade(held("-4", "-400"), "1", "110"), texts("100", "-10", "1"));
        assert_eq!(trade(held("4", "400"), "-4", "90"), texts("-400", "-40", "4"));
    }

    #[test]
    fn a_flip_closes_all_and_opens_the_rest_at_the_new_price() {
        assert_eq!(trade(held("1", "100"), "-3", "110"), texts("-320", "10", "1"));
        assert_eq!(trade(held("-1", "-100"), "3", "90"), texts("280", "10", "1"));
    }

    #[test]
    fn every_rounding_is_against_us() {
        // 0.333 × 10.01 = 3.33333: a long pays 3.34, a short gets 3.33.
        assert_eq!(trade(held("0", "0"), "0.333", "10.01").0, "3.34");
        assert_eq!(trade(held("0", "0"), "-0.333", "10.01").0, "-3.33");
        // A third of a cost of 10 is taken off as 3.34 (long) or 3.33 (short); the rest stays in the position.
        assert_eq!(trade(held("3", "10"), "-1", "5"), texts("-3.34", "1.66", "1"));
        assert_eq!(trade(held("-3", "-10"), "1", "5"), texts("3.33", "-1.67", "1"));
    }
}
