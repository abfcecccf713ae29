//! What one decision of each shipped mode costs, over the bundled sample: the script's own time, and the whole step's.
//!
//! Run with `cargo bench --bench modes`. A line a mode: the mean time of a decision, of one that holds and of one with a plan, each
//! within the strategy's call, and steps a second of engine, simulated venues and script together, nothing recorded. The run is made
//! five times; of each decision the shortest time counts, and of the run the least time on the processor.

mod clock;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use basis::config::{LoadRequest, Setup, load};
use basis::engine::{End, Engine, Memory, Mode, Phase, StepView, Strategy, StrategyError};
use basis::market::MarketData;
use basis::run::{Pump, opening};
use basis::script::{Bundle, ScriptStrategy};
use basis::sim::{Faults, World};
use basis::types::event::Loudness;
use basis::types::{Action, Decision, RunTag};
use clock::Clock;

const RUNS: usize = 5;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    println!(
        "{:<32} {:>9} {:>11} {:>8} {:>8} {:>6} {:>8}",
        "mode", "decisions", "µs/decision", "µs/hold", "µs/plan", "steps", "steps/s"
    );
    for mode in modes(root) {
        let setup = load(LoadRequest::of_mode(&mode, &root.join("configs")));
        let setup = setup.unwrap_or_else(|faults| panic!("{mode}:\n{faults}"));
        let loaded = MarketData::load(&setup, &root.join("data"), None, None);
        let data = loaded.unwrap_or_else(|faults| panic!("{mode}:\n{faults}")).data;
        let script = root.join(setup.script.as_ref().expect("a mode names its script"));
        let bundle = Bundle::load(&script, &root.join("stdlib"), &setup);
        let bundle = Arc::new(bundle.unwrap_or_else(|faults| panic!("{mode}: {faults:?}")));
        let setup = opening(Arc::new(setup), &data.view_at(0)).expect("the gas tank can be bought");
        let ran = (0..RUNS).map(|_| run(&setup, &data, &bundle));
        let best = ran.reduce(Ran::best).expect("there are some");
        println!(
            "{mode:<32} {:>9} {:>11.1} {:>8.1} {:>8.0} {:>6} {:>8.0}",
            best.calls.len(),
            best.mean_us(|_| true),
            best.mean_us(|is_hold| is_hold),
            best.mean_us(|is_hold| !is_hold),
            data.steps(),
            data.steps() as f64 * 1e6 / best.whole_us
        );
    }
}

/// The names of all modes, in order.
fn modes(root: &Path) -> Vec<String> {
    let files = std::fs::read_dir(root.join("configs/modes")).expect("the modes are there");
    let name = |file: std::fs::DirEntry| {
        let path = file.path();
        path.file_stem().map(|stem| stem.to_string_lossy().into_owned())
    };
    let mut names: Vec<String> = files.filter_map(|file| name(file.ok()?)).collect();
    names.sort();
    names
}

/// What a run took.
#[derive(Clone, Debug, Default)]
struct Ran {
    /// By decision: whether it held, and its time.
    calls: Vec<(bool, Duration)>,
    /// On the processor, from the first step to the last.
    whole_us: f64,
}

impl Ran {
    /// The same run again: of each time the lesser.
    fn best(mut self, again: Ran) -> Ran {
        assert_eq!(self.calls.len(), again.calls.len(), "the same run decides the same");
        for ((_, time), (_, other)) in self.calls.iter_mut().zip(again.calls) {
            *time = other.min(*time);
        }
        Ran { whole_us: self.whole_us.min(again.whole_us), ..self }
    }

    /// The mean time of decisions in microseconds.
    fn mean_us(&self, wanted: impl Fn(bool) -> bool) -> f64 {
        let times = || self.calls.iter().filter(|(is_hold, _)| wanted(*is_hold));
        let sum: Duration = times().map(|(_, time)| *time).sum();
        sum.as_secs_f64() * 1e6 / times().count().max(1) as f64
    }
}

fn run(setup: &Arc<Setup>, data: &Arc<MarketData>, bundle: &Arc<Bundle>) -> Ran {
    let ran = Arc::new(Mutex::new(Ran::default()));
    let inner = ScriptStrategy::new(bundle.clone());
    let strategy = Box::new(Timed { inner, ran: ran.clone() });
    let (first, balances) = (data.view_at(0), setup.initial_balances.clone());
    let engine =
        Engine::new(setup.clone(), first, strategy, RunTag::new(1), &balances, Mode::Backtest);
    let world = World::new(setup.clone(), 0, Faults::NONE);
    let mut pump = Pump::new(engine.expect("the opening is valid"), world, ());
    let clock = Clock::new();
    let began = clock.now_us();
    for view in data.views() {
        pump.step(view).expect("nothing is recorded, so nothing can fail to be");
    }
    pump.finish(data.to() + data.step()).expect("nothing is recorded, so nothing can fail to be");
    let whole_us = clock.now_us() - began;
    // A speed must not be told of a run that broke off.
    assert_eq!(pump.engine.state().phase, Phase::Ended(End::Done), "{}", setup.mode);
    let calls = std::mem::take(&mut ran.lock().expect("one thread").calls);
    Ran { calls, whole_us }
}

/// A script with a clock around its decisions.
struct Timed {
    inner: ScriptStrategy,
    ran: Arc<Mutex<Ran>>,
}

impl Strategy for Timed {
    fn decide(
        &mut self,
        step: &Arc<StepView>,
        memory: &mut Memory,
    ) -> Result<Decision, StrategyError> {
        let began = Instant::now();
        let answer = self.inner.decide(step, memory);
        let took = began.elapsed();
        let is_hold = answer.as_ref().is_ok_and(|decision| decision.action == Action::Hold);
        self.ran.lock().expect("one thread").calls.push((is_hold, took));
        answer
    }

    fn exit(
        &mut self,
        step: &Arc<StepView>,
        memory: &mut Memory,
    ) -> Result<Decision, StrategyError> {
        self.inner.exit(step, memory)
    }

    fn on_start(&mut self, step: &Arc<StepView>, memory: &mut Memory) -> Result<(), StrategyError> {
        self.inner.on_start(step, memory)
    }

    fn version(&self) -> Arc<str> {
        self.inner.version()
    }

    fn take_logs(&mut self) -> Vec<(Loudness, String)> {
        self.inner.take_logs()
    }
}
