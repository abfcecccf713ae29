//! Shells: they own time and I/O, drive one engine through its door, and perform what it asks for.

mod assumed;
pub mod backtest;
pub mod codec;
pub mod failure;
mod kept;
#[cfg(feature = "live")]
pub mod live;
pub mod opening;
mod owners;
pub mod pump;
mod signals;
mod summarise;
pub mod warnings;
mod witness;

pub use opening::opening;
pub use pump::{Pump, Witness};
