//! The lines of the event files: which fields a kind has, in which order. One function an event.
//!
//! The fields and their meaning are documented in `docs/logging.md`; a test holds the two together.

mod checks;
mod decisions;
mod line;
mod measures;
pub mod operation;
mod orders;

pub use checks::{deltas, reconciliation, tight_loop};
pub use decisions::decision;
pub use line::Line;
pub use measures::{Assessment, Balances, Exposure, Lending, exposures, pnl, positions, risk};
pub use orders::{Route, execution, fee_of, group, order};

#[cfg(test)]
mod golden;
