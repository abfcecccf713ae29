//! The tight loop: bind late amounts → journal → submit → outcome → ask the venue → reconcile → re-measure → next.
//!
//! Owns the way of an order from planned to reconciled, one input at a time. Nothing else sends orders.

use std::sync::Arc;

use crate::types::chain::Draw;
use crate::types::event::{Loudness, Trigger};
use crate::types::{
    AmountBase, BoundOrder, Code, Coded, KeyId, Operation, OrderState, PlanId, Quantity, TimerId,
    VenueId,
};

use super::core::Engine;
use super::guard::floored;
use super::input::Effect;
use super::outbox::Outbox;
use super::plan_run::{ItemKind, ItemRun, Leg, PlanRun, Stage};
use super::promise::{promise_after, worst_price};
use super::promise_chain::{beyond_the_table, draw_of, swap_prices};

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
                self.drop_planned(plan);
                let is_over =
                    |item: &ItemRun| item.stage == Stage::Planned && !self.takes_back(plan, item);
                if plan.items.get(plan.cursor).is_none_or(is_over) {
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

    /// Drops the legs of a stopped plan whose turn will not come any more.
    fn drop_planned(&self, plan: &mut PlanRun) {
        for item in 0..plan.items.len() {
            if !self.takes_back(plan, &plan.items[item]) {
                drop_legs(plan, item);
            }
        }
    }

    /// Binds all legs of the member on the books before it, then submits them together.
    fn start_item(&mut self, plan: &mut PlanRun, out: &mut Outbox) {
        let range = plan.items[plan.cursor].range();
        for leg in range.clone() {
            match self.bind(plan, leg) {
                Ok(Some(bound)) => {
                    let draws = self.draws_before(plan, leg);
                    if let Some(text) = beyond_the_table(&self.step, &draws, &bound) {
                        self.note("tight_loop", Loudness::Warn, None, text, out);
                    }
                    plan.legs[usize::from(leg)].bound = Some(Arc::new(bound));
                }
                Ok(None) => {
                    let leg = &mut plan.legs[usize::from(leg)];
                    leg.state = OrderState::Dropped;
                    let (order, place) = (leg.order.operation.name(), &leg.order.origin);
                    let (file, line) = (&place.file, place.line);
                    let text =
                        format!("the {order} at {file}:{line} came to nothing: it is left out");
                    self.note("tight_loop", Loudness::Info, None, text, out);
                }
                Err(error) => {
                    let place = &plan.legs[usize::from(leg)].order.origin;
                    let message =
                        format!("{} (order at {}:{})", error.message, place.file, place.line);
                    self.halt(plan, Coded::new(error.code, message), out);
                    drop_legs(plan, plan.cursor);
                    plan.items[plan.cursor].stage = Stage::Closed;
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
    pub(super) fn bind(&self, plan: &PlanRun, leg: u16) -> Result<Option<BoundOrder>, Coded> {
        let order = &plan.legs[usize::from(leg)].order;
        let universe = &self.setup.universe;
        let base = self.base_of(plan, leg);
        let quantity = floored(&self.step, &order.operation, order.amount.resolve(base));
        let is_protection = matches!(order.operation, Operation::Protect { .. });
        if quantity.is_zero() && !is_protection {
            return Ok(None);
        }
        let draws = self.draws_before(plan, leg);
        let deltas = promise_after(&self.step, &draws, &order.operation, quantity, &order.options)?;
        let limit = match order.operation {
            Operation::SpotTrade { market, side } | Operation::PerpTrade { market, side } => {
                Some(worst_price(&self.step, universe.market(market), side, &order.options)?)
            }
            Operation::Swap { venue, from, to, exact } => {
                let (pool, amount) = ((venue, from, to), (exact, quantity));
                let [_, worst, _] = swap_prices(&self.step, &draws, pool, amount, &order.options)?;
                Some(worst)
            }
            _ => None,
        };
        let reduce_only = order.options.reduce_only;
        Ok(Some(BoundOrder { operation: order.operation, quantity, limit, reduce_only, deltas }))
    }

    /// What will be drawn from the pools before a leg is: by the plans before, and by the legs that are bound with it.
    fn draws_before(&self, plan: &PlanRun, leg: u16) -> Vec<Draw> {
        if !matches!(plan.legs[usize::from(leg)].order.operation, Operation::Swap { .. }) {
            return Vec::new();
        }
        let first = plan.items[plan.item_of(leg)].first;
        let beside = plan.legs[usize::from(first)..usize::from(leg)].iter();
        let bound =
            beside.filter(|leg| leg.execution.is_none()).filter_map(|leg| leg.bound.as_ref());
        let mut draws = self.state.draws.clone();
        for bound in bound {
            draws.extend(draw_of(&self.step, &draws, &bound.operation, bound.quantity));
        }
        draws
    }

    /// The number from which a leg's amount starts. A leg of an atomic group is bound before the group is sent: what a swap
    /// before it will bring counts as the least that it promises, anything else as what it is expected to bring, because a
    /// protocol's rate holds within a transaction. Where it does not, the group fails as a whole.
    fn base_of(&self, plan: &PlanRun, leg: u16) -> Quantity {
        let item = &plan.items[plan.item_of(leg)];
        let before = if item.kind == ItemKind::Atomic { item.first..leg } else { leg..leg };
        let before = &plan.legs[usize::from(before.start)..usize::from(before.end)];
        let promised = |legs: &[Leg], key: KeyId| -> Quantity {
            let bound = legs.iter().filter_map(|leg| leg.bound.as_ref());
            let deltas = bound.flat_map(|bound| {
                let is_swap = matches!(bound.operation, Operation::Swap { .. });
                bound
                    .deltas
                    .iter()
                    .filter(|delta| delta.key == key)
                    .map(move |delta| if is_swap { delta.at_least } else { delta.expected })
            });
            deltas.sum()
        };
        match plan.legs[usize::from(leg)].order.amount.base {
            AmountBase::Fixed(quantity) => quantity,
            AmountBase::All(key) => {
                let balance = self.state.books.quantity(key) + promised(before, key);
                self.step.unscaled(key, balance).abs()
            }
            AmountBase::Output(operation) => {
                let is_source = |leg: &&Leg| leg.order.operation_id == operation;
                let universe = &self.setup.universe;
                if let Some(source) = before.iter().find(is_source) {
                    let key = source.order.operation.output(universe);
                    key.map(|key| promised(std::slice::from_ref(source), key))
                } else {
                    plan.legs.iter().find(is_source).and_then(|leg| output_of(leg, universe))
                }
                .unwrap_or(Quantity::ZERO)
            }
        }
    }

    pub(super) fn submit(&mut self, plan: &mut PlanRun, leg: u16, out: &mut Outbox) {
        let id = plan.order_id(leg);
        self.record_order(plan, leg, None, out);
        let leg = &mut plan.legs[usize::from(leg)];
        leg.state = OrderState::Journaled;
        leg.submitted_at = self.state.now;
        self.state.tally.orders += 1;
        let bound = leg.bound.clone().expect("a leg is bound before it is submitted");
        out.effects.push(Effect::Submit(leg.venue, id, bound));
    }

    pub(super) fn submit_group(&mut self, plan: &mut PlanRun, item: usize, out: &mut Outbox) {
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

    /// A member has failed for good: its plan stops. An exit goes on at the other exchanges, because one that is down must not
    /// keep the others from being left; what the plan has for the same exchange is left out.
    pub(super) fn member_failed(
        &mut self,
        plan: &mut PlanRun,
        item: usize,
        why: Coded,
        out: &mut Outbox,
    ) {
        let universe = self.setup.universe.clone();
        let venues: Vec<VenueId> = plan.item_legs(&plan.items[item]).map(|leg| leg.venue).collect();
        let is_on_chain = |venue: &VenueId| universe.venue(*venue).kind.is_on_chain();
        let is_exit = plan.leaves();
        if !is_exit || venues.iter().any(is_on_chain) {
            return self.halt(plan, why, out);
        }
        self.note("tight_loop", Loudness::Warn, Some(why.code), why.message, out);
        for later in 0..plan.items.len() {
            let range = plan.items[later].range();
            let legs = &mut plan.legs[usize::from(range.start)..usize::from(range.end)];
            let is_there = legs.iter().any(|leg| venues.contains(&leg.venue));
            if plan.items[later].stage == Stage::Planned && is_there {
                legs.iter_mut().for_each(|leg| leg.state = OrderState::Dropped);
                plan.items[later].stage = Stage::Closed;
            }
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
                    let why = self.out_of_time(id);
                    self.halt_active(Code::Exec002, &why, out);
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
            TimerId::Group(order) => self.on_group_deadline(order, out),
            TimerId::Idle => self.observe_suspected(out),
        }
    }

    /// How far a plan has come when its time is over.
    fn out_of_time(&self, id: PlanId) -> String {
        let plan = self.state.plans.iter().find(|plan| plan.id == id);
        let legs = plan.map_or(&[][..], |plan| &plan.legs);
        let done = legs.iter().filter(|leg| leg.execution.is_some()).count();
        format!(
            "{done} of {} orders were done when the time of the plan was over (execution.plan_timeout_s is {})",
            legs.len(),
            self.setup.execution.plan_timeout.ms() / 1000
        )
    }

    /// The plan is over: the books are measured, and the step that began it is recorded.
    fn finish_plan(&mut self, plan: PlanRun, out: &mut Outbox) {
        let done = || plan.legs.iter().filter(|leg| leg.execution.is_some());
        let is_trade = |leg: &Leg| {
            leg.state == OrderState::Reconciled
                && !matches!(
                    leg.order.operation,
                    Operation::Transfer { .. } | Operation::Wrap { .. } | Operation::Protect { .. }
                )
        };
        self.count_failures(&plan, done().next().is_some());
        self.count_unhedged(&plan, out);
        if done().any(is_trade) {
            self.note_cut(plan.bearer);
            if self.state.tally.has_entered {
                self.state.tally.rebalances += 1;
            }
            self.state.tally.has_entered = true;
        }
        self.remeasure(out);
        self.carry_left(&plan);
        self.look_at_progress(&plan, out);
        if plan.leaves() && self.is_empty() {
            self.state.tally.emptied += 1;
        }
        self.record_positions(Trigger::PlanEnd, out);
        if self.state.active == Some(plan.id) {
            self.state.active = None;
            self.close_step(out);
        }
    }
}

impl Engine {
    /// After plans in a row of which nothing was executed, or all was taken back, the guard waits with what adds exposure.
    fn count_failures(&mut self, plan: &PlanRun, has_executed: bool) {
        if plan.has_come_to_something() {
            self.state.failures = 0;
        } else if has_executed || plan.legs.iter().any(|leg| leg.rejection.is_some()) {
            let waits = &self.setup.execution.failure_backoff;
            let wait = waits.get(self.state.failures as usize).or(waits.last());
            self.state.adds_from = self.state.now + wait.copied().unwrap_or_default();
            self.state.failures += 1;
        }
    }
}

/// Drops the legs of a member that were not sent.
fn drop_legs(plan: &mut PlanRun, item: usize) {
    let range = plan.items[item].range();
    for leg in &mut plan.legs[usize::from(range.start)..usize::from(range.end)] {
        if leg.state == OrderState::Planned {
            leg.state = OrderState::Dropped;
        }
    }
}

/// What an order brought in, net of its fees, at the key where its output lies.
fn output_of(leg: &Leg, universe: &crate::types::Universe) -> Option<Quantity> {
    let execution = leg.execution.as_ref()?;
    let key = leg.order.operation.output(universe)?;
    Some(execution.net(key))
}
