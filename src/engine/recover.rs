//! After a restart: the state is the fold of the journal; what the venues know is asked before anything is sent.

use crate::types::{OrderState, TimerId};

use super::core::Engine;
use super::input::Effect;
use super::outbox::Outbox;
use super::plan_run::{ItemKind, Stage};

impl Engine {
    /// Every order that may be at a venue is queried, every comparison that was under way is made again, every timer is set
    /// again, settlements are asked for and all balances are looked at. Nothing is submitted.
    pub(super) fn recover(&mut self, out: &mut Outbox) {
        let now = self.state.now;
        for venue in self.setup.universe.venues() {
            self.ask_history(venue.id, self.state.heard_at, out);
        }
        for plan in &mut self.state.plans {
            out.effects.push(Effect::Wake(TimerId::Plan(plan.id), plan.deadline.max(now)));
            for number in 0..plan.legs.len() as u16 {
                let order = plan.order_id(number);
                let item = plan.item_of(number);
                let is_group = plan.items[item].kind == ItemKind::Atomic;
                let is_first = plan.items[item].first == number;
                let leg = &mut plan.legs[usize::from(number)];
                if !leg.state.is_in_flight() {
                    continue;
                }
                // Whether it was sent before the end, nobody here can tell.
                if !matches!(leg.state, OrderState::Unknown { .. }) {
                    leg.state = OrderState::Unknown { since: now };
                }
                if !is_group {
                    out.effects.push(Effect::Query(leg.venue, order));
                } else if is_first {
                    out.effects.push(Effect::QueryGroup(leg.venue, order));
                }
            }
        }
        self.watch_legs_again(out);
        let waiting: Vec<_> = self
            .state
            .plans
            .iter()
            .flat_map(|plan| {
                let items = plan
                    .items
                    .iter()
                    .filter(|item| matches!(item.stage, Stage::Reconciling { .. }));
                items.map(|item| plan.order_id(item.first))
            })
            .collect();
        for order in waiting {
            self.observe_again(order, out);
        }
        self.observe_suspected(out);
        if self.setup.execution.observe_every.is_some() {
            self.observe_all(out);
        }
    }
}
