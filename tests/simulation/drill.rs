//! One drill: engine, world, journal and a shell that can die at any point and is started again from its journal.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use basis::config::Setup;
use basis::engine::{Command, Effect, End, Engine, Input, Mode, Outbox, Phase, Strategy};
use basis::market::MarketData;
use basis::run::codec::{Journaled, decode, effect_id, encode_effects, encode_input, input_of};
use basis::run::pump::{self, perform};
use basis::sim::{FaultKind, Faults, World};
use basis::types::event::{Event, Loudness};

use basis::types::{
    GroupOutcome, Report, ReportBody, RunTag, Settlement, Span, TimerId, Timestamp,
};

use crate::dice::Dice;

/// What a drill plays: the run's configuration with the gas tank bought, its market, who decides, and the fair weather of its end.
#[derive(Clone)]
pub struct Stage {
    pub setup: Arc<Setup>,
    pub data: Arc<MarketData>,
    /// A new strategy: one for each process.
    pub strategy: Arc<dyn Fn() -> Box<dyn Strategy>>,
    /// So many steps before the end faults cease; balances must be looked at within them.
    pub fair_steps: usize,
    /// Whether risk may stop the run: what happens at the venues from then on is not heard any more.
    pub may_stop: bool,
    /// The step from which the operator asks to leave, and asks again while it is not heard.
    pub wind_down: Option<usize>,
}

/// Where a process dies while it deals with one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kill {
    /// While the record is written: it is torn, nothing of it is performed.
    Torn,
    /// The record is whole; so many of its effects are performed.
    After(usize),
}

/// When the process dies, by the number of the input that it deals with.
#[derive(Clone, Debug, Default)]
pub struct Kills(BTreeMap<u64, Kill>);

impl Kills {
    pub fn none() -> Self {
        Self::default()
    }

    pub fn at(input: u64, kill: Kill) -> Self {
        Self(BTreeMap::from([(input, kill)]))
    }

    /// So many points among the first few hundred inputs, or whatever their number is.
    pub fn drawn(seed: u64, points: usize, inputs: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0x51_11_ed);
        let point = |dice: &mut Dice| {
            let kill =
                if dice.below(3) == 0 { Kill::Torn } else { Kill::After(dice.below(4) as usize) };
            (dice.below(inputs), kill)
        };
        Self((0..points).map(|_| point(&mut dice)).collect())
    }
}

/// What a drill did.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub plans: u64,
    /// Plans that led to a confirmed trade.
    pub done: u64,
    /// Plans that left nothing open.
    pub emptied: u64,
    /// Why risk stopped the run before its end, where it may.
    pub stopped: Option<String>,
    pub orders: u64,
    pub kills: u64,
    pub replayed: u64,
    pub faults: BTreeMap<String, u64>,
    /// What venues on chain did, by name, as it was told.
    pub on_chain: BTreeMap<String, u64>,
    pub effects_by_record: Vec<usize>,
    pub journal: Vec<Vec<u8>>,
}

impl Outcome {
    pub fn add(&mut self, other: &Outcome) {
        self.plans += other.plans;
        self.done += other.done;
        self.emptied += other.emptied;
        self.orders += other.orders;
        self.kills += other.kills;
        self.replayed += other.replayed;
    }
}

pub struct Drill {
    pub(super) seed: u64,
    pub(super) stage: Stage,
    pub(super) world: World,
    pub(super) engine: Engine,
    out: Outbox,
    timers: BinaryHeap<Reverse<(Timestamp, u64, TimerId)>>,
    timers_set: u64,
    kills: Kills,
    inputs: u64,
    /// Steps handed in, for the journal.
    step: u64,
    /// Until when the process is down.
    down_until: Option<Timestamp>,
    dice: Dice,
    /// Whether every input and effect is printed: for the search of a fault, one seed at a time.
    is_traced: bool,
    pub(super) alarms: Vec<String>,
    pub(super) outcome: Outcome,
}

impl Drill {
    pub fn new(seed: u64, kills: Kills, stage: Stage) -> Self {
        let mut dice = Dice::new(seed ^ 0xfa_17);
        // From a calm world to one where every twelfth occasion goes wrong.
        let faults = Faults::each((dice.below(5) * 20) as u16);
        let world = World::new(stage.setup.clone(), seed, faults);
        let engine = engine(&stage, seed);
        Self {
            seed,
            stage,
            world,
            engine,
            out: Outbox::default(),
            timers: BinaryHeap::new(),
            timers_set: 0,
            kills,
            inputs: 0,
            step: 0,
            down_until: None,
            dice,
            is_traced: std::env::var_os("BASIS_SIM_TRACE").is_some(),
            alarms: Vec::new(),
            outcome: Outcome::default(),
        }
    }

    pub fn run(mut self) -> Outcome {
        let data = self.stage.data.clone();
        for (step, view) in data.views().enumerate() {
            let now = view.now();
            // Where every message can be lost, now and then all of the last hours are: at rest means in fair weather.
            if step + self.stage.fair_steps == data.steps() {
                self.world.becalm();
            }
            self.run_until(now - Span::from_ms(1));
            self.world.tick(now, &view);
            self.run_until(now);
            if self.down_until.is_none() {
                self.step = step as u64;
                self.hand_in(now, Input::Tick(view));
            }
            let asks = self.stage.wind_down.is_some_and(|from| from <= step);
            let state = self.engine.state();
            if asks && self.down_until.is_none() && !state.wind_down && !state.has_ended() {
                self.hand_in(now, Input::Operator(Command::WindDown));
            }
        }
        // A history that is told again is inputs, too: with kills among them nothing would ever come to rest.
        self.kills = Kills::none();
        let end = data.to() + Span::from_hours(1);
        self.run_until(end);
        if self.down_until.is_some() {
            self.restart(end);
            self.run_until(end + Span::from_hours(1));
        }
        self.look_at_the_end();
        if std::env::var_os("BASIS_SIM_NOTES").is_some() {
            println!("seed {}:\n  {}", self.seed, self.alarms.join("\n  "));
        }
        let state = self.engine.state();
        self.outcome.plans = u64::from(state.plans_begun);
        self.outcome.done = u64::from(state.tally.has_entered) + state.tally.rebalances;
        self.outcome.emptied = state.tally.emptied;
        if let Phase::Ended(End::Stopped(why)) = &state.phase {
            self.outcome.stopped = Some(why.message.clone());
        }
        self.outcome.orders = state.tally.orders;
        for kind in FaultKind::ALL {
            let count = u64::from(self.world.faults_met().count(kind));
            if count > 0 {
                self.outcome.faults.insert(format!("{kind:?}"), count);
            }
        }
        self.outcome
    }

    /// Everything that is due up to a time, in order of time.
    fn run_until(&mut self, until: Timestamp) {
        for _ in 0..1_000_000 {
            let message = self.world.next_at().filter(|at| *at <= until);
            let timer = self.timers.peek().map(|Reverse((at, _, _))| *at).filter(|at| *at <= until);
            let restart = self.down_until.filter(|at| *at <= until);
            let Some(first) = [message, timer, restart].into_iter().flatten().min() else { return };
            if restart == Some(first) {
                self.restart(first);
            } else if message == Some(first) {
                if let Some((at, message)) = self.world.pop()
                    && self.down_until.is_none()
                {
                    self.hand_in(at, pump::input_of(message));
                }
            } else if let Some(Reverse((at, _, timer))) = self.timers.pop() {
                self.hand_in(at, Input::Deadline(timer));
            }
        }
        panic!("seed {}: the world does not come to rest", self.seed);
    }

    /// The shell's one rule, with a death in it where one is due.
    fn hand_in(&mut self, at: Timestamp, input: Input) {
        let kill = self.kills.0.remove(&self.inputs);
        self.inputs += 1;
        let mut record = Vec::new();
        self.count(&input);
        encode_input(&mut record, at, &input, self.step).expect("an input can be journaled");
        if self.is_traced {
            println!("{at} in  {input:?}");
        }
        self.engine.handle(at, input, &mut self.out);
        if self.is_traced {
            self.out.effects.iter().for_each(|effect| println!("{at} out {effect:?}"));
        }
        encode_effects(&mut record, &self.out.effects);
        self.look_at_events();
        if kill == Some(Kill::Torn) {
            return self.die(at);
        }
        self.outcome.journal.push(record);
        let effects = std::mem::take(&mut self.out.effects);
        self.outcome.effects_by_record.push(effects.len());
        let lived = match kill {
            Some(Kill::After(performed)) => performed,
            _ => usize::MAX,
        };
        for (index, effect) in effects.into_iter().enumerate() {
            // What an owner brings or has been promised is not the process's to do: a kill does not keep him from it.
            if index < lived || matches!(effect, Effect::Credit(_) | Effect::Pay(_)) {
                self.perform(at, effect);
            }
        }
        if kill.is_some() {
            self.die(at);
        }
    }

    /// Groups by how they ended, queues that paid, loans that were liquidated.
    fn count(&mut self, input: &Input) {
        let told = match input {
            Input::GroupOutcome(_, GroupOutcome::Committed(_)) => "group committed".to_owned(),
            Input::GroupOutcome(_, GroupOutcome::RolledBack { leg, .. }) => {
                format!("group rolled back at leg {leg}")
            }
            Input::Report(Report {
                venue,
                body:
                    ReportBody::Settled {
                        kind: kind @ (Settlement::Liquidation | Settlement::Arrival),
                        ..
                    },
                ..
            }) => format!("{kind:?} at {}", self.stage.setup.universe.venue(*venue).name),
            _ => return,
        };
        *self.outcome.on_chain.entry(told).or_default() += 1;
    }

    fn perform(&mut self, at: Timestamp, effect: Effect) {
        if let Some((timer, when)) = perform(&mut self.world, at, effect) {
            self.timers_set += 1;
            self.timers.push(Reverse((when.max(at), self.timers_set, timer)));
        }
    }

    /// The process is gone: its timers, its memory, and the answers that were on their way to it.
    fn die(&mut self, at: Timestamp) {
        self.outcome.kills += 1;
        self.out = Outbox::default();
        self.timers.clear();
        self.world.lose_messages();
        let down = [0, 3, 70, 1800, 7000][self.dice.below(5) as usize];
        self.down_until = Some(at + Span::from_s(down));
    }

    /// A new process folds the journal and asks the venues before it sends anything.
    fn restart(&mut self, at: Timestamp) {
        self.down_until = None;
        // What arrived while nobody listened is lost.
        self.world.lose_messages();
        self.engine = self.folded();
        self.outcome.replayed += self.outcome.journal.len() as u64;
        self.hand_in(at, Input::Restarted);
    }

    /// An engine that has been told all that the journal has.
    pub(super) fn folded(&self) -> Engine {
        let mut engine = engine(&self.stage, self.seed);
        let mut out = Outbox::default();
        for record in &self.outcome.journal {
            let record = decode(record).expect("a whole record can be read");
            let input = match record.input {
                Journaled::Tick(step) => Input::Tick(self.stage.data.view_at(step as usize)),
                other => input_of(other).expect("only a step has no input of its own"),
            };
            engine.handle(record.at, input, &mut out);
            let effects: Vec<String> = out.effects.iter().map(effect_id).collect();
            assert_eq!(
                effects, record.effects,
                "seed {}: the replay asks for something else",
                self.seed
            );
            out.effects.clear();
            out.events.clear();
        }
        engine
    }

    fn look_at_events(&mut self) {
        for event in &self.out.events.events {
            if let Event::Note(note) = event
                && note.loudness >= Loudness::Warn
            {
                self.alarms.push(format!("{} {:?} {}", note.at, note.code, note.text));
            }
        }
        self.out.events.clear();
    }
}

fn engine(Stage { setup, data, strategy, .. }: &Stage, seed: u64) -> Engine {
    let (first, balances) = (data.view_at(0), &setup.initial_balances);
    Engine::new(setup.clone(), first, strategy(), RunTag::new(seed), balances, Mode::Paper)
        .expect("the opening balances are valid")
}
