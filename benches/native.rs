//! BASIS-1 as a Rust value behind the strategy seam: what the engine costs without a script.

use std::sync::Arc;

use basis::engine::promise::promise;
use basis::engine::{Memory, StepView, Strategy, StrategyError};
use basis::types::order::Origin;
use basis::types::{
    Action, Amount, Decision, Item, KeyId, MarketId, MarketKind, OnLegFailure, Operation,
    OperationId, Options, Order, Plan, Quantity, Side,
};
use rust_decimal::Decimal;

/// Long spot, short perp, half of equity each, resized when the spot share leaves a band around a half.
pub struct Basis1 {
    coins: KeyId,
    spot: MarketId,
    perp: MarketId,
    allocation: Decimal,
    threshold: Decimal,
    inside: Arc<str>,
    resize: Arc<str>,
    version: Arc<str>,
}

impl Basis1 {
    /// The strategy for the markets of a setup: BTCUSDT at binance.
    pub fn new(universe: &basis::types::Universe) -> Self {
        let venue = universe.venue_named("binance").expect("the benchmark trades at binance");
        let market =
            |kind| universe.market_named(venue, kind, "BTCUSDT").expect("BTCUSDT trades there");
        let spot = market(MarketKind::Spot);
        Self {
            coins: universe.market(spot).position,
            spot,
            perp: market(MarketKind::Perp),
            allocation: Decimal::new(5, 1),
            threshold: Decimal::new(2, 2),
            inside: "inside the band".into(),
            resize: "resize to half of equity".into(),
            version: "native-basis1".into(),
        }
    }

    fn order(
        &self,
        step: &StepView,
        id: u32,
        operation: Operation,
        quantity: Quantity,
    ) -> Result<Order, StrategyError> {
        let options = Options::default();
        let origin = Origin { file: "native".into(), line: 0 };
        let deltas = promise(step, &operation, quantity, &options).map_err(|error| {
            StrategyError { code: error.code, message: error.message, origin: origin.clone() }
        })?;
        let amount = Amount::fixed(quantity);
        Ok(Order { operation_id: OperationId(id), operation, amount, options, deltas, origin })
    }
}

impl Strategy for Basis1 {
    fn decide(
        &mut self,
        step: &Arc<StepView>,
        _memory: &mut Memory,
    ) -> Result<Decision, StrategyError> {
        let price = step.price(self.spot).expect("the benchmark's data has no gap");
        let held = step.balance(self.coins);
        let equity = step.equity.get();
        let share = (price * held).get() / equity;
        if (share - self.allocation).abs() <= self.threshold {
            return Ok(Decision::hold(self.inside.clone()));
        }
        let lot = step.universe().market(self.spot).lot;
        let target = Quantity::new(self.allocation * equity / price.get()).floor_to_lot(lot);
        let change = target - held;
        let (spot_side, perp_side) =
            if change.is_negative() { (Side::Sell, Side::Buy) } else { (Side::Buy, Side::Sell) };
        let quantity = change.abs();
        let orders = vec![
            self.order(
                step,
                1,
                Operation::SpotTrade { market: self.spot, side: spot_side },
                quantity,
            )?,
            self.order(
                step,
                2,
                Operation::PerpTrade { market: self.perp, side: perp_side },
                quantity,
            )?,
        ];
        let action = match (held.is_zero(), change.is_negative()) {
            (true, _) => Action::EntryFull,
            (_, true) => Action::ExitPartial,
            _ => Action::EntryPartial,
        };
        let plan =
            Plan { items: vec![Item::Parallel { orders, on_leg_failure: OnLegFailure::Complete }] };
        Ok(Decision { action, plan, ..Decision::hold(self.resize.clone()) })
    }

    fn exit(
        &mut self,
        _step: &Arc<StepView>,
        _memory: &mut Memory,
    ) -> Result<Decision, StrategyError> {
        Ok(Decision::hold("the benchmark never leaves"))
    }

    fn version(&self) -> Arc<str> {
        self.version.clone()
    }
}
