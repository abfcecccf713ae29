//! The way out without a script: every perp is closed and every coin sold, and on chain debts are repaid by a sale of what
//! secures them. Used when a strategy's own exit fails or leads nowhere.
//!
//! What hedges something that cannot be closed yet stays until that can be: a short alone is no way out, nor are coins alone.

use crate::types::{
    Action, Amount, Decision, Item, Market, MarketKind, OnLegFailure, Operation, Options, Order,
    Plan, Quantity, Side, Universe,
};

use super::closing_chain::{Closing, on_chain};
use super::closing_hedges::Hedges;
use super::step_view::StepView;

/// Reduce-only closes of everything that can be closed now; hold when nothing is left that can be.
pub(super) fn closing_decision(step: &StepView) -> Decision {
    let mut closing = Closing::new(step);
    let hedges = Hedges::after(step, &[]);
    // Exchanges before the chain: what fails there fails for a while, and a plan ends with its first failure there.
    let mut items = at_exchanges(&mut closing, |market| hedges.to_close(step, market));
    let chain = on_chain(&mut closing);
    // What a sale on chain loses needs no hedge any more; where it fails, this is not sent.
    let after = Hedges::after(step, &chain);
    items.extend(chain);
    items.extend(at_exchanges(&mut closing, |market| {
        let more = after.to_close(step, market) - hedges.to_close(step, market);
        let is_worth_it = step.price(market.id).is_some_and(|at| at * more >= market.min_notional);
        if market.kind == MarketKind::Perp && is_worth_it { more } else { Quantity::ZERO }
    }));
    if items.is_empty() {
        let waits = closing.waits || hedges.keep_any();
        let reason = match waits {
            _ if closing.waits => "a sale loses too much now: a better market is waited for",
            true => "what hedges something that cannot be closed yet is kept with it",
            false => "nothing is left that can be closed",
        };
        return Decision { waits, ..Decision::hold(reason) };
    }
    Decision {
        action: Action::ExitFull,
        reason: "the strategy's exit does not leave: closing everything".into(),
        plan: Plan { items },
        waits: false,
    }
}

/// The members of a plan before the first that touches a chain, which need no gas and count on none; `None` where there are none.
pub(super) fn off_chain(universe: &Universe, plan: &Plan) -> Option<Plan> {
    let is_off_chain = |item: &&Item| {
        let mut venues = item.orders().iter().map(|order| order.operation.venue(universe));
        venues.all(|venue| !universe.venue(venue).kind.is_on_chain())
    };
    let items: Vec<Item> = plan.items.iter().take_while(is_off_chain).cloned().collect();
    (!items.is_empty()).then_some(Plan { items })
}

/// Closes so much of each market's position. One group an exchange: where one is down, what the others did is not taken back.
/// Perps first within a group does not matter: the legs go together, and each is bounded by what is held.
fn at_exchanges(closing: &mut Closing<'_>, part: impl Fn(&Market) -> Quantity) -> Vec<Item> {
    let universe = closing.step.universe();
    let mut items = Vec::new();
    for venue in universe.venues() {
        let here = universe.markets().iter().filter(|market| market.venue == venue.id);
        let orders: Vec<Order> =
            here.filter_map(|market| closed(closing, market, part(market))).collect();
        if !orders.is_empty() {
            items.push(Item::Parallel { orders, on_leg_failure: OnLegFailure::Complete });
        }
    }
    items
}

/// What closes so much of a market's position, where that is worth an order.
fn closed(closing: &mut Closing<'_>, market: &Market, quantity: Quantity) -> Option<Order> {
    let step = closing.step;
    let quantity = quantity.floor_to_lot(market.lot);
    let price = step.price(market.id)?;
    let operation = match market.kind {
        // A part of the coins may be too little for an order.
        MarketKind::Spot if price * quantity < market.min_notional => return None,
        MarketKind::Spot => Operation::SpotTrade { market: market.id, side: Side::Sell },
        // What makes a perp smaller may be as small as it is.
        MarketKind::Perp => {
            let is_short = step.balance(market.position).is_negative();
            let side = if is_short { Side::Buy } else { Side::Sell };
            Operation::PerpTrade { market: market.id, side }
        }
    };
    if !quantity.is_positive() {
        return None;
    }
    let options = Options { reduce_only: market.kind == MarketKind::Perp, ..Options::default() };
    closing.order(operation, Amount::fixed(quantity), options)
}
