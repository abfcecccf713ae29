//! What goes over the wire between the exchange and its clients: JSON, money as decimal text.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Book {
    Spot,
    Perp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    Buy,
    Sell,
}

/// `POST /order`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewOrder {
    pub client_id: String,
    pub book: Book,
    pub way: Way,
    pub quantity: Decimal,
    pub limit: Decimal,
    pub reduce_only: bool,
    /// The exchange takes the order until `window_ms` after this.
    pub sent_at: i64,
    pub window_ms: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asset {
    Usdt,
    Btc,
    /// The perp's position, signed coins.
    Position,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    Trade,
    Realised,
    Fee,
    Funding,
}

/// One line of the account's ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub asset: Asset,
    pub kind: EntryKind,
    pub amount: Decimal,
    /// Change of the position's entry cost.
    pub cost: Decimal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Open,
    Filled,
    /// Filled in part, the rest cancelled.
    Partial,
    Rejected,
}

/// An order as the exchange tells it: the answer to `POST /order` and `GET /order?client_id=`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    pub status: Status,
    pub executed: Decimal,
    pub price: Decimal,
    pub entries: Vec<Entry>,
    pub received_at: i64,
    pub executed_at: i64,
    /// Why it was rejected.
    pub reason: Option<String>,
}

/// An error's body.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refusal {
    pub code: String,
    #[serde(default)]
    pub retry_after_ms: u64,
}

/// `GET /balances`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Balances {
    pub as_of: i64,
    pub usdt: Decimal,
    pub btc: Decimal,
    pub position: Decimal,
    pub cost: Decimal,
}

/// A line of `GET /settlements?since=`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settled {
    pub reference: u64,
    pub at: i64,
    pub entries: Vec<Entry>,
}

/// `GET /tick?after=`: the next step, with the bar that has closed and the prices at which the new one opens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NextTick {
    pub at: i64,
    pub spot: [Decimal; 2],
    pub perp: [Decimal; 2],
    pub funding: Option<Decimal>,
}
