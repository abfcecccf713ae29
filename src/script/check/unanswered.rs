//! A strategy that enters, and does not answer when it is asked to leave: by `ctx.wind_down`, by `ctx.risk`, or by `exit`.

use std::collections::BTreeSet;

use super::super::fault::ScriptFault;
use super::infer::definition;
use super::used::{Called, Calls};
use super::{Finding, Lint, Of, Script, Severity};
use crate::types::Code;

pub(super) const LINT: Lint = Lint::warning(
    "unanswered",
    "a strategy that enters, and never asks ctx.wind_down or ctx.risk, or whose exit leaves nothing or never holds",
);

const ENTRIES: [&str; 2] = ["entry_full", "entry_partial"];
const EXITS: [&str; 3] = ["exit_full", "exit_partial", "sell_dust"];
/// What can be liquidated: a script that has none of it has little to make smaller.
const AT_RISK: [&str; 5] = ["perp_buy", "perp_sell", "perp_to", "borrow", "flash_borrow"];

/// What a strategy never asks, and an exit that leaves nothing. Where something is wrong, that may be why.
pub(super) fn look(script: &Script<'_>, found: &[Finding]) -> Vec<Finding> {
    let is_wrong = found.iter().any(|it| it.lint.severity == Severity::Error);
    let Some(main) = script.files.get(script.main) else { return Vec::new() };
    if script.of != Of::Strategy || is_wrong {
        return Vec::new();
    }
    let reads = |name: &str| {
        let mut words =
            script.files.values().flat_map(|it| it.words().iter().map(|word| it.word(word)));
        words.any(|word| word == name)
    };
    let exit = main.functions().iter().find(|it| it.name == "exit");
    let says =
        |names: &[&str]| exit.is_none_or(|it| main.words_of(it).any(|word| names.contains(&word)));
    let (leaves, holds) = (says(&EXITS), says(&["hold"]));
    let asks = [reads("wind_down"), reads("risk")];
    if leaves && holds && asks == [true, true] {
        return Vec::new();
    }
    let called = Calls::of(script);
    let by_all = called.all();
    let calls = |of: &BTreeSet<Called>, names: &[&str]| {
        of.iter().any(|(_, name)| names.contains(&name.as_str()))
    };
    if !calls(&by_all, &ENTRIES) {
        return Vec::new();
    }
    let tell = |door: &str, message: String, help: &str| {
        let at = definition(&main.text, door);
        let fault = ScriptFault::of_file(Code::Strat004, script.main, message);
        Finding::new(LINT, fault.at(&main.text, at).with_help(Some(help.to_owned())))
    };
    let mut told = Vec::new();
    let unasked = match (asks[0], asks[1] || !calls(&by_all, &AT_RISK)) {
        (true, true) => None,
        (false, true) => {
            Some(("never asks ctx.wind_down", "if ctx.wind_down { return exit(ctx); }"))
        }
        (true, false) => {
            Some(("never asks ctx.risk", "if ctx.risk.must_reduce { … } before it enters"))
        }
        (false, false) => Some((
            "asks neither ctx.wind_down nor ctx.risk",
            "if ctx.wind_down || ctx.risk.must_reduce { return exit(ctx); }",
        )),
    };
    if let Some((what, help)) = unasked {
        let message = format!("this strategy enters, and {what}");
        told.push(tell("decide", message, &format!("write {help}")));
    }
    if !leaves && !calls(&called.from("exit"), &EXITS) {
        let message = "this strategy enters, and its exit leaves nothing".to_owned();
        let help = "give exit_full(reason, plan) for what is held, and hold once nothing is";
        told.push(tell("exit", message, help));
    } else if !holds && !calls(&called.from("exit"), &["hold"]) {
        let message = "exit never holds, by which a run knows that all is left".to_owned();
        let help =
            "hold where nothing is left: if ctx.balance(key) == 0 { return hold(\"flat\"); }";
        told.push(tell("exit", message, help));
    }
    told
}
