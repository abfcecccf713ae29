//! A backtest from its configuration to its results: load, open, step to the end, summarise.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crate::config::{Faults, Setup};
use crate::engine::{End, Engine, Input, OnError, Phase, Strategy};
use crate::market::{Loaded, MarketData};
use crate::records::journal::{JournalReader, JournalWriter};
use crate::records::run_folder::{HostFacts, RunFolder, RunMetadata};
use crate::records::summary::{DataSummary, RunStatus, Summary, Timings};
use crate::records::{RecordLevel, RecordPlan, Recorder};
use crate::sim::{self, World};
use crate::types::{Code, Coded, PnlCause, RunTag, Span, Timestamp, Value};

use super::codec::Header;
use super::opening::opening;
use super::pump::{Pump, Witness};
use super::witness::{Recorded, RunWitness};

/// What a backtest is to do.
pub struct Request {
    /// The validated configuration.
    pub setup: Setup,
    /// The folder with the market data.
    pub data: PathBuf,
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
pub type Builder<'a> = dyn FnOnce(&Arc<Setup>) -> Result<(Box<dyn Strategy>, Vec<(String, String)>), Failure> + 'a;

/// Why there is no result.
#[derive(Debug)]
pub enum Failure {
    /// Configuration, data or script is wrong: nothing was begun.
    Input(String),
    /// The run failed on its way.
    Run(Coded),
}

impl From<Faults> for Failure {
    fn from(faults: Faults) -> Self {
        Self::Input(faults.to_string())
    }
}

impl From<Coded> for Failure {
    fn from(error: Coded) -> Self {
        Self::Run(error)
    }
}

/// A finished run.
pub struct Finished {
    /// Its summary, as written.
    pub summary: Summary,
    /// Why it stopped, when risk or reconciliation stopped it.
    pub stopped: Option<Coded>,
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
    let loaded = MarketData::load(&request.setup, &request.data, request.setup.from, request.setup.to)?;
    let load_s = began.elapsed().as_secs_f64();

    let began = Instant::now();
    let data = loaded.data.clone();
    let setup = Arc::new(request.setup);
    let (strategy, files) = build(&setup)?;
    let first = data.view_at(0);
    let setup = opening(setup, &first)?;
    let header = Header {
        version: 1,
        run: RunTag::new(tag_of(&strategy.version(), &setup.hash, &loaded.hash())),
        script: strategy.version().to_string(),
        config: setup.hash.clone(),
        data: loaded.hash(),
    };
    let folder = RunFolder::create(
        &request.out.join("logs"),
        &request.out.join("results"),
        &request.correlation_id,
        std::process::id(),
    )?;
    keep_inputs(&folder, &setup, &loaded, &files, &header)?;
    let mut metadata = metadata(&request.correlation_id, &setup, &header, &data, &request.started_at);
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
    let (journal, expected) = open_journal(&folder, &header, request.level, request.resume)?;
    let witness = RunWitness::new(journal, expected, recorder);
    let balances = setup.initial_balances.clone();
    let engine =
        Engine::new(setup.clone(), first, strategy, header.run, &balances, OnError::Fail)?;
    let world = World::new(setup.clone(), request.seed, request.faults);
    let mut pump = Pump::new(engine, world, witness);
    let setup_s = began.elapsed().as_secs_f64();

    let began = Instant::now();
    let walked = walk(&mut pump, &data, progress);
    let run_s = began.elapsed().as_secs_f64();
    let Pump { engine, world, witness, .. } = pump;
    let discard = |error: Coded| -> Failure {
        // A run that failed leaves its logs and nothing that looks like a result.
        let _ = std::fs::remove_dir_all(folder.results());
        Failure::Run(error)
    };
    if let Err(error) = walked {
        return Err(discard(error));
    }
    let began = Instant::now();
    let recorded = match witness.finish() {
        Ok(recorded) => recorded,
        Err(error) => return Err(discard(error)),
    };
    let stopped = match verdict(&engine, &world) {
        Ok(stopped) => stopped,
        Err(error) => return Err(discard(error)),
    };
    metadata.ended_at = None;
    let timings = Timings { load_s, setup_s, run_s, write_s: began.elapsed().as_secs_f64() };
    let facts = Facts { id: request.correlation_id, tag: request.tag, dir: request.data, timings };
    let summary = summarise(&engine, &setup, &loaded, recorded, stopped.is_some(), facts);
    summary.write(folder.results())?;
    Ok(Finished {
        summary,
        stopped,
        results: folder.results().to_owned(),
        logs: folder.logs().to_owned(),
    })
}

/// Steps through all of the data.
fn walk<W: Witness, S>(
    pump: &mut Pump<W, S>,
    data: &Arc<MarketData>,
    progress: &mut dyn FnMut(u64, u64, Timestamp),
) -> Result<(), Coded>
where
    S: sim::Venues,
{
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
