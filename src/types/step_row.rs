//! The row of one step: what all tables and figures of a run are made of.

use rust_decimal::Decimal;

use super::attribution::Attribution;
use super::event::Numbers;
use super::money::Value;
use super::time::Timestamp;

/// The row of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepRow {
    /// Engine time of the step.
    pub at: Timestamp,
    /// Steps since the first, which is 0.
    pub step: u64,
    /// Equity at the step's end, in the share class.
    pub equity: Value,
    /// What would be left after closing everything at today's fees and spreads.
    pub liquidation_value: Value,
    /// Change since the last row, less capital flows.
    pub pnl_step: Value,
    /// Sum of all `pnl_step`.
    pub pnl_total: Value,
    /// Capital that came in (positive) or went out since the last row.
    pub flows: Value,
    /// What the capital of the start is worth now to those who stay, in the share class: equity, and what leavers who wait have
    /// borne of it, over the number of shares (`portfolio/shares.rs`).
    pub share_value: Value,
    /// The step's profit by cause.
    pub attribution: Attribution,
    /// Profit by cause since the start.
    pub cumulative: Attribution,
    /// Change of equity that the causes do not explain.
    pub residual: Value,
    /// Collateral, debt, and the debt at which it would be liquidated, of the loan that was nearest to a liquidation in the step,
    /// one before the liquidation included; share class. `None` where nothing was owed.
    pub weakest_loan: Option<[Value; 3]>,
    /// Net delta of the asset over equity at the step's end, signed.
    pub delta_drift: Decimal,
    /// Share-class value of the step's profit by venue.
    pub by_venue: Numbers,
    /// Share-class value of the step's profit by token.
    pub by_token: Numbers,
}

impl StepRow {
    /// Equity before this row. Before the first one that is the capital, which is one share and the first peak of its value.
    pub fn opening(&self) -> Value {
        self.equity - self.pnl_step - self.flows
    }
}
