//! The words of the house: time, money, instruments, orders, outcomes, reports, events.
//!
//! Everything else imports this module and this module imports nothing of ours. It is data with constructors that refuse
//! nonsense and operators that mean something; no rule of a venue and no formula of a portfolio lives here.

pub mod amount;
pub mod attribution;
pub mod chain;
pub mod error;
pub mod event;
pub mod id;
pub mod instrument;
pub mod money;
pub mod order;
pub mod order_state;
pub mod outcome;
pub mod plan;
pub mod posting;
pub mod report;
pub mod risk;
pub mod step_row;
pub mod time;
pub mod universe;
pub mod venue;

pub use amount::{Amount, AmountBase};
pub use attribution::{Attribution, PnlCause};
pub use chain::Reserve;
pub use error::{Code, Coded};
pub use id::{
    KeyId, MarketId, OperationId, OrderId, PlanId, ReserveId, RewardId, RunTag, TimerId, TokenId,
    VenueId,
};
pub use instrument::{FeeAsset, Instrument, InstrumentKey, Market, MarketKind, PositionType};
pub use money::{Notional, Price, Quantity, Rate, Value};
pub use order::{BoundOrder, Exact, Expected, Operation, Options, Order, Side};
pub use order_state::{ExecutionHandshake, OrderState};
pub use outcome::{Execution, GroupOutcome, Outcome, Rejection};
pub use plan::{Action, Decision, Item, OnLegFailure, Plan};
pub use posting::{Cause, Posting};
pub use report::{Balance, Report, ReportBody, Settlement};
pub use risk::{Breach, Limit, RiskLevel};
pub use time::{Span, Timestamp};
pub use universe::Universe;
