//! Looking at balances while nothing is in flight: a difference that is seen often enough is external, and looked at once more.

use crate::portfolio::Holding;
use crate::types::event::{Event, Loudness, ReconciliationEvent, Trigger};
use crate::types::{
    Balance, Code, Coded, KeyId, PositionType, Quantity, TimerId, Timestamp, VenueId,
};

use super::core::Engine;
use super::input::Effect;
use super::outbox::Outbox;
use super::state::Suspicion;

impl Engine {
    /// A step with nothing decided yet: looks at what earlier plans left alone, and asks all venues for all balances when it is
    /// time to.
    pub(super) fn observe_idle(&mut self, now: Timestamp, out: &mut Outbox) {
        self.look_again_at_left();
        let Some(every) = self.setup.execution.observe_every else { return };
        if self.state.observed_at.is_some_and(|at| now - at < every) {
            return;
        }
        self.state.observed_at = Some(now);
        self.observe_all(out);
        // What was posted as external may be a settlement whose telling was lost, more than once.
        for venue in self.setup.universe.venues() {
            let is_there = |(key, _): &(KeyId, Holding)| {
                self.setup.universe.instrument(*key).venue == venue.id
            };
            if self.state.external.iter().any(is_there) {
                self.ask_history(venue.id, now, out);
            }
        }
    }

    pub(super) fn observe_all(&self, out: &mut Outbox) {
        let universe = &self.setup.universe;
        let keys: Vec<KeyId> = universe
            .instruments()
            .iter()
            .filter(|key| key.position_type != PositionType::Transit)
            .map(|key| key.id)
            .collect();
        for venue in universe.venues() {
            self.observe(venue.id, &keys, out);
        }
    }

    /// Looks again at what differed, and again after a wait for as long as something does: an answer may be lost, or be older
    /// than what we know.
    pub(super) fn observe_suspected(&mut self, out: &mut Outbox) {
        let keys: Vec<KeyId> = self.state.suspected.keys().copied().collect();
        for venue in self.setup.universe.venues() {
            if keys.iter().any(|&key| self.setup.universe.instrument(key).venue == venue.id) {
                self.observe(venue.id, &keys, out);
            }
        }
        if let Some(seen) = self.state.suspected.values().map(|found| found.seen).max() {
            out.effects.push(Effect::Wake(TimerId::Idle, self.state.now + self.wait(seen)));
        }
    }

    /// Balances that nobody waits for: a difference that is seen often enough is external.
    pub(super) fn compare_idle(
        &mut self,
        venue: VenueId,
        as_of: Timestamp,
        balances: &[Balance],
        out: &mut Outbox,
    ) {
        if as_of < self.state.touched_at[venue.index()] {
            return;
        }
        let was_suspicious = !self.state.suspected.is_empty();
        let busy = self.busy_keys();
        let (mut compared, mut has_suspects, mut success) = (Vec::new(), false, true);
        for balance in balances.iter().filter(|balance| !busy.contains(&balance.key)) {
            let key = balance.key;
            let ours = self.state.books.quantity(key);
            let difference = balance.quantity - ours;
            compared.push((key, ours, balance.quantity, self.dust(key)));
            if difference.abs() <= self.dust(key) {
                self.state.suspected.remove(&key);
                if self.state.locks.remove(&key).is_some() {
                    let name = self.setup.universe.instrument(key).name.clone();
                    self.note(
                        "engine",
                        Loudness::Info,
                        None,
                        format!("{name} agrees again; it is free"),
                        out,
                    );
                }
                continue;
            }
            success = false;
            if self.state.locks.contains_key(&key) {
                if self.was_never_external(key, difference, out) {
                    self.state.locks.remove(&key);
                }
                continue;
            }
            if self.suspect(key, difference, as_of) < self.setup.execution.reconcile_attempts {
                has_suspects = true;
            } else {
                self.post_external(*balance, as_of, out);
            }
        }
        out.events.events.push(Event::Reconciliation(Box::new(ReconciliationEvent {
            at: self.state.now,
            trigger: Trigger::Report,
            order_id: None,
            ledger: true,
            success,
            as_of,
            compared,
            attempt: 1,
            max_attempts: self.setup.execution.reconcile_attempts,
        })));
        if has_suspects {
            self.ask_history(venue, self.state.now, out);
        }
        // The first suspicion begins the looking; after that each look sets off the next.
        if has_suspects && !was_suspicious {
            out.effects.push(Effect::Wake(TimerId::Idle, self.state.now + self.wait(0)));
        }
    }

    /// Counts how often a difference was seen. An answer that is told twice is one.
    fn suspect(&mut self, key: KeyId, difference: Quantity, as_of: Timestamp) -> u32 {
        let new = Suspicion { difference, seen: 1, as_of };
        let found = self.state.suspected.entry(key).or_insert(Suspicion { seen: 0, ..new });
        if found.difference != difference {
            *found = new;
        } else if found.seen == 0 || found.as_of < as_of {
            *found = Suspicion { seen: found.seen + 1, ..new };
        }
        found.seen
    }

    /// The books take the venue's number. It is looked at once more: a venue that told what is not so is found out before a limit
    /// of risk acts on it.
    fn post_external(&mut self, balance: Balance, as_of: Timestamp, out: &mut Outbox) {
        let key = balance.key;
        let again = Suspicion { difference: Quantity::ZERO, seen: 0, as_of };
        self.state.suspected.insert(key, again);
        let reported = Holding { quantity: balance.quantity, cost: balance.cost };
        let change = self.state.books.accept(key, reported);
        self.state.ledger.accept(&self.setup.universe, &self.step.prices, key, change);
        self.state.external.push((key, change));
        let name = &self.setup.universe.instrument(key).name;
        let message = format!(
            "{name} changed by {} without an order or a settlement; posted as external",
            change.quantity
        );
        self.alarm("engine", &Coded::new(Code::Pos001, message), out);
        self.remeasure(out);
    }

    /// The operator accepts the difference at a locked key: the books take the venue's number at the next look.
    pub(super) fn accept_difference(&mut self, key: KeyId, out: &mut Outbox) {
        let Some(difference) = self.state.locks.remove(&key) else { return };
        let (seen, as_of) = (self.setup.execution.reconcile_attempts, self.state.now);
        self.state.suspected.insert(key, Suspicion { difference, seen, as_of });
        self.observe_suspected(out);
    }
}
