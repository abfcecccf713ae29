//! What would be left after closing all positions now: equity, less what it costs to leave each of them.

use rust_decimal::Decimal;

use crate::types::chain::{Protocol, SwapRule};
use crate::types::{KeyId, MarketKind, Notional, PositionType, Rate, TokenId, Universe, Value};

use super::books::Books;
use super::equity::told;
use super::prices::{Prices, times};

/// Coins and perps leave at today's fees and half spreads, without impact; staking tokens, wherever they lie, at the market's
/// rate less a full pool's cost for that size, because a queue takes days.
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
    // The first pool sells them; a second one would charge for the same tokens again.
    let pools = universe.venues().iter().find_map(|venue| match &venue.protocol {
        Protocol::Swaps(rules) => Some(rules),
        _ => None,
    });
    for rule in pools.into_iter().flatten() {
        left -= cost_of_selling(universe, books, prices, rule).unwrap_or_default();
    }
    left
}

/// What selling all of a token would lose against the protocol's rate, or against its price, in the share class.
fn cost_of_selling(
    universe: &Universe,
    books: &Books,
    prices: &Prices,
    rule: &SwapRule,
) -> Option<Value> {
    let tokens = tokens_held(universe, books, prices, rule.token);
    if tokens.is_zero() || rule.against == rule.token {
        return None;
    }
    if universe.base(rule.token) != universe.base(rule.against) {
        let size = Notional::new(tokens * prices.reference(rule.token)?.get());
        let lost = swap_cost(rule, Notional::ZERO, size).get().min(Decimal::ONE);
        return Some(Value::new(times(tokens * lost, prices.token(rule.token)?)));
    }
    let rate = prices.rate(rule.token)?;
    let market = prices.market_rate(rule.token)?;
    let size = Notional::new(tokens * prices.reference(rule.token)?.get());
    let lost = rate - market * (Decimal::ONE - swap_cost(rule, Notional::ZERO, size).get());
    Some(Value::new(times(tokens * lost, prices.token(universe.base(rule.token))?)))
}

/// All of a token that is ours, in the wallet and supplied.
fn tokens_held(universe: &Universe, books: &Books, prices: &Prices, token: TokenId) -> Decimal {
    let of = universe.instruments().iter().filter(|key| key.token == token);
    of.filter(|key| matches!(key.position_type, PositionType::BaseToken | PositionType::Supplied))
        .map(|key| times(books.quantity(key.id).get(), prices.index(key.id).unwrap_or_default()))
        .sum()
}

/// What a swap of a size loses to the pool, a fraction of what it would bring at the market's rate: fee, spread and impact.
///
/// After `drawn` has been swapped the same way the pool's impact costs what both together would, less what the first has
/// paid: cutting a swap into parts saves nothing.
pub fn swap_cost(rule: &SwapRule, drawn: Notional, size: Notional) -> Rate {
    if drawn.is_zero() || !size.is_positive() {
        return rule.fee + impact(rule, drawn + size);
    }
    let lost = |size: Notional| size.get().checked_mul(impact(rule, size).get());
    let of_this = lost(drawn + size).zip(lost(drawn)).map(|(all, paid)| (all - paid) / size.get());
    rule.fee + Rate::new(of_this.unwrap_or(Decimal::ONE))
}

/// Spread and impact of a size by the cost table: linear between two sizes, the first's own below it, and beyond the last
/// growing with the table's power; at most all that is swapped, because a sale never costs more than it sells.
fn impact(rule: &SwapRule, size: Notional) -> Rate {
    let (Some(first), Some(last)) = (rule.costs.first(), rule.costs.last()) else {
        return Rate::ZERO;
    };
    if size <= first.size {
        return first.cost;
    }
    if size >= last.size {
        let times_larger = size.get() / last.size.get();
        let grown = power(times_larger, rule.power);
        return Rate::new((last.cost.get() * grown).min(Decimal::ONE));
    }
    let pair = rule.costs.windows(2).find(|pair| size <= pair[1].size);
    pair.map_or(last.cost, |pair| {
        let share = (size - pair[0].size).get() / (pair[1].size - pair[0].size).get();
        Rate::new(pair[0].cost.get() + (pair[1].cost - pair[0].cost).get() * share)
    })
}

/// A ratio of at least one to a power. The usual power is one half, and a general one costs as much as the rest of a step.
fn power(ratio: Decimal, power: Decimal) -> Decimal {
    use rust_decimal::MathematicalOps;
    if power == Decimal::new(5, 1) {
        return root(ratio);
    }
    ratio.checked_powd(power).unwrap_or(Decimal::ONE_HUNDRED)
}

/// The square root, rounded down: the integer root of as many digits as fit, which are at least 18 of the result's.
fn root(number: Decimal) -> Decimal {
    let mut digits = number.mantissa().unsigned_abs();
    let mut places = number.scale();
    while places % 2 == 1 || digits <= u128::MAX / 100 {
        let step = if places % 2 == 1 { 10 } else { 100 };
        let Some(more) = digits.checked_mul(step) else { break };
        if places + 2 > 2 * Decimal::MAX_SCALE {
            break;
        }
        (digits, places) = (more, places + if step == 10 { 1 } else { 2 });
    }
    if places % 2 == 1 {
        (digits, places) = (digits / 10, places - 1);
    }
    // The root of 128 bits has 64 and fits.
    Decimal::from_i128_with_scale(digits.isqrt() as i128, places / 2)
}

#[cfg(test)]
mod tests {
    use super::super::testkit::{Kit, dec};
    use super::*;

    #[test]
    fn leaving_costs_fees_and_half_spreads() {
        let kit = Kit::new();
        let prices = kit.prices("100", "101", "103");
        let all = Value::new(dec("206"));
        let left = liquidation_value(
            &kit.setup.universe,
            &kit.books(),
            &prices,
            kit.key("wallet:BaseToken:USDT"),
            all,
        );
        // Binance: spot 10 + 1 basis points of 202, perp 5 + 1 of 206.
        assert_eq!(left, Value::new(dec("206") - dec("0.2222") - dec("0.1236")));
    }

    #[test]
    fn a_root_squared_is_its_number_from_below() {
        for text in ["1", "2", "4", "2.71", "35.123456789012345678", "1.0000000000000000000000001"]
            .into_iter()
            .chain([
                "99999999999999",
                "79228162514264337593543950335",
                "7.9228162514264337593543950335",
            ])
        {
            let number = dec(text);
            let root = root(number);
            let unit = Decimal::new(1, root.scale());
            let square = |x: Decimal| x.checked_mul(x).unwrap_or(Decimal::MAX);
            assert!(square(root) <= number, "{text}: {root}");
            assert!(square(root + unit) >= number, "{text}: {root}");
            assert!(root.mantissa() >= 1_000_000_000_000_000_000, "{text}: {root} is too coarse");
        }
        assert_eq!(root(dec("6.25")), dec("2.5"));
    }
}
