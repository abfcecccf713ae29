//! What an order is expected to change, and the bounds inside which its promise is kept.
//!
//! Computed when a strategy builds an order and again when its amount is bound; the worst price found here is the one sent
//! to the venue, so what we check is what the venue was told.

use rust_decimal::Decimal;

use crate::types::chain::Draw;
use crate::types::{
    Code, Coded, Expected, FeeAsset, KeyId, Market, MarketKind, Operation, Options, Price,
    Quantity, Rate, Side,
};

use super::promise_chain::promise_on_chain;
use super::step_view::StepView;

/// A fill that much better than the decision price is as suspicious as a worse one.
const IMPLAUSIBLE_IMPROVEMENT: Decimal = Decimal::from_parts(5, 0, 0, false, 2);

/// Gas may cost this many times what the last known gas price says.
const GAS_TOLERANCE: Decimal = Decimal::from_parts(10, 0, 0, false, 0);

/// The worst price at which a trade may fill: the order's limit, else the decision price moved by its slippage.
///
/// # Errors
/// STRAT-002 when the market has no price.
pub fn worst_price(
    step: &StepView,
    market: &Market,
    side: Side,
    options: &Options,
) -> Result<Price, Coded> {
    let price = price_of(step, market)?;
    let slippage = options.slippage.unwrap_or(step.setup.execution.slippage);
    let bound = moved(price, side, slippage);
    Ok(match options.limit {
        Some(limit) if side == Side::Buy => limit.min(bound),
        Some(limit) => limit.max(bound),
        None => bound,
    })
}

/// The deltas that an operation of `quantity` is expected to bring now, with their bounds.
///
/// # Errors
/// STRAT-002 when a price is missing, STRAT-003 when the operation is impossible at its venues.
pub fn promise(
    step: &StepView,
    operation: &Operation,
    quantity: Quantity,
    options: &Options,
) -> Result<Vec<Expected>, Coded> {
    promise_after(step, &step.draws, operation, quantity, options)
}

/// The same after `draws` from the pools.
pub(super) fn promise_after(
    step: &StepView,
    draws: &[Draw],
    operation: &Operation,
    quantity: Quantity,
    options: &Options,
) -> Result<Vec<Expected>, Coded> {
    match *operation {
        Operation::SpotTrade { market, side } | Operation::PerpTrade { market, side } => {
            let market = step.universe().market(market);
            let price = price_of(step, market)?;
            let likely = moved(price, side, market.half_spread);
            let worst = worst_price(step, market, side, options)?;
            let best = moved(price, side.opposite(), Rate::new(IMPLAUSIBLE_IMPROVEMENT));
            Ok(match market.kind {
                MarketKind::Spot => spot(step, market, side, quantity, [likely, worst, best]),
                MarketKind::Perp => perp(step, market, side, quantity, [likely, worst, best]),
            })
        }
        Operation::Protect { .. } => Ok(Vec::new()),
        Operation::Transfer { from, to } => {
            let mut deltas = transfer(step, from, to, quantity)?;
            add_gas(step, operation, &mut deltas);
            Ok(deltas)
        }
        Operation::Wrap { from, to } => {
            let mut deltas =
                vec![Expected::exactly(from, -quantity), Expected::exactly(to, quantity)];
            add_gas(step, operation, &mut deltas);
            Ok(deltas)
        }
        _ => {
            let mut deltas = promise_on_chain(step, draws, operation, quantity, options)?;
            add_gas(step, operation, &mut deltas);
            Ok(deltas)
        }
    }
}

fn price_of(step: &StepView, market: &Market) -> Result<Price, Coded> {
    step.price(market.id).ok_or_else(|| {
        let venue = &step.universe().venue(market.venue).name;
        Coded::new(
            Code::Strat002,
            format!("{venue} {} has no price at {}", market.symbol, step.now),
        )
    })
}

/// `price` moved against a taker of this side by a fraction.
fn moved(price: Price, side: Side, by: Rate) -> Price {
    match side {
        Side::Buy => price + price * by,
        Side::Sell => price - price * by,
    }
}

/// Coins and cash of a spot trade at the likely, the worst and the best price.
fn spot(
    step: &StepView,
    market: &Market,
    side: Side,
    quantity: Quantity,
    prices: [Price; 3],
) -> Vec<Expected> {
    let decimals = step.universe().instrument(market.position).decimals;
    let cash_decimals = step.universe().instrument(market.cash).decimals;
    let in_coins = market.fee_asset == FeeAsset::Received && side == Side::Buy;
    let coins = match side {
        Side::Buy => market.received(quantity, decimals),
        Side::Sell => -quantity,
    };
    let cash = prices.map(|price| {
        let notional = (price * quantity).as_quantity();
        let fee = if in_coins { Quantity::ZERO } else { notional * market.fee };
        (-side.signed(notional) - fee).floor(cash_decimals)
    });
    vec![Expected::exactly(market.position, coins), Expected::within(market.cash, cash)]
}

/// Size and cash of a perp trade: the fee, and what is realised when the position shrinks.
fn perp(
    step: &StepView,
    market: &Market,
    side: Side,
    quantity: Quantity,
    prices: [Price; 3],
) -> Vec<Expected> {
    let held = step.books.quantity(market.position);
    let change = side.signed(quantity);
    let is_reducing = held.is_negative() != change.is_negative() && !held.is_zero();
    let closed = if is_reducing { quantity.min(held.abs()) } else { Quantity::ZERO };
    let entry = step.books.entry_price(market.position);
    let cash_decimals = step.universe().instrument(market.cash).decimals;
    let cash = prices.map(|price| {
        let fee = (price * quantity).as_quantity() * market.fee;
        let realised = match entry {
            Some(entry) => ((price - entry) * side.opposite().signed(closed)).as_quantity(),
            None => Quantity::ZERO,
        };
        (realised - fee).floor(cash_decimals)
    });
    vec![Expected::exactly(market.position, change), Expected::within(market.cash, cash)]
}

fn transfer(
    step: &StepView,
    from: KeyId,
    to: KeyId,
    quantity: Quantity,
) -> Result<Vec<Expected>, Coded> {
    let universe = step.universe();
    let (source, target) = (universe.instrument(from), universe.instrument(to));
    let venue = universe.venue(source.venue);
    let rule = venue.transfer_rule(source.token).ok_or_else(|| {
        let token = universe.token(source.token);
        Coded::new(
            Code::Strat003,
            format!("{} has no transfer rule for {token}; it cannot leave there", venue.name),
        )
    })?;
    if quantity <= rule.fee {
        let message = format!(
            "a transfer of {quantity} from {} does not cover its fee of {}",
            source.name, rule.fee
        );
        return Err(Coded::new(Code::Strat003, message));
    }
    let arrives_at = if rule.duration.ms() == 0 {
        to
    } else {
        universe.transit_key(target.venue, target.token).ok_or_else(|| {
            Coded::new(Code::Strat003, format!("nothing can be on its way to {}", target.name))
        })?
    };
    Ok(vec![Expected::exactly(from, -quantity), Expected::exactly(arrives_at, quantity - rule.fee)])
}

/// What the chain takes for an operation at the last known gas price, and from which key; `None` where it takes nothing.
pub fn gas_of(step: &StepView, operation: &Operation) -> Option<(KeyId, Quantity)> {
    let universe = step.universe();
    let (rules, units) = universe.gas_of(operation)?;
    let decimals = universe.instrument(rules.key).decimals;
    Some((rules.key, gas_cost(units, step.view.gas_gwei()?, decimals)))
}

/// Adds an operation's gas, to the key's own delta when gas is paid from the same key.
fn add_gas(step: &StepView, operation: &Operation, deltas: &mut Vec<Expected>) {
    let Some((key, gas)) = gas_of(step, operation) else { return };
    let (likely, worst) = (-gas, Quantity::new(-gas.get() * GAS_TOLERANCE));
    match deltas.iter_mut().find(|delta| delta.key == key) {
        Some(delta) => {
            delta.expected += likely;
            delta.at_least += worst;
        }
        None => deltas.push(Expected::within(key, [likely, worst, Quantity::ZERO])),
    }
}

/// ETH for `units` of gas at a price in gwei, rounded up.
pub fn gas_cost(units: u64, gwei: Decimal, decimals: u32) -> Quantity {
    Quantity::new(Decimal::from(units) * gwei * Decimal::new(1, 9)).away_from_zero(decimals)
}
