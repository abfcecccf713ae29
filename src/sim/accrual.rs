//! What time alone does to an exchange account: funding of perps at their stamps, interest on negative cash by the hour.
//!
//! Funding: cash −= size × mark × rate, on the position held before the trades of the moment, at the perp's price. Interest:
//! (−cash − free amount) × yearly rate × time. Both are rounded against us.

use rust_decimal::Decimal;

use crate::market::Funding;
use crate::types::{Cause, Posting, Quantity, Settlement, Span};

use super::account::Account;
use super::session::Session;

const MS_PER_YEAR: Decimal = Decimal::from_parts(1_471_228_928, 7, 0, false, 0);

/// Charges and pays the fundings stamped since the last tick, oldest first, and hands each to `tell`.
pub(super) fn funding(
    session: &mut Session,
    account: &Account,
    since: crate::types::Timestamp,
    tell: &mut dyn FnMut(Settlement, Posting),
) {
    for perp in &account.perps {
        let size = session.ledger.quantity(perp.position);
        if size.is_zero() {
            continue;
        }
        let fundings = session.weather.fundings_since(perp.market, since);
        if fundings.is_empty() {
            continue;
        }
        // In a gap the quote is the last good price: a payment is due all the same.
        let Some(quote) = session.weather.quote(perp.market) else { continue };
        for Funding { rate, .. } in fundings {
            let paid = quote.price * size * rate;
            let amount = (-paid).floor(account.decimals).as_quantity();
            if amount.is_zero() {
                continue;
            }
            let posting = Posting::of_market(account.cash, amount, Cause::Funding, perp.market);
            session.ledger.post(&[posting]);
            tell(Settlement::Funding(perp.market), posting);
        }
    }
}

/// Charges interest for the time since the last tick on `cash` below the free amount: what was there while it passed, before
/// the bar's end and funding changed it.
pub(super) fn interest(
    session: &mut Session,
    account: &Account,
    cash: Quantity,
    passed: Span,
) -> Option<Posting> {
    if !cash.is_negative() || passed.ms() <= 0 {
        return None;
    }
    let rules = session.universe().venue(account.venue).margin.as_ref()?;
    let owed = -cash - rules.interest_free.as_quantity();
    if !owed.is_positive() {
        return None;
    }
    let yearly = owed.get() * rules.interest_per_year.get();
    let charge = Quantity::new(yearly * Decimal::from(passed.ms()) / MS_PER_YEAR);
    let charge = charge.away_from_zero(account.decimals);
    if charge.is_zero() {
        return None;
    }
    let posting = Posting::plain(account.cash, -charge, Cause::Interest);
    session.ledger.post(&[posting]);
    Some(posting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_has_8760_hours() {
        assert_eq!(MS_PER_YEAR, Decimal::from(8760_i64 * 3_600_000));
    }
}
