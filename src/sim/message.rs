//! What comes out of the simulated venues, and what they hold against a client.

use crate::types::{GroupOutcome, KeyId, OrderId, Outcome, Report, Timestamp};

/// Something a venue tells. A shell wraps it into the engine's input of the same name.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The order has left for its venue.
    Sent(OrderId),
    /// What became of an order.
    Outcome(OrderId, Outcome),
    /// What became of an atomic group, under the id of its first leg.
    GroupOutcome(OrderId, GroupOutcome),
    /// What a venue tells of the account.
    Report(Report),
}

/// A rule of the house that a client broke; a correct engine never does, whatever the faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// An order id was sent a second time. It is refused; real venues may fill it twice.
    IdSentTwice {
        /// The id.
        id: OrderId,
        /// When it was sent again.
        at: Timestamp,
    },
    /// An order was sent for a key while an earlier order for the same key was of unknown fate.
    KeyInDoubt {
        /// The order that was sent.
        id: OrderId,
        /// The order whose fate the client does not know.
        doubtful: OrderId,
        /// The key of both.
        key: KeyId,
        /// When.
        at: Timestamp,
    },
}
