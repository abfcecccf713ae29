//! The life of an order: one state, and the record that is kept of it.

use serde::{Deserialize, Serialize};

use super::error::Code;
use super::id::OrderId;
use super::money::Quantity;
use super::outcome::Execution;
use super::time::Timestamp;

/// Where an order is in its life. In-flight is a state, not a flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Part of a plan whose turn has not come.
    Planned,
    /// In the journal, handed to the shell; not known to have left.
    Journaled,
    /// On its way to the venue.
    Sent,
    /// Accepted by the venue.
    Working {
        /// Coins filled so far.
        filled: Quantity,
    },
    /// Its fate is unknown; it is only queried until the venue answers, never sent again.
    Unknown {
        /// Since when.
        since: Timestamp,
    },
    /// Executed whole; its balances are not confirmed yet.
    Filled,
    /// Executed in part, the rest cancelled; its balances are not confirmed yet.
    Partly,
    /// A stop or target that rests at the venue and outlives its plan.
    Resting,
    /// Ended without a fill.
    Rejected,
    /// Ended with the group it belonged to undone.
    RolledBack,
    /// Never sent, because its plan stopped before its turn.
    Dropped,
    /// Executed, and the venue's balances agree with ours.
    Reconciled,
}

impl OrderState {
    /// The name in events.
    pub const fn text(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Journaled => "journaled",
            Self::Sent => "sent",
            Self::Working { .. } => "working",
            Self::Unknown { .. } => "unknown",
            Self::Filled => "filled",
            Self::Partly => "partly",
            Self::Resting => "resting",
            Self::Rejected => "rejected",
            Self::RolledBack => "rolled_back",
            Self::Dropped => "dropped",
            Self::Reconciled => "reconciled",
        }
    }

    /// Whether the venue may still act on the order, or has and has not said so.
    pub const fn is_in_flight(&self) -> bool {
        matches!(self, Self::Journaled | Self::Sent | Self::Working { .. } | Self::Unknown { .. })
    }

    /// Whether nothing more will happen to the order within its plan.
    pub const fn is_at_rest(&self) -> bool {
        matches!(
            self,
            Self::Resting | Self::Rejected | Self::RolledBack | Self::Dropped | Self::Reconciled
        )
    }
}

/// The record of one order's execution, written at each change that matters to a reader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExecutionHandshake {
    /// Which order.
    pub order_id: OrderId,
    /// The four words of the record: what came of it.
    pub status: HandshakeStatus,
    /// The state behind the word.
    pub state: OrderState,
    /// What it did.
    pub execution: Option<Execution>,
    /// Why not.
    pub error: Option<(Code, Option<String>, String)>,
    /// When it was handed to the shell.
    pub submitted_at: Timestamp,
    /// Whether a simulated venue executed it.
    pub simulated: bool,
}

/// The four words under which an execution is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandshakeStatus {
    /// It happened.
    Confirmed,
    /// Nobody can tell yet.
    Pending,
    /// It did not happen.
    Failed,
    /// It was undone with its group.
    RolledBack,
}

impl HandshakeStatus {
    /// The names of all of them.
    pub const TEXTS: [&'static str; 4] = [
        Self::Confirmed.text(),
        Self::Pending.text(),
        Self::Failed.text(),
        Self::RolledBack.text(),
    ];

    /// The name in events.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
        }
    }
}
