//! The way out without a script: on chain debts are repaid by a sale of what secures them, then every perp is closed and every
//! coin sold. Used when a strategy's own exit fails.

use crate::types::order::Origin;
use crate::types::{
    Action, Amount, Decision, Item, Market, MarketKind, OnLegFailure, Operation, OperationId,
    Options, Order, Plan, Quantity, Side,
};

use super::closing_chain::on_chain;
use super::promise::promise;
use super::step_view::StepView;

/// Reduce-only closes of everything that can be closed now; hold when nothing is left that can be.
pub(super) fn closing_decision(step: &StepView) -> Decision {
    let mut closing = Closing { step, orders: 0 };
    let mut items = on_chain(&mut closing);
    let markets = step.universe().markets();
    let orders: Vec<Order> = markets.iter().filter_map(|market| closing.market(market)).collect();
    if !orders.is_empty() {
        // Perps first within the group does not matter: the legs go together, and each is bounded by what is held.
        items.push(Item::Parallel { orders, on_leg_failure: OnLegFailure::Complete });
    }
    if items.is_empty() {
        return Decision::hold("nothing is left that can be closed");
    }
    Decision {
        action: Action::ExitFull,
        reason: "the strategy's exit failed: closing everything".into(),
        plan: Plan { items },
    }
}

/// Builds the orders.
pub(super) struct Closing<'a> {
    pub(super) step: &'a StepView,
    orders: u32,
}

impl Closing<'_> {
    /// What closes a market's position, where it can be traded and is worth an order.
    fn market(&mut self, market: &Market) -> Option<Order> {
        let step = self.step;
        let held = step.balance(market.position);
        let quantity = held.abs().floor_to_lot(market.lot);
        let quote = step.prices.quote(market.id).filter(|quote| quote.tradable)?;
        if quantity.is_zero() || quote.price * quantity < market.min_notional {
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
        let options =
            Options { reduce_only: market.kind == MarketKind::Perp, ..Options::default() };
        self.order(operation, Amount::fixed(quantity), options)
    }

    /// An order; `None` where nobody can say what it would do.
    pub(super) fn order(
        &mut self,
        operation: Operation,
        amount: Amount,
        options: Options,
    ) -> Option<Order> {
        let quantity: Quantity = amount.expected;
        let deltas = promise(self.step, &operation, quantity, &options).ok()?;
        self.orders += 1;
        Some(Order {
            operation_id: OperationId(self.orders),
            operation,
            amount,
            options,
            deltas,
            origin: Origin { file: "engine".into(), line: 0 },
        })
    }
}
