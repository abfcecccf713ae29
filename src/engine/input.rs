//! What can come in through the engine's door, and what it asks a shell to do.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use crate::config::Speed;
use crate::market::View;
use crate::types::{
    BoundOrder, GroupOutcome, KeyId, OrderId, Outcome, Quantity, Report, TimerId, Timestamp,
    VenueId,
};

/// Everything that can happen to the engine.
#[derive(Clone, Debug)]
pub enum Input {
    /// A step of the clock, with what can be known at it.
    Tick(View),
    /// The order has left.
    Sent(OrderId),
    /// A venue's answer about an order.
    Outcome(OrderId, Outcome),
    /// A chain's answer about an atomic group, under the id of its first leg.
    GroupOutcome(OrderId, GroupOutcome),
    /// What a venue tells of our account.
    Report(Report),
    /// Money in or out.
    Capital(Flow),
    /// A person's command.
    Operator(Command),
    /// A timer that the engine asked for.
    Deadline(TimerId),
    /// The process was started again and has folded the journal: the first input after a replay, itself journaled.
    Restarted,
}

/// Money that an owner brings or takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// Where it arrives or leaves.
    pub key: KeyId,
    /// Tokens; positive is a deposit, negative a withdrawal.
    pub amount: Quantity,
    /// When it was asked for.
    pub at: Timestamp,
    /// How a withdrawal is paid.
    #[serde(default)]
    pub speed: Speed,
}

/// A person's command to a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Leave all positions in the strategy's own time.
    WindDown,
    /// Leave now: the strategy's exit, step after step, then the run ends.
    EmergencyStop,
    /// The difference at this key is accepted: the books take the venue's number and the key is free again.
    AcceptDifference(KeyId),
    /// The last step has been taken: record it and end.
    Finish,
}

/// What the engine asks a shell to do, in order, after the input is in the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Send an order to its venue.
    Submit(VenueId, OrderId, Arc<BoundOrder>),
    /// Send an atomic group to its chain; known by the id of its first leg.
    SubmitGroup(VenueId, Arc<[(OrderId, BoundOrder)]>),
    /// Ask what became of an order.
    Query(VenueId, OrderId),
    /// Ask what became of an atomic group.
    QueryGroup(VenueId, OrderId),
    /// Ask for the balances of these keys.
    Observe(VenueId, Arc<[KeyId]>),
    /// Ask for everything that the venue has settled by itself since this time; what was told before is told again.
    History(VenueId, Timestamp),
    /// Hand in `Input::Deadline` at this time.
    Wake(TimerId, Timestamp),
    /// Pay a withdrawal that the books have posted out to its owner.
    Pay(Flow),
    /// A deposit of the configuration has come: a simulated world is to hold it, too.
    Credit(Flow),
    /// The run has ended; nothing is to be handed in any more.
    Finish,
}
