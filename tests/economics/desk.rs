//! Orders in a few words, for strategies of the tests.

use basis::engine::StepView;
use basis::engine::promise::promise;
use basis::types::order::Origin;
use basis::types::{
    Action, Amount, Decision, Item, KeyId, MarketId, MarketKind, OnLegFailure, Operation,
    OperationId, Options, Order, Plan, Quantity, Side,
};

/// Builds orders on one step; each has its own number.
pub struct Desk<'a> {
    step: &'a StepView,
    next: u32,
}

impl<'a> Desk<'a> {
    pub fn new(step: &'a StepView) -> Self {
        Self { step, next: 0 }
    }

    pub fn step(&self) -> &'a StepView {
        self.step
    }

    pub fn spot(&mut self, venue: &str, side: Side, amount: impl Into<Coins>) -> Order {
        let market = market(self.step, venue, MarketKind::Spot);
        self.order(Operation::SpotTrade { market, side }, amount)
    }

    pub fn perp(&mut self, venue: &str, side: Side, amount: impl Into<Coins>) -> Order {
        let market = market(self.step, venue, MarketKind::Perp);
        self.order(Operation::PerpTrade { market, side }, amount)
    }

    pub fn transfer(&mut self, from: &str, to: &str, amount: impl Into<Coins>) -> Order {
        let (from, to) = (key(self.step, from), key(self.step, to));
        self.order(Operation::Transfer { from, to }, amount)
    }

    pub fn wrap(&mut self, amount: impl Into<Coins>) -> Order {
        let (from, to) =
            (key(self.step, "wallet:BaseToken:ETH"), key(self.step, "wallet:BaseToken:WETH"));
        self.order(Operation::Wrap { from, to }, amount)
    }

    pub fn unwrap(&mut self, amount: impl Into<Coins>) -> Order {
        let (from, to) =
            (key(self.step, "wallet:BaseToken:WETH"), key(self.step, "wallet:BaseToken:ETH"));
        self.order(Operation::Wrap { from, to }, amount)
    }

    pub fn order(&mut self, operation: Operation, amount: impl Into<Coins>) -> Order {
        let amount = amount.into().0;
        self.next += 1;
        let options = Options::default();
        let deltas = promise(self.step, &operation, amount.expected, &options).unwrap_or_default();
        let origin = Origin { file: "desk".into(), line: self.next };
        Order { operation_id: OperationId(self.next), operation, amount, options, deltas, origin }
    }
}

/// How many: a number in text, or an amount.
pub struct Coins(pub Amount);

impl From<&str> for Coins {
    fn from(text: &str) -> Self {
        Self(Amount::fixed(Quantity::new(text.parse().expect("a number"))))
    }
}

impl From<Quantity> for Coins {
    fn from(quantity: Quantity) -> Self {
        Self(Amount::fixed(quantity))
    }
}

impl From<Amount> for Coins {
    fn from(amount: Amount) -> Self {
        Self(amount)
    }
}

/// BTCUSDT at a venue.
pub fn market(step: &StepView, venue: &str, kind: MarketKind) -> MarketId {
    let universe = step.universe();
    let venue = universe.venue_named(venue).expect("the scene has the venue");
    universe.market_named(venue, kind, "BTCUSDT").expect("BTCUSDT trades there")
}

pub fn key(step: &StepView, name: &str) -> KeyId {
    step.universe().key_named(name).unwrap_or_else(|| panic!("{name} is a key of the scene"))
}

pub fn held(step: &StepView, name: &str) -> Quantity {
    step.balance(key(step, name))
}

pub fn one(order: Order) -> Item {
    Item::One(Box::new(order))
}

pub fn parallel(orders: Vec<Order>) -> Item {
    Item::Parallel { orders, on_leg_failure: OnLegFailure::Complete }
}

pub fn parallel_or_unwind(orders: Vec<Order>) -> Item {
    Item::Parallel { orders, on_leg_failure: OnLegFailure::Unwind }
}

pub fn entry(items: Vec<Item>) -> Decision {
    decision(Action::EntryPartial, items)
}

pub fn exit(items: Vec<Item>) -> Decision {
    decision(Action::ExitPartial, items)
}

pub fn decision(action: Action, items: Vec<Item>) -> Decision {
    Decision { action, plan: Plan { items }, ..Decision::hold("as the test says") }
}
