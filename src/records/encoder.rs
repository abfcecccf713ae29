//! From batches of events to bytes in files: which event goes where.
//!
//! Runs on the recorder's thread and holds everything that is open. It has no clock of its own: the real time of a batch is
//! handed in with it, so the same batches and times give the same bytes.

use std::sync::Arc;

use crate::types::event::{Event, EventBatch, Loudness, NoteEvent};
use crate::types::{Coded, Timestamp};

use super::component_logs::ComponentLogs;
use super::event_files::EventFiles;
use super::event_kind::EventKind;
use super::jsonl::{self, Assessment, Balances, Exposure, Lending};
use super::names::Names;
use super::plan::{RecordLevel, RecordPlan};
use super::tables::{Durable, Tables};

/// The open files of a run and the names to fill them with.
#[derive(Debug)]
pub struct Encoder {
    plan: RecordPlan,
    names: Names,
    events: Option<EventFiles>,
    logs: Option<ComponentLogs>,
    tables: Option<Tables>,
    last_at: Timestamp,
}

/// How many lines and bytes a run's records came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Lines in all event files, which is also the last sequence number.
    pub event_lines: u64,
    /// Lines by kind, in the order of [`EventKind::ALL`].
    pub lines_by_kind: [u64; EventKind::ALL.len()],
    /// Bytes of all tables.
    pub table_bytes: u64,
}

impl Encoder {
    /// Opens the files of a plan; `now` is the real time, in UTC.
    ///
    /// # Errors
    /// LOG-002 when a folder or a file cannot be made.
    pub fn open(plan: RecordPlan, now: Timestamp) -> Result<Self, Coded> {
        let names = Names::new(plan.universe.clone(), &plan.series_names);
        let events = match &plan.logs_dir {
            Some(dir) if plan.level != RecordLevel::None => {
                Some(EventFiles::create(&plan, dir.join("events"), now)?)
            }
            _ => None,
        };
        let tables = match &plan.results_dir {
            Some(dir) => Some(Tables::create(dir, plan.universe.clone())?),
            None => None,
        };
        let logs = plan.logs_dir.clone().map(ComponentLogs::new);
        Ok(Self { names, events, logs, tables, last_at: plan.starts_at, plan })
    }

    /// Writes a batch; `now` is the real time, in UTC.
    ///
    /// # Errors
    /// LOG-001 when a file cannot be written.
    pub fn write(&mut self, batch: &EventBatch, now: Timestamp) -> Result<(), Coded> {
        if let Some(events) = &mut self.events {
            events.set_real_time(now);
        }
        for event in &batch.events {
            self.last_at = time_of(event);
            if let Some(events) = &mut self.events {
                write_event(events, &self.names, &self.plan, batch, event)?;
            }
            if let Some(tables) = &mut self.tables {
                tables.take(batch, event)?;
            }
            if let (Some(logs), Event::Note(note)) = (&mut self.logs, event) {
                logs.note(note)?;
            }
        }
        if self.plan.simulated { Ok(()) } else { self.flush() }
    }

    /// Ends all files; the tables get their names. `now` is the real time, in UTC.
    ///
    /// # Errors
    /// LOG-001 when a file cannot be written.
    pub fn finish(&mut self, now: Timestamp) -> Result<Totals, Coded> {
        self.close_lines("finished", now)?;
        let durable = if self.plan.simulated { Durable::No } else { Durable::Yes };
        let mut totals = self.totals();
        if let Some(tables) = &mut self.tables {
            tables.finish(durable)?;
            totals.table_bytes = tables.bytes();
        }
        Ok(totals)
    }

    /// Ends the event files and logs of a run that failed; its tables vanish with the encoder.
    ///
    /// # Errors
    /// LOG-001 when a file cannot be written.
    pub fn abandon(&mut self, now: Timestamp) -> Result<Totals, Coded> {
        self.close_lines("the run failed; its tables are left out", now)?;
        Ok(self.totals())
    }

    /// Writes down that recording failed, as far as the disk still takes it.
    pub fn note_failure(&mut self, failure: &Coded) {
        if let Some(events) = &mut self.events {
            events.note_failure(self.last_at, failure);
        }
        let note = NoteEvent {
            at: self.last_at,
            component: "records",
            loudness: Loudness::Alarm,
            code: Some(failure.code),
            text: Arc::from(failure.message.as_str()),
        };
        if let Some(logs) = &mut self.logs {
            // The failure itself is already on its way to the caller; a second one says nothing new.
            let _ = logs.note(&note);
            let _ = logs.flush();
        }
    }

    fn flush(&mut self) -> Result<(), Coded> {
        if let Some(events) = &mut self.events {
            events.flush(self.last_at)?;
        }
        self.logs.as_mut().map_or(Ok(()), ComponentLogs::flush)
    }

    fn close_lines(&mut self, how: &str, now: Timestamp) -> Result<(), Coded> {
        if let Some(events) = &mut self.events {
            events.set_real_time(now);
            events.close(self.last_at)?;
        }
        let lines = self.events.as_ref().map_or(0, EventFiles::total_lines);
        let note = NoteEvent {
            at: self.last_at,
            component: "records",
            loudness: Loudness::Info,
            code: None,
            text: format!("{how}; {lines} lines in the event files").into(),
        };
        match &mut self.logs {
            Some(logs) => {
                logs.note(&note)?;
                logs.flush()
            }
            None => Ok(()),
        }
    }

    fn totals(&self) -> Totals {
        let Some(events) = &self.events else { return Totals::default() };
        Totals {
            event_lines: events.total_lines(),
            lines_by_kind: EventKind::ALL.map(|kind| events.lines(kind)),
            table_bytes: 0,
        }
    }
}

/// Engine time of an event.
fn time_of(event: &Event) -> Timestamp {
    match event {
        Event::Positions { at, .. } | Event::Exposures { at, .. } | Event::Risk { at, .. } => *at,
        Event::Decision(event) => event.at,
        Event::Step(row) => row.at,
        Event::Order(event) => event.at,
        Event::Execution(event) => event.at,
        Event::Group(event) => event.at,
        Event::Deltas(event) => event.at,
        Event::Reconciliation(event) => event.at,
        Event::TightLoop(event) => event.at,
        Event::Note(note) => note.at,
    }
}

/// Projects an event into its file.
fn write_event(
    files: &mut EventFiles,
    names: &Names,
    plan: &RecordPlan,
    batch: &EventBatch,
    event: &Event,
) -> Result<(), Coded> {
    let at = time_of(event);
    match event {
        Event::Positions { .. } | Event::Exposures { .. } | Event::Risk { .. } => {
            write_measure(files, names, plan, batch, event)
        }
        Event::Step(row) => files.line(EventKind::PnlCalculations, at, |line| {
            let (by_venue, by_token) = (batch.numbers(row.by_venue), batch.numbers(row.by_token));
            jsonl::pnl(line, names, row, by_venue, by_token);
        }),
        Event::Decision(event) => files.line(EventKind::StrategyDecisions, at, |line| {
            jsonl::decision(line, names, event, batch.numbers(event.prices));
        }),
        Event::Order(event) => files.line(EventKind::Orders, at, |line| {
            jsonl::order(line, names, event, &plan.strategy);
        }),
        Event::Execution(event) => files.line(EventKind::OperationExecutions, at, |line| {
            jsonl::execution(line, names, event);
        }),
        Event::Group(event) => {
            files.line(EventKind::AtomicGroups, at, |line| jsonl::group(line, event))
        }
        Event::Deltas(event) => {
            files.line(EventKind::ExecutionDeltas, at, |line| jsonl::deltas(line, names, event))
        }
        Event::Reconciliation(event) => files.line(EventKind::Reconciliations, at, |line| {
            jsonl::reconciliation(line, names, event);
        }),
        Event::TightLoop(event) => {
            files.line(EventKind::TightLoops, at, |line| jsonl::tight_loop(line, event))
        }
        Event::Note(_) => Ok(()),
    }
}

/// The three measures, whose lists lie in the batch.
fn write_measure(
    files: &mut EventFiles,
    names: &Names,
    plan: &RecordPlan,
    batch: &EventBatch,
    event: &Event,
) -> Result<(), Coded> {
    match event {
        Event::Positions { at, real, trigger, quantities, total, .. } => {
            let quantities = batch.numbers(*quantities);
            let balances = Balances { real: *real, trigger: *trigger, quantities, total: *total };
            files.line(EventKind::Positions, *at, |line| {
                jsonl::positions(line, names, balances, &plan.share_class);
            })
        }
        Event::Exposures { at, net_delta, held, values, total_usd, equity } => {
            let exposure = Exposure {
                net_delta: batch.numbers(*net_delta),
                held: batch.numbers(*held),
                values: batch.numbers(*values),
                total_usd: *total_usd,
                equity: *equity,
            };
            files.line(EventKind::Exposures, *at, |line| jsonl::exposures(line, names, exposure))
        }
        Event::Risk { at, level, margin_ratios, lending, delta_drift, ages_s, breaches } => {
            let assessment = Assessment {
                level: *level,
                margin_ratios: batch.numbers(*margin_ratios),
                lending: Lending::of(batch.numbers(*lending)),
                delta_drift: *delta_drift,
                ages_s: batch.numbers(*ages_s),
                breaches,
            };
            files.line(EventKind::RiskAssessments, *at, |line| jsonl::risk(line, names, assessment))
        }
        _ => Ok(()),
    }
}
