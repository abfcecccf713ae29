//! Market data: series with the time from which each number is known, and one frozen view a step.

pub mod view;

pub use view::{Bar, Funding, MarketData, Quote, View};
