//! A stage: an engine in its simulated world, in a weather that a test makes, taken step by step.

use std::sync::Arc;

use crate::config::Setup;
use crate::engine::{Command, End, Engine, Flow, Memory, Mode, Phase, Speed, StepView};
use crate::market::{MarketData, View};
use crate::run::{Pump, opening};
use crate::script::{Bundle, ScriptStrategy};
use crate::sim::{Faults, Mishap, World};
use crate::types::{Code, Coded, Decision, KeyId, Quantity, RunTag, Span, Timestamp, VenueId};

use super::actor::{Actor, Cue, Shared, locked};
use super::orders::{Orders, Place};
use super::tape::{StepRecord, Tape};
use super::weather::Weather;
use super::words;

/// What a trial is of: a strategy and the run that it is for.
#[derive(Clone, Debug)]
pub struct Plot {
    /// The validated configuration.
    pub setup: Arc<Setup>,
    /// The script.
    pub bundle: Arc<Bundle>,
    /// The first step.
    pub start: Timestamp,
    /// For how long before it the weather was as it is at the first step.
    pub history: Span,
}

/// Why a trial cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Trouble(pub Coded);

impl From<Coded> for Trouble {
    fn from(error: Coded) -> Self {
        Self(error)
    }
}

/// A trial under way.
pub struct Stage {
    plot: Plot,
    /// The market as it will be at the next step.
    pub weather: Weather,
    cue: Shared,
    /// What the test has ordered to go wrong, and where.
    orders: Orders,
    /// `None` before the first step, when balances can still be set.
    run: Option<Running>,
}

/// An engine that has been begun.
struct Running {
    pump: Pump<Tape>,
    data: Arc<MarketData>,
    /// The time of the next step.
    next: Timestamp,
}

impl Stage {
    /// Calm weather, and nothing has happened yet.
    pub fn new(plot: Plot) -> Self {
        let weather = Weather::calm(plot.setup.clone());
        Self { plot, weather, cue: Shared::default(), orders: Orders::default(), run: None }
    }

    /// The run's settings.
    pub fn setup(&self) -> &Arc<Setup> {
        &self.plot.setup
    }

    /// The script.
    pub fn bundle(&self) -> &Arc<Bundle> {
        &self.plot.bundle
    }

    /// The time of the next step.
    pub fn next_at(&self) -> Timestamp {
        self.run.as_ref().map_or(self.plot.start, |run| run.next)
    }

    /// The first step.
    pub fn start(&self) -> Timestamp {
        self.plot.start
    }

    /// All steps so far.
    pub fn steps(&self) -> &[StepRecord] {
        self.run.as_ref().map_or(&[], |run| &run.pump.witness.steps)
    }

    /// Replaces what lies at the venues at the beginning.
    ///
    /// # Errors
    /// After the first step.
    pub fn lay_out(&mut self, balances: Vec<(KeyId, Quantity)>) -> Result<(), Trouble> {
        if self.run.is_some() {
            let message = "balances are laid out before the first step; later they come by deposits and orders";
            return Err(Coded::new(Code::Test001, message).into());
        }
        let setup = Setup { initial_balances: balances, ..Setup::clone(&self.plot.setup) };
        self.plot.setup = Arc::new(setup);
        Ok(())
    }

    /// One step: the weather is told, the script decides (or `instead` in its place), and what it decides is done.
    ///
    /// # Errors
    /// When the run has ended or cannot begin, and what ends it as failed: an error of the script, an order that is invalid.
    pub fn step(&mut self, instead: Option<Decision>) -> Result<&StepRecord, Trouble> {
        self.begin()?;
        locked(&self.cue).answer = instead;
        let Self { plot, weather, cue, orders, run, .. } = self;
        let run = run.as_mut().ok_or_else(not_begun)?;
        run.pump.witness.liquidating = orders.liquidating(&plot.setup.universe);
        let stepped = run.step(weather);
        orders.stepped(&run.pump.witness.liquidating, &plot.setup.universe);
        stepped?;
        let step = run.pump.witness.steps.last_mut().ok_or_else(not_begun)?;
        step.answer = locked(cue).answered.take();
        Ok(step)
    }

    /// What the next step will be, tried on a copy: its record, and the step as a script sees it.
    ///
    /// # Errors
    /// As [`Stage::step`].
    pub fn peek(
        &mut self,
        instead: Option<Decision>,
    ) -> Result<(StepRecord, Arc<StepView>), Trouble> {
        self.begin()?;
        let run = self.run.as_ref().ok_or_else(not_begun)?;
        let cue = Shared::new(Cue { answer: instead, keeps: true, ..Cue::default() }.into());
        let script = Box::new(ScriptStrategy::new(self.plot.bundle.clone()));
        let actor = Box::new(Actor::new(script, cue.clone()));
        let mut copy = Running {
            pump: run.pump.fork(actor, Tape::default()),
            data: run.data.clone(),
            next: run.next,
        };
        copy.pump.witness.liquidating = self.orders.liquidating(&self.plot.setup.universe);
        copy.step(&mut self.weather.clone())?;
        let mut cue = locked(&cue);
        let mut record = copy.pump.witness.steps.pop().ok_or_else(not_begun)?;
        record.answer = cue.answered.take();
        // Nobody was asked: while a plan is under way the script is left in peace.
        let seen = cue.seen.take().unwrap_or_else(|| copy.pump.engine.step().clone());
        Ok((record, seen))
    }

    /// The world as it is after the last step; before the first, as that will find it.
    ///
    /// # Errors
    /// When the run cannot begin.
    pub fn measured(&mut self) -> Result<Arc<StepView>, Trouble> {
        if self.steps().is_empty() {
            return Ok(self.peek(Some(Decision::hold("nobody is asked")))?.1);
        }
        Ok(self.engine()?.measured())
    }

    /// Money of an owner comes or goes.
    ///
    /// # Errors
    /// When the run cannot begin.
    pub fn flow(&mut self, key: KeyId, amount: Quantity, speed: Speed) -> Result<(), Trouble> {
        let run = self.running()?;
        let at = run.now();
        Ok(run.pump.capital(at, Flow { key, amount, at, speed })?)
    }

    /// A person's command.
    ///
    /// # Errors
    /// When the run cannot begin.
    pub fn command(&mut self, command: Command) -> Result<(), Trouble> {
        locked(&self.cue).answer = None;
        let run = self.running()?;
        let at = run.now();
        run.pump.witness.begin(at);
        run.pump.command(at, command)?;
        run.pump.until(run.next)?;
        run.pump.witness.drop_empty();
        Ok(())
    }

    /// Orders a venue to hand out so much at the next step, of what arrives at a key. Whether the run has such a reward.
    ///
    /// # Errors
    /// When the run cannot begin.
    pub(super) fn hand_out(&mut self, key: KeyId, amount: Quantity) -> Result<bool, Trouble> {
        let rewards = self.plot.setup.universe.rewards();
        let Some(reward) = rewards.iter().find(|rules| rules.key == key).map(|rules| rules.id)
        else {
            return Ok(false);
        };
        self.world()?.hand_out(reward, amount);
        Ok(true)
    }

    /// Orders something to go wrong.
    ///
    /// # Errors
    /// When the run cannot begin.
    pub(super) fn order(&mut self, mishap: Mishap, place: Place) -> Result<(), Trouble> {
        self.orders.add(&mishap, place);
        self.world()?.order(mishap);
        Ok(())
    }

    /// Orders somebody to liquidate us at the next step.
    ///
    /// # Errors
    /// When the run cannot begin.
    pub(super) fn liquidate(&mut self, venue: VenueId, place: Place) -> Result<(), Trouble> {
        self.orders.add_liquidation(venue, place);
        self.world()?.liquidate(venue);
        Ok(())
    }

    /// The venues' own world.
    ///
    /// # Errors
    /// When the run cannot begin.
    pub fn world(&mut self) -> Result<&mut World, Trouble> {
        let run = self.running()?;
        Ok(&mut run.pump.world)
    }

    /// What was ordered to go wrong and has not happened, in the words and at the places of the test.
    pub(super) fn unmet(&self) -> Vec<(String, Place)> {
        let left = self.run.as_ref().map_or(&[][..], |run| run.pump.world.ordered());
        self.orders.unmet(left, &self.plot.setup.universe)
    }

    /// The engine; begins the run where it has not begun.
    ///
    /// # Errors
    /// When the run cannot begin.
    pub fn engine(&mut self) -> Result<&Engine, Trouble> {
        let run = self.running()?;
        Ok(&run.pump.engine)
    }

    /// Gives the script a memory.
    ///
    /// # Errors
    /// When the run cannot begin.
    pub fn remember(&mut self, memory: Memory) -> Result<(), Trouble> {
        let run = self.running()?;
        run.pump.engine.remember(memory);
        Ok(())
    }

    fn running(&mut self) -> Result<&mut Running, Trouble> {
        self.begin()?;
        self.run.as_mut().ok_or_else(not_begun)
    }

    /// Begins the run in the weather as it is now.
    fn begin(&mut self) -> Result<(), Trouble> {
        if self.run.is_some() {
            return Ok(());
        }
        let Plot { setup, bundle, start, history } = &self.plot;
        let wrong = |text: String| Trouble(Coded::new(Code::Test001, text));
        let told = |fault: crate::config::Fault| wrong(fault.to_string());
        let rows = self.weather.history(*start, *history).map_err(told)?;
        let before = *start - setup.step;
        let loaded = MarketData::from_rows(setup, &rows, Some(before), Some(before))
            .map_err(|faults| wrong(faults.to_string()))?;
        let data = loaded.data;
        // The first step tells these rows again: until then the weather may change.
        let first = self.weather.clone().rows(*start).map_err(told)?;
        let view = data.extended(&first).map_err(told)?.view_at_time(*start);
        let setup = opening(setup.clone(), &view)?;
        let balances = setup.initial_balances.clone();
        let script = Box::new(ScriptStrategy::new(bundle.clone()));
        let actor = Box::new(Actor::new(script, self.cue.clone()));
        let run = RunTag::new(1);
        let engine = Engine::new(setup.clone(), view, actor, run, &balances, Mode::Backtest)?;
        let mut world = World::new(setup, 0, Faults::NONE);
        world.listen();
        let pump = Pump::new(engine, world, Tape::default());
        self.run = Some(Running { pump, data, next: *start });
        Ok(())
    }
}

/// Said of a run that has not begun, which [`Stage::begin`] rules out.
fn not_begun() -> Trouble {
    Coded::new(Code::Engine004, "the trial has not begun").into()
}

impl Running {
    fn step(&mut self, weather: &mut Weather) -> Result<(), Trouble> {
        match &self.pump.engine.state().phase {
            Phase::Ended(End::Stopped(why) | End::Failed(why)) => {
                let message = format!("the run has ended: {}", why.message);
                return Err(Coded::new(why.code, message).into());
            }
            Phase::Ended(End::Done) => {
                return Err(Coded::new(Code::Test001, "the run has been finished").into());
            }
            Phase::Trading | Phase::Leaving(_) => {}
        }
        let now = self.next;
        let wrong = |text: String| Trouble(Coded::new(Code::Test001, text));
        let rows = weather.rows(now).map_err(|fault| wrong(fault.to_string()))?;
        self.data = self.data.extended(&rows).map_err(|fault| wrong(fault.to_string()))?;
        weather.pass();
        let view: View = self.data.view_at_time(now);
        self.next = now + self.data.step();
        self.pump.witness.begin(now);
        let ordered = self.pump.world.ordered().to_vec();
        self.pump.step(view)?;
        // What the step has set off takes its time: fills, transfers, queries. All of it that is due before the next step.
        self.pump.until(self.next)?;
        let left = self.pump.world.ordered();
        let universe = self.pump.engine.step().universe().clone();
        let met = ordered.iter().filter(|mishap| !left.contains(mishap));
        let met: Vec<String> = met.map(|mishap| words::mishap(&universe, mishap)).collect();
        if let Some(step) = self.pump.witness.steps.last_mut() {
            step.met.extend(met);
        }
        match &self.pump.engine.state().phase {
            Phase::Ended(End::Failed(why)) => Err(why.clone().into()),
            _ => Ok(()),
        }
    }

    /// The time of the last step, or that of the first before it.
    fn now(&self) -> Timestamp {
        self.pump.witness.steps.last().map_or(self.next, |step| step.at)
    }
}
