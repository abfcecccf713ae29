//! Ledger reconciliation: our books against what the venues report, after every order and while idle.
//!
//! After our own order a difference that stays stops the plan and locks the key. While idle a difference that stays is
//! posted as external; a settlement that arrives late and explains it takes the posting back.

use std::sync::Arc;

use crate::types::event::{Event, ReconciliationEvent, TightLoopEvent, Trigger};
use crate::types::order_state::HandshakeStatus;
use crate::types::{
    Balance, Code, Coded, KeyId, OrderId, OrderState, PositionType, Quantity, Report, ReportBody,
    Span, TimerId, Timestamp, VenueId,
};

use super::core::{Engine, Mode};
use super::input::Effect;
use super::outbox::Outbox;
use super::plan_run::{Awaited, PlanRun, Stage};
use super::state::End;

/// How far back a venue is asked for its settlements; longer than any of them takes to be told.
const HISTORY: Span = Span::from_hours(72);

impl Engine {
    /// All outcomes of a member are known: asks the venues for the balances that its orders touched.
    pub(super) fn start_reconciling(&mut self, plan: &mut PlanRun, item: usize, out: &mut Outbox) {
        let touched = self.touched(plan, item);
        let mut awaiting: Vec<Awaited> = Vec::new();
        for &key in &touched {
            let venue = self.setup.universe.instrument(key).venue;
            if !awaiting.iter().any(|waiting| waiting.venue == venue) {
                awaiting.push(Awaited::new(venue));
            }
        }
        if awaiting.is_empty() {
            return self.close_item(plan, item, 0, out);
        }
        for waiting in &awaiting {
            self.observe(waiting.venue, &touched, out);
        }
        plan.items[item].stage = Stage::Reconciling { attempt: 1, looks: 1, awaiting };
        // An answer may be lost, stale, or ahead of a settlement that is still on its way: looks again until it agrees.
        let order = plan.order_id(plan.items[item].first);
        out.effects.push(Effect::Wake(TimerId::Observation(order), self.state.now + self.wait(0)));
    }

    /// Keys that the executed orders of a member changed and that a venue can report.
    fn touched(&self, plan: &PlanRun, item: usize) -> Vec<KeyId> {
        let mut keys: Vec<KeyId> = plan
            .item_legs(&plan.items[item])
            .filter_map(|leg| leg.execution.as_ref())
            .flat_map(|execution| execution.deltas.iter().map(|posting| posting.key))
            .filter(|&key| {
                self.setup.universe.instrument(key).position_type != PositionType::Transit
            })
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Keys whose balances cannot be compared now, because orders that may change them are out.
    pub(super) fn busy_keys(&self) -> Vec<KeyId> {
        let universe = &self.setup.universe;
        self.state.plans.iter().flat_map(|plan| plan.keys_in_flight(universe)).collect()
    }

    pub(super) fn observe(&self, venue: VenueId, keys: &[KeyId], out: &mut Outbox) {
        let keys: Arc<[KeyId]> = keys
            .iter()
            .copied()
            .filter(|&key| self.setup.universe.instrument(key).venue == venue)
            .collect();
        out.effects.push(Effect::Observe(venue, keys));
    }

    pub(super) fn on_report(&mut self, report: Report, out: &mut Outbox) {
        match report.body {
            ReportBody::Balances(balances) => {
                self.on_balances(report.venue, report.as_of, &balances, out)
            }
            ReportBody::Settled { reference, kind, postings } => {
                if self.state.seen.insert((report.venue, reference)) {
                    self.on_settled(report.venue, report.as_of, kind, &postings, out);
                }
            }
        }
    }

    fn on_balances(
        &mut self,
        venue: VenueId,
        as_of: Timestamp,
        balances: &[Balance],
        out: &mut Outbox,
    ) {
        let waiting: Vec<_> = self
            .state
            .plans
            .iter()
            .filter(|plan| plan.items.iter().any(|item| is_awaiting(&item.stage, venue)))
            .map(|plan| plan.id)
            .collect();
        if waiting.is_empty() {
            return self.compare_idle(venue, as_of, balances, out);
        }
        for id in waiting {
            let Some(index) = self.state.plans.iter().position(|plan| plan.id == id) else {
                continue;
            };
            let mut plan = self.state.plans.swap_remove(index);
            for item in 0..plan.items.len() {
                if is_awaiting(&plan.items[item].stage, venue) {
                    self.compare_item(&mut plan, item, venue, as_of, balances, out);
                }
            }
            self.state.plans.push(plan);
            self.state.plans.sort_by_key(|plan| plan.id);
            if !self.state.has_ended() {
                self.advance(id, out);
            }
        }
    }

    /// The ledger check of a member at one venue.
    fn compare_item(
        &mut self,
        plan: &mut PlanRun,
        item: usize,
        venue: VenueId,
        as_of: Timestamp,
        balances: &[Balance],
        out: &mut Outbox,
    ) {
        let executed_at = plan
            .item_legs(&plan.items[item])
            .filter_map(|leg| leg.execution.as_ref().map(|execution| execution.executed_at))
            .max();
        let is_stale = executed_at.is_some_and(|executed_at| as_of < executed_at);
        let busy = self.busy_keys();
        let keys: Vec<KeyId> = self
            .touched(plan, item)
            .into_iter()
            .filter(|key| {
                self.setup.universe.instrument(*key).venue == venue && !busy.contains(key)
            })
            .collect();
        let compared: Vec<_> = keys
            .iter()
            .map(|&key| {
                let ours = self.state.books.quantity(key);
                let theirs = balances
                    .iter()
                    .find(|balance| balance.key == key)
                    .map(|balance| balance.quantity);
                (key, ours, theirs, self.dust(key))
            })
            .collect();
        let differing = compared.iter().find(|(_, ours, theirs, dust)| match theirs {
            Some(theirs) => (*theirs - *ours).abs() > *dust,
            None => true,
        });
        let success = !is_stale && differing.is_none();
        let first = plan.items[item].first;
        let Stage::Reconciling { attempt, awaiting, .. } = &mut plan.items[item].stage else {
            return;
        };
        let tries = *attempt;
        let max_attempts = self.setup.execution.reconcile_attempts;
        let differing =
            differing.map(|&(key, ours, theirs, _)| (key, theirs.unwrap_or(ours) - ours));
        let mut answers = 0;
        if success {
            awaiting.retain(|waiting| waiting.venue != venue);
        } else {
            *attempt = (tries + 1).min(max_attempts);
            // A venue is believed by its own answers alone: neither another's nor one that says it is old speaks against it.
            let waiting = awaiting.iter_mut().find(|waiting| waiting.venue == venue);
            answers = waiting.map_or(0, |waiting| waiting.count(is_stale, as_of));
        }
        let is_complete = awaiting.is_empty();
        let order_id = plan.order_id(first);
        out.events.events.push(Event::Reconciliation(Box::new(ReconciliationEvent {
            at: self.state.now,
            trigger: Trigger::Order,
            order_id: Some(order_id),
            ledger: true,
            success,
            as_of,
            compared: compared
                .iter()
                .map(|&(key, ours, theirs, dust)| (key, ours, theirs.unwrap_or(ours), dust))
                .collect(),
            attempt: tries,
            max_attempts,
        })));
        if is_complete {
            return self.close_item(plan, item, tries, out);
        }
        if answers < max_attempts {
            return;
        }
        let differing = differing.filter(|_| !is_stale);
        if let Some((key, difference)) = differing
            && self.was_never_external(key, difference, out)
        {
            return;
        }
        self.does_not_reconcile(plan, item, venue, differing, answers, out);
    }

    /// The difference stays: the key is locked, the plan stops, a simulated run ends.
    fn does_not_reconcile(
        &mut self,
        plan: &mut PlanRun,
        item: usize,
        venue: VenueId,
        differing: Option<(KeyId, Quantity)>,
        tries: u32,
        out: &mut Outbox,
    ) {
        let name = &self.setup.universe.venue(venue).name;
        let why = match differing {
            Some((key, difference)) => {
                self.state.locks.insert(key, difference);
                let key = &self.setup.universe.instrument(key).name;
                format!(
                    "{key} differs by {difference} from our books after {tries} looks; it is locked until the difference is accepted"
                )
            }
            None => format!("{name} reports no balances newer than our order after {tries} looks"),
        };
        let why = Coded::new(Code::Exec003, why);
        self.alarm("tight_loop", &why, out);
        self.halt(plan, why.clone(), out);
        plan.items[item].stage = Stage::Closed;
        self.record_tight_loop(plan, item, tries, Some((why.code, why.message.clone())), out);
        if self.mode == Mode::Backtest {
            self.end(End::Stopped(why), out);
        }
    }

    /// The venues agree: the member's orders are reconciled, and a parallel member is completed or unwound if it must be.
    fn close_item(&mut self, plan: &mut PlanRun, item: usize, tries: u32, out: &mut Outbox) {
        for leg in plan.items[item].range() {
            let leg = &mut plan.legs[usize::from(leg)];
            if matches!(leg.state, OrderState::Filled | OrderState::Partly) {
                leg.state = OrderState::Reconciled;
            }
        }
        plan.items[item].stage = Stage::Closed;
        self.remeasure(out);
        self.record_positions(Trigger::Order, out);
        self.record_tight_loop(plan, item, tries, None, out);
        self.repair(plan, item, out);
    }

    fn record_tight_loop(
        &self,
        plan: &PlanRun,
        item: usize,
        attempts: u32,
        failure: Option<(Code, String)>,
        out: &mut Outbox,
    ) {
        for number in plan.items[item].range() {
            let leg = &plan.legs[usize::from(number)];
            let status = match leg.state {
                OrderState::Reconciled | OrderState::Resting => HandshakeStatus::Confirmed,
                OrderState::RolledBack => HandshakeStatus::RolledBack,
                OrderState::Rejected | OrderState::Filled | OrderState::Partly => {
                    HandshakeStatus::Failed
                }
                _ => continue,
            };
            let rejection = leg.rejection.as_ref().map(|why| (why.code, why.message.clone()));
            out.events.events.push(Event::TightLoop(Box::new(TightLoopEvent {
                at: self.state.now,
                plan: plan.id,
                order_number: u32::from(number) + 1,
                total_orders: plan.legs.len() as u32,
                order_id: plan.order_id(number),
                status,
                reconciled: leg.state == OrderState::Reconciled,
                reconciliation_attempts: attempts,
                retries: u32::from(leg.attempt - 1),
                submitted_at: leg.submitted_at,
                executed_at: leg
                    .execution
                    .as_ref()
                    .map_or(self.state.now, |execution| execution.executed_at),
                failure: failure.clone().or(rejection),
            })));
        }
    }

    /// Looks again at what a member waits for, and asks for settlements that it may have missed.
    pub(super) fn observe_again(&mut self, order: OrderId, out: &mut Outbox) {
        let now = self.state.now;
        let Some(plan) = self.state.plans.iter_mut().find(|plan| plan.id == order.plan) else {
            return;
        };
        let item = plan.item_of(order.leg);
        let Stage::Reconciling { looks, awaiting, .. } = &mut plan.items[item].stage else {
            return;
        };
        *looks += 1;
        let (looks, awaiting) = (*looks, awaiting.clone());
        let plan = plan.clone();
        let touched = self.touched(&plan, item);
        for Awaited { venue, .. } in awaiting {
            self.ask_history(venue, now, out);
            self.observe(venue, &touched, out);
        }
        out.effects.push(Effect::Wake(TimerId::Observation(order), now + self.wait(looks - 1)));
    }

    /// The wait before the next question, by how many were asked.
    pub(super) fn wait(&self, asked: u32) -> Span {
        let waits = &self.setup.execution.query_backoff;
        waits[(asked as usize).min(waits.len() - 1)]
    }

    /// A settlement that was told while nobody listened would look like a difference: asks for it again.
    pub(super) fn ask_history(&self, venue: VenueId, before: Timestamp, out: &mut Outbox) {
        out.effects.push(Effect::History(venue, before - HISTORY));
    }
}

fn is_awaiting(stage: &Stage, venue: VenueId) -> bool {
    let waits = |awaiting: &[Awaited]| awaiting.iter().any(|waiting| waiting.venue == venue);
    matches!(stage, Stage::Reconciling { awaiting, .. } if waits(awaiting))
}
