//! Trials of scripts: tests that are scripts themselves, against the simulated venues in a weather that they make.
//!
//! In reading order: [`weather`](Weather) is the market as a test sets it, written down row by row; a [`Stage`] is an engine in
//! its world in that weather, step by step; `tape` keeps what was decided and done; `api` is the vocabulary of test scripts;
//! `suite` finds tests, runs each by itself and side by side, and `report` tells how it went. The engine, the books and the
//! venues are those of a backtest: nothing here pretends.

mod actor;
mod api;
mod calm;
mod candles;
mod checked;
mod draws;
pub mod files;
#[cfg(test)]
mod mistakes;
mod orders;
pub mod report;
mod said;
mod seen;
mod shelf;
mod stage;
pub mod suite;
mod tape;
mod weather;
mod words;

pub use shelf::Unmade;
pub use stage::{Plot, Stage, Trouble};
pub use tape::{Sent, StepRecord};
pub use weather::Weather;

use std::sync::LazyLock;

use crate::script::api::{self as api_of_scripts, Api, Entry};

/// Everything that tests can call beside what strategies can.
pub fn vocabulary() -> Vec<Entry> {
    let mut api = Api::empty();
    api::register(&mut api);
    api.entries().to_vec()
}

/// Everything that tests can call.
pub fn entries() -> &'static [Entry] {
    static ENTRIES: LazyLock<Vec<Entry>> =
        LazyLock::new(|| [api_of_scripts::entries(), &vocabulary()].concat());
    &ENTRIES
}
