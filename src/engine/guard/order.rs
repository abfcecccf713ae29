//! What must hold for an order by itself: its amount, its market, its keys free, and its place in a group.

use crate::types::{
    AmountBase, Code, Coded, Expected, Market, Operation, Order, Quantity, RiskLevel, Side,
};

use super::super::promise::promise_after;
use super::super::step_view::StepView;
use super::super::tell::tell;
use super::{Stop, Walk, held_back, refused};

impl Walk<'_> {
    /// Whether an order of a quantity may be sent by itself, and what it is expected to change.
    pub(super) fn order(&self, order: &Order, quantity: Quantity) -> Result<Vec<Expected>, Stop> {
        let universe = self.step.universe();
        if !quantity.is_positive() && !matches!(order.operation, Operation::Protect { .. }) {
            return Err(refused(Code::Strat003, self.nothing(order)));
        }
        if let Some(market) = order.operation.market() {
            self.market(order, universe.market(market), quantity)?;
        }
        self.adds_no_risk_on_chain(order)?;
        let deltas =
            promise_after(self.step, &self.draws, &order.operation, quantity, &order.options)
                .map_err(|error| {
                    Stop::Refused(Coded::new(
                        error.code,
                        format!("{}: {}", tell(self.step.universe(), order), error.message),
                    ))
                })?;
        let touched = deltas.iter().map(|delta| delta.key);
        for touched in touched.chain(order.operation.protected_key(universe)) {
            let mut plans = self.state.plans.iter();
            let is_in_flight =
                plans.any(|plan| plan.keys_in_flight(universe).any(|key| key == touched));
            if is_in_flight || self.state.locks.contains_key(&touched) {
                let name = &universe.instrument(touched).name;
                return Err(held_back(
                    Code::Exec003,
                    format!("{name} is locked until an earlier order there is settled"),
                ));
            }
        }
        Ok(deltas)
    }

    /// Why an order is for nothing.
    fn nothing(&self, order: &Order) -> String {
        let universe = self.step.universe();
        let told = tell(universe, order);
        match order.amount.base {
            AmountBase::All(key) if self.books.quantity(key).is_zero() => format!(
                "{told} is for all of {}, where nothing lies; ask for its balance first",
                universe.instrument(key).name
            ),
            _ => format!(
                "{told} has the amount {}, which is nothing after rounding to the lot",
                order.amount.expected
            ),
        }
    }

    fn market(&self, order: &Order, market: &Market, quantity: Quantity) -> Result<(), Stop> {
        let universe = self.step.universe();
        let venue = &universe.venue(market.venue).name;
        let Some(quote) = self.step.prices.quote(market.id) else {
            return Err(refused(
                Code::Strat002,
                format!(
                    "{}: {venue} {} has no price yet",
                    tell(self.step.universe(), order),
                    market.symbol
                ),
            ));
        };
        if let Operation::Protect { take_profit, stop_loss, .. } = order.operation {
            let (above, below) = match self.books.quantity(market.position).is_negative() {
                true => (stop_loss, take_profit),
                false => (take_profit, stop_loss),
            };
            let is_held = !self.books.quantity(market.position).is_zero();
            let is_past = above.is_some_and(|above| quote.price >= above)
                || below.is_some_and(|below| quote.price <= below);
            if is_held && is_past {
                return Err(refused(
                    Code::Strat003,
                    format!(
                        "{} would be hit at once: the price is {}",
                        tell(self.step.universe(), order),
                        quote.price
                    ),
                ));
            }
            return Ok(());
        }
        if !quote.tradable {
            return Err(held_back(
                Code::Data005,
                format!(
                    "{venue} {} has no data at {}, so nothing trades there",
                    market.symbol, self.step.now
                ),
            ));
        }
        let notional = quote.price * quantity;
        // What makes a position smaller may be as small as it is.
        if notional < market.min_notional && !order.options.reduce_only {
            return Err(refused(
                Code::Strat003,
                format!(
                    "{} is worth {notional}, below the least order of {} there",
                    tell(self.step.universe(), order),
                    market.min_notional
                ),
            ));
        }
        let limits = &self.step.setup.risk;
        if let Some(cap) = limits.max_order_notional
            && notional > cap
        {
            return Err(held_back(
                Code::Risk005,
                format!(
                    "{} is worth {notional}, over the cap of {cap}",
                    tell(self.step.universe(), order)
                ),
            ));
        }
        if self.is_reducing(order, quantity) {
            return Ok(());
        }
        if self.step.risk.level >= RiskLevel::Reduce {
            return Err(held_back(
                Code::Risk003,
                format!(
                    "{} adds risk while the level is {}",
                    tell(self.step.universe(), order),
                    self.step.risk.level.text()
                ),
            ));
        }
        let age = self.step.now - quote.as_of;
        if age > limits.max_age {
            return Err(held_back(
                Code::Risk006,
                format!(
                    "the price of {venue} {} is {} hours old",
                    market.symbol,
                    age.ms() / 3_600_000
                ),
            ));
        }
        Ok(())
    }

    /// Whether a trade makes a position smaller without turning it around.
    fn is_reducing(&self, order: &Order, quantity: Quantity) -> bool {
        match order.operation {
            Operation::SpotTrade { side, .. } => side == Side::Sell,
            Operation::PerpTrade { market, side } => {
                let held = self.books.quantity(self.step.universe().market(market).position);
                let after = held + side.signed(quantity);
                order.options.reduce_only
                    || (after.abs() < held.abs()
                        && (after.is_zero() || after.is_negative() == held.is_negative()))
            }
            _ => true,
        }
    }

    pub(super) fn atomic(&self, order: &Order) -> Result<(), Stop> {
        let universe = self.step.universe();
        let venue = universe.venue(order.operation.venue(universe));
        if !venue.kind.is_on_chain() {
            return Err(refused(
                Code::Strat003,
                format!(
                    "{} is an order at {}, and only operations on one chain can be atomic",
                    tell(self.step.universe(), order),
                    venue.name
                ),
            ));
        }
        if let Operation::Transfer { to, .. } = order.operation {
            let target = &universe.venue(universe.instrument(to).venue).name;
            return Err(refused(
                Code::Strat003,
                format!(
                    "{} leaves the chain for {target}, which cannot be rolled back",
                    tell(self.step.universe(), order)
                ),
            ));
        }
        Ok(())
    }

    /// Legs that go together must not meet in one market: if the fate of one became unknown, the other could not be sent again.
    pub(super) fn one_order_a_market(&self, orders: &[Order]) -> Result<(), Stop> {
        for (index, order) in orders.iter().enumerate() {
            let Some(market) = order.operation.market() else { continue };
            if orders[..index].iter().any(|other| other.operation.market() == Some(market)) {
                return Err(refused(
                    Code::Strat003,
                    format!(
                        "{} is the second order of its group in that market; make them one order, or send one after the other",
                        tell(self.step.universe(), order)
                    ),
                ));
            }
        }
        Ok(())
    }
}

/// An amount rounded down to what its venue accepts: whole lots of a market, the smallest unit of a key.
pub fn floored(step: &StepView, operation: &Operation, amount: Quantity) -> Quantity {
    let universe = step.universe();
    match *operation {
        Operation::SpotTrade { market, .. } | Operation::PerpTrade { market, .. } => {
            amount.floor_to_lot(universe.market(market).lot)
        }
        Operation::Protect { .. } => amount,
        _ => match operation.counted_in(universe) {
            Some(key) => amount.towards_zero(universe.instrument(key).decimals),
            None => amount,
        },
    }
}
