//! The twelve event files of a run: common fields, the gap-free sequence over all of them, rotation by size.

use std::path::PathBuf;
use std::time::Instant;

use crate::types::{Code, Coded, Timestamp};

use super::event_kind::EventKind;
use super::jsonl::Line;
use super::jsonl::operation::{Deed, Operation, operation};
use super::line_file::LineFile;
use super::plan::RecordPlan;
use super::text::{Stamp, push_count, push_json_string, push_timestamp_fixed};

/// What stands between the engine's time and the real one.
const BEFORE_REAL_TIME: &[u8] = b"\",\"real_utc_time\":\"";

/// The open event files.
#[derive(Debug)]
pub struct EventFiles {
    dir: PathBuf,
    files: [Option<EventFile>; EventKind::ALL.len()],
    left_out: [u64; EventKind::ALL.len()],
    sequence: u64,
    unflushed: u64,
    head: Head,
    simulated: bool,
    max_file_bytes: u64,
}

#[derive(Debug)]
struct EventFile {
    file: LineFile,
    /// Lines in the current part.
    lines: u64,
    /// Lines in the parts that were put aside.
    lines_before: u64,
    /// How many parts were put aside.
    parts: u32,
}

/// The common fields of all lines, the part that is the same for a whole batch prepared.
#[derive(Debug)]
struct Head {
    stamp: Stamp,
    /// From the end of the engine's time to the first field of the kind.
    run_fields: Vec<u8>,
    /// Length of what differs between two runs of the same inputs: real time, correlation id, pid.
    volatile_len: u64,
}

impl EventFiles {
    /// Makes the files of the plan's level in `dir`; `now` is the real time.
    ///
    /// # Errors
    /// LOG-002 when the folder or a file cannot be made.
    pub fn create(plan: &RecordPlan, dir: PathBuf, now: Timestamp) -> Result<Self, Coded> {
        std::fs::create_dir_all(&dir).map_err(|error| {
            Coded::new(Code::Log002, format!("{} cannot be created: {error}", dir.display()))
        })?;
        let mut files = Self {
            files: Default::default(),
            left_out: Default::default(),
            sequence: 0,
            unflushed: 0,
            head: Head::new(plan, now),
            simulated: plan.simulated,
            max_file_bytes: plan.max_file_bytes,
            dir,
        };
        // The file of the recorder's own deeds comes first, because the opening of the others is written there.
        let own = EventKind::EventLoggerOperations;
        for kind in std::iter::once(own).chain(EventKind::ALL) {
            if kind.is_kept_at(plan.level) && files.files[kind.index()].is_none() {
                files.open(kind, plan.starts_at)?;
            }
        }
        Ok(files)
    }

    /// Sets the real time of the lines to come.
    pub fn set_real_time(&mut self, now: Timestamp) {
        self.head.set_real_time(now);
    }

    /// Writes one line of a kind, or counts it as left out when the level does not keep the kind.
    ///
    /// # Errors
    /// LOG-001 when the file cannot be written.
    pub fn line(
        &mut self,
        kind: EventKind,
        at: Timestamp,
        fields: impl FnOnce(&mut Line),
    ) -> Result<(), Coded> {
        let Some(file) = &mut self.files[kind.index()] else {
            self.left_out[kind.index()] += 1;
            return Ok(());
        };
        self.sequence += 1;
        self.unflushed += 1;
        file.lines += 1;
        let out = file.file.line();
        self.head.write(out, self.sequence, at);
        let mut line = Line::new(out);
        fields(&mut line);
        line.end();
        file.file.end_line()?;
        let counted = file.file.bytes().saturating_sub(file.lines * self.head.volatile_len);
        if counted >= self.max_file_bytes && kind != EventKind::EventLoggerOperations {
            self.rotate(kind, at)?;
        }
        Ok(())
    }

    /// Hands all lines to the operating system and says so.
    ///
    /// # Errors
    /// LOG-001 when a file cannot be written.
    pub fn flush(&mut self, at: Timestamp) -> Result<(), Coded> {
        let begun = Instant::now();
        let events = std::mem::take(&mut self.unflushed);
        self.write_all()?;
        self.note(at, Deed::Flush, None, events, None, begun)
    }

    /// Writes the last lines: what was left out, and the end of each file.
    ///
    /// # Errors
    /// LOG-001 when a file cannot be written.
    pub fn close(&mut self, at: Timestamp) -> Result<(), Coded> {
        self.flush(at)?;
        for kind in EventKind::ALL {
            let left_out = self.left_out[kind.index()];
            if left_out > 0 {
                self.note(at, Deed::Drop, Some(kind), left_out, None, Instant::now())?;
            }
        }
        for kind in EventKind::ALL {
            let Some(file) = &self.files[kind.index()] else { continue };
            // The recorder's own file is the last of the kinds, and its last line counts itself.
            let own = u64::from(kind == EventKind::EventLoggerOperations);
            let lines = file.lines_before + file.lines + own;
            self.note(at, Deed::Close, Some(kind), lines, Some(&file_name(kind)), Instant::now())?;
        }
        self.write_all()
    }

    /// Writes down that recording failed, as far as the disk still takes it.
    pub fn note_failure(&mut self, at: Timestamp, failure: &Coded) {
        let error = failure.to_string();
        let failed = Operation {
            deed: Deed::Error,
            kind: None,
            events: self.unflushed,
            file: None,
            error: Some(&error),
            took_ms: None,
        };
        // The failure itself is already on its way to the caller; a second one says nothing new.
        let _ = self.own_line(at, &failed);
        let _ = self.write_all();
    }

    /// Lines of a kind so far.
    pub fn lines(&self, kind: EventKind) -> u64 {
        self.files[kind.index()].as_ref().map_or(0, |file| file.lines_before + file.lines)
    }

    /// Lines of all kinds so far.
    pub fn total_lines(&self) -> u64 {
        self.sequence
    }

    fn open(&mut self, kind: EventKind, at: Timestamp) -> Result<(), Coded> {
        let begun = Instant::now();
        let name = file_name(kind);
        let file = LineFile::create(&self.dir.join(&name))?;
        self.files[kind.index()] = Some(EventFile { file, lines: 0, lines_before: 0, parts: 0 });
        self.note(at, Deed::Open, Some(kind), 0, Some(&name), begun)
    }

    fn rotate(&mut self, kind: EventKind, at: Timestamp) -> Result<(), Coded> {
        let begun = Instant::now();
        let Some(file) = &mut self.files[kind.index()] else { return Ok(()) };
        file.file.flush()?;
        file.parts += 1;
        let aside = format!("{}.{}.jsonl", kind.text(), file.parts);
        let path = file.file.path().to_owned();
        std::fs::rename(&path, self.dir.join(&aside)).map_err(|error| {
            let message = format!("{} cannot be renamed to {aside}: {error}", path.display());
            Coded::new(Code::Log001, message)
        })?;
        file.file = LineFile::create(&path)?;
        let lines = std::mem::take(&mut file.lines);
        file.lines_before += lines;
        self.note(at, Deed::Rotate, Some(kind), lines, Some(&aside), begun)
    }

    fn write_all(&mut self) -> Result<(), Coded> {
        self.files.iter_mut().flatten().try_for_each(|file| file.file.flush())
    }

    fn note(
        &mut self,
        at: Timestamp,
        deed: Deed,
        kind: Option<EventKind>,
        events: u64,
        file: Option<&str>,
        begun: Instant,
    ) -> Result<(), Coded> {
        let took_ms = (!self.simulated).then(|| begun.elapsed().as_millis() as u64);
        self.own_line(at, &Operation { deed, kind, events, file, error: None, took_ms })
    }

    fn own_line(&mut self, at: Timestamp, own: &Operation) -> Result<(), Coded> {
        self.line(EventKind::EventLoggerOperations, at, |line| operation(line, own))
    }
}

impl Head {
    fn new(plan: &RecordPlan, now: Timestamp) -> Self {
        let mut run_fields = BEFORE_REAL_TIME.to_vec();
        push_timestamp_fixed(&mut run_fields, now);
        let mut volatile_len = run_fields.len() - BEFORE_REAL_TIME.len();
        run_fields.extend_from_slice(b"\",\"correlation_id\":");
        let before = run_fields.len();
        push_json_string(&mut run_fields, &plan.correlation_id);
        volatile_len += run_fields.len() - before;
        run_fields.extend_from_slice(b",\"pid\":");
        let before = run_fields.len();
        push_count(&mut run_fields, plan.pid.into());
        volatile_len += run_fields.len() - before;
        run_fields.push(b',');
        Self { stamp: Stamp::default(), run_fields, volatile_len: volatile_len as u64 }
    }

    fn set_real_time(&mut self, now: Timestamp) {
        let mut text = Vec::with_capacity(24);
        push_timestamp_fixed(&mut text, now);
        self.run_fields[BEFORE_REAL_TIME.len()..][..text.len()].copy_from_slice(&text);
    }

    fn write(&mut self, out: &mut Vec<u8>, sequence: u64, at: Timestamp) {
        out.extend_from_slice(b"{\"sequence\":");
        push_count(out, sequence);
        out.extend_from_slice(b",\"timestamp\":\"");
        out.extend_from_slice(self.stamp.text(at));
        out.extend_from_slice(&self.run_fields);
    }
}

fn file_name(kind: EventKind) -> String {
    format!("{}.jsonl", kind.text())
}
