//! What operations on chain are expected to change: claims at their index, staking tokens at their rate, swaps at the
//! market's rate less the pool's cost.

use rust_decimal::Decimal;

use crate::portfolio::liquidation_value::swap_cost;
use crate::types::chain::{Draw, Protocol, SwapRule};
use crate::types::{
    BoundOrder, Code, Coded, Exact, Expected, Instrument, KeyId, Notional, Operation, Options,
    PositionType, Price, Quantity, Reserve, ReserveId, VenueId,
};

use super::step_view::StepView;

/// Indices and rates creep while an order is on its way: by no more than this in an hour or two.
const DRIFT: Decimal = Decimal::from_parts(1, 0, 0, false, 4);

/// Rounds in which the size of a swap for an exact output settles; each is closer by the part that the swap loses.
const ROUNDS: usize = 8;

/// The deltas that an operation on chain of `quantity` is expected to bring, without its gas.
///
/// # Errors
/// STRAT-002 when a rate is missing, STRAT-003 when its venue does not do such a thing.
pub(super) fn promise_on_chain(
    step: &StepView,
    draws: &[Draw],
    operation: &Operation,
    quantity: Quantity,
    options: &Options,
) -> Result<Vec<Expected>, Coded> {
    match *operation {
        Operation::Supply { reserve } => {
            let reserve = step.universe().reserve(reserve);
            let claim = scaled(step, supplied(step, reserve)?, quantity)?;
            Ok(vec![Expected::exactly(reserve.underlying, -quantity), claim])
        }
        Operation::Withdraw { reserve } => {
            let reserve = step.universe().reserve(reserve);
            let claim = negated(scaled(step, supplied(step, reserve)?, quantity)?);
            Ok(vec![Expected::exactly(reserve.underlying, quantity), claim])
        }
        Operation::Borrow { reserve } => {
            let reserve = step.universe().reserve(reserve);
            let debt = scaled(step, borrowed(step, reserve)?, quantity)?;
            Ok(vec![Expected::exactly(reserve.underlying, quantity), debt])
        }
        Operation::Repay { reserve } => {
            let reserve = step.universe().reserve(reserve);
            let key = borrowed(step, reserve)?;
            let debt = negated(scaled(step, key, quantity)?);
            Ok(vec![Expected::exactly(reserve.underlying, -quantity), debt])
        }
        Operation::FlashBorrow { reserve } => {
            let (reserve, _) = flash(step, reserve)?;
            let debt = borrowed(step, reserve)?;
            Ok(vec![
                Expected::exactly(reserve.underlying, quantity),
                Expected::exactly(debt, quantity),
            ])
        }
        Operation::FlashRepay { reserve } => {
            let (reserve, fee) = flash(step, reserve)?;
            let debt = borrowed(step, reserve)?;
            let decimals = step.universe().instrument(reserve.underlying).decimals;
            let paid = quantity + Quantity::new(quantity.get() * fee).away_from_zero(decimals);
            Ok(vec![
                Expected::exactly(reserve.underlying, -paid),
                Expected::exactly(debt, -quantity),
            ])
        }
        Operation::Stake { venue } => stake(step, venue, quantity),
        Operation::Unstake { venue } => unstake(step, venue, quantity),
        Operation::Swap { venue, from, to, exact } => {
            let pool = (venue, from, to);
            let prices = swap_prices(step, draws, pool, (exact, quantity), options)?;
            Ok(swap(step, (from, to), (exact, quantity), prices))
        }
        _ => Ok(Vec::new()),
    }
}

/// The price of a swap at the market, `to` for one `from`, before fee and impact.
///
/// # Errors
/// STRAT-003 when the venue has no such pool, STRAT-002 when it has no price.
fn swap_price(step: &StepView, venue: VenueId, from: KeyId, to: KeyId) -> Result<Price, Coded> {
    let rule = swap_rule(step, venue, from, to)?;
    let universe = step.universe();
    if universe.base(rule.token) != universe.base(rule.against) {
        return reference_price(step, from, to);
    }
    let worth = |key: KeyId| {
        let token = universe.instrument(key).token;
        let rate = step.prices.market_rate(token).or_else(|| {
            // A token without a rate of its own is its base token, one for one.
            step.prices.rate(token).filter(|rate| *rate == Decimal::ONE)
        });
        rate.ok_or_else(|| missing(step, &format!("{} has no market rate", universe.token(token))))
    };
    let price = worth(from)?.checked_div(worth(to)?);
    price.map(Price::new).ok_or_else(|| missing(step, "a market rate is 0"))
}

/// What two tokens that do not follow each other are worth in one another: the price of one over that of the other.
fn reference_price(step: &StepView, from: KeyId, to: KeyId) -> Result<Price, Coded> {
    let token = |key: KeyId| step.universe().instrument(key).token;
    let worth = |key: KeyId| {
        let price = step.prices.reference(token(key)).map(Price::get);
        let name = || format!("{} has no price", step.universe().token(token(key)));
        price.filter(|price| !price.is_zero()).ok_or_else(|| missing(step, &name()))
    };
    Ok(Price::new(worth(from)? / worth(to)?))
}

/// What a swap brings for one token given: likely, at worst, at best. The pool's cost for the size is known before and part of
/// the likely price, after what was drawn from the pool before; slippage is what may change until the swap is done, so the
/// worst is the limit, or the likely price less the slippage.
///
/// # Errors
/// STRAT-003 when the venue has no such pool, STRAT-002 when it has no price or cannot take so much.
pub(super) fn swap_prices(
    step: &StepView,
    draws: &[Draw],
    (venue, from, to): (VenueId, KeyId, KeyId),
    (exact, quantity): (Exact, Quantity),
    options: &Options,
) -> Result<[Price; 3], Coded> {
    let rule = swap_rule(step, venue, from, to)?;
    let market = swap_price(step, venue, from, to)?;
    let draw = draw(step, draws, (venue, from), (rule, market), (exact, quantity))?;
    let likely = market - market * swap_cost(rule, draw.after(draws), draw.size);
    if !likely.is_positive() {
        let (token, venue) =
            (&step.universe().instrument(from).name, &step.universe().venue(venue).name);
        let (size, quote) = (draw.size.get().round(), step.universe().token(step.setup.quote));
        let message =
            format!("{size} {quote} of {token} are more than the pool of {venue} can take");
        return Err(Coded::new(Code::Strat002, message));
    }
    let slippage = options.slippage.unwrap_or(step.setup.execution.slippage);
    let bound = likely - likely * slippage;
    let worst = options.limit.map_or(bound, |limit| limit.max(bound));
    // A pool's price may have moved in our favour as well.
    Ok([likely.max(worst), worst, market + market * slippage])
}

/// What an operation draws from a pool; `None` for anything but a swap that can be priced.
pub(super) fn draw_of(
    step: &StepView,
    draws: &[Draw],
    operation: &Operation,
    quantity: Quantity,
) -> Option<Draw> {
    let Operation::Swap { venue, from, to, exact } = *operation else { return None };
    let rule = swap_rule(step, venue, from, to).ok()?;
    let market = swap_price(step, venue, from, to).ok()?;
    draw(step, draws, (venue, from), (rule, market), (exact, quantity)).ok()
}

/// What a swap draws is what is given. For what is to be received that depends on what the swap loses, and that on its size: a
/// few rounds settle both.
fn draw(
    step: &StepView,
    draws: &[Draw],
    (venue, from): (VenueId, KeyId),
    (rule, market): (&SwapRule, Price),
    (exact, quantity): (Exact, Quantity),
) -> Result<Draw, Coded> {
    let is_sale = step.universe().instrument(from).token == rule.token;
    let of = |given: Quantity| -> Result<Draw, Coded> {
        Ok(Draw { venue, token: rule.token, is_sale, size: size(step, from, given)? })
    };
    if exact == Exact::In {
        return of(quantity);
    }
    let at_market = quantity.get() / market.get();
    let mut draw = of(Quantity::new(at_market))?;
    for _ in 0..ROUNDS {
        let kept = Decimal::ONE - swap_cost(rule, draw.after(draws), draw.size).get();
        match at_market.checked_div(kept).filter(|given| *given > at_market) {
            Some(given) => draw = of(Quantity::new(given))?,
            None => break,
        }
    }
    Ok(draw)
}

/// What there is to say of a swap beyond its pool's cost table, whose loss is extrapolated.
pub(super) fn beyond_the_table(
    step: &StepView,
    draws: &[Draw],
    order: &BoundOrder,
) -> Option<String> {
    let draw = draw_of(step, draws, &order.operation, order.quantity)?;
    let Operation::Swap { venue, from, to, .. } = order.operation else { return None };
    let rule = swap_rule(step, venue, from, to).ok()?;
    let drawn = draw.after(draws);
    let size = drawn + draw.size;
    let largest = rule.costs.last().map(|cost| cost.size).filter(|largest| size > *largest)?;
    let universe = step.universe();
    let quote = universe.token(step.setup.quote);
    let after = if drawn.is_zero() { "" } else { " with what was swapped at this step before" };
    Some(format!(
        "a swap of {} at {} is worth {} {quote}{after}, and the cost table ends at {}: its loss of {} % is extrapolated",
        universe.token(universe.instrument(from).token),
        universe.venue(venue).name,
        size.get().round(),
        largest.get().normalize(),
        (swap_cost(rule, drawn, draw.size).get() * Decimal::ONE_HUNDRED).round_dp(2).normalize()
    ))
}

/// What a swap of so much would lose against the protocols' rates, as a fraction: the market's discount, fee, impact.
///
/// # Errors
/// STRAT-003 when the venue has no such pool, STRAT-002 when it has no price.
pub fn cost_of_swap(
    step: &StepView,
    venue: VenueId,
    (from, to): (KeyId, KeyId),
    quantity: Quantity,
) -> Result<Decimal, Coded> {
    let price = swap_price(step, venue, from, to)?.get();
    let rule = swap_rule(step, venue, from, to)?;
    let market = Price::new(price);
    let draw = draw(step, &step.draws, (venue, from), (rule, market), (Exact::In, quantity))?;
    let kept = Decimal::ONE - swap_cost(rule, draw.after(&step.draws), draw.size).get();
    let universe = step.universe();
    let rate = |key: KeyId| step.prices.rate(universe.instrument(key).token);
    let fair = rate(from).zip(rate(to)).and_then(|(from, to)| from.checked_div(to));
    let brought = fair.and_then(|fair| (price * kept).checked_div(fair));
    brought
        .map(|brought| Decimal::ONE - brought)
        .ok_or_else(|| missing(step, "a staking token has no rate"))
}

/// The pool's rule for a pair: a staking token against ETH or WETH, either way.
fn swap_rule(step: &StepView, venue: VenueId, from: KeyId, to: KeyId) -> Result<&SwapRule, Coded> {
    let universe = step.universe();
    let (from, to) = (universe.instrument(from).token, universe.instrument(to).token);
    universe.pool(venue, from, to).ok_or_else(|| {
        let names = [from, to].map(|token| universe.token(token));
        let (name, known) = (&universe.venue(venue).name, universe.pool_names(venue));
        let message =
            format!("{name} has no pool of {} and {}; its pools are {known}", names[0], names[1]);
        Coded::new(Code::Strat003, message)
    })
}

fn size(step: &StepView, key: KeyId, quantity: Quantity) -> Result<Notional, Coded> {
    let token = step.universe().instrument(key).token;
    let price = step.prices.reference(token);
    price
        .map(|price| price * quantity)
        .ok_or_else(|| missing(step, &format!("{} has no price", step.universe().token(token))))
}

fn swap(
    step: &StepView,
    (from, to): (KeyId, KeyId),
    (exact, quantity): (Exact, Quantity),
    prices: [Price; 3],
) -> Vec<Expected> {
    let decimals = |key: KeyId| step.universe().instrument(key).decimals;
    match exact {
        Exact::In => {
            let brings = prices.map(|at| (at * quantity).as_quantity().floor(decimals(to)));
            vec![Expected::exactly(from, -quantity), Expected::within(to, brings)]
        }
        Exact::Out => {
            let costs = prices
                .map(|at| -Quantity::new(quantity.get() / at.get()).away_from_zero(decimals(from)));
            vec![Expected::within(from, costs), Expected::exactly(to, quantity)]
        }
    }
}

fn stake(step: &StepView, venue: VenueId, quantity: Quantity) -> Result<Vec<Expected>, Coded> {
    let universe = step.universe();
    let rules = universe.staking(venue).ok_or_else(|| wrong_venue(step, venue, "stake"))?;
    let rate = rate_of(step, rules.token)?;
    let token = universe.instrument(rules.token);
    let minted = Quantity::new(quantity.get() / rate).floor(token.decimals);
    Ok(vec![Expected::exactly(rules.base, -quantity), creeping(token, minted)])
}

fn unstake(step: &StepView, venue: VenueId, quantity: Quantity) -> Result<Vec<Expected>, Coded> {
    let universe = step.universe();
    let rules = universe.staking(venue).ok_or_else(|| wrong_venue(step, venue, "unstake"))?;
    if rules.queue.is_none() {
        let name = &universe.venue(venue).name;
        let message = format!("{name} has no queue here (queue_days is not set); leave by a swap");
        return Err(Coded::new(Code::Strat003, message));
    }
    let queued = universe.instrument(rules.queued);
    let claim = Quantity::new(quantity.get() * rate_of(step, rules.token)?).floor(queued.decimals);
    Ok(vec![Expected::exactly(rules.token, -quantity), creeping(queued, claim)])
}

fn rate_of(step: &StepView, key: KeyId) -> Result<Decimal, Coded> {
    let token = step.universe().instrument(key).token;
    step.prices
        .rate(token)
        .filter(|rate| !rate.is_zero())
        .ok_or_else(|| missing(step, &format!("{} has no rate", step.universe().token(token))))
}

/// A scaled balance that grows by what `tokens` are at the index.
fn scaled(step: &StepView, key: KeyId, tokens: Quantity) -> Result<Expected, Coded> {
    let key = step.universe().instrument(key);
    let scaled = step.prices.scaled(key, tokens);
    let scaled = scaled.ok_or_else(|| missing(step, &format!("{} has no index", key.name)))?;
    Ok(creeping(key, scaled))
}

/// An amount that may come out a little lower or higher, because its rate has crept on or is rounded.
fn creeping(key: &Instrument, amount: Quantity) -> Expected {
    let room = Quantity::new(amount.get() * DRIFT).away_from_zero(key.decimals) + key.unit();
    Expected { key: key.id, expected: amount, at_least: amount - room, at_most: amount + room }
}

fn negated(delta: Expected) -> Expected {
    Expected {
        key: delta.key,
        expected: -delta.expected,
        at_least: -delta.at_most,
        at_most: -delta.at_least,
    }
}

fn supplied(step: &StepView, reserve: &Reserve) -> Result<KeyId, Coded> {
    reserve.supplied.ok_or_else(|| not_opened(step, reserve, "supply"))
}

fn borrowed(step: &StepView, reserve: &Reserve) -> Result<KeyId, Coded> {
    reserve.borrowed.ok_or_else(|| not_opened(step, reserve, "borrow"))
}

fn not_opened(step: &StepView, reserve: &Reserve, list: &str) -> Coded {
    let universe = step.universe();
    let (venue, token) = (&universe.venue(reserve.venue).name, universe.token(reserve.token));
    let message = format!("{token} is not in venues.{venue}.{list} of this mode");
    Coded::new(Code::Strat003, message)
}

/// A reserve of flash loans, and the fee.
fn flash(step: &StepView, reserve: ReserveId) -> Result<(&Reserve, Decimal), Coded> {
    let universe = step.universe();
    let reserve = universe.reserve(reserve);
    match universe.venue(reserve.venue).protocol {
        Protocol::Flash { fee } => Ok((reserve, fee.get())),
        _ => Err(wrong_venue(step, reserve.venue, "flash_borrow")),
    }
}

fn wrong_venue(step: &StepView, venue: VenueId, operation: &str) -> Coded {
    let name = &step.universe().venue(venue).name;
    Coded::new(Code::Strat003, format!("{name} is no venue for {operation}"))
}

fn missing(step: &StepView, what: &str) -> Coded {
    Coded::new(Code::Strat002, format!("{what} at {}", step.now))
}

impl StepView {
    /// How many tokens lie at a key: a scaled balance at its index, anything else as it is.
    pub fn tokens_at(&self, key: KeyId) -> Quantity {
        self.unscaled(key, self.books.quantity(key))
    }

    /// How many tokens a balance of a key is.
    pub fn unscaled(&self, key: KeyId, balance: Quantity) -> Quantity {
        let instrument = self.universe().instrument(key);
        match instrument.position_type {
            PositionType::Supplied | PositionType::Borrowed => {
                self.prices.unscaled(instrument, balance).unwrap_or_default()
            }
            _ => balance,
        }
    }
}
