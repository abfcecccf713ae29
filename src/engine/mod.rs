//! The engine: a synchronous state machine with one door, [`Engine::handle`]. No I/O, no clock, no randomness.
//!
//! Reading order: [`input`] (what comes in, what goes out), [`state`], `core` (the door and one step), `judge`, [`guard`],
//! [`plan_run`], `tight_loop`, `reconcile`.

pub mod input;
pub mod outbox;
pub mod promise;
pub mod step_view;
pub mod strategy;

mod fork;
pub mod guard;
pub mod plan_run;
pub mod state;

mod capital;
mod closing;
mod closing_chain;
mod closing_hedges;
mod closing_parts;
mod core;
mod idle;
mod judge;
mod kept;
mod leavers;
mod leaving;
mod left;
mod leg_risk;
mod measure;
mod outcome;
mod promise_chain;
mod reconcile;
mod record;
mod record_orders;
mod recover;
mod repair;
mod reserve;
mod rewards;
mod settle;
mod tell;
mod tight_loop;
mod trim;

pub use self::core::{Engine, Mode};
pub use capital::{Paid, Withdrawal};
pub use input::{Command, Effect, Flow, Input, Speed};
pub use leavers::Bearer;
pub use outbox::Outbox;
pub use promise_chain::cost_of_swap;
pub use rewards::{HeldReward, has_dust, rewards_held};
pub use state::{End, Phase, State, Tally};
pub use step_view::{LendingAccount, MarginAccount, Pending, PendingKind, RiskView, StepView};
pub use strategy::{Memory, Strategy, StrategyError};
