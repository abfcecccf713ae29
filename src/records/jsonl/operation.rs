//! `event_logger_operations.jsonl`: what the recorder itself did to its files.

use crate::records::event_kind::EventKind;

use super::line::Line;

/// What the recorder did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A file was begun.
    Open,
    /// Buffers were handed to the operating system.
    Flush,
    /// A full file was put aside under a number.
    Rotate,
    /// Events were left out, because the level of recording does not keep their kind.
    Drop,
    /// A file could not be written.
    Error,
    /// A file was ended.
    Close,
}

impl Deed {
    const fn text(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Flush => "flush",
            Self::Rotate => "rotate",
            Self::Drop => "drop",
            Self::Error => "error",
            Self::Close => "close",
        }
    }
}

/// One thing that the recorder did.
#[derive(Clone, Debug)]
pub struct Operation<'a> {
    /// What.
    pub deed: Deed,
    /// To the file of which kind; all of them when absent.
    pub kind: Option<EventKind>,
    /// How many events it is about.
    pub events: u64,
    /// The file's name in its folder.
    pub file: Option<&'a str>,
    /// What went wrong.
    pub error: Option<&'a str>,
    /// How long it took; absent in simulated time, where two runs must write the same.
    pub took_ms: Option<u64>,
}

/// Fields of `event_logger_operations.jsonl`.
pub fn operation(line: &mut Line, operation: &Operation) {
    line.word("operation_type", operation.deed.text());
    if let Some(kind) = operation.kind {
        line.word("event_type", kind.text());
    }
    line.truth("success", operation.error.is_none());
    line.count("events_count", operation.events);
    if let Some(file) = operation.file {
        line.text("file", file);
    }
    if let Some(error) = operation.error {
        line.text("error", error);
    }
    match operation.took_ms {
        Some(took_ms) => line.count("duration_ms", took_ms),
        None => line.null("duration_ms"),
    }
    line.open("metadata");
    line.close();
}
