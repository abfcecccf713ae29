//! The evidence of a run: event files, tables, component logs, the journal, the summary and the folders they lie in.
//!
//! Engine and script hand over fixed-size [`Event`](crate::types::event::Event)s in batches; [`Recorder`] turns them into
//! text on a thread of its own. Nothing here decides anything, and nothing here is read back by a running engine but the
//! journal. A file is whole lines or whole tables, whatever ends the run.

mod text;

mod component_logs;
mod encoder;
mod event_files;
mod event_kind;
mod jsonl;
mod line_file;
mod names;
mod plan;
mod sink;
mod tables;

pub mod errors_doc;
pub mod journal;
pub mod read;
pub mod retention;
pub mod run_folder;
pub mod summary;

#[cfg(test)]
mod sample;

pub use errors_doc::errors_md;
pub use event_kind::EventKind;
pub use journal::{Durability, JournalReader, JournalWriter};
pub use plan::{RecordLevel, RecordPlan};
pub use read::{JsonLines, event_files, read_jsonl};
pub use run_folder::{HostFacts, Lock, RunFolder, RunMetadata};
pub use sink::{RecordSummary, Recorder};
pub use summary::{DataSummary, RunStatus, Summary, Timings};
pub(crate) use text::{push_count, push_integer};
