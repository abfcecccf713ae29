//! The door of the records: full batches in, empty ones back, everything else on a thread of its own.
//!
//! The channel is bounded, so a slow disk slows the run and never fills the memory. Emptied batches come back, so a run
//! allocates no event buffers once they have grown. The first error ends the recording and is told by the next call.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::types::event::EventBatch;
use crate::types::{Code, Coded, Timestamp};

use super::encoder::Encoder;
use super::event_kind::EventKind;
use super::plan::RecordPlan;

/// How many full batches may wait for the encoder.
const BATCHES_WAITING: usize = 4;

/// Records a run. Dropped without [`Recorder::finish`], it ends the event files and removes the tables.
#[derive(Debug)]
pub struct Recorder {
    full: Option<SyncSender<Message>>,
    empty: Receiver<EventBatch>,
    thread: Option<JoinHandle<Result<RecordSummary, Coded>>>,
    failure: Option<Coded>,
}

/// What was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordSummary {
    /// Lines in all event files, which is also the last sequence number.
    pub event_lines: u64,
    /// Lines by kind, in the order of [`EventKind::ALL`].
    pub lines_by_kind: [u64; EventKind::ALL.len()],
    /// Bytes of the tables of the results.
    pub table_bytes: u64,
    /// Where the tables are.
    pub results_dir: Option<PathBuf>,
    /// How long the encoder worked, waiting not counted.
    pub busy: Duration,
}

enum Message {
    Batch(EventBatch),
    Finish,
}

impl Recorder {
    /// How many events make a batch worth sending.
    pub const BATCH_EVENTS: usize = 512;

    /// Opens the files of a plan and starts the encoder.
    ///
    /// # Errors
    /// LOG-002 when a folder or a file cannot be made, LOG-001 when the thread cannot be started.
    pub fn start(plan: RecordPlan) -> Result<Self, Coded> {
        let encoder = Encoder::open(plan.clone(), real_time())?;
        let (full, incoming) = sync_channel(BATCHES_WAITING);
        // One more than can be under way, so that handing a batch back never waits.
        let (outgoing, empty) = sync_channel(BATCHES_WAITING + 2);
        let thread = std::thread::Builder::new()
            .name("records".into())
            .spawn(move || encode(encoder, plan.results_dir, &incoming, &outgoing))
            .map_err(|error| {
                Coded::new(Code::Log001, format!("the recorder's thread cannot start: {error}"))
            })?;
        Ok(Self { full: Some(full), empty, thread: Some(thread), failure: None })
    }

    /// Hands over a batch and leaves an empty one in its place. Waits when the encoder is that far behind.
    ///
    /// # Errors
    /// What ended the recording: LOG-001 with the file and the system's words.
    pub fn send(&mut self, batch: &mut EventBatch) -> Result<(), Coded> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        if batch.events.is_empty() {
            return Ok(());
        }
        // Emptied here and not by the encoder: what an event has boxed goes back to the thread that boxed it, whose
        // allocator then has it at hand.
        let mut empty = self.empty.try_recv().unwrap_or_default();
        empty.clear();
        empty.detail = batch.detail;
        let full = std::mem::replace(batch, empty);
        match self.full.as_ref().map(|channel| channel.send(Message::Batch(full))) {
            Some(Ok(())) => Ok(()),
            _ => Err(self.ended()),
        }
    }

    /// Ends all files and gives the tables their names.
    ///
    /// # Errors
    /// What ended the recording: LOG-001 with the file and the system's words.
    pub fn finish(mut self) -> Result<RecordSummary, Coded> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        if let Some(channel) = self.full.take() {
            // A closed channel means that the encoder failed; joining it tells why.
            let _ = channel.send(Message::Finish);
        }
        self.join()
    }

    /// Why the encoder ended before it was told to.
    fn ended(&mut self) -> Coded {
        self.full = None;
        let failure = match self.join() {
            Err(failure) => failure,
            Ok(_) => Coded::new(Code::Log001, "the recorder ended before the run did"),
        };
        self.failure.insert(failure).clone()
    }

    fn join(&mut self) -> Result<RecordSummary, Coded> {
        let panicked = || Coded::new(Code::Log001, "the recorder's thread panicked");
        match self.thread.take() {
            Some(thread) => thread.join().map_err(|_| panicked())?,
            None => Err(panicked()),
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.full = None;
        if let Some(thread) = self.thread.take() {
            // The run is being given up; there is nobody to tell of a second failure.
            let _ = thread.join();
        }
    }
}

/// The encoder's thread.
fn encode(
    mut encoder: Encoder,
    results_dir: Option<PathBuf>,
    incoming: &Receiver<Message>,
    outgoing: &SyncSender<EventBatch>,
) -> Result<RecordSummary, Coded> {
    let mut busy = Duration::ZERO;
    let totals = loop {
        let message = incoming.recv();
        let begun = Instant::now();
        let done = match message {
            Ok(Message::Batch(batch)) => {
                let written = encoder.write(&batch, real_time());
                match outgoing.try_send(batch) {
                    Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
                }
                written.map(|()| None)
            }
            Ok(Message::Finish) => encoder.finish(real_time()).map(Some),
            Err(_) => encoder.abandon(real_time()).map(Some),
        };
        busy += begun.elapsed();
        match done {
            Ok(None) => {}
            Ok(Some(totals)) => break totals,
            Err(failure) => {
                encoder.note_failure(&failure);
                return Err(failure);
            }
        }
    };
    Ok(RecordSummary {
        event_lines: totals.event_lines,
        lines_by_kind: totals.lines_by_kind,
        table_bytes: totals.table_bytes,
        results_dir,
        busy,
    })
}

/// Real UTC of this machine.
fn real_time() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_ms(since_epoch.as_millis() as i64)
}

#[cfg(test)]
mod tests;
