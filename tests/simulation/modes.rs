//! The shipped modes in the world where everything goes wrong: their own scripts and configurations over hours of the bundled
//! sample, with owners who bring and take money, and mostly a way out at the end.
//!
//! What a script makes of a fault is its own affair: an error is an alarm and a hold. The books are not: they are held to all
//! that the strategy without sense is held to. Most seeds must get something done all the same, and hardly any may be stopped
//! by a limit of risk; what a stopped run does not hear any more, its books do not know.

use std::path::Path;
use std::sync::Arc;

use basis::config::{Costs, LoadRequest, ScheduledFlow, Setup, Speed, StrategyRef, load};
use basis::engine::Strategy;
use basis::market::MarketData;
use basis::run::opening;
use basis::script::{Bundle, ScriptStrategy};
use basis::types::{Quantity, Span, Timestamp};
use rust_decimal::Decimal;

use crate::dice::Dice;
use crate::drill::{Drill, Kills, Outcome, Stage};
use crate::from_environment;

const KILLS: usize = 8;

/// A mode, and how its drills go.
struct Part {
    mode: &'static str,
    /// Begin and settings of the drills; a seed plays one of them.
    scenes: Vec<Scene>,
    steps: usize,
    fair_steps: usize,
    /// Kills lie among the first so many inputs.
    inputs: u64,
}

struct Scene {
    from: &'static str,
    sets: Vec<(&'static str, &'static str)>,
}

/// Hours: two days and a half, from four times with prices of every kind.
fn hourly(mode: &'static str, inputs: u64, sets: &[(&'static str, &'static str)]) -> Part {
    let mut scenes = Vec::new();
    for (n, from) in ["2024-06-03", "2024-08-04", "2024-11-05", "2025-03-02"].iter().enumerate() {
        let mut own = vec![("execution.observe_every_s", "7200")];
        // Every other scene with another way out than the usual one, or what else the mode can do.
        own.extend(sets.iter().filter(|_| n % 2 == 1));
        scenes.push(Scene { from, sets: own });
    }
    Part { mode, scenes, steps: 60, fair_steps: 4, inputs }
}

/// Five minutes: ten hours in which the sample's model changes its mind.
fn by_minutes(mode: &'static str) -> Part {
    let begins =
        ["2025-03-02T10:00Z", "2025-03-05T10:30Z", "2025-03-10T00:00Z", "2025-03-14T00:30Z"];
    let sets = vec![("execution.observe_every_s", "1200")];
    let scenes = begins.map(|from| Scene { from, sets: sets.clone() });
    // A process can be down for two hours, and then there must be time for a look.
    Part { mode, scenes: scenes.into(), steps: 120, fair_steps: 12, inputs: 300 }
}

impl Scene {
    fn stage(&self, part: &Part) -> Stage {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let setup = load(LoadRequest {
            strategy: StrategyRef { name: part.mode.to_owned(), config: None },
            config_dir: root.join("configs"),
            sets: self.sets.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
            capital: None,
            from: None,
            to: None,
            costs: Costs::Full,
        });
        let setup = setup.unwrap_or_else(|faults| panic!("{}:\n{faults}", part.mode));
        let from: Timestamp = self.from.parse().expect("a time");
        let to = from + Span::from_ms(setup.step.ms() * (part.steps as i64 - 1));
        let loaded = MarketData::load(&setup, &root.join("data"), Some(from), Some(to));
        let data = loaded.unwrap_or_else(|faults| panic!("{}:\n{faults}", part.mode)).data;
        let script = root.join(setup.script.as_ref().expect("a mode names its script"));
        let bundle = Bundle::load(&script, &root.join("stdlib"), &setup);
        let bundle = Arc::new(bundle.unwrap_or_else(|faults| panic!("{faults:?}")));
        let strategy = move || Box::new(ScriptStrategy::new(bundle.clone())) as Box<dyn Strategy>;
        let setup = opening(Arc::new(setup), &data.view_at(0)).expect("the gas tank can be bought");
        let (strategy, fair_steps) = (Arc::new(strategy), part.fair_steps);
        Stage { setup, data, strategy, fair_steps, may_stop: true, wind_down: None }
    }
}

/// Owners who come and go, and one of three ends: by the configuration, by the operator, or none.
fn with_people(stage: &Stage, seed: u64) -> Stage {
    let mut dice = Dice::new(seed ^ 0x0e_e5);
    let mut setup = Setup::clone(&stage.setup);
    let (data, steps) = (&stage.data, stage.data.steps() as u64);
    let at = |step: u64| data.from() + Span::from_ms(setup.step.ms() * step as i64);
    let flow = |step: u64, per_mille: i64, speed| {
        let amount = setup.capital.get() * Decimal::new(per_mille, 3);
        ScheduledFlow { at: at(step), amount: Quantity::new(amount.round_dp(6)), speed }
    };
    let first = steps / 6 + dice.below(steps / 6);
    setup.capital_flows = vec![
        flow(first, 20 + dice.below(300) as i64, Speed::Slow),
        flow(first + 1 + dice.below(steps / 6), -1 - dice.below(10) as i64, Speed::Fast),
        flow(steps / 2 + dice.below(steps / 8), -20 - dice.below(150) as i64, Speed::Slow),
    ];
    let end = steps * 2 / 3 + dice.below(steps / 8);
    let kind = dice.below(3);
    setup.unwind_at = (kind == 0).then(|| at(end));
    let wind_down = (kind == 1).then_some(end as usize);
    Stage { setup: Arc::new(setup), wind_down, ..stage.clone() }
}

/// All seeds of a mode; what they did together.
fn drilled(part: &Part) {
    let first = from_environment("BASIS_SIM_FIRST", 1);
    let seeds = from_environment("BASIS_SIM_SEEDS", 200);
    let stages: Vec<Stage> = part.scenes.iter().map(|scene| scene.stage(part)).collect();
    let (mut totals, mut done, mut left, mut faults) = (Outcome::default(), 0, 0, 0);
    let mut stopped = Vec::new();
    for seed in first..first + seeds {
        let stage = with_people(&stages[seed as usize % stages.len()], seed);
        let kills = Kills::drawn(seed, KILLS, part.inputs);
        let outcome = Drill::new(seed, kills, stage).run();
        done += u64::from(outcome.done > 0);
        left += u64::from(outcome.emptied > 0);
        faults += outcome.faults.values().sum::<u64>();
        totals.add(&outcome);
        stopped.extend(outcome.stopped.map(|why| format!("seed {seed}: {why}")));
    }
    println!(
        "{}: {seeds} seeds, {done} with a plan done, {left} left all: {} plans of which {} traded, {} orders, {faults} faults, \
         {} kills, {} records replayed; stopped: {stopped:?}",
        part.mode, totals.plans, totals.done, totals.orders, totals.kills, totals.replayed
    );
    if seeds >= 100 {
        assert!(
            done * 5 >= seeds * 4,
            "{}: only {done} of {seeds} seeds got anything done",
            part.mode
        );
        assert!(stopped.len() as u64 * 50 <= seeds, "{}: {stopped:#?}", part.mode);
        assert!(left * 4 >= seeds, "{}: only {left} of {seeds} seeds left", part.mode);
        assert!(totals.kills >= seeds && faults >= seeds, "{}: next to nothing struck", part.mode);
    }
}

const BY_POOL: [(&str, &str); 1] = [("parameters.exit_route.value", "dex")];

#[test]
fn pure_lending_usdt_keeps_its_books() {
    drilled(&hourly("pure_lending_usdt", 150, &[]));
}

#[test]
fn pure_lending_eth_keeps_its_books() {
    drilled(&hourly("pure_lending_eth", 200, &[]));
}

#[test]
fn btc_basis_keeps_its_books() {
    drilled(&hourly("btc_basis", 400, &[("margin_mode", "usdt")]));
}

#[test]
fn eth_basis_keeps_its_books() {
    drilled(&hourly("eth_basis", 400, &[("margin_mode", "usdt")]));
}

#[test]
fn eth_staking_only_keeps_its_books() {
    drilled(&hourly("eth_staking_only", 200, &BY_POOL));
}

#[test]
fn eth_leveraged_keeps_its_books() {
    drilled(&hourly("eth_leveraged", 300, &BY_POOL));
}

#[test]
fn usdt_market_neutral_no_leverage_keeps_its_books() {
    drilled(&hourly("usdt_market_neutral_no_leverage", 400, &BY_POOL));
}

#[test]
fn usdt_market_neutral_keeps_its_books() {
    drilled(&hourly("usdt_market_neutral", 400, &BY_POOL));
}

#[test]
fn ml_btc_directional_usdt_margin_keeps_its_books() {
    drilled(&by_minutes("ml_btc_directional_usdt_margin"));
}

#[test]
fn ml_btc_directional_btc_margin_keeps_its_books() {
    drilled(&by_minutes("ml_btc_directional_btc_margin"));
}
