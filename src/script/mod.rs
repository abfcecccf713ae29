//! The script host: a strategy is a Rhai file, and this is the sandbox in which it decides.
//!
//! Reading order: a [`Bundle`] is a script with its imports, checked whole and ready to run; [`ScriptStrategy`] calls it
//! step after step behind the engine's seam. `sandbox` sets the limits, `api` is everything a script can call, `memory` keeps
//! its state, `fault` says what went wrong and where.

pub mod alloc;
pub mod api;
pub mod bundle;
mod check;
pub mod coverage;
mod diagnose;
pub mod fault;
mod functions;
pub(crate) mod host;
mod imports;
mod memory;
mod misuse;
mod post_mortem;
pub mod sandbox;
mod session;
pub(crate) mod source;
mod specialise;
mod strategy;
mod syntax;
pub(crate) mod test_file;

pub mod testing;
#[cfg(test)]
mod tests;

pub use bundle::Bundle;
#[cfg(test)]
pub(crate) use check::mistakes;
pub use check::{
    EXAMPLES, Example, Finding, Lint, Severity, check_module, check_readable, lints_md,
};
pub(crate) use check::{Setting, Worlds, Wrong, check_tests};
pub use fault::ScriptFault;
pub use strategy::ScriptStrategy;
