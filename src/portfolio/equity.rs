//! Equity: assets less debts, plus unrealised perp profit, plus what is on its way; told in the share class.

use crate::types::{Code, Coded, Instrument, Notional, PositionType, Quantity, Universe, Value};

use super::books::{Books, Holding};
use super::prices::{Prices, times};

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
        _ => Some(Value::new(times(holding.quantity.get(), prices.key(key.id)?))),
    }
}

/// An amount of quote told in the share class. Zero when the quote has no price; callers have checked equity before.
#[inline]
pub fn told(amount: Notional, prices: &Prices) -> Value {
    Value::new(times(amount.get(), prices.quote_value().unwrap_or_default()))
}

/// Equity, computed from the books alone.
///
/// # Errors
/// PNL-002 when something is held that has no price.
pub fn equity(universe: &Universe, books: &Books, prices: &Prices) -> Result<Value, Coded> {
    values(universe, books, prices, &mut Vec::new())
}

/// Equity, and what each key's holding adds to it, into a buffer that is kept.
///
/// # Errors
/// PNL-002 when something is held that has no price.
pub fn values(
    universe: &Universe,
    books: &Books,
    prices: &Prices,
    into: &mut Vec<Value>,
) -> Result<Value, Coded> {
    into.clear();
    let mut total = Value::ZERO;
    for (key, holding) in universe.instruments().iter().zip(books.holdings()) {
        match value_of(key, *holding, prices) {
            Some(value) => {
                total += value;
                into.push(value);
            }
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

/// Coins of a token that are held, and net of perps and debts: what a price move would earn on. Tokens that follow another
/// count as that one, at their rate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exposure {
    /// Tokens held and on their way, less what is owed.
    pub held: Quantity,
    /// Held plus signed perp sizes.
    pub net: Quantity,
    /// What is held is worth, in the share class.
    pub value: Value,
}

/// Exposure by token, into a buffer that is kept. `values` are those of the keys.
pub fn exposures(
    universe: &Universe,
    books: &Books,
    prices: &Prices,
    values: &[Value],
    into: &mut Vec<Exposure>,
) {
    into.clear();
    into.resize(universe.tokens().len(), Exposure::default());
    for ((key, holding), value) in universe.instruments().iter().zip(books.holdings()).zip(values) {
        if holding.quantity.is_zero() {
            continue;
        }
        let exposure = &mut into[universe.base(key.token).index()];
        let coins = base_coins(key, holding.quantity, prices);
        exposure.net += coins;
        if key.position_type != PositionType::Perp {
            exposure.held += coins;
            exposure.value += *value;
        }
    }
}

/// How many of the base token a holding is: scaled balances at their index, staking tokens at their rate, debts negative.
pub fn base_coins(key: &Instrument, quantity: Quantity, prices: &Prices) -> Quantity {
    let rate = prices.rate(key.token).unwrap_or_default();
    let index = prices.index(key.id).unwrap_or_default();
    let coins = Quantity::new(times(times(quantity.get(), index), rate));
    if key.position_type == PositionType::Borrowed { -coins } else { coins }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::{Kit, dec};
    use super::*;

    #[test]
    fn equity_is_cash_coins_profit_of_perps_and_what_is_on_its_way() {
        let kit = Kit::new();
        let prices = kit.prices("100", "101", "103");
        // −50 + 2·101 + (−2·103 + 210) + 30 + 0.01·2 000.
        let told = equity(&kit.setup.universe, &kit.books(), &prices).unwrap();
        assert_eq!(told, Value::new(dec("206")));
        let kit = kit.told_in("ETH");
        let told =
            equity(&kit.setup.universe, &kit.books(), &kit.prices("100", "101", "103")).unwrap();
        assert_eq!(told, Value::new(dec("0.103")));
    }

    #[test]
    fn what_is_held_without_a_price_is_an_error_that_names_it() {
        let kit = Kit::new();
        let error =
            equity(&kit.setup.universe, &kit.books(), &Prices::new(&kit.setup)).unwrap_err();
        assert_eq!(error.code, Code::Pnl002);
        assert!(error.message.contains("has no price"), "{error}");
        let nothing = Books::new(&kit.setup.universe);
        assert_eq!(
            equity(&kit.setup.universe, &nothing, &Prices::new(&kit.setup)),
            Ok(Value::ZERO)
        );
    }

    #[test]
    fn a_hedge_is_no_exposure_of_its_coin() {
        let kit = Kit::new();
        let mut told = Vec::new();
        let (universe, prices) = (&kit.setup.universe, kit.prices("100", "101", "103"));
        let mut by_key = Vec::new();
        values(universe, &kit.books(), &prices, &mut by_key).unwrap();
        exposures(universe, &kit.books(), &prices, &by_key, &mut told);
        let btc = told[kit.setup.universe.token_named("BTC").unwrap().index()];
        assert_eq!(
            (btc.held.get(), btc.net.get(), btc.value.get()),
            (dec("2"), dec("0"), dec("202"))
        );
        let usdt = told[kit.setup.universe.token_named("USDT").unwrap().index()];
        assert_eq!((usdt.held.get(), usdt.value.get()), (dec("-20"), dec("-20")));
    }
}
