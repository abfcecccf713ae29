//! The recording witness of a run: journal first, then events to the encoder, and the equity of each step for the figures.

use crate::engine::{Input, Outbox};
use crate::portfolio::metrics::Track;
use crate::records::Recorder;
use crate::records::journal::{Durability, JournalWriter};
use crate::types::event::{Event, Loudness, StepRow};
use crate::types::{Code, Coded, Timestamp};

use super::codec::{encode_effects, encode_input};
use super::pump::Witness;
use super::warnings::Warnings;

/// Records a simulated run.
pub struct RunWitness {
    journal: Option<JournalWriter>,
    /// The records of a run that is resumed, still to be met again.
    expected: std::vec::IntoIter<Vec<u8>>,
    recorder: Recorder,
    track: Track,
    last_row: Option<StepRow>,
    warnings: Warnings,
    line: Vec<u8>,
    step: u64,
    seen: usize,
}

impl RunWitness {
    /// A witness that journals to `journal` (nothing when absent) and hands events to `recorder`. `expected` holds the
    /// journal of the run that is resumed.
    pub fn new(journal: Option<JournalWriter>, expected: Vec<Vec<u8>>, recorder: Recorder) -> Self {
        Self {
            journal,
            expected: expected.into_iter(),
            recorder,
            track: Track::default(),
            last_row: None,
            warnings: Warnings::default(),
            line: Vec::with_capacity(256),
            step: 0,
            seen: 0,
        }
    }

    /// Hands over what is still in the outbox' batch and ends the records.
    ///
    /// # Errors
    /// LOG-001 when a record cannot be written.
    pub fn finish(mut self) -> Result<Recorded, Coded> {
        if let Some(journal) = &mut self.journal {
            journal.flush()?;
        }
        let Self { recorder, track, last_row, warnings, .. } = self;
        recorder.finish()?;
        Ok(Recorded { track, last_row, warnings: warnings.told() })
    }

    /// Looks at the events that came since the last look, and sends a batch that is full.
    fn look(&mut self, out: &mut Outbox, at_least: usize) -> Result<(), Coded> {
        for event in &out.events.events[self.seen..] {
            match event {
                Event::Step(row) => {
                    if self.track.is_empty() {
                        self.track = Track::open(row.at, row.opening());
                    }
                    self.track.push(row.at, row.share_value);
                }
                Event::Note(note) if note.loudness >= Loudness::Warn => {
                    self.warnings.add(note.at, note.code, &note.text);
                }
                Event::Decision(decision) => {
                    for why in decision.constraints.iter() {
                        let text = format!("held back: {}", why.message);
                        self.warnings.add(decision.at, Some(why.code), &text);
                    }
                }
                _ => {}
            }
        }
        self.seen = out.events.events.len();
        if self.seen >= at_least {
            let last = out.events.events.iter().rev().find_map(|event| match event {
                Event::Step(row) => Some(StepRow::clone(row)),
                _ => None,
            });
            self.last_row = last.or(self.last_row.take());
            self.recorder.send(&mut out.events)?;
            self.seen = 0;
        }
        Ok(())
    }
}

/// What a witness has gathered by the end.
pub struct Recorded {
    /// Equity by step.
    pub track: Track,
    /// The last step's row.
    pub last_row: Option<StepRow>,
    /// Warnings and alarms, in words.
    pub warnings: Vec<String>,
}

impl Witness for RunWitness {
    fn before(&mut self, at: Timestamp, input: &Input) -> Result<(), Coded> {
        self.line.clear();
        if self.journal.is_some() {
            encode_input(&mut self.line, at, input, self.step)?;
        }
        if matches!(input, Input::Tick(_)) {
            self.step += 1;
        }
        Ok(())
    }

    fn after(&mut self, out: &mut Outbox) -> Result<(), Coded> {
        if let Some(journal) = &mut self.journal {
            encode_effects(&mut self.line, &out.effects);
            if let Some(expected) = self.expected.next()
                && expected != self.line
            {
                let (was, is) =
                    (String::from_utf8_lossy(&expected), String::from_utf8_lossy(&self.line));
                let message = format!(
                    "the journal has\n  {was}\nwhere the replay has\n  {is}\nSomething it depends on has changed."
                );
                return Err(Coded::new(Code::Engine002, message));
            }
            journal.append(&self.line)?;
            journal.commit(Durability::Buffered)?;
        }
        let is_last =
            out.effects.iter().any(|effect| matches!(effect, crate::engine::Effect::Finish));
        self.look(out, if is_last { 1 } else { Recorder::BATCH_EVENTS })
    }
}
