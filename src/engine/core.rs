//! The door, and one step: settle, measure, decide, guard, and the tight loop until the plan has ended.

use std::sync::Arc;

use crate::config::Setup;
use crate::market::View;
use crate::portfolio::{LendingPlan, MarginPlan, Prices};
use crate::types::event::{Loudness, Trigger};
use crate::types::{
    Action, Attribution, Cause, Code, Coded, KeyId, Posting, Quantity, RiskLevel, RunTag, Timestamp,
};

use super::closing::closing_decision;
use super::input::{Command, Effect, Input};
use super::judge::Author;
use super::outbox::Outbox;
use super::reserve::Reserved;
use super::state::{End, Phase, State};
use super::step_view::StepView;
use super::strategy::{Strategy, StrategyError};

/// For whom the engine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// On past data and simulated venues. A script error, an invalid order or a refusal by the guard ends the run: it must
    /// not go on with a wrong strategy.
    Backtest,
    /// On data as it comes and simulated venues. Such an error is an alarm and a hold: the run keeps watching its positions.
    Paper,
    /// On data as it comes and real venues; errors as in paper.
    Live,
}

impl Mode {
    /// Whether its venues are simulated.
    pub const fn is_simulated(self) -> bool {
        !matches!(self, Self::Live)
    }
}

/// The state machine that runs a strategy.
pub struct Engine {
    pub(super) setup: Arc<Setup>,
    pub(super) state: State,
    pub(super) step: Arc<StepView>,
    pub(super) margin_plans: Vec<MarginPlan>,
    pub(super) lending_plans: Vec<LendingPlan>,
    pub(super) strategy: Box<dyn Strategy>,
    pub(super) version: Arc<str>,
    pub(super) mode: Mode,
    /// Whether the books changed since the step was measured.
    pub(super) is_dirty: bool,
    pub(super) previous: Prices,
    pub(super) scratch: super::measure::Scratch,
    pub(super) reserved: Reserved,
}

impl Engine {
    /// An engine before its first step. `opening` is what lies at the venues when the run begins; it is posted as capital.
    ///
    /// # Errors
    /// POS-002 when an opening balance is invalid.
    pub fn new(
        setup: Arc<Setup>,
        view: View,
        strategy: Box<dyn Strategy>,
        run: RunTag,
        opening: &[(KeyId, Quantity)],
        mode: Mode,
    ) -> Result<Self, Coded> {
        let mut state = State::new(run, &setup.universe);
        let postings: Vec<_> = opening
            .iter()
            .map(|&(key, amount)| Posting::plain(key, amount, Cause::Capital))
            .collect();
        state.books.post(&setup.universe, &postings)?;
        state.ledger.settle_later(&postings);
        let margin_plans = setup
            .universe
            .venues()
            .iter()
            .filter_map(|venue| MarginPlan::of(&setup.universe, venue.id))
            .collect();
        let lending_plans = setup
            .universe
            .venues()
            .iter()
            .filter_map(|venue| LendingPlan::of(&setup.universe, venue.id))
            .collect();
        let step = Arc::new(StepView::new(setup.clone(), view));
        let version = strategy.version();
        let previous = step.prices.clone();
        let scratch = super::measure::Scratch::default();
        let reserved = Reserved::of(&setup);
        Ok(Self {
            setup,
            state,
            step,
            margin_plans,
            lending_plans,
            strategy,
            version,
            mode,
            is_dirty: false,
            previous,
            scratch,
            reserved,
        })
    }

    /// The only door: takes one input and says what is to be done and recorded. The same inputs give the same answers.
    pub fn handle(&mut self, now: Timestamp, input: Input, out: &mut Outbox) {
        if self.state.has_ended() {
            return;
        }
        self.state.now = now.max(self.state.now);
        if !matches!(input, Input::Restarted) {
            self.state.heard_at = self.state.now;
        }
        match input {
            Input::Tick(view) => self.tick(view, out),
            Input::Sent(order) => self.on_sent(order),
            Input::Outcome(order, outcome) => self.on_outcome(order, outcome, out),
            Input::GroupOutcome(order, outcome) => self.on_group_outcome(order, outcome, out),
            Input::Report(report) => self.on_report(report, out),
            Input::Capital(flow) => self.on_capital(flow, out),
            Input::Operator(command) => self.on_command(command, out),
            Input::Deadline(timer) => self.on_deadline(timer, out),
            Input::Restarted => self.recover(out),
        }
    }

    /// All that the run remembers.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The step as last measured.
    pub fn step(&self) -> &Arc<StepView> {
        &self.step
    }

    /// One step of the clock.
    fn tick(&mut self, view: View, out: &mut Outbox) {
        self.close_step(out);
        let now = view.now();
        let is_first = self.state.steps == 0;
        let step = Arc::make_mut(&mut self.step);
        std::mem::swap(&mut self.previous, &mut step.prices);
        step.prices.update(&view);
        step.view = view;
        step.now = now;
        self.state.draws.clear();
        // Settle: what time alone changed, then what the venues reported, both at this step's prices.
        let universe = &self.setup.universe;
        if !is_first {
            self.state.ledger.hold(universe, &self.previous, &step.prices);
        }
        self.health_before_liquidation();
        self.state.ledger.settle(&self.setup.universe, &self.step.prices);
        if let Err(error) = self.measure() {
            return self.end(End::Failed(error), out);
        }
        if is_first {
            self.state.tally.initial_equity = self.step.equity;
            self.state.recorded_equity = self.step.equity;
            self.state.peak = self.step.equity - self.scratch.unconfirmed;
            self.state.ledger.close();
        }
        self.state.steps += 1;
        self.state.open_step = Some(now);
        self.take_scheduled(out);
        self.record_measures(Trigger::Tick, out);
        self.observe_idle(now, out);
        self.look_at_risk(out);
        self.watch_reserve(out);
        self.serve_flows(out);
        if is_first && let Err(error) = self.strategy.on_start(&self.step, &mut self.state.memory) {
            self.strategy_failed(error, out);
        }
        if self.state.active.is_none() || self.step.risk.level >= RiskLevel::Reduce {
            self.decide(Trigger::Tick, out);
        }
        if self.state.active.is_none() {
            self.close_step(out);
        }
    }

    /// Asks the strategy, judges its answer and begins its plan.
    fn decide(&mut self, trigger: Trigger, out: &mut Outbox) {
        if self.state.has_ended() {
            return;
        }
        self.state.tally.decisions += 1;
        let is_leaving = matches!(self.state.phase, Phase::Leaving(_));
        if is_leaving && self.exit_leads_nowhere() {
            return self.answered(closing_decision(&self.step), Author::Engine, trigger, out);
        }
        let answer = if is_leaving {
            self.strategy.exit(&self.step, &mut self.state.memory)
        } else {
            self.strategy.decide(&self.step, &mut self.state.memory)
        };
        for (loudness, text) in self.strategy.take_logs() {
            self.note("script", loudness, None, text, out);
        }
        let (decision, by) = match answer {
            // A leaving that enters would not end.
            Ok(decision)
                if is_leaving
                    && matches!(decision.action, Action::EntryFull | Action::EntryPartial) =>
            {
                let text = format!(
                    "the strategy's exit is not allowed: it answers {}",
                    decision.action.text()
                );
                self.note("engine", Loudness::Alarm, Some(Code::Strat003), text, out);
                (closing_decision(&self.step), Author::Engine)
            }
            Ok(decision) => (decision, Author::Strategy),
            // A script that cannot leave must not keep the positions: close them without it.
            Err(error) if is_leaving => {
                self.note("script", Loudness::Alarm, Some(error.code), error.message, out);
                (closing_decision(&self.step), Author::Engine)
            }
            Err(error) => return self.strategy_failed(error, out),
        };
        self.answered(decision, by, trigger, out);
    }

    fn strategy_failed(&mut self, error: StrategyError, out: &mut Outbox) {
        self.fail_or_alarm(Coded::new(error.code, error.message), out);
    }

    /// What is wrong with a strategy ends a backtest; live it is an alarm and a hold.
    pub(super) fn fail_or_alarm(&mut self, why: Coded, out: &mut Outbox) {
        self.alarm("engine", &why, out);
        if self.mode == Mode::Backtest {
            self.end(End::Failed(why), out);
        }
    }

    fn on_command(&mut self, command: Command, out: &mut Outbox) {
        match command {
            Command::WindDown => {
                self.state.wind_down = true;
                Arc::make_mut(&mut self.step).wind_down = true;
            }
            Command::EmergencyStop => {
                let why = Coded::new(
                    Code::Risk004,
                    "the operator stopped the run: it leaves its positions",
                );
                self.alarm("engine", &why, out);
                self.begin_leaving(why);
                if self.state.active.is_none() && self.state.steps > 0 {
                    self.decide(Trigger::Operator, out);
                }
            }
            Command::AcceptDifference(key) => self.accept_difference(key, out),
            Command::Finish => {
                self.close_step(out);
                self.end_leaving(out);
                self.end_wind_down(out);
            }
        }
    }

    /// Ends the run; its open step is recorded first.
    pub(super) fn end(&mut self, end: End, out: &mut Outbox) {
        if self.state.has_ended() {
            return;
        }
        self.state.phase = Phase::Ended(end);
        self.close_step(out);
        out.effects.push(Effect::Finish);
    }

    /// The content hash of the strategy.
    pub fn version(&self) -> &Arc<str> {
        &self.version
    }

    /// Profit by cause since the start.
    pub fn attribution(&self) -> &Attribution {
        &self.state.ledger.total
    }
}
