//! What a test asks of `world(#{…})`, held against what worlds can be made of: options, modes, settings, balances.
//!
//! `flow` follows the maps from where they are written, through the test's own functions, to the call; `judge` says what is
//! wrong with one. Nothing is told of a value that is not written in the test.

mod flow;
mod judge;

use super::super::host::HostError;
use super::super::imports::Compiled;
use super::Finding;

/// A value that a test sets in a mode's configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Setting {
    /// Its path: `reserve.ratio`.
    pub(crate) path: String,
    /// As `--set` has it; `None` where it is not written there.
    pub(crate) value: Option<String>,
}

/// Why a setting is refused.
#[derive(Clone, Debug)]
pub(crate) struct Wrong {
    /// Its index.
    pub(crate) setting: usize,
    /// Whether there is none of its name.
    pub(crate) is_unknown: bool,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// What worlds can be made of, as those know who make them. A mode that is `None` is that of the strategy beside the tests.
pub(crate) trait Worlds {
    /// The options of `world(#{…})`.
    fn options(&self) -> &[&str];
    /// The words of `costs`.
    fn costs(&self) -> &[&str];
    /// All modes.
    fn modes(&self) -> &[String];
    /// Whether `start` can be this.
    fn is_time(&self, text: &str) -> bool;
    /// Why nothing can lie at a key.
    fn wrong_key(&self, mode: Option<&str>, key: &str) -> Option<HostError>;
    /// What is wrong with the settings of one map.
    fn wrong_settings(&self, mode: Option<&str>, settings: &[Setting]) -> Vec<Wrong>;
}

/// What is wrong with the worlds of a file of tests.
pub(super) fn check(file: &Compiled, name: &str, worlds: &dyn Worlds) -> Vec<Finding> {
    let text = &file.text;
    if !text.contains("world(") {
        return Vec::new();
    }
    let mut judge = judge::Judge::of(name, text, worlds);
    for asked in flow::all(file.functions()) {
        judge.look(&asked);
    }
    judge.found
}
