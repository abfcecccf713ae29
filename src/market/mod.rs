//! Market data: series with the time from which each number is known, and one frozen view a step.

mod assemble;
pub mod check;
mod coarse;
mod column;
mod csv;
mod data;
mod distribution;
mod load;
mod loaded;
mod number;
mod range;
#[cfg(test)]
mod real_data;
mod rows;
pub mod sample;
mod series;
mod signal;
#[cfg(test)]
mod signal_tests;
mod silence;
mod snapshot;
mod source;
mod stamps;
pub mod stress;
#[cfg(test)]
mod tests;
mod told;
pub mod view;

pub use data::{MarketData, Views};
pub use distribution::Distribution;
pub use load::{RANGE, interval_text};
pub use loaded::{DataFile, Loaded};

pub use range::AS_ASKED;
pub use rows::MarketRows;
pub use signal::{Direction, Signal, VERSION_MAX, signals_csv};
pub use snapshot::ReserveFigures;
pub use told::{Gap, ProxyUse, StandIn};
pub use view::{Bar, Funding, Quote, View};
