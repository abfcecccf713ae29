//! What the engine costs without a script and without records: BASIS-1 as a Rust strategy over a year of hourly steps.
//!
//! Run with `cargo bench --bench engine`. The data is the generated year in `tests/data/basis1`, else the one that is shared
//! beside the repository (`BASIS_SHARED`). The result is checked, so that a speed is never told of another job.

mod native;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use basis::config::{Costs, LoadRequest, Setup, StrategyRef, load};
use basis::engine::{Engine, Mode};
use basis::market::MarketData;
use basis::run::Pump;
use basis::sim::{Faults, World};
use basis::types::RunTag;
use rust_decimal::Decimal;

const RUNS: usize = 9;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Some(dir) = data_dir(root) else {
        println!(
            "skipped: neither tests/data/basis1 nor the shared bench data is here (set BASIS_SHARED)"
        );
        return;
    };
    let script = root.join("strategies/bench/basis1.rhai");
    let setup = load(LoadRequest {
        strategy: StrategyRef { name: script.display().to_string(), config: None },
        config_dir: root.join("configs"),
        sets: Vec::new(),
        capital: None,
        from: None,
        to: None,
        costs: Costs::Full,
    });
    let setup = Arc::new(setup.unwrap_or_else(|faults| panic!("{faults}")));
    let began = Instant::now();
    let loaded =
        MarketData::load(&setup, &dir, None, None).unwrap_or_else(|faults| panic!("{faults}"));
    println!("load a year: {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    let mut seconds: Vec<f64> = (0..RUNS).map(|_| run(&setup, &loaded.data)).collect();
    seconds.sort_by(f64::total_cmp);
    let steps = loaded.data.steps() as f64;
    println!(
        "native strategy, no records: median {:.0} steps/s, best {:.0} ({:.2} µs a step)",
        steps / seconds[RUNS / 2],
        steps / seconds[0],
        seconds[RUNS / 2] / steps * 1e6
    );
}

/// Seconds of one run from the first step to the last.
fn run(setup: &Arc<Setup>, data: &Arc<MarketData>) -> f64 {
    let strategy = Box::new(native::Basis1::new(&setup.universe));
    let balances = setup.initial_balances.clone();
    let engine = Engine::new(
        setup.clone(),
        data.view_at(0),
        strategy,
        RunTag::new(1),
        &balances,
        Mode::Backtest,
    );
    let world = World::new(setup.clone(), 0, Faults::NONE);
    let mut pump = Pump::new(engine.expect("the opening is valid"), world, ());
    let began = Instant::now();
    for view in data.views() {
        pump.step(view).expect("nothing is recorded, so nothing can fail to be");
    }
    pump.finish(data.to() + data.step()).expect("nothing is recorded, so nothing can fail to be");
    let seconds = began.elapsed().as_secs_f64();
    let state = pump.engine.state();
    let equity = state.recorded_equity.get().round_dp(2);
    assert_eq!(
        (equity, state.tally.rebalances),
        (Decimal::new(10_568_869, 2), 162),
        "this is not BASIS-1"
    );
    seconds
}

fn data_dir(root: &Path) -> Option<PathBuf> {
    let shared = std::env::var_os("BASIS_SHARED").map_or(root.join("../shared"), PathBuf::from);
    [root.join("tests/data/basis1"), shared.join("bench/data")].into_iter().find(|dir| dir.is_dir())
}
