//! What was decided and done in a trial, step by step, as the engine told it.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::engine::{Input, Outbox};
use crate::run::Witness;
use crate::types::event::{Event, Loudness, StepRow};
use crate::types::order_state::HandshakeStatus;
use crate::types::{
    Action, BoundOrder, Code, Coded, Decision, KeyId, Order, OrderId, Quantity, RiskLevel,
    Timestamp,
};

use super::words;

/// One step.
#[derive(Clone, Debug)]
pub struct StepRecord {
    /// When.
    pub at: Timestamp,
    /// What the decision is called; hold where the guard held it back, or nobody was asked.
    pub action: Action,
    /// Why; empty where nobody was asked.
    pub reason: Arc<str>,
    /// The level of risk under which it was made.
    pub level: RiskLevel,
    /// What the strategy answered, before the guard.
    pub answer: Option<Decision>,
    /// Why the guard held it back or refused it.
    pub constraints: Vec<Coded>,
    /// What was sent.
    pub sent: Vec<Sent>,
    /// What the script logged.
    pub logs: Vec<(Loudness, Arc<str>)>,
    /// Warnings and alarms.
    pub notes: Vec<(Loudness, Option<Code>, Arc<str>)>,
    /// What went wrong at the venues because it was ordered.
    pub met: Vec<String>,
    /// The step's row, once it is closed.
    pub row: Option<StepRow>,
}

/// An order that was sent, with what is known of it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Its id at the venue.
    pub id: OrderId,
    /// As planned.
    pub order: Order,
    /// As sent.
    pub bound: BoundOrder,
    /// Whether it went with others that commit or roll back together.
    pub is_atomic: bool,
    /// What came of it, as far as known.
    pub status: HandshakeStatus,
    /// Coins or tokens executed.
    pub executed: Quantity,
    /// The average price of its fill.
    pub price: Option<Decimal>,
    /// What it changed.
    pub changes: Vec<(KeyId, Quantity)>,
    /// Why it was not executed.
    pub error: Option<(Code, String)>,
}

/// All steps so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Tape {
    pub(super) steps: Vec<StepRecord>,
    /// Venues at which the test has ordered a liquidation that has not happened.
    pub(super) liquidating: Vec<Arc<str>>,
}

impl Tape {
    /// Takes a step back on which nothing happened.
    pub(super) fn drop_empty(&mut self) {
        let is_empty = |step: &StepRecord| {
            step.reason.is_empty()
                && step.met.is_empty()
                && step.sent.is_empty()
                && step.notes.is_empty()
        };
        if self.steps.last().is_some_and(is_empty) {
            self.steps.pop();
        }
    }

    /// A step begins.
    pub(super) fn begin(&mut self, at: Timestamp) {
        self.steps.push(StepRecord {
            at,
            action: Action::Hold,
            reason: "".into(),
            level: RiskLevel::Ok,
            answer: None,
            constraints: Vec::new(),
            sent: Vec::new(),
            logs: Vec::new(),
            notes: Vec::new(),
            met: Vec::new(),
            row: None,
        });
    }

    /// Tells a liquidation that was ordered as what it is: the engine takes it for one that the venue had a reason for.
    fn ordered(&mut self, event: Event) -> Event {
        let Event::Note(mut told) = event else { return event };
        let is_of = |venue: &Arc<str>| {
            let rest = told.text.strip_prefix(&**venue);
            rest.is_some_and(|rest| rest.starts_with(" liquidated "))
        };
        let struck = self.liquidating.iter().position(is_of);
        if let (Some(index), Some((_, changes))) = (struck, told.text.split_once(": ")) {
            let venue = self.liquidating.remove(index);
            told.text = format!("{venue} liquidated us, as the test ordered: {changes}").into();
            if let Some(step) = self.steps.last_mut() {
                step.met.push(words::liquidation(&venue));
            }
        }
        Event::Note(told)
    }

    fn note(&mut self, event: Event) {
        let event = self.ordered(event);
        match event {
            Event::Step(row) => {
                if let Some(step) = self.steps.iter_mut().rev().find(|step| step.at == row.at) {
                    step.row = Some(*row);
                }
            }
            Event::Execution(told) => {
                let id = told.handshake.order_id;
                let mut sent = self.steps.iter_mut().rev().flat_map(|step| &mut step.sent);
                let Some(sent) = sent.find(|sent| sent.id == id) else { return };
                sent.status = told.handshake.status;
                sent.error = told.handshake.error.map(|(code, _, message)| (code, message));
                if let Some(execution) = told.handshake.execution {
                    sent.executed = execution.executed;
                    sent.price = execution.average_price.map(|price| price.get());
                    sent.changes = changes(&execution);
                }
            }
            Event::Order(ref told) if told.order_id.attempt > 1 => {
                let is_before = |sent: &&mut Sent| {
                    sent.id.plan == told.order_id.plan
                        && sent.id.leg == told.order_id.leg
                        && sent.status == HandshakeStatus::Pending
                };
                let mut sent = self.steps.iter_mut().flat_map(|step| &mut step.sent);
                if let Some(lost) = sent.find(is_before) {
                    lost.status = HandshakeStatus::Failed;
                    lost.error =
                        Some((Code::Exec001, "it never arrived, and is sent again".into()));
                }
                if let Some(step) = self.steps.last_mut() {
                    step.note(event);
                }
            }
            event => {
                if let Some(step) = self.steps.last_mut() {
                    step.note(event);
                }
            }
        }
    }
}

/// The net change by key, in the order of the postings.
fn changes(execution: &crate::types::Execution) -> Vec<(KeyId, Quantity)> {
    let mut keys: Vec<KeyId> = Vec::new();
    for posting in &execution.deltas {
        if !keys.contains(&posting.key) {
            keys.push(posting.key);
        }
    }
    keys.into_iter().map(|key| (key, execution.net(key))).collect()
}

impl StepRecord {
    fn note(&mut self, event: Event) {
        match event {
            Event::Decision(told) => {
                self.action = told.action;
                self.reason = told.reason;
                self.level = told.level;
                self.constraints.extend(told.constraints.iter().cloned());
            }
            Event::Order(told) => self.sent.push(Sent {
                id: told.order_id,
                order: told.order,
                bound: told.bound,
                is_atomic: told.group.is_some(),
                status: HandshakeStatus::Pending,
                executed: Quantity::ZERO,
                price: None,
                changes: Vec::new(),
                error: None,
            }),
            Event::Note(told) if told.component == "script" && told.code.is_none() => {
                self.logs.push((told.loudness, told.text));
            }
            Event::Note(told) if told.loudness >= Loudness::Warn => {
                self.notes.push((told.loudness, told.code, told.text));
            }
            _ => {}
        }
    }
}

impl Witness for Tape {
    fn before(&mut self, _at: Timestamp, _input: &Input) -> Result<(), Coded> {
        Ok(())
    }

    fn after(&mut self, out: &mut Outbox) -> Result<(), Coded> {
        for event in std::mem::take(&mut out.events.events) {
            self.note(event);
        }
        Ok(())
    }
}
