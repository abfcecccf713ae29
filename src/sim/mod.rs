//! The simulated venues: a world of their own, with their own books and their own arithmetic.
//!
//! A shell hands in ticks, orders and questions and takes messages out; nothing here knows the engine, and no formula here is
//! shared with the portfolio. That independence is what makes a reconciliation in a backtest a test and not a tautology.
//!
//! In reading order: the world and what it says, the market it sees, its books; then what each kind of venue does with an
//! order, what time and the last bar do to an account, and what can go wrong on the way.

pub mod fault;
pub mod message;
pub mod mishap;
pub mod weather;
pub mod world;

mod account;
mod accrual;
mod band;
mod cex;
mod chain;
mod dex;
mod floor;
mod group;
mod inbound;
mod intrabar;
mod ledger;
mod lending;
mod lending_liquidation;
mod liquidation;
mod margin;
mod matching;
mod ordeal;
mod orders;
mod perp;
mod post_office;
mod protection;
mod ray;
mod refusal;
mod request;
mod rewards;
mod session;
mod staking;
mod timeline;
mod wallet;

#[cfg(test)]
mod testkit;
#[cfg(test)]
mod tests;

pub use fault::{FaultKind, Faults, FaultsMet, SplitMix64};
pub use message::{Message, Violation};
pub use mishap::{Measure, Mishap};
pub use weather::{Table, Weather};
pub use world::World;
