//! The tight loop: bind late amounts → journal → submit → outcome → ask the venue → reconcile → re-measure → next.
//!
//! Owns the way of an order from planned to reconciled, one input at a time. Nothing else sends orders.

use std::sync::Arc;

use crate::types::event::{
    DeltasEvent, Event, ExecutionEvent, GroupEvent, Loudness, OrderEvent, ReconciliationEvent,
    Trigger,
};
use crate::types::order_state::HandshakeStatus;
use crate::types::{
    AmountBase, BoundOrder, Cause, Code, Coded, Execution, ExecutionHandshake, GroupOutcome, KeyId,
    MarketKind, Operation, OrderId, OrderState, Outcome, PlanId, Posting, Quantity, Rejection,
    Side, TimerId,
};

use super::core::Engine;
use super::guard::floored;
use super::input::Effect;
use super::outbox::Outbox;
use super::plan_run::{ItemKind, Leg, PlanRun, Stage};
use super::promise::{promise, worst_price};
use super::state::End;

impl Engine {
    /// Moves a plan as far as it can go without waiting.
    pub(super) fn advance(&mut self, id: PlanId, out: &mut Outbox) {
        let Some(index) = self.state.plans.iter().position(|plan| plan.id == id) else { return };
        let mut plan = self.state.plans.swap_remove(index);
        let has_ended = self.advance_plan(&mut plan, out);
        if has_ended {
            self.finish_plan(plan, out);
        } else {
            self.state.plans.push(plan);
            self.state.plans.sort_by_key(|plan| plan.id);
        }
    }

    /// Whether the plan has ended.
    fn advance_plan(&mut self, plan: &mut PlanRun, out: &mut Outbox) -> bool {
        loop {
            if plan.halted.is_some() {
                drop_planned(plan);
                if plan.cursor >= plan.items.len()
                    || plan.items[plan.cursor].stage == Stage::Planned
                {
                    return !plan.is_in_flight();
                }
            }
            let Some(item) = plan.items.get(plan.cursor) else { return true };
            match item.stage {
                Stage::Planned => self.start_item(plan, out),
                Stage::Executing => {
                    if plan.item_legs(item).any(|leg| leg.state.is_in_flight()) {
                        return false;
                    }
                    self.start_reconciling(plan, plan.cursor, out);
                }
                Stage::Reconciling { .. } => return false,
                Stage::Closed => {
                    plan.cursor += 1;
                }
            }
        }
    }

    /// Binds all legs of the member on the books before it, then submits them together.
    fn start_item(&mut self, plan: &mut PlanRun, out: &mut Outbox) {
        let range = plan.items[plan.cursor].range();
        for leg in range.clone() {
            match self.bind(plan, leg) {
                Ok(Some(bound)) => plan.legs[usize::from(leg)].bound = Some(Arc::new(bound)),
                Ok(None) => plan.legs[usize::from(leg)].state = OrderState::Dropped,
                Err(error) => {
                    let place = &plan.legs[usize::from(leg)].order.origin;
                    let message =
                        format!("{} (order at {}:{})", error.message, place.file, place.line);
                    self.halt(plan, Coded::new(error.code, message), out);
                    return;
                }
            }
        }
        plan.items[plan.cursor].stage = Stage::Executing;
        if plan.items[plan.cursor].kind == ItemKind::Atomic {
            self.submit_group(plan, plan.cursor, out);
        } else {
            for leg in range {
                if plan.legs[usize::from(leg)].bound.is_some() {
                    self.submit(plan, leg, out);
                }
            }
        }
    }

    /// The order with its amount as a number and its worst price; `None` when nothing is left to do.
    fn bind(&self, plan: &PlanRun, leg: u16) -> Result<Option<BoundOrder>, Coded> {
        let order = &plan.legs[usize::from(leg)].order;
        let universe = &self.setup.universe;
        let base = match order.amount.base {
            AmountBase::Fixed(quantity) => quantity,
            AmountBase::All(key) => self.state.books.quantity(key).abs(),
            AmountBase::Output(operation) => plan
                .legs
                .iter()
                .find(|leg| leg.order.operation_id == operation)
                .and_then(|leg| output_of(leg, universe))
                .unwrap_or(Quantity::ZERO),
        };
        let quantity = floored(&self.step, &order.operation, order.amount.resolve(base));
        let is_protection = matches!(order.operation, Operation::Protect { .. });
        if quantity.is_zero() && !is_protection {
            return Ok(None);
        }
        let deltas = promise(&self.step, &order.operation, quantity, &order.options)?;
        let limit = match order.operation {
            Operation::SpotTrade { market, side } | Operation::PerpTrade { market, side } => {
                Some(worst_price(&self.step, universe.market(market), side, &order.options)?)
            }
            _ => None,
        };
        let reduce_only = order.options.reduce_only;
        Ok(Some(BoundOrder { operation: order.operation, quantity, limit, reduce_only, deltas }))
    }

    fn submit(&mut self, plan: &mut PlanRun, leg: u16, out: &mut Outbox) {
        let id = plan.order_id(leg);
        self.record_order(plan, leg, None, out);
        let leg = &mut plan.legs[usize::from(leg)];
        leg.state = OrderState::Journaled;
        leg.submitted_at = self.state.now;
        self.state.tally.orders += 1;
        let bound = leg.bound.clone().expect("a leg is bound before it is submitted");
        out.effects.push(Effect::Submit(leg.venue, id, bound));
    }

    fn submit_group(&mut self, plan: &mut PlanRun, item: usize, out: &mut Outbox) {
        let range = plan.items[item].range();
        let mut orders = Vec::with_capacity(range.len());
        for (position, leg) in range.clone().enumerate() {
            let Some(bound) = plan.legs[usize::from(leg)].bound.clone() else { continue };
            self.record_order(plan, leg, Some((item as u16, position as u16)), out);
            orders.push((plan.order_id(leg), BoundOrder::clone(&bound)));
            let leg = &mut plan.legs[usize::from(leg)];
            leg.state = OrderState::Journaled;
            leg.submitted_at = self.state.now;
            self.state.tally.orders += 1;
        }
        if !orders.is_empty() {
            let venue = plan.legs[usize::from(range.start)].venue;
            out.effects.push(Effect::SubmitGroup(venue, orders.into()));
        }
    }

    fn record_order(&self, plan: &PlanRun, leg: u16, group: Option<(u16, u16)>, out: &mut Outbox) {
        let order_id = plan.order_id(leg);
        let leg = &plan.legs[usize::from(leg)];
        let Some(bound) = &leg.bound else { return };
        out.events.events.push(Event::Order(Box::new(OrderEvent {
            at: self.state.now,
            order_id,
            order: leg.order.clone(),
            bound: BoundOrder::clone(bound),
            group,
            reason: plan.reason.clone(),
            script_version: self.version.clone(),
        })));
    }

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
                self.apply_at_once(&deltas, out);
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
    fn executed(
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
        let promise = compare(&bound, &execution, self.dust_of(&bound));
        self.apply_at_once(&execution.deltas, out);
        if let Some(price) = execution.average_price {
            self.state.tally.turnover += (price * execution.executed).get();
        }
        self.await_arrival(&bound, &execution);
        let (operation_id, operation) = (leg.order.operation_id, leg.order.operation);
        leg.execution = Some(execution);
        self.record_execution(plan, order.leg, HandshakeStatus::Confirmed, out);
        let at = self.state.now;
        let within_bounds = promise.is_kept;
        out.events.events.push(Event::Deltas(Box::new(DeltasEvent {
            at,
            order_id: order,
            operation_id,
            operation,
            deltas: promise.deltas.clone(),
            within_bounds,
        })));
        out.events.events.push(Event::Reconciliation(Box::new(ReconciliationEvent {
            at,
            trigger: Trigger::Order,
            order_id: Some(order),
            ledger: false,
            success: within_bounds,
            as_of: at,
            compared: promise
                .deltas
                .iter()
                .map(|&(key, ours, theirs)| (key, ours, theirs, Quantity::ZERO))
                .collect(),
            attempt: 1,
            max_attempts: 1,
        })));
        if !within_bounds {
            let broken = promise.broken.expect("a broken promise names its key");
            let (_, expected, actual) = promise
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

    /// A transfer that is on its way is a position until it arrives.
    fn await_arrival(&mut self, bound: &BoundOrder, execution: &Execution) {
        let Operation::Transfer { from, to } = bound.operation else { return };
        let universe = &self.setup.universe;
        let target = universe.instrument(to);
        let Some(transit) = universe.transit_key(target.venue, target.token) else { return };
        // What has arrived before its transfer was known to have left is not on its way any more.
        let amount = execution.net(transit).min(self.state.books.quantity(transit));
        if amount.is_positive() {
            let rule = universe.venue(universe.instrument(from).venue).transfer_rule(target.token);
            let duration = rule.map(|rule| rule.duration).unwrap_or_default();
            let due = execution.executed_at + duration;
            self.state.pending.push(super::step_view::Pending { key: to, amount, due });
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
        let leg = &mut plan.legs[usize::from(order.leg)];
        if plan.halted.is_none() && leg.attempt < max_attempts {
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
    fn leg_failed(&mut self, plan: &mut PlanRun, leg: u16, why: Coded, out: &mut Outbox) {
        let kind = plan.items[plan.item_of(leg)].kind;
        if matches!(kind, ItemKind::One | ItemKind::Atomic | ItemKind::Unwinding) {
            self.halt(plan, why, out);
        } else {
            self.note("tight_loop", Loudness::Warn, Some(why.code), why.message, out);
        }
    }

    /// No further order of the plan is sent; what is in flight is followed to its end.
    pub(super) fn halt(&mut self, plan: &mut PlanRun, why: Coded, out: &mut Outbox) {
        if plan.halted.is_none() {
            self.note("tight_loop", Loudness::Warn, Some(why.code), why.message.as_str(), out);
            plan.halted = Some(why);
        }
    }

    /// Stops the active plan, if there is one; decisions are free again, its orders in flight keep their keys locked.
    pub(super) fn halt_active(&mut self, code: Code, why: &str, out: &mut Outbox) {
        let Some(id) = self.state.active.take() else { return };
        let Some(index) = self.state.plans.iter().position(|plan| plan.id == id) else { return };
        let mut plan = self.state.plans.swap_remove(index);
        self.halt(&mut plan, Coded::new(code, why), out);
        self.state.plans.push(plan);
        self.state.plans.sort_by_key(|plan| plan.id);
        self.advance(id, out);
    }

    pub(super) fn on_deadline(&mut self, timer: TimerId, out: &mut Outbox) {
        match timer {
            TimerId::Plan(id) => {
                if self.state.active == Some(id) {
                    self.halt_active(Code::Exec002, "the plan did not end within its time", out);
                }
            }
            TimerId::Order(order) => {
                let plan = self.state.plans.iter().find(|plan| plan.id == order.plan);
                let Some(leg) = plan.and_then(|plan| plan.legs.get(usize::from(order.leg))) else {
                    return;
                };
                if leg.attempt != order.attempt || !leg.state.is_in_flight() {
                    return;
                }
                let is_group = plan.is_some_and(|plan| {
                    plan.items[plan.item_of(order.leg)].kind == ItemKind::Atomic
                });
                let venue = leg.venue;
                out.effects.push(if is_group {
                    Effect::QueryGroup(venue, order)
                } else {
                    Effect::Query(venue, order)
                });
            }
            TimerId::Observation(order) => self.observe_again(order, out),
            TimerId::Idle => self.observe_suspected(out),
        }
    }

    /// The plan is over: the books are measured, and the step that began it is recorded.
    fn finish_plan(&mut self, plan: PlanRun, out: &mut Outbox) {
        let has_traded = plan.legs.iter().any(|leg| {
            leg.state == OrderState::Reconciled
                && leg.order.operation.market().is_some()
                && leg.execution.is_some()
        });
        if has_traded {
            if self.state.tally.has_entered {
                self.state.tally.rebalances += 1;
            }
            self.state.tally.has_entered = true;
        }
        self.remeasure(out);
        self.record_positions(Trigger::PlanEnd, out);
        if self.state.active == Some(plan.id) {
            self.state.active = None;
            self.close_step(out);
        }
    }

    /// Applies postings of an order or of capital: to the books, and to the attribution at this step's prices.
    pub(super) fn apply_at_once(&mut self, postings: &[Posting], out: &mut Outbox) {
        match self.state.books.post(&self.setup.universe, postings) {
            Ok(()) => {
                self.state.ledger.post(&self.setup.universe, &self.step.prices, postings);
                for posting in postings {
                    let venue = self.setup.universe.instrument(posting.key).venue;
                    self.state.touched_at[venue.index()] = self.state.now;
                }
                self.is_dirty = true;
            }
            Err(error) => {
                self.alarm("engine", &error, out);
                self.end(End::Failed(error), out);
            }
        }
    }

    /// Measures again after postings, at the same prices.
    pub(super) fn remeasure(&mut self, out: &mut Outbox) {
        if self.state.steps == 0 || self.state.has_ended() {
            return;
        }
        self.state.ledger.settle(&self.setup.universe, &self.step.prices);
        if let Err(error) = self.measure() {
            self.alarm("engine", &error, out);
            self.end(End::Failed(error), out);
        }
    }

    fn record_execution(
        &self,
        plan: &PlanRun,
        leg: u16,
        status: HandshakeStatus,
        out: &mut Outbox,
    ) {
        let order_id = plan.order_id(leg);
        let leg = &plan.legs[usize::from(leg)];
        let error =
            leg.rejection.as_ref().map(|why| (why.code, why.native.clone(), why.message.clone()));
        out.events.events.push(Event::Execution(Box::new(ExecutionEvent {
            at: self.state.now,
            venue: leg.venue,
            operation_id: leg.order.operation_id,
            operation: leg.order.operation,
            handshake: ExecutionHandshake {
                order_id,
                status,
                state: leg.state.clone(),
                execution: leg.execution.clone(),
                error,
                submitted_at: leg.submitted_at,
                simulated: self.on_error == super::core::OnError::Fail,
            },
        })));
    }

    fn record_group(
        &self,
        plan: &PlanRun,
        item: usize,
        status: &'static str,
        gas: Quantity,
        reason: Option<String>,
        out: &mut Outbox,
    ) {
        let legs = || plan.item_legs(&plan.items[item]);
        out.events.events.push(Event::Group(Box::new(GroupEvent {
            at: self.state.now,
            plan: plan.id,
            item: item as u16,
            operations: legs().map(|leg| leg.order.operation.name()).collect(),
            status,
            gas,
            submitted_at: legs().next().map_or(plan.began, |leg| leg.submitted_at),
            reason,
        })));
    }

    fn dust_of(&self, bound: &BoundOrder) -> Vec<Quantity> {
        bound.deltas.iter().map(|delta| self.dust(delta.key)).collect()
    }

    /// The difference at a key that is not worth a word.
    pub(super) fn dust(&self, key: KeyId) -> Quantity {
        let unit = self.setup.universe.instrument(key).unit();
        Quantity::new(unit.get() * rust_decimal::Decimal::from(self.setup.execution.dust_units))
    }
}

/// Legs whose turn will not come any more.
fn drop_planned(plan: &mut PlanRun) {
    for leg in &mut plan.legs {
        if leg.state == OrderState::Planned {
            leg.state = OrderState::Dropped;
        }
    }
}

/// What an order brought in, net of its fees, at the key where its output lies.
fn output_of(leg: &Leg, universe: &crate::types::Universe) -> Option<Quantity> {
    let execution = leg.execution.as_ref()?;
    let key = output_key(&leg.order.operation, universe)?;
    Some(execution.net(key))
}

/// Where the output of an operation lies.
pub fn output_key(operation: &Operation, universe: &crate::types::Universe) -> Option<KeyId> {
    match *operation {
        Operation::SpotTrade { market, side } => {
            let market = universe.market(market);
            debug_assert!(market.kind == MarketKind::Spot);
            Some(if side == Side::Buy { market.position } else { market.cash })
        }
        Operation::PerpTrade { .. } | Operation::Protect { .. } => None,
        Operation::Transfer { to, .. } | Operation::Wrap { to, .. } => Some(to),
    }
}

/// What was promised against what happened.
struct Promise {
    deltas: Vec<(KeyId, Quantity, Quantity)>,
    is_kept: bool,
    broken: Option<KeyId>,
}

/// A fill in part keeps a promise when it keeps the same part of it.
fn compare(bound: &BoundOrder, execution: &Execution, dust: Vec<Quantity>) -> Promise {
    let part = if bound.quantity.is_zero() || execution.executed >= bound.quantity {
        None
    } else {
        Some(execution.executed.get() / bound.quantity.get())
    };
    let scaled = |quantity: Quantity| match part {
        Some(part) => Quantity::new(quantity.get() * part),
        None => quantity,
    };
    let mut promise =
        Promise { deltas: Vec::with_capacity(bound.deltas.len()), is_kept: true, broken: None };
    for (delta, dust) in bound.deltas.iter().zip(dust) {
        let actual = execution.net(delta.key);
        promise.deltas.push((delta.key, scaled(delta.expected), actual));
        let is_inside =
            actual >= scaled(delta.at_least) - dust && actual <= scaled(delta.at_most) + dust;
        if !is_inside && promise.is_kept {
            promise.is_kept = false;
            promise.broken = Some(delta.key);
        }
    }
    let stray = execution
        .deltas
        .iter()
        .find(|posting| bound.deltas.iter().all(|delta| delta.key != posting.key));
    if let (Some(stray), true) = (stray, promise.is_kept) {
        promise.deltas.push((stray.key, Quantity::ZERO, stray.amount));
        promise.is_kept = false;
        promise.broken = Some(stray.key);
    }
    promise
}
