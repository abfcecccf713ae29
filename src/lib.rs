//! `basis` runs basis and yield strategies: a small script decides, this host makes it true and keeps the evidence.
//!
//! In reading order: [`types`] are the words; [`config`] and [`market`] say what a run is and what it can see;
//! [`portfolio`] holds every formula; [`engine`] is the state machine that decides, guards and reconciles; [`sim`] is the
//! venues' own world; [`script`] hosts the strategies; [`records`] keeps the evidence; [`run`] joins them; [`trial`]
//! tests scripts in a weather made by hand, [`manual`] tells what they can call; [`cli`] is the command line. `docs/architecture.md` draws one step through all of them.

#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod cli;
pub mod config;
pub mod engine;
#[cfg(feature = "ml")]
pub mod feeds;
pub mod manual;
pub mod market;
pub mod portfolio;
pub mod records;
pub mod run;
pub mod script;
pub mod sim;
pub mod trial;
pub mod types;
