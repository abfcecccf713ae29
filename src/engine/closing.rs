//! The way out without a script: close every perp, then sell every coin. Used when a strategy's own exit fails.

use crate::types::order::Origin;
use crate::types::{
    Action, Amount, AmountBase, Decision, Item, MarketKind, OnLegFailure, Operation, OperationId,
    Options, Order, Plan, Side,
};

use super::promise::promise;
use super::step_view::StepView;

/// Reduce-only closes of everything that trades now; hold when nothing is left that can be closed.
pub(super) fn closing_decision(step: &StepView) -> Decision {
    let universe = step.universe();
    let mut orders = Vec::new();
    for market in universe.markets() {
        let held = step.balance(market.position);
        let quantity = held.abs().floor_to_lot(market.lot);
        let Some(quote) = step.prices.quote(market.id).filter(|quote| quote.tradable) else {
            continue;
        };
        if quantity.is_zero() || quote.price * quantity < market.min_notional {
            continue;
        }
        if market.kind == MarketKind::Spot && market.base == step.setup.share_class.token {
            continue;
        }
        let side = if held.is_negative() { Side::Buy } else { Side::Sell };
        let operation = match market.kind {
            MarketKind::Spot => Operation::SpotTrade { market: market.id, side },
            MarketKind::Perp => Operation::PerpTrade { market: market.id, side },
        };
        let options =
            Options { reduce_only: market.kind == MarketKind::Perp, ..Options::default() };
        let Ok(deltas) = promise(step, &operation, quantity, &options) else { continue };
        orders.push(Order {
            operation_id: OperationId(orders.len() as u32 + 1),
            operation,
            amount: Amount { base: AmountBase::Fixed(quantity), ..Amount::fixed(quantity) },
            options,
            deltas,
            origin: Origin { file: "engine".into(), line: 0 },
        });
    }
    if orders.is_empty() {
        return Decision::hold("nothing is left that can be closed");
    }
    // Perps first within the group does not matter: the legs go together, and each is bounded by what is held.
    let item = Item::Parallel { orders, on_leg_failure: OnLegFailure::Complete };
    let plan = Plan { items: vec![item] };
    Decision {
        action: Action::ExitFull,
        reason: "the strategy's exit failed: closing everything".into(),
        plan,
    }
}
