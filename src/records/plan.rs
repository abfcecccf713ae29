//! What a run wants recorded, and where: everything that the encoder has to know before the first event.

use std::path::PathBuf;
use std::sync::Arc;

use crate::types::{Timestamp, Universe};

/// How much of what happens goes into the event files. The tables of the results are written at every level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordLevel {
    /// All twelve kinds.
    #[default]
    Full,
    /// All but the four that are written every step: positions, exposures, risk assessments, P&L calculations.
    Decisions,
    /// No event files.
    None,
}

/// What a run wants recorded, and where.
#[derive(Clone, Debug)]
pub struct RecordPlan {
    /// `logs/<correlation_id>/<pid>`: gets `events/*.jsonl` and the component logs; neither is written when absent.
    pub logs_dir: Option<PathBuf>,
    /// `results/<correlation_id>`: gets the CSV tables; none are written when absent.
    pub results_dir: Option<PathBuf>,
    /// Which kinds of events are kept.
    pub level: RecordLevel,
    /// The names behind the small integers of events.
    pub universe: Arc<Universe>,
    /// The names of the subscribed series, in the order of their indices.
    pub series_names: Vec<String>,
    /// The currency of all values: USDT, ETH or BTC.
    pub share_class: String,
    /// The strategy's name, as orders tell it.
    pub strategy: String,
    /// The run's id, in every line of the event files.
    pub correlation_id: String,
    /// The process's id, in every line of the event files.
    pub pid: u32,
    /// Whether engine time is simulated. Then no duration of this machine is written, so that two runs write the same; and
    /// buffers are written when full, not after each batch.
    pub simulated: bool,
    /// An event file that grows beyond this many bytes is put aside under a number and a new one is begun. Not counted are
    /// the fields that differ from run to run, so that two runs rotate at the same lines.
    pub max_file_bytes: u64,
    /// Engine time of the start, which the opening of the files is stamped with.
    pub starts_at: Timestamp,
}

impl RecordPlan {
    /// The usual bound of an event file: 1 GiB.
    pub const MAX_FILE_BYTES: u64 = 1 << 30;
}
