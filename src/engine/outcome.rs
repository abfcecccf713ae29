//! What venues answer about orders: each answer moves one leg, once; a repetition changes nothing.

use std::sync::Arc;

use crate::types::event::{DeltasEvent, Event, Loudness, ReconciliationEvent, Trigger};
use crate::types::order_state::HandshakeStatus;
use crate::types::{
    BoundOrder, Cause, Code, Coded, Execution, Expected, GroupOutcome, KeyId, Operation, OrderId,
    OrderState, Outcome, Quantity, Rejection, TimerId,
};

use super::core::Engine;
use super::input::Effect;
use super::kept::{compare, part_of};
use super::outbox::Outbox;
use super::plan_run::{ItemKind, PlanRun};
use super::promise::promise;
use super::promise_chain::draw_of;
use super::step_view::{Pending, PendingKind};

impl Engine {
    pub(super) fn on_sent(&mut self, order: OrderId) {
        let Some(plan) = self.state.plans.iter_mut().find(|plan| plan.id == order.plan) else {
            return;
        };
        if usize::from(order.leg) >= plan.legs.len() {
            return;
        }
        let item = &plan.items[plan.item_of(order.leg)];
        let legs =
            if item.kind == ItemKind::Atomic { item.range() } else { order.leg..order.leg + 1 };
        for leg in &mut plan.legs[usize::from(legs.start)..usize::from(legs.end)] {
            if leg.attempt == order.attempt && leg.state == OrderState::Journaled {
                leg.state = OrderState::Sent;
            }
        }
    }

    pub(super) fn on_outcome(&mut self, order: OrderId, outcome: Outcome, out: &mut Outbox) {
        self.with_leg(order, out, |engine, plan, out| engine.outcome(plan, order, outcome, out));
    }

    pub(super) fn on_group_outcome(
        &mut self,
        first: OrderId,
        outcome: GroupOutcome,
        out: &mut Outbox,
    ) {
        self.with_leg(first, out, |engine, plan, out| {
            engine.group_outcome(plan, first, outcome, out)
        });
    }

    /// Runs `act` on the plan of an order that is in flight, then moves the plan on. Anything else is a repetition, or the
    /// answer to an order that we do not know: noted, never acted on twice.
    fn with_leg(
        &mut self,
        order: OrderId,
        out: &mut Outbox,
        act: impl FnOnce(&mut Self, &mut PlanRun, &mut Outbox),
    ) {
        let index =
            self.state.plans.iter().position(|plan| plan.id == order.plan && plan.run == order.run);
        let is_awaited = index.is_some_and(|index| {
            let leg = self.state.plans[index].legs.get(usize::from(order.leg));
            leg.is_some_and(|leg| leg.attempt == order.attempt && leg.state.is_in_flight())
        });
        let (Some(index), true) = (index, is_awaited) else {
            self.note(
                "tight_loop",
                Loudness::Debug,
                None,
                format!("{order} was answered again; nothing to do"),
                out,
            );
            return;
        };
        let mut plan = self.state.plans.swap_remove(index);
        act(self, &mut plan, out);
        let id = plan.id;
        self.state.plans.push(plan);
        self.state.plans.sort_by_key(|plan| plan.id);
        if !self.state.has_ended() {
            self.advance(id, out);
        }
    }

    fn outcome(&mut self, plan: &mut PlanRun, order: OrderId, outcome: Outcome, out: &mut Outbox) {
        let leg = usize::from(order.leg);
        match outcome {
            Outcome::Working { filled } => {
                plan.legs[leg].state = OrderState::Working { filled };
                self.query_later(plan, order, out);
            }
            Outcome::Done(execution) => {
                self.executed(plan, order, execution, out);
            }
            Outcome::Resting => {
                plan.legs[leg].state = OrderState::Resting;
                self.record_execution(plan, order.leg, HandshakeStatus::Confirmed, out);
            }
            Outcome::Rejected(rejection) => {
                plan.legs[leg].state = OrderState::Rejected;
                let why = Coded::new(Code::Exec001, format!("{order}: {}", rejection.message));
                plan.legs[leg].rejection = Some(rejection);
                self.record_execution(plan, order.leg, HandshakeStatus::Failed, out);
                self.leg_failed(plan, order.leg, why, out);
            }
            Outcome::NotFound { is_final: false } | Outcome::Unknown => {
                self.became_unknown(plan, order, out);
                self.query_later(plan, order, out);
            }
            Outcome::NotFound { is_final: true } => {
                self.never_arrived(plan, order, out);
            }
        }
    }

    fn group_outcome(
        &mut self,
        plan: &mut PlanRun,
        first: OrderId,
        outcome: GroupOutcome,
        out: &mut Outbox,
    ) {
        let item = plan.item_of(first.leg);
        let legs: Vec<u16> = plan.items[item]
            .range()
            .filter(|&leg| plan.legs[usize::from(leg)].state.is_in_flight())
            .collect();
        match outcome {
            GroupOutcome::Committed(executions) => {
                let gas = executions.iter().flat_map(|execution| &execution.deltas);
                let gas = gas
                    .filter(|posting| posting.cause == Cause::Gas)
                    .map(|posting| -posting.amount)
                    .sum();
                for (leg, execution) in legs.into_iter().zip(executions) {
                    let order = plan.order_id(leg);
                    self.executed(plan, order, execution, out);
                }
                self.record_group(plan, item, "completed", gas, None, out);
            }
            GroupOutcome::RolledBack { leg, rejection, deltas } => {
                let gas = deltas.iter().map(|posting| -posting.amount).sum();
                self.apply_of_plan(plan.bearer, &deltas, out);
                for &number in &legs {
                    plan.legs[usize::from(number)].state = OrderState::RolledBack;
                    if number == first.leg + leg {
                        plan.legs[usize::from(number)].rejection = Some(rejection.clone());
                    }
                    self.record_execution(plan, number, HandshakeStatus::RolledBack, out);
                }
                let reason = format!("leg {} of the group: {}", leg + 1, rejection.message);
                self.record_group(plan, item, "rolled_back", gas, Some(reason.clone()), out);
                self.halt(plan, Coded::new(Code::Exec005, reason), out);
            }
            GroupOutcome::Unknown | GroupOutcome::NotFound { is_final: false } => {
                for &leg in &legs {
                    let order = plan.order_id(leg);
                    self.became_unknown(plan, order, out);
                }
                self.query_later(plan, first, out);
            }
            GroupOutcome::NotFound { is_final: true } => {
                let is_over = plan.halted.is_some()
                    || plan.legs[usize::from(first.leg)].attempt
                        >= self.setup.execution.max_attempts;
                for &leg in &legs {
                    let leg = &mut plan.legs[usize::from(leg)];
                    if is_over {
                        leg.state = OrderState::Rejected;
                    } else {
                        leg.attempt += 1;
                        leg.queries = 0;
                    }
                }
                if is_over {
                    self.record_group(
                        plan,
                        item,
                        "failed",
                        Quantity::ZERO,
                        Some("it never arrived".into()),
                        out,
                    );
                    self.halt(
                        plan,
                        Coded::new(Code::Exec005, format!("the group of {first} never arrived")),
                        out,
                    );
                } else {
                    self.submit_group(plan, item, out);
                }
            }
        }
    }

    /// Posts what an order did and holds it against what it promised.
    pub(super) fn executed(
        &mut self,
        plan: &mut PlanRun,
        order: OrderId,
        execution: Execution,
        out: &mut Outbox,
    ) {
        let leg = &mut plan.legs[usize::from(order.leg)];
        let bound = leg.bound.clone().expect("an order in flight is bound");
        let is_whole = execution.executed >= bound.quantity;
        leg.state = if is_whole { OrderState::Filled } else { OrderState::Partly };
        let options = leg.order.options;
        let promised = if is_whole {
            bound.deltas.clone()
        } else if self.step.now > leg.submitted_at {
            part_of(&bound.deltas, bound.quantity, execution.executed)
        } else {
            // What a perp realises is not linear in its quantity when the position turns around: promised anew, at the
            // prices under which it was sent.
            promise(&self.step, &bound.operation, execution.executed, &options)
                .unwrap_or_else(|_| part_of(&bound.deltas, bound.quantity, execution.executed))
        };
        let kept = compare(&promised, &execution, &self.dust_of(&bound));
        self.apply_of_plan(plan.bearer, &execution.deltas, out);
        if let Some(price) = execution.average_price {
            self.state.tally.turnover += (price * execution.executed).get();
        }
        if execution.executed_at >= self.step.now {
            let draw = draw_of(&self.step, &self.state.draws, &bound.operation, execution.executed);
            self.state.draws.extend(draw);
        }
        self.expect_arrival(&bound, &execution);
        let (operation_id, operation) = (leg.order.operation_id, leg.order.operation);
        leg.execution = Some(execution);
        self.watch_legs(plan, order.leg, out);
        self.record_expected_positions(out);
        self.record_execution(plan, order.leg, HandshakeStatus::Confirmed, out);
        let at = self.state.now;
        let within_bounds = kept.is_kept;
        out.events.events.push(Event::Deltas(Box::new(DeltasEvent {
            at,
            order_id: order,
            operation_id,
            operation,
            deltas: kept.deltas.clone(),
            within_bounds,
        })));
        out.events.events.push(Event::Reconciliation(Box::new(ReconciliationEvent {
            at,
            trigger: Trigger::Order,
            order_id: Some(order),
            ledger: false,
            success: within_bounds,
            as_of: at,
            compared: kept
                .deltas
                .iter()
                .map(|&(key, ours, theirs)| {
                    (key, ours, theirs, room(&promised, key, theirs) + self.dust(key))
                })
                .collect(),
            attempt: 1,
            max_attempts: 1,
        })));
        if !within_bounds {
            let broken = kept.broken.expect("a broken promise names its key");
            let (_, expected, actual) = kept
                .deltas
                .iter()
                .find(|delta| delta.0 == broken)
                .copied()
                .unwrap_or((broken, Quantity::ZERO, Quantity::ZERO));
            let key = &self.setup.universe.instrument(broken).name;
            let why = Coded::new(
                Code::Exec006,
                format!(
                    "{order} changed {key} by {actual}, beyond the bounds around the {expected} that it promised"
                ),
            );
            self.alarm("tight_loop", &why, out);
            self.halt(plan, why, out);
        }
    }

    /// A transfer that is on its way, or a claim in a queue, is a position until it arrives.
    fn expect_arrival(&mut self, bound: &BoundOrder, execution: &Execution) {
        let universe = &self.setup.universe;
        let way = match bound.operation {
            Operation::Transfer { from, to } => {
                let target = universe.instrument(to);
                let venue = universe.venue(universe.instrument(from).venue);
                let rule = venue.transfer_rule(target.token);
                let duration = rule.map(|rule| rule.duration).unwrap_or_default();
                let transit = universe.transit_key(target.venue, target.token);
                transit.map(|transit| (transit, to, duration, PendingKind::Transfer))
            }
            Operation::Unstake { venue } => universe.staking(venue).map(|rules| {
                (rules.queued, rules.base, rules.queue.unwrap_or_default(), PendingKind::Queue)
            }),
            _ => None,
        };
        let Some((transit, key, duration, kind)) = way else { return };
        // What has arrived before it was known to have left is not on its way any more.
        let amount = execution.net(transit).min(self.state.books.quantity(transit));
        if amount.is_positive() {
            let due = execution.executed_at + duration;
            self.state.pending.push(Pending { key, amount, due, kind });
        }
    }

    fn became_unknown(&mut self, plan: &mut PlanRun, order: OrderId, out: &mut Outbox) {
        let leg = &mut plan.legs[usize::from(order.leg)];
        if !matches!(leg.state, OrderState::Unknown { .. }) {
            leg.state = OrderState::Unknown { since: self.state.now };
            self.record_execution(plan, order.leg, HandshakeStatus::Pending, out);
        }
    }

    /// Asks again after the next wait of the backoff.
    fn query_later(&mut self, plan: &mut PlanRun, order: OrderId, out: &mut Outbox) {
        let leg = &mut plan.legs[usize::from(order.leg)];
        let wait = self.wait(leg.queries);
        leg.queries += 1;
        out.effects.push(Effect::Wake(TimerId::Order(order), self.state.now + wait));
    }

    /// The venue is certain that the order can no longer arrive: a new attempt under a new id, or the end of the leg.
    fn never_arrived(&mut self, plan: &mut PlanRun, order: OrderId, out: &mut Outbox) {
        let max_attempts = self.setup.execution.max_attempts;
        let is_given_up = self.is_given_up(plan, order.leg);
        let leg = &mut plan.legs[usize::from(order.leg)];
        if !is_given_up && leg.attempt < max_attempts {
            leg.attempt += 1;
            leg.queries = 0;
            match self.bind(plan, order.leg) {
                Ok(Some(bound)) => {
                    plan.legs[usize::from(order.leg)].bound = Some(Arc::new(bound));
                    self.submit(plan, order.leg, out);
                    return;
                }
                Ok(None) => {}
                Err(error) => self.halt(plan, error, out),
            }
        }
        let leg = &mut plan.legs[usize::from(order.leg)];
        leg.state = OrderState::Rejected;
        let message = format!("{order} never arrived at its venue");
        leg.rejection =
            Some(Rejection { code: Code::Exec002, native: None, message: message.clone() });
        self.record_execution(plan, order.leg, HandshakeStatus::Failed, out);
        self.leg_failed(plan, order.leg, Coded::new(Code::Exec002, message), out);
    }

    /// A single order that fails stops its plan; a leg of a parallel member is judged when all its legs are at rest.
    pub(super) fn leg_failed(
        &mut self,
        plan: &mut PlanRun,
        leg: u16,
        why: Coded,
        out: &mut Outbox,
    ) {
        let item = plan.item_of(leg);
        let kind = plan.items[item].kind;
        if matches!(kind, ItemKind::One | ItemKind::Atomic) {
            self.member_failed(plan, item, why, out);
        } else {
            self.note("tight_loop", Loudness::Warn, Some(why.code), why.message, out);
        }
    }
}

/// How far from its expectation a key may end on the side on which it did.
fn room(promised: &[Expected], key: KeyId, actual: Quantity) -> Quantity {
    match promised.iter().find(|delta| delta.key == key) {
        Some(delta) if actual > delta.expected => delta.at_most - delta.expected,
        Some(delta) => delta.expected - delta.at_least,
        None => Quantity::ZERO,
    }
}
