//! The live shell: one thread owns the engine, a channel feeds it, tasks behind gateways do the I/O. The one place where a
//! run meets the wall clock.
//!
//! The one rule: an input and the ids of what came of it are in the journal, on the disk, before any of it is performed. So
//! a process may die anywhere: [`LiveShell::open`] folds the journal, hands in `Restarted`, and every order that may be at a
//! venue is asked for before anything is sent.

mod desk;
mod gateway;
mod inbox;
mod replay;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::Digest;
use tokio::runtime::Handle;

use crate::config::Setup;
use crate::engine::{Effect, Engine, Flow, Input, Outbox, Strategy};
use crate::records::Recorder;
use crate::records::journal::{Durability, JournalWriter};
use crate::records::run_folder::Lock;
use crate::types::{Code, Coded, Outcome, Report, ReportBody, RunTag, TimerId, Timestamp};

use super::codec::{Header, Journaled, LiveTick, encode_effects, encode_input, encode_journaled};
use desk::Desk;
use inbox::{Message, Next, Waiting};
use replay::LiveMarket;

pub use gateway::{Answer, Gateway, balances_of};
pub use inbox::Inbox;
pub use replay::{Opening, Replayed, replay};

/// What a live run is made of.
pub struct Parts {
    /// The validated configuration.
    pub setup: Arc<Setup>,
    /// What decides.
    pub strategy: Box<dyn Strategy>,
    /// One gateway a venue, in the order of the venues.
    pub gateways: Vec<Arc<dyn Gateway>>,
    /// Where the gateways' tasks run; it must outlive the run and be driven by threads of its own.
    pub runtime: Handle,
    /// The longest that any answer is waited for; then an order is unknown.
    pub patience: Duration,
    /// The journal, which is begun or gone on with.
    pub journal: PathBuf,
    /// Whose money it is.
    pub scope: Scope,
    /// Event files and tables; a run that goes on records its whole past again, under the same sequence numbers.
    pub recorder: Option<Recorder>,
    /// Who is told how the run goes.
    pub observer: Box<dyn Observer>,
}

/// The accounts that a run owns, by one name; of two live runs on one scope the second is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The folder of the locks, the same for all runs of a machine.
    pub locks: PathBuf,
    /// For example `binance-main`.
    pub name: String,
    /// The run's id.
    pub correlation_id: String,
}

/// Is told how a run goes, on the run's own thread; the run waits for it.
pub trait Observer: Send {
    /// Something happened.
    fn notice(&mut self, notice: Notice<'_>);
}

/// What an observer is told.
pub enum Notice<'a> {
    /// An input and the ids of its effects are on the disk; the effects come next. With the number of the record.
    Durable(u64, &'a [Effect]),
    /// The effects are under way.
    Turned(&'a Engine),
    /// Something outside of the engine went wrong. What went wrong inside of it is in its events.
    Trouble(&'a Coded),
    /// The books have paid this out to its owner; a person sends it, because no key of ours can withdraw.
    Pay(&'a Flow),
}

/// Tells nobody.
impl Observer for () {
    fn notice(&mut self, _notice: Notice<'_>) {}
}

/// A live run.
pub struct LiveShell {
    engine: Engine,
    market: LiveMarket,
    /// By venue: to when its opening balances were true. What it had settled by then is in them.
    opened_at: Vec<Timestamp>,
    journal: JournalWriter,
    records: u64,
    desk: Desk,
    timers: BinaryHeap<Reverse<(Timestamp, u64, TimerId)>>,
    timers_set: u64,
    inbox: Inbox,
    waiting: Waiting,
    recorder: Option<Recorder>,
    observer: Box<dyn Observer>,
    out: Outbox,
    line: Vec<u8>,
    /// Held for as long as the run may send anything.
    _lock: Lock,
}

impl LiveShell {
    /// Begins a run, or goes on with the one whose journal is there. `opening` is asked only by a run that begins.
    ///
    /// # Errors
    /// ENGINE-003 when another run owns the scope, ENGINE-001 and ENGINE-002 when the journal cannot be gone on with,
    /// POS-001, POS-002, DATA-… for an opening that a run cannot begin with, LOG-… when nothing can be written.
    pub fn open(
        parts: Parts,
        opening: impl FnOnce() -> Result<Opening, Coded>,
    ) -> Result<Self, Coded> {
        let Parts { setup, strategy, mut recorder, .. } = parts;
        if !setup.capital_flows.is_empty() {
            let message = "capital_flows are for backtests: live, money is brought and asked for while the run goes";
            return Err(Coded::new(Code::Config005, message));
        }
        let now = wall_clock();
        let Scope { locks, name, correlation_id } = &parts.scope;
        let lock = Lock::acquire(locks, name, correlation_id, std::process::id(), now)?;
        let mut strategy = Some(strategy);
        let mut record = |out: &mut Outbox| match &mut recorder {
            Some(recorder) => recorder.send(&mut out.events),
            None => Ok(()),
        };
        let folded = match parts.journal.exists() {
            true => replay(&parts.journal, &setup, &mut strategy, &mut record)?,
            false => None,
        };
        let is_new = folded.is_none();
        let (run, journal) = match (folded, strategy) {
            (Some(folded), _) => {
                if folded.header.data != *name {
                    let message = format!(
                        "the journal belongs to the scope '{}', not to '{name}'",
                        folded.header.data
                    );
                    return Err(Coded::new(Code::Engine001, message));
                }
                let journal = JournalWriter::resume(&parts.journal, folded.good_len)?;
                (folded, journal)
            }
            (None, Some(strategy)) => {
                begin(&parts.journal, &setup, strategy, name, now, opening()?)?
            }
            (None, None) => unreachable!("a replay that gives nothing takes nothing"),
        };
        let (inbox, receiver): (Inbox, Receiver<Message>) = Inbox::new();
        let validity = setup.execution.validity;
        let desk =
            Desk::new(parts.gateways, parts.runtime, inbox.clone(), parts.patience, validity);
        let mut shell = Self {
            opened_at: run.opening.balances.iter().map(|report| report.as_of).collect(),
            engine: run.engine,
            market: run.market,
            journal,
            records: run.records,
            desk,
            timers: BinaryHeap::new(),
            timers_set: 0,
            inbox,
            waiting: Waiting::new(receiver),
            recorder,
            observer: parts.observer,
            out: Outbox::default(),
            line: Vec::new(),
            _lock: lock,
        };
        if !is_new && !shell.engine.state().has_ended() {
            shell.hand_in(Input::Restarted)?;
        }
        Ok(shell)
    }

    /// The way in.
    pub fn inbox(&self) -> Inbox {
        self.inbox.clone()
    }

    /// The engine, as it is before the run goes on.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The last step that was handed in; a feed goes on after it.
    pub fn last_tick(&self) -> Option<Timestamp> {
        self.market.last_tick
    }

    /// Runs until the engine has ended or a stop is asked for; gives the engine back.
    ///
    /// # Errors
    /// LOG-001 when the journal or a record cannot be written: nothing is performed any more, and the run is opened again
    /// when that is mended.
    pub fn run(mut self) -> Result<Engine, Coded> {
        while !self.engine.state().has_ended() {
            let wait = self.timers.peek().map(|Reverse((at, _, _))| {
                Duration::from_millis((*at - wall_clock()).ms().max(0).unsigned_abs())
            });
            match self.waiting.next(wait) {
                Next::Input(input) => self.take(input)?,
                Next::Tick(tick) => self.tick(tick)?,
                Next::Timer => self.due()?,
                Next::Trouble(why) => self.observer.notice(Notice::Trouble(&why)),
                Next::Stop => break,
            }
        }
        if let Some(recorder) = self.recorder.take() {
            recorder.finish()?;
        }
        Ok(self.engine)
    }

    /// Hands in what came through the channel, unless it can only be a repetition.
    fn take(&mut self, input: Input) -> Result<(), Coded> {
        match &input {
            Input::Report(report) if self.is_known(report) => return Ok(()),
            Input::Outcome(id, Outcome::Done(_) | Outcome::Rejected(_) | Outcome::Resting) => {
                self.desk.forget(*id);
            }
            _ => {}
        }
        self.hand_in(input)
    }

    /// Settlements that the engine has seen, or that the opening balances contain. Asking for three days of them again and
    /// again would fill the journal with repetitions.
    fn is_known(&self, report: &Report) -> bool {
        let ReportBody::Settled { reference, .. } = &report.body else { return false };
        let is_opened =
            self.opened_at.get(report.venue.index()).is_some_and(|at| report.as_of <= *at);
        is_opened || self.engine.state().seen.contains(&(report.venue, *reference))
    }

    /// Takes over a step's rows and hands it in. Rows that cannot follow are told and dropped: the last good prices hold.
    fn tick(&mut self, tick: LiveTick) -> Result<(), Coded> {
        let view = match self.market.step(&tick) {
            Ok(view) => view,
            Err(why) => {
                self.observer.notice(Notice::Trouble(&why));
                return Ok(());
            }
        };
        let now = wall_clock();
        self.line.clear();
        encode_journaled(&mut self.line, now, &Journaled::Rows(tick))?;
        self.handle(now, Input::Tick(view))
    }

    /// Hands in the first timer that is due.
    fn due(&mut self) -> Result<(), Coded> {
        let is_due = |Reverse((at, _, _)): &Reverse<(Timestamp, u64, TimerId)>| *at <= wall_clock();
        if self.timers.peek().is_some_and(is_due)
            && let Some(Reverse((_, _, timer))) = self.timers.pop()
        {
            self.hand_in(Input::Deadline(timer))?;
        }
        Ok(())
    }

    fn hand_in(&mut self, input: Input) -> Result<(), Coded> {
        let now = wall_clock();
        self.line.clear();
        encode_input(&mut self.line, now, &input, 0)?;
        self.handle(now, input)
    }

    /// The shell's one rule. The record's first half is in `line`.
    fn handle(&mut self, now: Timestamp, input: Input) -> Result<(), Coded> {
        self.engine.handle(now, input, &mut self.out);
        encode_effects(&mut self.line, &self.out.effects);
        self.journal.append(&self.line)?;
        self.journal.commit(Durability::Synced)?;
        self.records += 1;
        self.observer.notice(Notice::Durable(self.records, &self.out.effects));
        for effect in std::mem::take(&mut self.out.effects) {
            self.perform(now, effect);
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.send(&mut self.out.events)?;
        }
        self.out.events.clear();
        self.observer.notice(Notice::Turned(&self.engine));
        Ok(())
    }

    fn perform(&mut self, now: Timestamp, effect: Effect) {
        match effect {
            Effect::Submit(venue, id, order) => self.desk.submit(now, venue, id, order),
            Effect::SubmitGroup(venue, orders) => self.desk.submit_group(now, venue, orders),
            Effect::Query(venue, id) => self.desk.query(now, venue, id),
            Effect::QueryGroup(venue, id) => self.desk.query_group(now, venue, id),
            Effect::Observe(venue, keys) => self.desk.observe(venue, keys),
            Effect::History(venue, since) => self.desk.history(venue, since),
            Effect::Wake(timer, at) => {
                self.timers_set += 1;
                self.timers.push(Reverse((at, self.timers_set, timer)));
            }
            Effect::Pay(flow) => self.observer.notice(Notice::Pay(&flow)),
            // A live run with such flows is not opened.
            Effect::Credit(_) => {}
            Effect::Finish => {}
        }
    }
}

/// Journals the beginning of a run. A journal without a whole beginning has sent nothing and is begun again.
fn begin(
    path: &std::path::Path,
    setup: &Arc<Setup>,
    strategy: Box<dyn Strategy>,
    scope: &str,
    now: Timestamp,
    opening: Opening,
) -> Result<(Replayed, JournalWriter), Coded> {
    let header = Header {
        version: 1,
        run: RunTag::new(tag_of(scope, now)),
        script: strategy.version().to_string(),
        config: setup.hash.clone(),
        data: scope.to_owned(),
    };
    let text = |error: serde_json::Error| {
        Coded::new(Code::Log001, format!("the beginning of the journal cannot be written: {error}"))
    };
    let lines =
        [serde_json::to_vec(&header).map_err(text)?, serde_json::to_vec(&opening).map_err(text)?];
    let run = Replayed::begin(header, opening, setup, strategy)?;
    let mut journal = match path.exists() {
        true => JournalWriter::resume(path, 0)?,
        false => JournalWriter::create(path)?,
    };
    for line in &lines {
        journal.append(line)?;
    }
    journal.commit(Durability::Synced)?;
    Ok((run, journal))
}

/// A run's tag: a hash of the accounts it owns and of when it began, so that no two runs of an account share an id.
fn tag_of(scope: &str, began: Timestamp) -> u64 {
    let digest = sha2::Sha256::digest(format!("{scope}\n{}", began.ms()));
    u64::from_be_bytes(digest[..8].try_into().expect("a digest has 32 bytes"))
}

/// Real UTC of this machine, the time of all inputs of a live run.
fn wall_clock() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
