//! The way out without a script: every perp is closed and every coin sold, and on chain debts are repaid by a sale of what
//! secures them. Used when a strategy's own exit fails or leads nowhere.

use crate::types::{
    Action, Amount, Decision, Item, Market, MarketKind, OnLegFailure, Operation, Options, Order,
    Plan, Side, Universe,
};

use super::closing_chain::{Closing, on_chain};
use super::step_view::StepView;

/// Reduce-only closes of everything that can be closed now; hold when nothing is left that can be.
pub(super) fn closing_decision(step: &StepView) -> Decision {
    let mut closing = Closing::new(step);
    let mut items = Vec::new();
    let markets = step.universe().markets();
    // Exchanges before the chain: what fails there fails for a while, and a plan ends with its first failure there. One group an
    // exchange: where one is down, what the others did is not taken back. Perps first within a group does not matter: the legs
    // go together, and each is bounded by what is held.
    for venue in step.universe().venues() {
        let here = markets.iter().filter(|market| market.venue == venue.id);
        let orders: Vec<Order> = here.filter_map(|market| closed(&mut closing, market)).collect();
        if !orders.is_empty() {
            items.push(Item::Parallel { orders, on_leg_failure: OnLegFailure::Complete });
        }
    }
    items.extend(on_chain(&mut closing));
    if items.is_empty() {
        return Decision::hold("nothing is left that can be closed");
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
fn closed(closing: &mut Closing<'_>, market: &Market) -> Option<Order> {
    let step = closing.step;
    let held = step.balance(market.position);
    let quantity = held.abs().floor_to_lot(market.lot);
    let quote = step.prices.quote(market.id).filter(|quote| quote.tradable)?;
    // What makes a perp smaller may be as small as it is.
    let is_small = quote.price * quantity < market.min_notional;
    if quantity.is_zero() || (is_small && market.kind == MarketKind::Spot) {
        return None;
    }
    if market.kind == MarketKind::Spot && market.base == step.setup.share_class.token {
        return None;
    }
    let side = if held.is_negative() { Side::Buy } else { Side::Sell };
    let operation = match market.kind {
        MarketKind::Spot => Operation::SpotTrade { market: market.id, side },
        MarketKind::Perp => Operation::PerpTrade { market: market.id, side },
    };
    let options = Options { reduce_only: market.kind == MarketKind::Perp, ..Options::default() };
    closing.order(operation, Amount::fixed(quantity), options)
}
