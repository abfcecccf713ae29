//! Tests that can fail by an error alone: they assert nothing.

use std::sync::Arc;

use super::super::fault::ScriptFault;
use super::super::functions::Function;
use super::infer::definition;
use super::used::Calls;
use super::{Finding, Lint, Of, Script, Severity};
use crate::types::Code;

pub(super) const LINT: Lint = Lint::warning("no-assertion", "a test that asserts nothing");

/// The tests of a file that assert nothing, in themselves or in what they call.
pub(super) fn look(script: &Script<'_>, found: &[Finding]) -> Vec<Finding> {
    let is_wrong = found.iter().any(|it| it.lint.severity == Severity::Error);
    let Some(main) = script.files.get(script.main) else { return Vec::new() };
    if script.of != Of::Tests || is_wrong {
        return Vec::new();
    }
    let asserts = |name: &str| name.starts_with("assert") || name == "check_all";
    let says = |test: &Function| main.words_of(test).any(|word| asserts(word) || word == "throw");
    let tests = main.functions().iter().filter(|it| it.name.starts_with("test_"));
    let mut idle: Vec<&Arc<Function>> = tests.filter(|it| !says(it)).collect();
    if !idle.is_empty() {
        let calls = Calls::of(script);
        idle.retain(|it| !calls.from(&it.name).iter().any(|(_, name)| asserts(name)));
    }
    let tell = |name: &str| {
        let message = format!("{name} asserts nothing");
        let help = "say what must hold: assert_eq(left, right), or assert(condition)";
        let fault = ScriptFault::of_file(Code::Strat004, script.main, message);
        let fault = fault.at(&main.text, definition(&main.text, name));
        Finding::new(LINT, fault.with_help(Some(help.to_owned())))
    };
    idle.iter().map(|it| tell(&it.name)).collect()
}
