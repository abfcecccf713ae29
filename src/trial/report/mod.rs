//! How a suite went, for people and for programs.

mod junit;
mod lcov;

pub use junit::junit;
pub use lcov::lcov;
