//! Equity: assets less debts, plus unrealised perp profit, plus what is on its way; told in the share class.

use rust_decimal::Decimal;

use crate::types::{
    Code, Coded, Instrument, KeyId, MarketKind, Notional, PositionType, Quantity, Universe, Value,
};

use super::books::{Books, Holding};
use super::prices::Prices;

/// What a holding is worth in the share class: quantity × unit price, or for a perp its unrealised profit.
///
/// `None` when something is held that has no price.
#[inline]
pub fn value_of(key: &Instrument, holding: Holding, prices: &Prices) -> Option<Value> {
    if holding.quantity.is_zero() && holding.cost.is_zero() {
        return Some(Value::ZERO);
    }
    match key.position_type {
        PositionType::Perp => {
            let mark = prices.quote(key.market?)?.price;
            Some(told(mark * holding.quantity - holding.cost, prices))
        }
        PositionType::BaseToken | PositionType::Transit => {
            Some(Value::new(times(holding.quantity.get(), prices.key(key.id)?)))
        }
    }
}

/// An amount of quote told in the share class. Zero when the quote has no price; callers have checked equity before.
#[inline]
pub fn told(amount: Notional, prices: &Prices) -> Value {
    Value::new(times(amount.get(), prices.quote_value().unwrap_or_default()))
}

/// A product that costs nothing when the price is one: the usual case for the quote token and the share class.
#[inline]
pub fn times(number: Decimal, price: Decimal) -> Decimal {
    if price == Decimal::ONE { number } else { number * price }
}

/// Equity, computed from the books alone.
///
/// # Errors
/// PNL-002 when something is held that has no price.
pub fn equity(universe: &Universe, books: &Books, prices: &Prices) -> Result<Value, Coded> {
    let mut total = Value::ZERO;
    for (key, holding) in universe.instruments().iter().zip(books.holdings()) {
        match value_of(key, *holding, prices) {
            Some(value) => total += value,
            None => {
                return Err(Coded::new(
                    Code::Pnl002,
                    format!("{} holds {} but has no price", key.name, holding.quantity),
                ));
            }
        }
    }
    Ok(total)
}

/// What would be left after closing all positions at today's fees and spreads, without impact: equity less the cost of
/// selling coins other than the share class's and of closing perps.
pub fn liquidation_value(
    universe: &Universe,
    books: &Books,
    prices: &Prices,
    share_key: KeyId,
    equity: Value,
) -> Value {
    let share_token = universe.instrument(share_key).token;
    let mut left = equity;
    for market in universe.markets() {
        let quantity = books.quantity(market.position);
        let is_home = market.kind == MarketKind::Spot && market.base == share_token;
        if quantity.is_zero() || is_home {
            continue;
        }
        if let Some(quote) = prices.quote(market.id) {
            let cost = (quote.price * quantity.abs()) * (market.fee + market.half_spread);
            left -= told(cost, prices);
        }
    }
    left
}

/// Coins of a token that are held, and net of perps: what a price move would earn on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exposure {
    /// Tokens held and on their way.
    pub held: Quantity,
    /// Held plus signed perp sizes.
    pub net: Quantity,
    /// What is held is worth, in the share class.
    pub value: Value,
}

/// Exposure by token, into a buffer that is kept.
pub fn exposures(universe: &Universe, books: &Books, prices: &Prices, into: &mut Vec<Exposure>) {
    into.clear();
    into.resize(universe.tokens().len(), Exposure::default());
    for (key, holding) in universe.instruments().iter().zip(books.holdings()) {
        if holding.quantity.is_zero() {
            continue;
        }
        let exposure = &mut into[key.token.index()];
        exposure.net += holding.quantity;
        if key.position_type != PositionType::Perp {
            exposure.held += holding.quantity;
            exposure.value += value_of(key, *holding, prices).unwrap_or_default();
        }
    }
}
