//! Shells: they own time and I/O, drive one engine through its door, and perform what it asks for.

pub mod codec;
pub mod opening;
pub mod pump;

pub use opening::opening;
pub use pump::{Pump, Witness};
