//! What the engine tells its records: fixed-size values in batches, numbers in one arena, no text formatted.
//!
//! An encoder thread projects them into the JSONL event files and the CSV tables. A batch goes out full and comes back
//! empty, so a step allocates nothing here once the buffers have grown.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::error::Code;
use super::id::{KeyId, OrderId, PlanId, VenueId};
use super::money::{Quantity, Value};
use super::order::{BoundOrder, Order};
use super::order_state::ExecutionHandshake;
use super::plan::Action;
use super::risk::{Breach, RiskLevel};
pub use super::step_row::StepRow;
use super::time::Timestamp;

/// A stretch of [`EventBatch::numbers`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    start: u32,
    len: u32,
}

/// What events are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// The event files: everything is told.
    #[default]
    Events,
    /// The tables and the summary alone: exposures, and decisions that nothing held back, are not told.
    Tables,
}

/// Events on their way to the encoder, with the arena that their lists lie in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventBatch {
    /// What they are for.
    pub detail: Detail,
    /// The events, in order.
    pub events: Vec<Event>,
    /// The arena of their lists.
    numbers: Vec<Decimal>,
    /// Boxes of rows that were emptied, for the rows to come.
    #[expect(clippy::vec_box, reason = "the boxes are what is kept")]
    spare: Vec<Box<StepRow>>,
}

impl EventBatch {
    /// Empties the batch and keeps its buffers.
    pub fn clear(&mut self) {
        for event in self.events.drain(..) {
            if let Event::Step(row) = event {
                self.spare.push(row);
            }
        }
        self.numbers.clear();
    }

    /// Adds the row of a step, in a box that is there already where there is one.
    pub fn push_step(&mut self, row: StepRow) {
        let boxed = match self.spare.pop() {
            Some(mut boxed) => {
                *boxed = row;
                boxed
            }
            None => Box::new(row),
        };
        self.events.push(Event::Step(boxed));
    }

    /// Puts a list into the arena.
    pub fn list(&mut self, numbers: impl IntoIterator<Item = Decimal>) -> Numbers {
        let start = self.numbers.len() as u32;
        self.numbers.extend(numbers);
        Numbers { start, len: self.numbers.len() as u32 - start }
    }

    /// A list of the arena.
    pub fn numbers(&self, list: Numbers) -> &[Decimal] {
        &self.numbers[list.start as usize..(list.start + list.len) as usize]
    }
}

/// What made the engine look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A step of the clock.
    Tick,
    /// An order of the active plan.
    Order,
    /// The end of a plan.
    PlanEnd,
    /// A report of a venue.
    Report,
    /// Money in or out.
    Capital,
    /// A command of the operator.
    Operator,
}

impl Trigger {
    /// The name in events.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Tick => "tick",
            Self::Order => "order",
            Self::PlanEnd => "plan_end",
            Self::Report => "report",
            Self::Capital => "capital",
            Self::Operator => "operator",
        }
    }
}

/// One thing that happened. Lists are dense: by [`KeyId`], token, venue or market in the universe's order.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// `positions.jsonl`, `balance_sheet.csv`.
    Positions {
        /// Engine time.
        at: Timestamp,
        /// Whether the venues said so (`real`) or the orders should have led there (`simulated`).
        real: bool,
        /// Why now.
        trigger: Trigger,
        /// Quantity by key.
        quantities: Numbers,
        /// Value by key in the share class (unrealised profit for a perp).
        values: Numbers,
        /// Equity.
        total: Value,
    },
    /// `exposures.jsonl`.
    Exposures {
        /// Engine time.
        at: Timestamp,
        /// Net coins by token, perps included.
        net_delta: Numbers,
        /// Coins and tokens held by token, perps excluded.
        held: Numbers,
        /// Value of what is held, by token, in the share class.
        values: Numbers,
        /// Equity in US dollars (USDT taken at one).
        total_usd: Decimal,
        /// Equity in the share class.
        equity: Value,
    },
    /// `risk_assessments.jsonl`, `risk_metrics.csv`.
    Risk {
        /// Engine time.
        at: Timestamp,
        /// The level that follows.
        level: RiskLevel,
        /// Margin balance over position notional, by venue; minus one where there is no position.
        margin_ratios: Numbers,
        /// Of the lending account that is nearest to a liquidation: collateral, debt, and the debt at which it would be
        /// liquidated. Empty where nothing is lent or owed. Their ratios are left to the encoder.
        lending: Numbers,
        /// Net delta over equity, a fraction, signed.
        delta_drift: Decimal,
        /// Age in seconds by subscribed series.
        ages_s: Numbers,
        /// Breached limits.
        breaches: Arc<[Breach]>,
    },
    /// `strategy_decisions.jsonl`.
    Decision(Box<DecisionEvent>),
    /// The end of a step: `pnl_calculations.jsonl`, `equity.csv`, `pnl_attribution.csv`.
    Step(Box<StepRow>),
    /// `orders.jsonl`, `orders.csv`.
    Order(Box<OrderEvent>),
    /// `operation_executions.jsonl`, the execution columns of `orders.csv`.
    Execution(Box<ExecutionEvent>),
    /// `atomic_groups.jsonl`.
    Group(Box<GroupEvent>),
    /// `execution_deltas.jsonl`.
    Deltas(Box<DeltasEvent>),
    /// `reconciliations.jsonl`.
    Reconciliation(Box<ReconciliationEvent>),
    /// `tight_loops.jsonl`.
    TightLoop(Box<TightLoopEvent>),
    /// A sentence for a person: alarms, script logs, warnings. Goes to the component's log file.
    Note(Box<NoteEvent>),
}

/// One decision.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionEvent {
    /// Engine time.
    pub at: Timestamp,
    /// What it is called.
    pub action: Action,
    /// Why.
    pub reason: Arc<str>,
    /// Why the strategy was asked.
    pub trigger: Trigger,
    /// How many orders it generated.
    pub orders: u32,
    /// The level under which it was made.
    pub level: RiskLevel,
    /// Price by market at the decision.
    pub prices: Numbers,
    /// Equity at the decision.
    pub equity: Value,
    /// What the guard held back, in words.
    pub constraints: Arc<[super::error::Coded]>,
    /// Content hash of the script.
    pub script_version: Arc<str>,
}

/// An order as it is handed to the shell.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderEvent {
    /// Engine time.
    pub at: Timestamp,
    /// Its id at the venue.
    pub order_id: OrderId,
    /// As planned.
    pub order: Order,
    /// As sent.
    pub bound: BoundOrder,
    /// The atomic group it belongs to: (item of the plan, position in the group).
    pub group: Option<(u16, u16)>,
    /// Why the plan exists.
    pub reason: Arc<str>,
    /// Content hash of the script.
    pub script_version: Arc<str>,
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecutionEvent {
    /// Engine time.
    pub at: Timestamp,
    /// The order's venue.
    pub venue: VenueId,
    /// Number of the operation in its decision.
    pub operation_id: super::OperationId,
    /// The operation.
    pub operation: super::Operation,
    /// Its record.
    pub handshake: ExecutionHandshake,
}

/// What became of an atomic group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupEvent {
    /// Engine time.
    pub at: Timestamp,
    /// The plan.
    pub plan: PlanId,
    /// The item of the plan.
    pub item: u16,
    /// The operations' names.
    pub operations: Vec<&'static str>,
    /// `completed`, `failed` or `rolled_back`.
    pub status: &'static str,
    /// Gas and fees in the chain's coin.
    pub gas: Quantity,
    /// When it was handed to the shell.
    pub submitted_at: Timestamp,
    /// Why it was rolled back.
    pub reason: Option<String>,
}

/// Promised and actual deltas of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct DeltasEvent {
    /// Engine time.
    pub at: Timestamp,
    /// The order.
    pub order_id: OrderId,
    /// Number of the operation in its decision.
    pub operation_id: super::OperationId,
    /// The operation.
    pub operation: super::Operation,
    /// Key, expected, actual.
    pub deltas: Vec<(KeyId, Quantity, Quantity)>,
    /// Whether all lie within their bounds.
    pub within_bounds: bool,
}

/// One comparison of the books with a venue.
#[derive(Clone, Debug, PartialEq)]
pub struct ReconciliationEvent {
    /// Engine time.
    pub at: Timestamp,
    /// Why.
    pub trigger: Trigger,
    /// The order behind it.
    pub order_id: Option<OrderId>,
    /// Whether it compares the ledger (true) or the promise.
    pub ledger: bool,
    /// Whether they agree.
    pub success: bool,
    /// The venue's time.
    pub as_of: Timestamp,
    /// Key, ours, the venue's, tolerance.
    pub compared: Vec<(KeyId, Quantity, Quantity, Quantity)>,
    /// Which try, from 1.
    pub attempt: u32,
    /// How many tries there are.
    pub max_attempts: u32,
}

/// One pass of the tight loop: an order from its journal line to its confirmed balances.
#[derive(Clone, Debug, PartialEq)]
pub struct TightLoopEvent {
    /// Engine time.
    pub at: Timestamp,
    /// The plan.
    pub plan: PlanId,
    /// Which order of the plan, from 1.
    pub order_number: u32,
    /// How many orders the plan has.
    pub total_orders: u32,
    /// The order.
    pub order_id: OrderId,
    /// The four words.
    pub status: super::order_state::HandshakeStatus,
    /// Whether the ledger agreed.
    pub reconciled: bool,
    /// Tries of the reconciliation.
    pub reconciliation_attempts: u32,
    /// New attempts after a final "never arrived".
    pub retries: u32,
    /// When the order was handed to the shell.
    pub submitted_at: Timestamp,
    /// When its outcome was known.
    pub executed_at: Timestamp,
    /// Why it failed.
    pub failure: Option<(Code, String)>,
}

/// How loud a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loudness {
    /// For the curious.
    Debug,
    /// What happens.
    Info,
    /// What one should know.
    Warn,
    /// What one must act on.
    Alarm,
}

/// A sentence for a person.
#[derive(Clone, Debug, PartialEq)]
pub struct NoteEvent {
    /// Engine time.
    pub at: Timestamp,
    /// Which part of the program says it: engine, tight_loop, script, venues, records.
    pub component: &'static str,
    /// How loud.
    pub loudness: Loudness,
    /// A code, when it is about an error.
    pub code: Option<Code>,
    /// The sentence.
    pub text: Arc<str>,
}
