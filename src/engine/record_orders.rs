//! What the engine records of orders on their way.

use crate::types::event::{Event, ExecutionEvent, GroupEvent, OrderEvent};
use crate::types::order_state::HandshakeStatus;
use crate::types::{BoundOrder, ExecutionHandshake, Quantity};

use super::core::Engine;
use super::outbox::Outbox;
use super::plan_run::PlanRun;

impl Engine {
    pub(super) fn record_order(
        &self,
        plan: &PlanRun,
        leg: u16,
        group: Option<(u16, u16)>,
        out: &mut Outbox,
    ) {
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

    pub(super) fn record_execution(
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
                simulated: self.mode.is_simulated(),
            },
        })));
    }

    pub(super) fn record_group(
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
}
