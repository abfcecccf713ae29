//! An engine whose venues are played by the test: every effect is looked at, every answer is given by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use basis::config::{Costs, Setup};
use basis::engine::{Command, Effect, Engine, Input, Mode, Outbox, Strategy};
use basis::market::MarketData;
use basis::types::event::{Event, EventBatch, Loudness};
use basis::types::{
    Balance, BoundOrder, Cause, Execution, KeyId, MarketKind, Notional, Operation, OrderId,
    Outcome, Posting, Price, Quantity, Report, ReportBody, RunTag, Settlement, Span, Timestamp,
    VenueId,
};

use crate::scene::{calm, setup};

/// The engine, the time, and what it has said.
pub struct Hand {
    pub setup: Arc<Setup>,
    pub engine: Engine,
    pub now: Timestamp,
    data: Arc<MarketData>,
    step: usize,
    events: Vec<EventBatch>,
    /// What the venues hold: the test changes it as it likes.
    pub held: BTreeMap<KeyId, Quantity>,
    reference: u64,
}

impl Hand {
    /// Before the first step, at calm prices and no costs, with no gas tank.
    pub fn new(strategy: Box<dyn Strategy>, mode: Mode, sets: &[(&str, &str)]) -> Self {
        let setup = Arc::new(setup("economics", Costs::None, sets));
        let data = calm(30).data(&setup);
        let balances = setup.initial_balances.clone();
        let engine =
            Engine::new(setup.clone(), data.view_at(0), strategy, RunTag::new(7), &balances, mode);
        let engine = engine.expect("the opening is valid");
        let held = balances.into_iter().collect();
        Self {
            now: data.from(),
            setup,
            engine,
            data,
            step: 0,
            events: Vec::new(),
            held,
            reference: 0,
        }
    }

    /// Hands in an input now; what is to be done.
    pub fn give(&mut self, input: Input) -> Vec<Effect> {
        let mut out = Outbox::default();
        self.engine.handle(self.now, input, &mut out);
        self.events.push(out.events);
        out.effects
    }

    /// The next step of the clock.
    pub fn tick(&mut self) -> Vec<Effect> {
        let view = self.data.view_at(self.step);
        self.now = view.now();
        self.step += 1;
        self.give(Input::Tick(view))
    }

    pub fn later(&mut self, span: Span) {
        self.now = self.now + span;
    }

    pub fn command(&mut self, command: Command) -> Vec<Effect> {
        self.give(Input::Operator(command))
    }

    pub fn key(&self, name: &str) -> KeyId {
        self.setup.universe.key_named(name).unwrap_or_else(|| panic!("{name} is no key"))
    }

    pub fn books(&self, name: &str) -> Quantity {
        self.engine.state().books.quantity(self.key(name))
    }

    /// The venue fills an order at a price without a fee.
    pub fn filled(&self, order: &BoundOrder, price: &str) -> Execution {
        let price = Price::new(price.parse().expect("a price"));
        let (Operation::SpotTrade { market, side } | Operation::PerpTrade { market, side }) =
            order.operation
        else {
            panic!("only trades are filled by hand");
        };
        let market = self.setup.universe.market(market);
        let change = side.signed(order.quantity);
        let notional = price * change;
        let trade = |key, amount, cost| Posting {
            cost,
            price: Some(price),
            ..Posting::of_market(key, amount, Cause::Trade, market.id)
        };
        let deltas = match market.kind {
            MarketKind::Spot => vec![
                trade(market.position, change, Notional::ZERO),
                trade(market.cash, -notional.as_quantity(), Notional::ZERO),
            ],
            MarketKind::Perp => vec![trade(market.position, change, notional)],
        };
        Execution {
            executed: order.quantity,
            average_price: Some(price),
            deltas,
            gas_used: None,
            submitted_at: self.now,
            executed_at: self.now,
        }
    }

    /// The venue has filled an order: its holdings change and it answers.
    pub fn fill(&mut self, id: OrderId, order: &BoundOrder, price: &str) -> Vec<Effect> {
        let execution = self.filled(order, price);
        for posting in &execution.deltas {
            *self.held.entry(posting.key).or_default() += posting.amount;
        }
        self.give(Input::Outcome(id, Outcome::Done(execution)))
    }

    /// The venue tells what it holds at the keys it was asked for.
    pub fn tell(&mut self, venue: VenueId, keys: &[KeyId]) -> Vec<Effect> {
        let held = |key: &KeyId| self.held.get(key).copied().unwrap_or_default();
        let cost = |key: &KeyId| self.engine.state().books.cost(*key);
        let balances =
            keys.iter().map(|key| Balance { key: *key, quantity: held(key), cost: cost(key) });
        let body = ReportBody::Balances(balances.collect());
        let as_of = self.now;
        self.give(Input::Report(Report { venue, as_of, body }))
    }

    /// Answers every question for balances among effects, and the questions that follow, at most so many times.
    pub fn answer_observations(&mut self, effects: Vec<Effect>, times: usize) -> Vec<Effect> {
        let mut rest = Vec::new();
        let mut open = effects;
        for _ in 0..times {
            let mut next = Vec::new();
            for effect in open {
                match effect {
                    Effect::Observe(venue, keys) => next.extend(self.tell(venue, &keys)),
                    other => rest.push(other),
                }
            }
            open = next;
        }
        rest.extend(open);
        rest
    }

    /// The venue has settled something by itself and tells of it.
    pub fn settle(
        &mut self,
        kind: Settlement,
        key: &str,
        amount: &str,
        cause: Cause,
    ) -> Vec<Effect> {
        self.reference += 1;
        let key = self.key(key);
        let amount = Quantity::new(amount.parse().expect("a number"));
        let postings = vec![Posting::plain(key, amount, cause)];
        let venue = self.setup.universe.instrument(key).venue;
        let body = ReportBody::Settled { reference: self.reference, kind, postings };
        let as_of = self.now;
        self.give(Input::Report(Report { venue, as_of, body }))
    }

    /// What was said at least so loudly.
    pub fn notes(&self, loudness: Loudness) -> Vec<String> {
        let told = |event: &Event| match event {
            Event::Note(note) if note.loudness >= loudness => Some(format!(
                "{} {}",
                note.code.map(|code| code.to_string()).unwrap_or_default(),
                note.text
            )),
            _ => None,
        };
        self.events.iter().flat_map(|batch| &batch.events).filter_map(told).collect()
    }

    /// Why decisions were held back or refused.
    pub fn constraints(&self) -> Vec<String> {
        let of = |event: &Event| match event {
            Event::Decision(decision) => {
                decision.constraints.iter().map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        };
        self.events.iter().flat_map(|batch| &batch.events).flat_map(of).collect()
    }
}

/// The orders among effects.
pub fn submitted(effects: &[Effect]) -> Vec<(OrderId, Arc<BoundOrder>)> {
    let of = |effect: &Effect| match effect {
        Effect::Submit(_, id, order) => Some((*id, order.clone())),
        _ => None,
    };
    effects.iter().filter_map(of).collect()
}

/// The orders that are asked about among effects.
pub fn queried(effects: &[Effect]) -> Vec<OrderId> {
    effects
        .iter()
        .filter_map(|effect| if let Effect::Query(_, id) = effect { Some(*id) } else { None })
        .collect()
}

/// The timers that are set among effects.
pub fn timers(effects: &[Effect]) -> Vec<(basis::types::TimerId, Timestamp)> {
    effects
        .iter()
        .filter_map(
            |effect| if let Effect::Wake(timer, at) = effect { Some((*timer, *at)) } else { None },
        )
        .collect()
}
