//! What is held and what it is worth: books by postings, prices, margin, exposure, risk, attribution, metrics.
//!
//! Every formula exists once and lives here; values in, values out. (`sim` has its own arithmetic on purpose: two
//! independent sets of books are what makes reconciliation a test.)

pub mod books;
pub mod prices;

pub use books::{Books, Holding};
pub use prices::Prices;
