//! What loading a market gives: the data, and what there is to say about it.

use std::sync::Arc;

use crate::types::{Coded, Timestamp};

use super::data::MarketData;
use super::silence::Late;
use super::stress::Stressed;
use super::told::{Gap, ProxyUse};

/// The market of a run, with what there is to say about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The data.
    pub data: Arc<MarketData>,
    /// The first step.
    pub from: Timestamp,
    /// The last step.
    pub to: Timestamp,
    /// Why they are those, in words: `as asked for`, or what the data said where nobody asked.
    pub why: String,
    /// Rows that are missing inside the range, by series.
    pub gaps: Vec<Gap>,
    /// What a model has said late.
    pub late: Late,
    /// What stood in for what.
    pub proxies: Vec<ProxyUse>,
    /// The files that were read, with their hashes, for the data manifest.
    pub files: Vec<DataFile>,
    /// What a person should know: gaps and proxies in sentences.
    pub warnings: Vec<Coded>,
    /// What of it is stressed.
    pub stress: Stressed,
}

/// A file that a run has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// The series in it.
    pub series: String,
    /// Its path inside the data folder.
    pub file: String,
    /// Its size on disk.
    pub bytes: u64,
    /// Its SHA-256, hex, as it lies on disk.
    pub sha256: String,
    /// The rows that the run keeps of it.
    pub rows: usize,
}
