//! What a venue tells of itself: balances as of a time, and what happened there that no order of ours asked for.

use serde::{Deserialize, Serialize};

use super::id::{KeyId, MarketId, VenueId};
use super::money::{Notional, Quantity};
use super::posting::Posting;
use super::time::Timestamp;

/// A message of a venue about our account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Which venue.
    pub venue: VenueId,
    /// The time to which it is true.
    pub as_of: Timestamp,
    /// What it says.
    pub body: ReportBody,
}

/// The content of a [`Report`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportBody {
    /// The balances of some keys, the answer to an observation.
    Balances(Vec<Balance>),
    /// Something changed without an order: the postings, each told once under a reference that never returns.
    Settled {
        /// The venue's own number of this entry; a second report with the same one says nothing new.
        reference: u64,
        /// What it was.
        kind: Settlement,
        /// What it changed.
        postings: Vec<Posting>,
    },
}

/// What a venue does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// Funding of a perp position.
    Funding(MarketId),
    /// Interest on negative cash.
    Interest,
    /// A resting stop or target was filled.
    Protection(MarketId),
    /// Positions were closed for want of margin, or collateral was taken below a health factor of 1.
    Liquidation,
    /// An exchange closed a short because somebody else's losses were to be covered (auto-deleveraging).
    Deleveraging(MarketId),
    /// A transfer arrived.
    Arrival,
    /// Tokens were handed out to holders of a staking token.
    Reward,
}

/// A key's balance as the venue reports it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Balance {
    /// The key.
    pub key: KeyId,
    /// Quantity held, signed for perps.
    pub quantity: Quantity,
    /// Entry cost of a perp position (size × average entry price); zero elsewhere.
    pub cost: Notional,
}
