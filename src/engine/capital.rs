//! Money in and out. A deposit is posted when it arrives; a withdrawal waits until its key holds it.

use crate::types::event::{Loudness, Trigger};
use crate::types::{Cause, Posting, Quantity};

use super::core::Engine;
use super::input::{Effect, Flow};
use super::outbox::Outbox;

impl Engine {
    pub(super) fn on_capital(&mut self, flow: Flow, out: &mut Outbox) {
        if flow.amount.is_negative() {
            self.state.flows.push(flow);
            self.serve_flows(out);
            return;
        }
        let posting = Posting::plain(flow.key, flow.amount, Cause::Capital);
        self.apply_at_once(&[posting], out);
        self.remeasure(out);
        self.record_positions(Trigger::Capital, out);
    }

    /// Pays the withdrawals whose keys hold enough and that no order in flight touches, oldest first.
    pub(super) fn serve_flows(&mut self, out: &mut Outbox) {
        if self.state.flows.is_empty() {
            return;
        }
        let flows = std::mem::take(&mut self.state.flows);
        let (mut waiting, mut has_paid) = (Vec::new(), false);
        for flow in flows {
            let is_touched =
                self.state.plans.iter().any(|plan| {
                    plan.keys_in_flight(&self.setup.universe).any(|key| key == flow.key)
                });
            let lies = self.state.books.quantity(flow.key);
            if is_touched || lies + flow.amount < Quantity::ZERO {
                waiting.push(flow);
                continue;
            }
            self.apply_at_once(&[Posting::plain(flow.key, flow.amount, Cause::Capital)], out);
            let name = self.setup.universe.instrument(flow.key).name.clone();
            self.note(
                "engine",
                Loudness::Info,
                None,
                format!("paid {} out of {name}", -flow.amount),
                out,
            );
            out.effects.push(Effect::Pay(flow));
            has_paid = true;
        }
        self.state.flows = waiting;
        if has_paid {
            self.remeasure(out);
        }
    }
}
