//! What became of an order, as the venue tells it. Unknown is an outcome of its own.

use serde::{Deserialize, Serialize};

use super::error::Code;
use super::money::{Price, Quantity};
use super::posting::{Cause, Posting};
use super::time::Timestamp;

/// The venue's answer for one order. Nothing but a query may turn `Unknown` into one of the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Accepted, and not at its end yet.
    Working {
        /// Coins filled so far.
        filled: Quantity,
    },
    /// At its end with fills: complete, or in part with the rest cancelled.
    Done(Execution),
    /// A protection now rests at the venue.
    Resting,
    /// At its end without a fill.
    Rejected(Rejection),
    /// The venue has no such order. Final only once the request's validity has passed.
    NotFound {
        /// Whether the order can no longer arrive.
        is_final: bool,
    },
    /// Nobody can tell: a time-out, a 5xx, a lost answer.
    Unknown,
}

/// What an order did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// Coins or tokens executed, positive.
    pub executed: Quantity,
    /// The average fill price of a trade.
    pub average_price: Option<Price>,
    /// Every change of our balances that the order made, quantised.
    pub deltas: Vec<Posting>,
    /// Gas used, in the chain's units.
    pub gas_used: Option<u64>,
    /// When the venue received it.
    pub submitted_at: Timestamp,
    /// When it was executed.
    pub executed_at: Timestamp,
}

impl Execution {
    /// The net change of a key over all postings.
    pub fn net(&self, key: super::KeyId) -> Quantity {
        self.deltas.iter().filter(|posting| posting.key == key).map(|posting| posting.amount).sum()
    }

    /// Fees paid, by key; positive is paid.
    pub fn fees(&self) -> impl Iterator<Item = (super::KeyId, Quantity)> {
        self.deltas
            .iter()
            .filter(|p| matches!(p.cause, Cause::Fee | Cause::Gas))
            .map(|p| (p.key, -p.amount))
    }
}

/// Why the venue did not execute an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Our code for it.
    pub code: Code,
    /// The venue's own code, where it has one.
    pub native: Option<String>,
    /// A sentence that a person can act on.
    pub message: String,
}

/// What became of an atomic group: one outcome for all legs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupOutcome {
    /// All legs happened, in order.
    Committed(Vec<Execution>),
    /// None happened.
    RolledBack {
        /// The leg that failed, counted in the group.
        leg: u16,
        /// Why it failed.
        rejection: Rejection,
        /// What the attempt cost all the same (gas).
        deltas: Vec<Posting>,
    },
    /// The chain has no such group. Final only once its validity has passed.
    NotFound {
        /// Whether the group can no longer arrive.
        is_final: bool,
    },
    /// Nobody can tell.
    Unknown,
}
