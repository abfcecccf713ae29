//! The backtest's shell: hands the simulated world's messages and the engine's timers to the engine in time order, until
//! nothing is due before the next step.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::engine::{Command, Effect, Engine, Flow, Input, Outbox, Strategy};
use crate::market::View;
use crate::sim::{Message, World};
use crate::types::event::Detail;
use crate::types::{Coded, TimerId, Timestamp};

/// Sees every input before the engine does, and everything that came of it before it is performed.
///
/// This is where the shell's one rule lives: the input and the effects' ids are in the journal before an effect is
/// performed.
pub trait Witness {
    /// An input is about to be handed in.
    ///
    /// # Errors
    /// When it cannot be recorded; the run stops before the input takes effect.
    fn before(&mut self, at: Timestamp, input: &Input) -> Result<(), Coded>;

    /// What came of it, before any effect is performed.
    ///
    /// # Errors
    /// When it cannot be recorded; the run stops before the effects are performed.
    fn after(&mut self, out: &mut Outbox) -> Result<(), Coded>;
}

/// Keeps nothing; for benchmarks and tests that look at the engine itself.
impl Witness for () {
    fn before(&mut self, _at: Timestamp, _input: &Input) -> Result<(), Coded> {
        Ok(())
    }

    fn after(&mut self, out: &mut Outbox) -> Result<(), Coded> {
        out.events.clear();
        Ok(())
    }
}

/// An engine with the world around it.
pub struct Pump<W> {
    /// The engine.
    pub engine: Engine,
    /// The simulated venues.
    pub world: World,
    /// Who records.
    pub witness: W,
    timers: BinaryHeap<Reverse<(Timestamp, u64, TimerId)>>,
    timers_set: u64,
    out: Outbox,
    effects: Vec<Effect>,
}

impl<W: Witness> Pump<W> {
    /// An engine and a world at their beginning.
    pub fn new(engine: Engine, world: World, witness: W) -> Self {
        let (timers, timers_set) = (BinaryHeap::new(), 0);
        Self {
            engine,
            world,
            witness,
            timers,
            timers_set,
            out: Outbox::default(),
            effects: Vec::new(),
        }
    }

    /// A copy that goes its own way, with another strategy and another witness: what would happen can be tried on it.
    pub fn fork<V: Witness>(&self, strategy: Box<dyn Strategy>, witness: V) -> Pump<V> {
        Pump {
            engine: self.engine.fork(strategy),
            world: self.world.clone(),
            witness,
            timers: self.timers.clone(),
            timers_set: self.timers_set,
            out: Outbox::default(),
            effects: Vec::new(),
        }
    }

    /// The same, whose engine tells only what the tables and the summary need.
    pub fn for_tables(mut self) -> Self {
        self.out.events.detail = Detail::Tables;
        self
    }

    /// One step: what is due up to its time, the step itself, and what it sets off at once.
    ///
    /// # Errors
    /// When a record cannot be written.
    pub fn step(&mut self, view: View) -> Result<(), Coded> {
        let now = view.now();
        self.run_until(now, Due::Before)?;
        self.world.tick(now, &view);
        self.run_until(now, Due::AtOrBefore)?;
        self.hand_in(now, Input::Tick(view))?;
        self.run_until(now, Due::AtOrBefore)
    }

    /// Hands in what is due before a time.
    ///
    /// # Errors
    /// When a record cannot be written.
    pub fn until(&mut self, time: Timestamp) -> Result<(), Coded> {
        self.run_until(time, Due::Before)
    }

    /// The end: what is still due before `until`, then the last record.
    ///
    /// # Errors
    /// When a record cannot be written.
    pub fn finish(&mut self, until: Timestamp) -> Result<(), Coded> {
        self.run_until(until, Due::Before)?;
        let now = self.engine.state().now;
        self.hand_in(now, Input::Operator(Command::Finish))
    }

    /// Money of an owner arrives at the venue and in the books.
    ///
    /// # Errors
    /// When a record cannot be written.
    pub fn capital(&mut self, now: Timestamp, flow: Flow) -> Result<(), Coded> {
        if !flow.amount.is_negative() {
            self.world.capital(flow.key, flow.amount);
        }
        self.hand_in(now, Input::Capital(flow))?;
        self.run_until(now, Due::AtOrBefore)
    }

    /// A person's command.
    ///
    /// # Errors
    /// When a record cannot be written.
    pub fn command(&mut self, now: Timestamp, command: Command) -> Result<(), Coded> {
        self.hand_in(now, Input::Operator(command))?;
        self.run_until(now, Due::AtOrBefore)
    }

    fn run_until(&mut self, until: Timestamp, due: Due) -> Result<(), Coded> {
        loop {
            let message = self.world.next_at().filter(|&at| due.includes(at, until));
            let timer = self
                .timers
                .peek()
                .map(|Reverse((at, _, _))| *at)
                .filter(|&at| due.includes(at, until));
            match (message, timer) {
                (None, None) => return Ok(()),
                (Some(at), timer) if timer.is_none_or(|timer| at <= timer) => {
                    if let Some((at, message)) = self.world.pop() {
                        self.hand_in(at, input_of(message))?;
                    }
                }
                _ => {
                    if let Some(Reverse((at, _, timer))) = self.timers.pop() {
                        self.hand_in(at, Input::Deadline(timer))?;
                    }
                }
            }
        }
    }

    fn hand_in(&mut self, at: Timestamp, input: Input) -> Result<(), Coded> {
        if self.engine.state().has_ended() {
            return Ok(());
        }
        self.witness.before(at, &input)?;
        self.engine.handle(at, input, &mut self.out);
        self.witness.after(&mut self.out)?;
        std::mem::swap(&mut self.effects, &mut self.out.effects);
        let mut effects = std::mem::take(&mut self.effects);
        for effect in effects.drain(..) {
            self.perform(at, effect);
        }
        self.effects = effects;
        Ok(())
    }

    fn perform(&mut self, at: Timestamp, effect: Effect) {
        if let Some((timer, when)) = perform(&mut self.world, at, effect) {
            self.timers_set += 1;
            self.timers.push(Reverse((when, self.timers_set, timer)));
        }
    }
}

/// Performs an effect in a simulated world; a timer is given back, since only its shell can keep it.
pub fn perform(world: &mut World, at: Timestamp, effect: Effect) -> Option<(TimerId, Timestamp)> {
    match effect {
        Effect::Submit(_, id, order) => world.submit(at, id, &order),
        Effect::SubmitGroup(_, orders) => world.submit_group(at, &orders),
        Effect::Query(venue, id) => world.query(at, venue, id),
        Effect::QueryGroup(venue, id) => world.query_group(at, venue, id),
        Effect::Observe(venue, keys) => world.observe(at, venue, &keys),
        Effect::History(venue, since) => world.history(at, venue, since),
        Effect::Wake(timer, when) => return Some((timer, when)),
        Effect::Pay(flow) | Effect::Credit(flow) => world.capital(flow.key, flow.amount),
        Effect::Finish => {}
    }
    None
}

/// Which moments count as due.
#[derive(Clone, Copy)]
enum Due {
    Before,
    AtOrBefore,
}

impl Due {
    fn includes(self, at: Timestamp, until: Timestamp) -> bool {
        match self {
            Due::Before => at < until,
            Due::AtOrBefore => at <= until,
        }
    }
}

/// A message of a simulated world as the engine's input.
pub fn input_of(message: Message) -> Input {
    match message {
        Message::Sent(id) => Input::Sent(id),
        Message::Outcome(id, outcome) => Input::Outcome(id, outcome),
        Message::GroupOutcome(id, outcome) => Input::GroupOutcome(id, outcome),
        Message::Report(report) => Input::Report(report),
    }
}
