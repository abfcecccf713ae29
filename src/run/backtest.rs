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

/// A strategy with what is kept of it.
pub struct Loaded_ {}

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
