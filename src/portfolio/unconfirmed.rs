//! What equity counts that no snapshot has told yet.
//!
//! Between two daily snapshots a rate or an index grows on as it did the day before, and is trued up at the next: a day's income
//! may be taken back. So the drawdown stop, which cannot be undone, judges what snapshots have told, in the peak and in what
//! has fallen from it.

use rust_decimal::Decimal;

use crate::market::View;
use crate::types::{Instrument, PositionType, Universe, Value};

use super::books::Books;
use super::prices::{Prices, times};

/// By how much what is lent, owed and staked adds more to equity than it did at the last snapshots, in the share class;
/// negative where it adds less.
pub fn unconfirmed(universe: &Universe, books: &Books, prices: &Prices, view: &View) -> Value {
    let held = universe.instruments().iter().zip(books.holdings());
    held.filter(|(_, holding)| !holding.quantity.is_zero())
        .filter_map(|(key, holding)| grown(universe, prices, view, key, holding.quantity.get()))
        .sum()
}

/// a·(I·R − I_k·R_k)·P of one holding, k being the last snapshot; the sign of a debt reversed.
fn grown(
    universe: &Universe,
    prices: &Prices,
    view: &View,
    key: &Instrument,
    quantity: Decimal,
) -> Option<Value> {
    let base = universe.base(key.token);
    let (signed, index) = match key.position_type {
        PositionType::Supplied => {
            (quantity, view.told_supply_index(universe.reserve_behind(key.id)?.id)?)
        }
        PositionType::Borrowed => {
            (-quantity, view.told_borrow_index(universe.reserve_behind(key.id)?.id)?)
        }
        PositionType::BaseToken if base != key.token => (quantity, Decimal::ONE),
        _ => return None,
    };
    let now = prices.rate(key.token)?.checked_mul(prices.index(key.id)?)?;
    let growth = now - view.told_rate(key.token)?.checked_mul(index)?;
    Some(Value::new(times(signed * growth, prices.token(base)?)))
}
