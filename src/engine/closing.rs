//! The way out without a script: every perp is closed and every coin sold, and on chain debts are repaid by a sale of what
//! secures them. Used when a strategy's own exit fails or leads nowhere.
//!
//! What hedges something that cannot be closed yet stays until that can be: a short alone is no way out.

use crate::types::{
    Action, Amount, Decision, Item, Market, MarketKind, OnLegFailure, Operation, Options, Order,
    Plan, Side, Universe,
};

use super::closing_chain::{Closing, on_chain};
use super::closing_hedges::{Hedges, is_sold_now};
use super::step_view::StepView;

/// Reduce-only closes of everything that can be closed now; hold when nothing is left that can be.
pub(super) fn closing_decision(step: &StepView) -> Decision {
    let mut closing = Closing::new(step);
    let hedges = Hedges::of(step);
    let mut items = Vec::new();
    let markets = step.universe().markets();
    // Exchanges before the chain: what fails there fails for a while, and a plan ends with its first failure there. One group an
    // exchange: where one is down, what the others did is not taken back. Perps first within a group does not matter: the legs
    // go together, and each is bounded by what is held.
    for venue in step.universe().venues() {
        let here = markets.iter().filter(|market| market.venue == venue.id);
        let orders: Vec<Order> =
            here.filter_map(|market| closed(&mut closing, &hedges, market)).collect();
        if !orders.is_empty() {
            items.push(Item::Parallel { orders, on_leg_failure: OnLegFailure::Complete });
        }
    }
    items.extend(on_chain(&mut closing));
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

/// The members of a plan that touch no chain, and so need no gas; `None` where there are none.
pub(super) fn off_chain(universe: &Universe, plan: &Plan) -> Option<Plan> {
    let is_off_chain = |item: &&Item| {
        let mut venues = item.orders().iter().map(|order| order.operation.venue(universe));
        venues.all(|venue| !universe.venue(venue).kind.is_on_chain())
    };
    let items: Vec<Item> = plan.items.iter().filter(is_off_chain).cloned().collect();
    (!items.is_empty()).then_some(Plan { items })
}

/// What closes a market's position, where it can be traded and is worth an order.
fn closed(closing: &mut Closing<'_>, hedges: &Hedges, market: &Market) -> Option<Order> {
    let step = closing.step;
    let held = step.balance(market.position);
    let (quantity, operation) = match market.kind {
        MarketKind::Spot => {
            let quantity = is_sold_now(step, market)?;
            (quantity, Operation::SpotTrade { market: market.id, side: Side::Sell })
        }
        // What makes a perp smaller may be as small as it is.
        MarketKind::Perp => {
            step.prices.quote(market.id).filter(|quote| quote.tradable)?;
            let quantity = hedges.to_close(step, market).floor_to_lot(market.lot);
            let side = if held.is_negative() { Side::Buy } else { Side::Sell };
            (quantity, Operation::PerpTrade { market: market.id, side })
        }
    };
    if quantity.is_zero() {
        return None;
    }
    let options = Options { reduce_only: market.kind == MarketKind::Perp, ..Options::default() };
    closing.order(operation, Amount::fixed(quantity), options)
}
