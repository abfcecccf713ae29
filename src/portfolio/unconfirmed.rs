//! What equity counts that the next snapshot may take back.
//!
//! Between two daily snapshots a rate or an index grows on as it did the day before, and is trued up at the next. Where that
//! lowers it nothing was lost, so a drawdown must not be measured from the hour before: the peak counts what was confirmed.

use crate::market::View;
use crate::types::{PositionType, Universe, Value};

use super::books::Books;
use super::equity::times;
use super::prices::Prices;

/// By how much what is lent and staked is worth more than at the last snapshots, in the share class. Never negative: a fall
/// is counted at once, and so is what a debt grows by.
pub fn unconfirmed(universe: &Universe, books: &Books, prices: &Prices, view: &View) -> Value {
    let grown = |(key, quantity): (&crate::types::Instrument, rust_decimal::Decimal)| {
        let supply = match key.position_type {
            PositionType::Supplied => Some(universe.reserve_behind(key.id)?.id),
            PositionType::BaseToken if universe.base(key.token) != key.token => None,
            _ => return None,
        };
        let now = prices.rate(key.token)?.checked_mul(prices.index(key.id)?)?;
        let growth = now - view.confirmed(key.token, supply)?;
        let price = prices.token(universe.base(key.token))?;
        growth.is_sign_positive().then(|| Value::new(times(quantity * growth, price)))
    };
    let held = universe.instruments().iter().zip(books.holdings());
    held.filter(|(_, holding)| !holding.quantity.is_zero())
        .filter_map(|(key, holding)| grown((key, holding.quantity.get())))
        .sum()
}
