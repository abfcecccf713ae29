//! Inputs and effects as journal text: one JSON object a record, short names, money as decimal text.
//!
//! A step is journaled by its number; the header names the hash of the data that it is a view of. (A live run journals the
//! step's new rows instead.)

use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::engine::{Command, Effect, Flow, Input};
use crate::market::MarketRows;
use crate::records::{push_count, push_integer};
use crate::types::{
    Code, Coded, GroupOutcome, OrderId, Outcome, Report, RunTag, TimerId, Timestamp,
};

/// The first record of a journal: what the rest belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Format of the records.
    pub version: u32,
    /// The run's tag, as in its order ids.
    pub run: RunTag,
    /// Content hash of the strategy.
    pub script: String,
    /// Hash of the merged configuration.
    pub config: String,
    /// Hash of the data's manifest; of a live run, whose data comes as it goes, the account scope.
    pub data: String,
}

/// One record: an input, and the ids of what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Time of the input, in milliseconds.
    pub at: Timestamp,
    /// The input.
    #[serde(rename = "in")]
    pub input: Journaled,
    /// What the engine asked for, by id.
    #[serde(rename = "out", default)]
    pub effects: Vec<String>,
}

/// An input as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Journaled {
    /// A step, by its number in the run's data.
    Tick(u64),
    /// A live step, with its new rows.
    Rows(LiveTick),
    /// See [`Input::Sent`].
    Sent(OrderId),
    /// See [`Input::Outcome`].
    Outcome(OrderId, Outcome),
    /// See [`Input::GroupOutcome`].
    Group(OrderId, GroupOutcome),
    /// See [`Input::Report`].
    Report(Report),
    /// See [`Input::Capital`].
    Capital(Flow),
    /// See [`Input::Operator`].
    Operator(Command),
    /// See [`Input::Deadline`].
    Deadline(TimerId),
    /// See [`Input::Restarted`].
    Restarted,
}

/// A step of a live run: its time, and the rows that became known with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveTick {
    /// The step's time, on the grid of the run's steps.
    pub at: Timestamp,
    /// The bars that closed and those that opened since the last step, payments, gas.
    pub rows: MarketRows,
}

/// Writes the record's first half: time and input. The hot case, a step, takes no allocation.
///
/// # Errors
/// LOG-001 when an input cannot be written as JSON, which would be a bug.
pub fn encode_input(
    into: &mut Vec<u8>,
    at: Timestamp,
    input: &Input,
    step: u64,
) -> Result<(), Coded> {
    if !matches!(input, Input::Tick(_)) {
        return encode_journaled(into, at, &journaled(input));
    }
    into.extend_from_slice(b"{\"at\":");
    push_integer(into, at.ms());
    into.extend_from_slice(b",\"in\":{\"tick\":");
    push_count(into, step);
    into.push(b'}');
    Ok(())
}

/// Writes the record's first half from an input that is text already: a live step with its rows.
///
/// # Errors
/// As [`encode_input`].
pub fn encode_journaled(into: &mut Vec<u8>, at: Timestamp, input: &Journaled) -> Result<(), Coded> {
    write!(into, "{{\"at\":{},\"in\":", at.ms())
        .map_err(|error| error.to_string())
        .and_then(|()| serde_json::to_writer(into, input).map_err(|error| error.to_string()))
        .map_err(not_journaled)
}

fn not_journaled(error: String) -> Coded {
    Coded::new(Code::Log001, format!("an input cannot be journaled: {error}"))
}

/// Writes the record's second half: the ids of the effects.
pub fn encode_effects(into: &mut Vec<u8>, effects: &[Effect]) {
    if !effects.is_empty() {
        into.extend_from_slice(b",\"out\":[");
        for (index, effect) in effects.iter().enumerate() {
            if index > 0 {
                into.push(b',');
            }
            into.push(b'"');
            into.extend_from_slice(effect_id(effect).as_bytes());
            into.push(b'"');
        }
        into.push(b']');
    }
    into.push(b'}');
}

/// An effect by its id: enough to tell whether a replay asks for the same.
pub fn effect_id(effect: &Effect) -> String {
    match effect {
        Effect::Submit(_, id, _) => format!("submit {id}"),
        Effect::SubmitGroup(_, orders) => match orders.first() {
            Some((id, _)) => format!("group {id} {}", orders.len()),
            None => "group".to_owned(),
        },
        Effect::Query(_, id) => format!("query {id}"),
        Effect::QueryGroup(_, id) => format!("query_group {id}"),
        Effect::Observe(venue, keys) => format!("observe {} {}", venue.0, keys.len()),
        Effect::History(venue, since) => format!("history {} {}", venue.0, since.ms()),
        Effect::Wake(timer, at) => match timer {
            TimerId::Plan(plan) => format!("wake plan {} {}", plan.0, at.ms()),
            TimerId::Order(id) => format!("wake order {id} {}", at.ms()),
            TimerId::Observation(id) => format!("wake observation {id} {}", at.ms()),
            TimerId::Group(id) => format!("wake legs {id} {}", at.ms()),
            TimerId::Idle => format!("wake idle {}", at.ms()),
        },
        Effect::Credit(flow) => format!("credit {} {}", flow.key.0, flow.amount),
        Effect::Pay(flow) => format!("pay {} {}", flow.key.0, flow.amount),
        Effect::Finish => "finish".to_owned(),
    }
}

fn journaled(input: &Input) -> Journaled {
    match input.clone() {
        Input::Tick(_) => Journaled::Tick(0),
        Input::Sent(id) => Journaled::Sent(id),
        Input::Outcome(id, outcome) => Journaled::Outcome(id, outcome),
        Input::GroupOutcome(id, outcome) => Journaled::Group(id, outcome),
        Input::Report(report) => Journaled::Report(report),
        Input::Capital(flow) => Journaled::Capital(flow),
        Input::Operator(command) => Journaled::Operator(command),
        Input::Deadline(timer) => Journaled::Deadline(timer),
        Input::Restarted => Journaled::Restarted,
    }
}

/// The input of a record; `None` for a step, whose view the caller has.
pub fn input_of(journaled: Journaled) -> Option<Input> {
    Some(match journaled {
        Journaled::Tick(_) | Journaled::Rows(_) => return None,
        Journaled::Sent(id) => Input::Sent(id),
        Journaled::Outcome(id, outcome) => Input::Outcome(id, outcome),
        Journaled::Group(id, outcome) => Input::GroupOutcome(id, outcome),
        Journaled::Report(report) => Input::Report(report),
        Journaled::Capital(flow) => Input::Capital(flow),
        Journaled::Operator(command) => Input::Operator(command),
        Journaled::Deadline(timer) => Input::Deadline(timer),
        Journaled::Restarted => Input::Restarted,
    })
}

/// Reads a record.
///
/// # Errors
/// ENGINE-001 when the text is no record.
pub fn decode(record: &[u8]) -> Result<Record, Coded> {
    serde_json::from_slice(record).map_err(|error| {
        Coded::new(Code::Engine001, format!("a journal record cannot be read: {error}"))
    })
}
