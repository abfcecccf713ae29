//! Leg risk: what of a parallel member stands without its counterpart, told when it does for too long, and when that ends the
//! tries to complete it.
//!
//! What counts is what venues have told. An order of unknown fate may be filled yet, so nothing is taken back before its venue
//! has answered: to act on a guess could only put one naked leg in the place of another.

use std::ops::Range;

use crate::portfolio::Unhedged;
use crate::portfolio::legs::{Fill, Legs, Standing, seconds};
use crate::types::{Code, Coded, Notional, OrderId, Quantity, TimerId};

use super::core::Engine;
use super::input::Effect;
use super::outbox::Outbox;
use super::plan_run::{ItemKind, ItemRun, PlanRun};

/// A limit of `execution.leg_risk` that is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// More stands unhedged than may.
    Notional,
    /// It stands for longer than it may.
    Seconds,
}

impl Engine {
    /// What has stood unhedged in the run so far; plans under way, and what earlier ones left alone, are counted until now.
    pub fn unhedged(&self) -> Unhedged {
        let plans = self.state.plans.iter().map(|plan| self.unhedged_in(plan));
        let left = self.state.left.iter().map(|left| left.unhedged(self.state.now));
        plans.chain(left).fold(self.state.tally.unhedged, Unhedged::and)
    }

    /// The limit that a member's group has passed, and what stands.
    pub(super) fn passed(&self, plan: &PlanRun, item: usize) -> Option<(Passed, Standing)> {
        let standing = self.legs(plan, &plan.group_of(item)?).standing()?;
        // What leaves is tried to the end: to take it back would open what is to be closed.
        let leaves = plan.leaves();
        if self.is_too_long(standing) {
            Some((Passed::Seconds, standing))
        } else if !leaves && standing.notional > self.setup.execution.leg_risk.max_notional {
            Some((Passed::Notional, standing))
        } else {
            None
        }
    }

    /// Whether an order that never arrived may not be sent again: its plan has stopped, or its group has passed a limit. What
    /// takes back is sent again as long as it may.
    pub(super) fn is_given_up(&self, plan: &PlanRun, leg: u16) -> bool {
        let item = plan.item_of(leg);
        match plan.items[item].kind {
            ItemKind::Unwinding(_) => !self.may_take_back(plan),
            _ => plan.halted.is_some() || self.passed(plan, item).is_some(),
        }
    }

    /// Whether a member takes back what its group did, and may.
    pub(super) fn takes_back(&self, plan: &PlanRun, item: &ItemRun) -> bool {
        matches!(item.kind, ItemKind::Unwinding(_)) && self.may_take_back(plan)
    }

    /// Whether the legs of a plan may be taken back. Of a plan that has run out of time they may, too, until a later plan has
    /// begun: from then on what stands is the strategy's, and two would mend it. A plan that stopped for another reason met
    /// something wrong, on which no order is to follow.
    pub(super) fn may_take_back(&self, plan: &PlanRun) -> bool {
        let Some(why) = &plan.halted else { return true };
        let is_out_of_time = why.code == Code::Exec002 && self.state.now >= plan.deadline;
        is_out_of_time && self.state.plans_begun == plan.id.0
    }

    /// Tells that a limit ends the tries; once of the time, which its timer may have told.
    pub(super) fn tell_passed(
        &mut self,
        plan: &mut PlanRun,
        item: usize,
        (passed, standing): (Passed, Standing),
        out: &mut Outbox,
    ) {
        let Some(group) = plan.group_of(item) else { return };
        let limits = self.setup.execution.leg_risk;
        let limit = match passed {
            Passed::Notional => format!("more than max_notional, {}", limits.max_notional),
            Passed::Seconds if plan.items[group.start].is_late => return,
            Passed::Seconds => {
                plan.items[group.start].is_late = true;
                format!("for longer than max_seconds, {}", seconds(limits.max_time).normalize())
            }
        };
        let what = self.tell_standing(plan, &group, standing);
        let text = format!("{what}, {limit} (execution.leg_risk): it is taken back");
        self.alarm("tight_loop", &Coded::new(Code::Exec007, text), out);
    }

    /// Sets the timer of a group when something begins to stand unhedged.
    pub(super) fn watch_legs(&self, plan: &PlanRun, leg: u16, out: &mut Outbox) {
        let Some(group) = plan.group_of(plan.item_of(leg)) else { return };
        let Some(standing) = self.legs(plan, &group).standing() else { return };
        let executed = plan.legs[usize::from(leg)].execution.as_ref();
        if executed
            .is_some_and(|execution| execution.executed_at.min(self.state.now) == standing.since)
        {
            out.effects.push(self.timer_of(plan, &group, standing));
        }
    }

    /// After a restart: the timers of all groups of which something stands unhedged.
    pub(super) fn watch_legs_again(&self, out: &mut Outbox) {
        for plan in &self.state.plans {
            for group in plan.groups() {
                if let Some(standing) = self.legs(plan, &group).standing() {
                    out.effects.push(self.timer_of(plan, &group, standing));
                }
            }
        }
    }

    fn timer_of(&self, plan: &PlanRun, group: &Range<usize>, standing: Standing) -> Effect {
        let at = standing.since + self.setup.execution.leg_risk.max_time;
        let first = plan.order_id(plan.items[group.start].first);
        Effect::Wake(TimerId::Group(first), at.max(self.state.now))
    }

    /// What stands unhedged may do so no longer: a person is told, and what it waits for.
    pub(super) fn on_group_deadline(&mut self, order: OrderId, out: &mut Outbox) {
        let Some(index) = self.state.plans.iter().position(|plan| plan.id == order.plan) else {
            return;
        };
        let plan = &self.state.plans[index];
        let Some(group) = plan.group_of(plan.item_of(order.leg)) else { return };
        let Some(standing) = self.legs(plan, &group).standing() else { return };
        if plan.items[group.start].is_late || !self.is_too_long(standing) {
            return;
        }
        let legs = plan.items[group.clone()].iter().flat_map(|item| plan.item_legs(item));
        let open = legs.filter(|leg| leg.state.is_in_flight()).count();
        let what = self.tell_standing(plan, &group, standing);
        let limit = seconds(self.setup.execution.leg_risk.max_time).normalize();
        let then = match open {
            0 => "it is taken back when balances are confirmed".to_owned(),
            1 => "the fate of 1 order is awaited, which may be filled yet".to_owned(),
            _ => format!("the fate of {open} orders is awaited, which may be filled yet"),
        };
        let text =
            format!("{what}, for longer than max_seconds, {limit} (execution.leg_risk): {then}");
        self.state.plans[index].items[group.start].is_late = true;
        self.alarm("tight_loop", &Coded::new(Code::Exec007, text), out);
    }

    /// A plan is over: what stood unhedged is counted, and what still does is told.
    pub(super) fn count_unhedged(&mut self, plan: &PlanRun, out: &mut Outbox) {
        self.state.tally.unhedged = self.state.tally.unhedged.and(self.unhedged_in(plan));
        for group in plan.groups() {
            if let Some(standing) = self.legs(plan, &group).standing() {
                let what = self.tell_standing(plan, &group, standing);
                let text = format!(
                    "{what} at the end of its plan: the strategy decides what becomes of it"
                );
                self.alarm("tight_loop", &Coded::new(Code::Exec007, text), out);
            }
        }
    }

    fn unhedged_in(&self, plan: &PlanRun) -> Unhedged {
        let groups = plan.groups().into_iter();
        let each = groups.map(|group| self.legs(plan, &group).unhedged(self.state.now));
        each.fold(Unhedged::default(), Unhedged::and)
    }

    fn is_too_long(&self, standing: Standing) -> bool {
        self.state.now - standing.since >= self.setup.execution.leg_risk.max_time
    }

    fn tell_standing(&self, plan: &PlanRun, group: &Range<usize>, standing: Standing) -> String {
        let universe = &self.setup.universe;
        let first = plan.item_legs(&plan.items[group.start]).next();
        let place = first.map(|leg| format!("{}:{}", leg.order.origin.file, leg.order.origin.line));
        format!(
            "{} {} of the group at {} stand unhedged since {}",
            standing.notional.get().round_dp(2).normalize(),
            universe.token(self.setup.quote),
            place.unwrap_or_default(),
            standing.since
        )
    }

    /// The trades of a group, as what they are to change and what they have changed.
    pub(super) fn legs(&self, plan: &PlanRun, group: &Range<usize>) -> Legs {
        let universe = &self.setup.universe;
        let mut legs = Legs::default();
        for item in group.clone() {
            for leg in plan.item_legs(&plan.items[item]) {
                let Some(market) = leg.order.operation.market() else { continue };
                let market = universe.market(market);
                let asset = universe.base(universe.instrument(market.position).token);
                if let (true, Some(bound)) = (item == group.start, &leg.bound) {
                    let own = bound.deltas.iter().filter(|delta| delta.key == market.position);
                    *legs.intended.entry(asset).or_default() +=
                        own.map(|delta| delta.expected).sum();
                }
                let price = self.step.price(market.id);
                let lot = price.map_or(Notional::ZERO, |price| price * market.lot);
                legs.least = legs.least.max(market.min_notional).max(lot);
                let Some(execution) = &leg.execution else { continue };
                let Some(price) = execution.average_price.or(price) else {
                    continue;
                };
                // A venue's clock may be ahead of ours.
                let at = execution.executed_at.min(self.state.now);
                let change: Quantity = execution.net(market.position);
                legs.fills.push(Fill { at, asset, change, price });
            }
        }
        legs
    }
}
