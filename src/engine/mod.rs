//! The engine: a synchronous state machine with one door, [`Engine::handle`]. No I/O, no clock, no randomness.

pub mod input;
pub mod outbox;
pub mod promise;
pub mod step_view;
pub mod strategy;

pub use input::{Command, Effect, Flow, Input};
pub use outbox::Outbox;
pub use step_view::{MarginAccount, Pending, RiskView, StepView};
pub use strategy::{Memory, Strategy, StrategyError};
