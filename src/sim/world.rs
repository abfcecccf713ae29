//! The world of the simulated venues: requests on their way in, messages on their way out, and time.
//!
//! A shell's loop over one step is: `tick`, then `pop_until` the step's time into the engine, then the engine's own tick, and
//! its effects back in here (`submit`, `query`, `observe`) with `pop_until` between them until nothing is left before the
//! next step. The same calls in the same order with the same seed give the same messages.

use std::sync::Arc;

use crate::config::Setup;
use crate::market::View;
use crate::market::stress::Ordeal;
use crate::types::{
    Balance, BoundOrder, Cause, GroupOutcome, KeyId, OrderId, Outcome, Posting, Quantity, RewardId,
    Settlement, Timestamp, VenueId,
};

use super::fault::{Dice, FaultKind, Faults, FaultsMet};
use super::floor::{Floor, refused_group};
use super::inbound::{Inbound, settled};
use super::ledger::Slot;
use super::message::{Message, Violation};
use super::mishap::Mishap;
use super::orders::Orders;
use super::post_office::{PostOffice, unknown, unknown_group};
use super::request::Request;
use super::timeline::Timeline;
use super::weather::Weather;

/// All simulated venues of a run, and the wires to them. Plain data: a copy goes its own way from then on.
#[derive(Clone, Debug, PartialEq)]
pub struct World<W = View> {
    pub(super) setup: Arc<Setup>,
    pub(super) floor: Floor,
    pub(super) weather: Option<W>,
    ticked_at: Option<Timestamp>,
    pub(super) inbound: Timeline<Inbound>,
    pub(super) post: PostOffice,
    pub(super) orders: Orders,
    /// By venue: the last reference of a settlement.
    pub(super) references: Vec<u64>,
    /// The balances at the last tick, for stale observations; kept only where faults can happen.
    pub(super) past: Option<(Timestamp, Vec<Slot>)>,
    pub(super) violations: Vec<Violation>,
    /// Where somebody liquidates us at the next tick, ordered by hand.
    liquidating: Vec<VenueId>,
    /// What is handed out at the next tick, ordered by hand.
    handing_out: Vec<(RewardId, Quantity)>,
    /// What venues will do or are doing because the run is stressed.
    pub(super) ordeals: Vec<Ordeal>,
    /// Venues that are down because of it, and until when.
    pub(super) suspended: Vec<(VenueId, Timestamp)>,
}

impl<W: Weather + Clone> World<W> {
    /// The venues of a setup with their initial balances. The seed only matters where faults can happen.
    pub fn new(setup: Arc<Setup>, seed: u64, faults: Faults) -> Self {
        let venues = setup.universe.venues().len();
        Self {
            floor: Floor::new(setup.clone()),
            weather: None,
            ticked_at: None,
            inbound: Timeline::new(),
            post: PostOffice::new(Dice::new(faults, seed, venues)),
            orders: Orders::default(),
            references: vec![0; venues],
            past: None,
            violations: Vec::new(),
            liquidating: Vec::new(),
            handing_out: Vec::new(),
            ordeals: Vec::new(),
            suspended: Vec::new(),
            setup,
        }
    }

    /// From now on nothing new goes wrong; what was held up on its way still comes late.
    pub fn becalm(&mut self) {
        self.post.dice.becalm();
    }

    /// From now on mishaps may be ordered; ordered before a tick, they can strike at once.
    pub fn listen(&mut self) {
        self.post.dice.listen();
    }

    /// Orders something to go wrong, next time there is occasion.
    pub fn order(&mut self, mishap: Mishap) {
        self.post.dice.order(mishap);
    }

    /// A venue is down until a time: it refuses orders and answers no questions.
    pub fn take_down(&mut self, venue: VenueId, until: Timestamp) {
        self.post.dice.take_down(venue, until);
    }

    /// At the next tick somebody liquidates us at a venue, whatever our margin: all perps of an exchange at their prices, of a
    /// loan as much as may be repaid below a health factor of 1.
    pub fn liquidate(&mut self, venue: VenueId) {
        self.liquidating.push(venue);
    }

    /// At the next tick a venue hands out so much of a reward, whatever is held.
    pub fn hand_out(&mut self, reward: RewardId, amount: Quantity) {
        self.handing_out.push((reward, amount));
    }

    /// What was ordered and has not happened yet.
    pub fn ordered(&self) -> &[Mishap] {
        self.post.dice.ordered()
    }

    /// Time has passed to `now`, and this is the market. Reports what the bar that closed did (stops, targets, liquidations),
    /// then funding stamped since the last tick, then interest; then fills what waited for this tick's price.
    pub fn tick(&mut self, now: Timestamp, weather: &W) {
        self.serve_before(now);
        if !self.post.dice.is_quiet() {
            self.past = Some((now, self.floor.ledger.slots().to_vec()));
        }
        let before = self.weather.replace(weather.clone());
        let since = self.ticked_at.replace(now);
        let Self { floor, post, references, liquidating, handing_out, .. } = self;
        if let (Some(before), Some(since)) = (&before, since)
            && since < now
        {
            floor.pass([before, weather], [since, now], &mut |venue, kind, postings| {
                post.settle(now, settled(references, venue, now, kind, postings));
            });
        }
        for reward in handing_out.drain(..) {
            floor.hand_out(weather, now, reward, &mut |venue, kind, postings| {
                post.settle(now, settled(references, venue, now, kind, postings));
            });
        }
        for venue in liquidating.drain(..) {
            let postings = floor.liquidate(weather, now, venue);
            if !postings.is_empty() {
                post.settle(
                    now,
                    settled(references, venue, now, Settlement::Liquidation, postings),
                );
            }
        }
        self.befall(now, weather);
        let Self { floor, post, orders, setup, .. } = self;
        floor.ledger.refill();
        floor.fill_waiting(weather, now, &mut |venue, id, outcome| {
            orders.end(id, outcome.clone());
            let latency = setup.conditions[venue.index()].latency;
            post.answer(venue, now, latency, Message::Outcome(id, outcome));
        });
    }

    /// An order leaves for its venue.
    pub fn submit(&mut self, now: Timestamp, id: OrderId, order: &BoundOrder) {
        let request = Request::from(order);
        let (venue, key) = self.floor.address(&request.operation);
        self.watch(now, id, key);
        self.post.tell(now, Message::Sent(id));
        if !self.orders.send(id, key, now) {
            let rejection = self.sent_twice(now, id);
            let answer = Message::Outcome(id, Outcome::Rejected(rejection));
            return self.post.answer(venue, now, self.round_trip(venue), answer);
        }
        if self.post.dice.is_down(venue, now) {
            if self.post.dice.says_that_it_is_down() {
                let outcome = Outcome::Rejected(self.is_down(venue));
                self.orders.end(id, outcome.clone());
                return self.post.tell(now + self.round_trip(venue), Message::Outcome(id, outcome));
            }
            return self.post.give_up(now, unknown(id));
        }
        let Some((late, answer)) = self.departure(now, venue, unknown(id)) else { return };
        self.send(now + late, now, venue, Inbound::Order { id, venue, request, answer });
    }

    /// An atomic group leaves for its chain; known by the id of its first leg.
    pub fn submit_group(&mut self, now: Timestamp, legs: &[(OrderId, BoundOrder)]) {
        let Some((first, order)) = legs.first() else { return };
        let (id, (venue, _)) = (*first, self.floor.address(&order.operation));
        let mut repeated = None;
        for (index, (leg, order)) in legs.iter().enumerate() {
            let (_, key) = self.floor.address(&order.operation);
            self.watch(now, *leg, key);
            self.post.tell(now, Message::Sent(*leg));
            if !self.orders.send_leg(*leg, id, key, now) {
                repeated = Some((index as u16, self.sent_twice(now, *leg)));
            }
        }
        if let Some((leg, rejection)) = repeated {
            let outcome = GroupOutcome::RolledBack { leg, rejection, deltas: Vec::new() };
            let answer = Message::GroupOutcome(id, outcome);
            return self.post.answer(venue, now, self.round_trip(venue), answer);
        }
        let venues = legs.iter().map(|(_, order)| self.floor.address(&order.operation).0);
        if let Some((leg, down)) = self.held_up_leg(now, venues) {
            let (rejection, deltas) = (self.is_down(down), Vec::new());
            let outcome = GroupOutcome::RolledBack { leg, rejection, deltas };
            self.orders.end_group(id, outcome.clone());
            let at = now + self.round_trip(venue);
            return self.post.tell(at, Message::GroupOutcome(id, outcome));
        }
        if self.post.dice.is_down(venue, now) {
            if self.post.dice.says_that_it_is_down() {
                let outcome = refused_group(self.is_down(venue));
                self.orders.end_group(id, outcome.clone());
                let at = now + self.round_trip(venue);
                return self.post.tell(at, Message::GroupOutcome(id, outcome));
            }
            return self.post.give_up(now, unknown_group(id));
        }
        let Some((late, answer)) = self.departure(now, venue, unknown_group(id)) else { return };
        let legs = legs.iter().map(|(_, order)| Request::from(order)).collect();
        self.send(now + late, now, venue, Inbound::Group { id, venue, legs, answer });
    }

    /// Asks a venue what became of an order.
    pub fn query(&mut self, now: Timestamp, venue: VenueId, id: OrderId) {
        if self.post.dice.is_down(venue, now)
            || self.post.dice.strikes(FaultKind::QueryUnknown, venue)
        {
            return self.post.give_up(now, unknown(id));
        }
        self.send(now, now, venue, Inbound::Query { id, venue });
    }

    /// Asks a chain what became of a group.
    pub fn query_group(&mut self, now: Timestamp, venue: VenueId, id: OrderId) {
        if self.post.dice.is_down(venue, now)
            || self.post.dice.strikes(FaultKind::QueryUnknown, venue)
        {
            return self.post.give_up(now, unknown_group(id));
        }
        self.send(now, now, venue, Inbound::QueryGroup { id, venue });
    }

    /// Asks a venue for the balances of keys. A venue that is down does not answer.
    pub fn observe(&mut self, now: Timestamp, venue: VenueId, keys: &[KeyId]) {
        if !self.post.dice.is_down(venue, now) {
            self.send(now, now, venue, Inbound::Observe { venue, keys: keys.into() });
        }
    }

    /// Asks a venue for what it has settled since a time; it tells again what it told before.
    pub fn history(&mut self, now: Timestamp, venue: VenueId, since: Timestamp) {
        if !self.post.dice.is_down(venue, now) {
            let at = now + self.round_trip(venue);
            self.post.tell_again(at, venue, since);
        }
    }

    /// The owner brings (positive) or takes (negative) tokens at a key.
    pub fn capital(&mut self, key: KeyId, amount: Quantity) {
        self.floor.ledger.post(&[Posting::plain(key, amount, Cause::Capital)]);
    }

    /// The client has died: messages on their way to it are lost, requests on their way to the venues are not.
    pub fn lose_messages(&mut self) {
        self.post.drop_all();
    }

    /// The earliest time at which something happens: a message is due, or a request reaches its venue.
    pub fn next_at(&self) -> Option<Timestamp> {
        let (inbound, pending) = (self.inbound.next_at(), self.post.next_at());
        inbound.into_iter().chain(pending).min()
    }

    /// Takes the next message that is due at or before `limit`; what happens inside until then has happened.
    pub fn pop_until(&mut self, limit: Timestamp) -> Option<(Timestamp, Message)> {
        loop {
            let first = self.post.next_at().map_or(limit, |at| at.min(limit));
            if let Some((at, inbound)) = self.inbound.pop_until(first) {
                self.serve(at, inbound);
                continue;
            }
            let (at, message) = self.post.pop_until(limit)?;
            self.told(&message);
            return Some((at, message));
        }
    }

    /// Takes a message that is due at [`next_at`](Self::next_at); `None` when what happens then is not heard outside.
    pub fn pop(&mut self) -> Option<(Timestamp, Message)> {
        self.pop_until(self.next_at()?)
    }

    /// What a venue holds for us at a key.
    pub fn balance(&self, key: KeyId) -> Balance {
        self.floor.ledger.balance(key)
    }

    /// What all venues hold for us, by key.
    pub fn balances(&self) -> impl Iterator<Item = Balance> + '_ {
        let slots = self.floor.ledger.slots().iter().enumerate();
        slots.map(|(index, slot)| slot.reported(KeyId(index as u16)))
    }

    /// What a cause has brought (positive) or taken (negative) at a key since the start.
    pub fn brought(&self, key: KeyId, cause: Cause) -> Quantity {
        self.floor.ledger.tally(key, cause)
    }

    /// Keys whose balance is not the sum of what its causes brought; always empty.
    pub fn unexplained(&self) -> impl Iterator<Item = (KeyId, Quantity)> + '_ {
        self.floor.ledger.unexplained()
    }

    /// Every single order that was executed, with how much; groups are not listed.
    pub fn executed(&self) -> impl Iterator<Item = (OrderId, Quantity)> + '_ {
        self.orders.executed()
    }

    /// The rules that the client has broken.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// The faults that have happened.
    pub fn faults_met(&self) -> &FaultsMet {
        self.post.dice.met()
    }
}
