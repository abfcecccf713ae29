//! Market data: series with the time from which each number is known, and one frozen view a step.

mod assemble;
pub mod check;
mod csv;
mod data;
mod load;
mod number;
mod range;
#[cfg(test)]
mod real_data;
mod rows;
mod series;
#[cfg(test)]
mod tests;
pub mod view;

pub use assemble::{Gap, Loaded, ProxyUse, StandIn};
pub use data::{MarketData, Views};
pub use load::DataFile;
pub use rows::MarketRows;
pub use view::{Bar, Funding, Quote, View};
