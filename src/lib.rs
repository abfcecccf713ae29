//! `basis` runs basis and yield strategies: a small script decides, this host makes it true and keeps the evidence.

#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod config;
pub mod engine;
pub mod market;
pub mod portfolio;
pub mod script;
pub mod types;
