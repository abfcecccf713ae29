//! A backtest from its configuration to its results: load, open, step to the end, summarise.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::config::Setup;
use crate::engine::{End, Engine, Mode, Phase, Strategy, Tally};
use crate::market::{MarketData, sample, stress};
use crate::records::run_folder::{Lock, RunFolder};
use crate::records::summary::{Summary, Timings};
use crate::records::{RecordLevel, RecordPlan, Recorder};
use crate::script::sandbox::said_by;
use crate::sim::{self, World};
use crate::types::{Code, Coded, RunTag, Timestamp};

use super::codec::Header;
use super::failure::Failure;
use super::kept::{hash_of, journaled, keep_command, keep_inputs, metadata, open_journal, tag_of};
use super::opening::opening;
use super::owners;
use super::pump::{Pump, Witness};
use super::signals::kept;
use super::summarise::{Facts, summarise};
use super::witness::RunWitness;

/// What a backtest is to do.
pub struct Request {
    /// The validated configuration.
    pub setup: Setup,
    /// The folder with the market data.
    pub data: PathBuf,
    /// What the data is bent to.
    pub stress: Vec<stress::Asked>,
    /// Where `results/` and `logs/` lie.
    pub out: PathBuf,
    /// How much is recorded.
    pub level: RecordLevel,
    /// The run's id, lower-case hex.
    pub correlation_id: String,
    /// What the user calls the run.
    pub tag: Option<String>,
    /// Seed of the simulated world.
    pub seed: u64,
    /// What goes wrong in it.
    pub faults: sim::Faults,
    /// When the request was made, in real time, for `run_metadata.json`.
    pub started_at: String,
    /// Whether the run of this id is finished instead of begun.
    pub resume: Resume,
    /// Signals that an earlier run has kept, in the place of the service that would be asked for them.
    pub signals: Option<PathBuf>,
    /// The arguments that would begin the same run again, kept for a resume.
    pub command: Vec<(String, String)>,
}

/// Whether a run is begun or gone on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// A new run.
    No,
    /// The run of the request's id, whose journal must come out again.
    Yes,
}

/// What builds the strategy once the setup is known; also tells the files that go into `inputs/`.
pub type Builder<'a> = dyn FnOnce(&Arc<Setup>) -> Result<Built, Failure> + 'a;

/// A strategy, with the texts that it is made of by file name.
pub type Built = (Box<dyn Strategy>, Vec<(String, String)>);

/// A finished run.
pub struct Finished {
    /// What was run.
    pub setup: Arc<Setup>,
    /// Its summary, as written.
    pub summary: Summary,
    /// Counts of the run.
    pub tally: Tally,
    /// Why it stopped, when risk or reconciliation stopped it.
    pub stopped: Option<Coded>,
    /// The time of the last step that was made.
    pub ended_at: Timestamp,
    /// The folder with its results.
    pub results: PathBuf,
    /// The folder with its logs.
    pub logs: PathBuf,
}

/// Runs a backtest. `progress` is told the steps done, the steps to do, and the simulated time, now and then.
///
/// # Errors
/// [`Failure::Input`] before anything is begun; [`Failure::Run`] when the run failed: it leaves its logs and no results.
pub fn backtest(
    request: Request,
    build: Box<Builder<'_>>,
    progress: &mut dyn FnMut(u64, u64, Timestamp),
) -> Result<Finished, Failure> {
    let began = Instant::now();
    let run_results = request.out.join("results").join(&request.correlation_id);
    let inputs = run_results.join("inputs");
    // What a run that was cut off has kept is the next resume's, should this one be refused.
    let mut half = HalfResults((request.resume == Resume::No).then(|| run_results.clone()));
    let mut setup = request.setup;
    let signals = kept(&setup, &request.data, &inputs, request.signals.as_deref())?;
    let (from, to) = (setup.from, setup.to);
    let beside = signals.as_ref().map(|kept| kept.beside.as_path());
    let mut loaded = MarketData::load_beside(&setup, &request.data, beside, from, to)?;
    loaded.warnings.extend(signals.into_iter().flat_map(|kept| kept.warnings));
    let loaded = stress::apply(&mut setup, loaded, &request.stress)?;
    let load_s = began.elapsed().as_secs_f64();

    let began = Instant::now();
    let data = loaded.data.clone();
    let setup = Arc::new(setup);
    let (strategy, files) = build(&setup)?;
    let first = data.view_at(0);
    let setup = owners::check(&setup, &loaded)
        .and_then(|()| opening(setup, &first))
        .map_err(|error| Failure::Input(error.to_string()))?;
    let header = Header {
        version: 1,
        run: RunTag::new(tag_of(&strategy.version(), &setup.hash, &hash_of(&loaded))),
        script: strategy.version().to_string(),
        config: setup.hash.clone(),
        data: hash_of(&loaded),
    };
    let (logs, results) = (request.out.join("logs"), request.out.join("results"));
    let run_logs = logs.join(&request.correlation_id);
    let _lock =
        Lock::of_run(&run_logs, &request.correlation_id, std::process::id(), &request.started_at)
            .map_err(|error| Failure::Input(error.to_string()))?;
    let expected = match request.resume {
        Resume::Yes => journaled(&run_logs, &header)?,
        Resume::No => Vec::new(),
    };
    half.0 = Some(run_results);
    let folder = RunFolder::create(&logs, &results, &request.correlation_id, std::process::id())
        .map_err(|error| Failure::Input(error.to_string()))?;
    keep_command(&request.out, &request.correlation_id, &request.command)?;
    let synthetic = sample::is_synthetic(&request.data);
    keep_inputs(&folder, &setup, &loaded, &files, &header, synthetic)?;
    let mut metadata =
        metadata(&request.correlation_id, &setup, &header, &data, &request.started_at, synthetic);
    folder.write_metadata(&metadata)?;

    let plan = RecordPlan {
        logs_dir: (request.level != RecordLevel::None).then(|| folder.logs().to_owned()),
        results_dir: Some(folder.results().to_owned()),
        level: request.level,
        universe: setup.universe.clone(),
        series_names: setup.series.iter().map(|series| series.name.clone()).collect(),
        share_class: setup.share_class.name.clone(),
        strategy: setup.mode.clone(),
        correlation_id: request.correlation_id.clone(),
        pid: std::process::id(),
        simulated: true,
        max_file_bytes: RecordPlan::MAX_FILE_BYTES,
        starts_at: first.now(),
    };
    let recorder = Recorder::start(plan)?;
    let journal = open_journal(&folder, &header, request.level)?;
    let witness = RunWitness::new(journal, expected, recorder);
    let balances = setup.initial_balances.clone();
    let engine =
        Engine::new(setup.clone(), first, strategy, header.run, &balances, Mode::Backtest)?;
    let mut world = World::new(setup.clone(), request.seed, request.faults);
    world.undergo(&loaded.stress.ordeals);
    let pump = Pump::new(engine, world, witness);
    let mut pump = if request.level == RecordLevel::None { pump.for_tables() } else { pump };
    let setup_s = began.elapsed().as_secs_f64();

    let began = Instant::now();
    let walked = unpanicked(|| walk(&mut pump, &data, progress));
    let run_s = began.elapsed().as_secs_f64();
    let Pump { engine, world, witness, .. } = pump;
    walked?;
    let began = Instant::now();
    let recorded = witness.finish()?;
    let ended_at = recorded.last_row.as_ref().map_or(data.from(), |row| row.at);
    let stopped = verdict(&engine, &world)?;
    let timings = Timings { load_s, setup_s, run_s, write_s: began.elapsed().as_secs_f64() };
    let spared = world.spared().count();
    let facts =
        Facts { id: request.correlation_id, tag: request.tag, dir: request.data, timings, spared };
    let summary = summarise(&engine, &setup, &loaded, recorded, stopped.is_some(), facts);
    metadata.ended_at = Some(real_time());
    folder.write_metadata(&metadata)?;
    summary.write(folder.results())?;
    half.are_whole();
    Ok(Finished {
        setup,
        summary,
        tally: engine.state().tally.clone(),
        stopped,
        ended_at,
        results: folder.results().to_owned(),
        logs: folder.logs().to_owned(),
    })
}

/// The results of a run under way. Dropped before they are whole they are removed: a run that failed leaves its logs and
/// nothing that looks like a result.
struct HalfResults(Option<PathBuf>);

impl HalfResults {
    fn are_whole(mut self) {
        self.0 = None;
    }
}

impl Drop for HalfResults {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            // The failure that is being told is the one worth telling.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// The real time, for `run_metadata.json`.
pub fn real_time() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_ms(since.as_millis() as i64).to_string()
}

/// A panic is a bug, but it must end the run as any failure does: with a code, its logs, and no half results.
fn unpanicked(work: impl FnOnce() -> Result<(), Coded>) -> Result<(), Coded> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let message = format!("the program itself failed: {}", said_by(&*panic));
        Err(Coded::new(Code::Engine004, message))
    })
}

/// Steps through all of the data.
fn walk<W: Witness>(
    pump: &mut Pump<W>,
    data: &Arc<MarketData>,
    progress: &mut dyn FnMut(u64, u64, Timestamp),
) -> Result<(), Coded> {
    let total = data.steps() as u64;
    for (step, view) in data.views().enumerate() {
        if step % PROGRESS_EVERY == 0 {
            progress(step as u64, total, view.now());
        }
        pump.step(view)?;
        if pump.engine.state().has_ended() {
            return Ok(());
        }
    }
    pump.finish(data.to() + data.step())
}

/// Steps between two reports of progress.
const PROGRESS_EVERY: usize = 256;

/// How the run ended; the books of a run at rest must be the venues' own.
fn verdict(engine: &Engine, world: &World) -> Result<Option<Coded>, Coded> {
    let state = engine.state();
    let stopped = match &state.phase {
        Phase::Ended(End::Failed(why)) => {
            let message = format!("{}\n  in the step of {}", why.message, state.now);
            return Err(Coded::new(why.code, message));
        }
        Phase::Ended(End::Stopped(why)) => Some(why.clone()),
        Phase::Ended(End::Done) | Phase::Trading | Phase::Leaving(_) => None,
    };
    if let Some(violation) = world.violations().first() {
        return Err(Coded::new(
            Code::Exec004,
            format!("the engine broke a rule of a venue: {violation:?}"),
        ));
    }
    let is_at_rest = state.plans.is_empty() && state.locks.is_empty();
    let differing =
        world.balances().find(|theirs| state.books.quantity(theirs.key) != theirs.quantity);
    if let (true, Some(theirs)) = (is_at_rest, differing) {
        let name = &engine.step().universe().instrument(theirs.key).name;
        let ours = state.books.quantity(theirs.key);
        let message = format!(
            "the run ended with {ours} at {name} in its books and {} at the venue",
            theirs.quantity
        );
        return Err(Coded::new(Code::Pos001, message));
    }
    if state.tally.worst_residual > MAX_RESIDUAL {
        let message = format!(
            "profit by cause leaves {} of equity unexplained in one step",
            state.tally.worst_residual
        );
        return Err(Coded::new(Code::Pnl001, message));
    }
    Ok(stopped)
}

/// The largest residual of a step, as a fraction of equity.
const MAX_RESIDUAL: rust_decimal::Decimal = rust_decimal::Decimal::from_parts(1, 0, 0, false, 9);
