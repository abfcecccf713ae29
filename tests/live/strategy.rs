//! A strategy that enters and leaves by turns: pairs of spot and perp side by side, a round trip that sells what it bought.

use std::sync::Arc;

use basis::engine::promise::promise;
use basis::engine::{Memory, StepView, Strategy, StrategyError};
use basis::types::order::Origin;
use basis::types::{
    Action, Amount, Decision, Item, MarketId, MarketKind, OnLegFailure, Operation, OperationId,
    Options, Order, Plan, Quantity, Side, Universe,
};
use rust_decimal::Decimal;

pub struct Turns {
    spot: MarketId,
    perp: MarketId,
}

impl Turns {
    pub fn new(universe: &Universe) -> Self {
        let venue = universe.venue_named("binance").expect("the tests' venue");
        let market =
            |kind| universe.market_named(venue, kind, "BTCUSDT").expect("the tests' market");
        Self { spot: market(MarketKind::Spot), perp: market(MarketKind::Perp) }
    }

    fn order(
        &self,
        step: &StepView,
        id: u32,
        market: MarketId,
        side: Side,
        amount: Amount,
    ) -> Result<Order, StrategyError> {
        let is_spot = market == self.spot;
        let operation = if is_spot {
            Operation::SpotTrade { market, side }
        } else {
            Operation::PerpTrade { market, side }
        };
        // A short is bought back reduce-only.
        let options = Options { reduce_only: !is_spot && side == Side::Buy, ..Options::default() };
        let origin = Origin { file: "turns".into(), line: 0 };
        let lot = step.universe().market(market).lot;
        let quantity = amount.expected.floor_to_lot(lot);
        let deltas = promise(step, &operation, quantity, &options).map_err(|error| {
            StrategyError { code: error.code, message: error.message, origin: origin.clone() }
        })?;
        Ok(Order { operation_id: OperationId(id), operation, amount, options, deltas, origin })
    }

    fn pair(
        &self,
        step: &StepView,
        coins: &str,
        on_leg_failure: OnLegFailure,
    ) -> Result<Decision, StrategyError> {
        let amount = Amount::fixed(Quantity::new(coins.parse().expect("a number")));
        let orders = vec![
            self.order(step, 1, self.spot, Side::Buy, amount)?,
            self.order(step, 2, self.perp, Side::Sell, amount)?,
        ];
        Ok(told(Action::EntryPartial, "a pair", vec![Item::Parallel { orders, on_leg_failure }]))
    }

    /// Buys coins and sells what came in, whatever that is.
    fn round_trip(&self, step: &StepView) -> Result<Decision, StrategyError> {
        let coins = Quantity::new(Decimal::new(2, 2));
        let key = step.universe().market(self.spot).position;
        let decimals = step.universe().instrument(key).decimals;
        let received = step.universe().market(self.spot).received(coins, decimals);
        let buy = self.order(step, 1, self.spot, Side::Buy, Amount::fixed(coins))?;
        let output = Amount::output(OperationId(1), received);
        let sell = self.order(step, 2, self.spot, Side::Sell, output)?;
        let items = vec![Item::One(Box::new(buy)), Item::One(Box::new(sell))];
        Ok(told(Action::EntryPartial, "a round trip", items))
    }

    /// Sells a part of the coins and buys back the same part of the short.
    fn leave(
        &self,
        step: &StepView,
        action: Action,
        part: Decimal,
    ) -> Result<Decision, StrategyError> {
        let universe = step.universe();
        let mut orders = Vec::new();
        for (market, side) in [(self.spot, Side::Sell), (self.perp, Side::Buy)] {
            let rules = universe.market(market);
            let held = step.balance(rules.position).abs();
            let quantity = Quantity::new(held.get() * part).floor_to_lot(rules.lot);
            let worth = step.price(market).map(|price| price * quantity).unwrap_or_default();
            if !quantity.is_zero() && worth >= rules.min_notional {
                let id = orders.len() as u32 + 1;
                orders.push(self.order(step, id, market, side, Amount::fixed(quantity))?);
            }
        }
        if orders.is_empty() {
            return Ok(Decision::hold("there is nothing to leave"));
        }
        let on_leg_failure = OnLegFailure::Complete;
        Ok(told(action, "leave", vec![Item::Parallel { orders, on_leg_failure }]))
    }
}

impl Strategy for Turns {
    fn decide(
        &mut self,
        step: &Arc<StepView>,
        memory: &mut Memory,
    ) -> Result<Decision, StrategyError> {
        let asked = memory.0.trim_matches(['{', '}']).rsplit(':').next();
        let asked: u64 = asked.and_then(|number| number.parse().ok()).unwrap_or(0);
        *memory = Memory(format!("{{\"asked\":{}}}", asked + 1));
        if step.wind_down {
            return self.leave(step, Action::ExitFull, Decimal::ONE);
        }
        match asked % 6 {
            0 => self.pair(step, "0.05", OnLegFailure::Complete),
            1 => self.round_trip(step),
            2 => self.leave(step, Action::ExitPartial, Decimal::new(5, 1)),
            3 => self.pair(step, "0.03", OnLegFailure::Unwind),
            4 => self.leave(step, Action::ExitFull, Decimal::ONE),
            _ => Ok(Decision::hold("a pause")),
        }
    }

    fn exit(&mut self, step: &Arc<StepView>, _: &mut Memory) -> Result<Decision, StrategyError> {
        self.leave(step, Action::ExitFull, Decimal::ONE)
    }

    fn version(&self) -> Arc<str> {
        "turns-1".into()
    }
}

fn told(action: Action, reason: &str, items: Vec<Item>) -> Decision {
    Decision { action, plan: Plan { items }, ..Decision::hold(reason) }
}
