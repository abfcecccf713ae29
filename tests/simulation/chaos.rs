//! A strategy without sense, to get the engine into every situation: pairs, sequences with late-bound amounts, transfers,
//! atomic groups, protections, exits, loops of staked ETH (`chaos_chain`), full of chance but the same for the same seed, time and memory.

use std::sync::Arc;

use basis::engine::promise::promise;
use basis::engine::{Memory, StepView, Strategy, StrategyError};
use basis::types::order::Origin;
use basis::types::{
    Action, Amount, AmountBase, Decision, Expected, Item, KeyId, MarketId, MarketKind,
    OnLegFailure, Operation, OperationId, Options, Order, Plan, Price, Quantity, Side, VenueId,
};
use rust_decimal::Decimal;

use crate::dice::Dice;

/// After this many decisions it only holds, so that everything can come to rest.
const ACTIVE: u64 = 24;

pub struct Chaos {
    seed: u64,
}

impl Chaos {
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }
}

impl Strategy for Chaos {
    fn decide(
        &mut self,
        step: &Arc<StepView>,
        memory: &mut Memory,
    ) -> Result<Decision, StrategyError> {
        let asked: u64 = memory
            .0
            .trim_matches(['{', '}'])
            .rsplit(':')
            .next()
            .and_then(|n| n.parse().ok())
            .unwrap_or(0);
        *memory = Memory(format!("{{\"asked\":{}}}", asked + 1));
        if asked >= ACTIVE {
            return Ok(Decision::hold("at rest"));
        }
        let mut dice =
            Dice::new(self.seed.wrapping_add(asked * 7919).wrapping_add(step.now.ms() as u64));
        let desk = Desk { step, dice: &mut dice, next: 0 };
        Ok(desk.decide())
    }

    fn exit(&mut self, _: &Arc<StepView>, _: &mut Memory) -> Result<Decision, StrategyError> {
        Ok(Decision::hold("it never leaves"))
    }

    fn version(&self) -> Arc<str> {
        "chaos".into()
    }
}

/// What it decides from, and the number of its last order.
pub struct Desk<'a> {
    pub step: &'a StepView,
    pub dice: &'a mut Dice,
    next: u32,
}

impl Desk<'_> {
    fn decide(mut self) -> Decision {
        let name = ["binance", "bybit"][self.dice.below(2) as usize];
        let venue = self.step.universe().venue_named(name).expect("the drill has it");
        if self.dice.below(2) == 0 {
            return self.on_chain();
        }
        match self.dice.below(10) {
            0 | 1 => Decision::hold("a pause"),
            2 | 3 => self.enter(venue),
            4 => self.enter_and_leave(venue),
            5 => self.leave(venue),
            6 => self.move_money(venue),
            7 => self.wrap(),
            8 => self.protect(venue),
            _ => self.round_trip(venue),
        }
    }

    /// Long spot and short perp of the same size, together.
    fn enter(&mut self, venue: VenueId) -> Decision {
        let (spot, perp) = self.markets(venue);
        let size = self.size(venue, 10);
        let orders = vec![self.spot(spot, Side::Buy, size), self.perp(perp, Side::Sell, size)];
        let on_leg_failure =
            if self.dice.below(2) == 0 { OnLegFailure::Complete } else { OnLegFailure::Unwind };
        self.plan(Action::EntryPartial, vec![Item::Parallel { orders, on_leg_failure }])
    }

    /// Buys, then sells half of what came in, whatever that was.
    fn enter_and_leave(&mut self, venue: VenueId) -> Decision {
        let (spot, _) = self.markets(venue);
        let size = self.size(venue, 20);
        let buy = self.spot(spot, Side::Buy, size);
        let out = Amount {
            times: Decimal::new(5, 1),
            ..Amount::output(buy.operation_id, Quantity::new(size.get() / Decimal::TWO))
        };
        let mut sell = self.spot(spot, Side::Sell, out.expected);
        sell.amount = out;
        self.plan(Action::EntryPartial, vec![Item::One(Box::new(buy)), Item::One(Box::new(sell))])
    }

    /// Everything at the venue: perps to zero, all coins.
    fn leave(&mut self, venue: VenueId) -> Decision {
        let (spot, perp) = self.markets(venue);
        let universe = self.step.universe();
        let (coins, size) =
            (universe.market(spot).position, self.step.balance(universe.market(perp).position));
        let mut orders = Vec::new();
        if !size.is_zero() {
            let side = if size.is_negative() { Side::Buy } else { Side::Sell };
            let mut order = self.perp(perp, side, size.abs());
            order.options.reduce_only = true;
            orders.push(order);
        }
        let held = self.step.balance(coins).floor_to_lot(universe.market(spot).lot);
        if held.is_positive() {
            let mut order = self.spot(spot, Side::Sell, held);
            order.amount = Amount { base: AmountBase::All(coins), ..Amount::all(coins, held) };
            orders.push(order);
        }
        if orders.is_empty() {
            return Decision::hold("nothing to leave");
        }
        let items = vec![Item::Parallel { orders, on_leg_failure: OnLegFailure::Complete }];
        self.plan(Action::ExitFull, items)
    }

    fn move_money(&mut self, venue: VenueId) -> Decision {
        let universe = self.step.universe();
        let wallet = universe.venue_named("wallet").expect("the drill has it");
        let usdt = universe.token_named("USDT").expect("the drill has it");
        let (from, to) = if self.dice.below(3) == 0 { (venue, wallet) } else { (wallet, venue) };
        let key = |venue| universe.token_key(venue, usdt).expect("the drill has it");
        let (from, to) = (key(from), key(to));
        let amount = Quantity::new(Decimal::from(100 + self.dice.below(2000)));
        if self.step.balance(from) < amount {
            return Decision::hold("no money to move");
        }
        let order = self.order(Operation::Transfer { from, to }, amount);
        self.plan(Action::EntryPartial, vec![Item::One(Box::new(order))])
    }

    /// ETH into WETH and half of it back, all or nothing.
    fn wrap(&mut self) -> Decision {
        let universe = self.step.universe();
        let wallet = universe.venue_named("wallet").expect("the drill has it");
        let key = |name: &str| -> KeyId {
            let token = universe.token_named(name).expect("the drill has it");
            universe.token_key(wallet, token).expect("the drill has it")
        };
        let (eth, weth) = (key("ETH"), key("WETH"));
        let amount = Quantity::new(Decimal::new(1 + self.dice.below(50) as i64, 3));
        if self.step.balance(eth) < amount + amount {
            return Decision::hold("no ETH to wrap");
        }
        let first = self.order(Operation::Wrap { from: eth, to: weth }, amount);
        let mut second = self.order(Operation::Wrap { from: weth, to: eth }, amount);
        // Sometimes more than there is, so that the group fails as a whole.
        let part = if self.dice.below(3) == 0 {
            amount + amount
        } else {
            Quantity::new(amount.get() / Decimal::TWO)
        };
        second.amount = Amount::fixed(part);
        self.plan(Action::EntryPartial, vec![Item::Atomic(vec![first, second])])
    }

    fn protect(&mut self, venue: VenueId) -> Decision {
        let (_, perp) = self.markets(venue);
        let market = self.step.universe().market(perp);
        let held = self.step.balance(market.position);
        let Some(price) = self.step.price(perp) else { return Decision::hold("no price") };
        if held.is_zero() {
            return Decision::hold("nothing to protect");
        }
        let moved = |per_mille: i64| {
            Price::new((price.get() * (Decimal::ONE + Decimal::new(per_mille, 3))).round_dp(1))
        };
        let (up, down) = (moved(25), moved(-25));
        let (take_profit, stop_loss) = if held.is_negative() { (down, up) } else { (up, down) };
        let operation = Operation::Protect {
            market: perp,
            take_profit: Some(take_profit),
            stop_loss: Some(stop_loss),
        };
        let order = self.order(operation, Quantity::ZERO);
        self.plan(Action::EntryPartial, vec![Item::One(Box::new(order))])
    }

    /// A perp opened and closed in one plan.
    fn round_trip(&mut self, venue: VenueId) -> Decision {
        let (_, perp) = self.markets(venue);
        let size = self.size(venue, 15);
        let held = self.step.balance(self.step.universe().market(perp).position);
        let side = if held.is_negative() { Side::Sell } else { Side::Buy };
        let (open, close) = (self.perp(perp, side, size), self.perp(perp, side.opposite(), size));
        self.plan(Action::EntryPartial, vec![Item::One(Box::new(open)), Item::One(Box::new(close))])
    }

    fn markets(&self, venue: VenueId) -> (MarketId, MarketId) {
        let universe = self.step.universe();
        let market =
            |kind| universe.market_named(venue, kind, "BTCUSDT").expect("the drill has it");
        (market(MarketKind::Spot), market(MarketKind::Perp))
    }

    /// Coins for a part of the cash at a venue.
    fn size(&mut self, venue: VenueId, parts: i64) -> Quantity {
        let universe = self.step.universe();
        let usdt = universe.token_named("USDT").expect("the drill has it");
        let cash = self
            .step
            .balance(universe.token_key(venue, usdt).expect("the drill has it"))
            .max(Quantity::ZERO);
        let price = Decimal::from(60_000);
        let part =
            cash.get() / Decimal::from(parts) * Decimal::new(5 + self.dice.below(6) as i64, 1);
        Quantity::new(part / price).floor_to_lot(Quantity::new(Decimal::new(1, 3)))
    }

    fn spot(&mut self, market: MarketId, side: Side, quantity: Quantity) -> Order {
        self.order(Operation::SpotTrade { market, side }, quantity)
    }

    fn perp(&mut self, market: MarketId, side: Side, quantity: Quantity) -> Order {
        self.order(Operation::PerpTrade { market, side }, quantity)
    }

    pub fn order(&mut self, operation: Operation, quantity: Quantity) -> Order {
        self.next += 1;
        let options = Options::default();
        Order {
            operation_id: OperationId(self.next),
            operation,
            amount: Amount::fixed(quantity),
            options,
            deltas: self.promised(&operation, quantity, &options),
            origin: Origin { file: "chaos".into(), line: 0 },
        }
    }

    pub fn promised(
        &self,
        operation: &Operation,
        quantity: Quantity,
        options: &Options,
    ) -> Vec<Expected> {
        promise(self.step, operation, quantity, options).unwrap_or_default()
    }

    pub fn plan(&self, action: Action, items: Vec<Item>) -> Decision {
        Decision { action, plan: Plan { items }, ..Decision::hold(action.text()) }
    }
}
