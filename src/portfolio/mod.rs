//! What is held and what it is worth: books by postings, prices, margin, exposure, risk, attribution, metrics.
//!
//! Every formula exists once and lives here; values in, values out. (`sim` has its own arithmetic on purpose: two
//! independent sets of books are what makes reconciliation a test.)

pub mod attribution;
pub mod books;
pub mod equity;
pub mod left;
pub mod legs;
pub mod lending;
pub mod liquidation_value;
pub mod margin;
pub mod metrics;
pub mod prices;
pub mod risk;
pub mod shares;
pub mod unconfirmed;

#[cfg(test)]
mod testkit;

pub use attribution::Ledger;
pub use books::{Books, Holding};
pub use left::Left;
pub use legs::Unhedged;
pub use lending::{LendingAccount, LendingPlan};
pub use margin::{MarginAccount, MarginPlan};
pub use prices::Prices;
pub use risk::RiskView;
pub use shares::Shares;
