//! A script behind the engine's seam: the same bundle decides in backtest, paper and live.

use std::sync::Arc;

use rhai::Dynamic;

use crate::engine::{Memory, StepView, Strategy, StrategyError};
use crate::types::event::Loudness;
use crate::types::{Code, Decision, Plan};

use super::api::ScriptDecision;
use super::bundle::Bundle;
use super::diagnose;
use super::fault::ScriptFault;
use super::host::{Ctx, HostError, type_name};
use super::memory::State;
use super::post_mortem;
use super::sandbox;
use super::session::Session;

/// A strategy that is a script.
#[derive(Debug)]
pub struct ScriptStrategy {
    bundle: Arc<Bundle>,
    /// Begun at the first call; `None` after a call that failed.
    session: Option<Session>,
    state: State,
    logs: Vec<(Loudness, String)>,
    /// The last decision's reason, kept because most steps hold for the same reason as the step before.
    reason: Arc<str>,
}

impl ScriptStrategy {
    /// The strategy of a bundle, with an empty memory until the engine hands it one.
    pub fn new(bundle: Arc<Bundle>) -> Self {
        Self { bundle, session: None, state: State::new(), logs: Vec::new(), reason: "".into() }
    }

    /// The bundle that decides.
    pub fn bundle(&self) -> &Arc<Bundle> {
        &self.bundle
    }

    fn answer(
        &mut self,
        function: &'static str,
        step: &Arc<StepView>,
        memory: &mut Memory,
    ) -> Result<Decision, StrategyError> {
        let answer = self.call(function, step, memory)?;
        match answer.try_cast_result::<ScriptDecision>() {
            Ok(decision) => {
                self.keep(memory)?;
                Ok(self.decision(decision))
            }
            Err(other) => {
                self.state.roll_back();
                let found = type_name(&other);
                let error = HostError::new(
                    Code::Strat001,
                    format!("{function} gave {found}, which is no decision"),
                );
                Err(self.fault(error.with_help(
                    "end it with hold(reason), or with entry_full, entry_partial, exit_partial, exit_full or sell_dust(reason, plan)",
                )))
            }
        }
    }

    /// One call under the sandbox's limits, with what it logged; on an error `this` is as before.
    fn call(
        &mut self,
        function: &'static str,
        step: &Arc<StepView>,
        memory: &Memory,
    ) -> Result<Dynamic, StrategyError> {
        let bundle = self.bundle.clone();
        let loaded = self.state.load(bundle.engine(), memory);
        loaded.map_err(|error| self.fault(error))?;
        let mut ctx = Ctx::new(step.clone());
        let working = &mut self.state.working;
        let kept = &mut self.session;
        let mut outcome = sandbox::guarded(|| {
            let session = match kept {
                Some(session) => session,
                None => kept.insert(Session::begin(&bundle)?),
            };
            session.call(&bundle, function, ctx.clone(), working)
        });
        if outcome.is_err() {
            self.session = None;
            // Once more from nothing, for an error that knows its place: a call depends on nothing but what it is given.
            self.state.roll_back();
            ctx = Ctx::new(step.clone());
            let working = &mut self.state.working;
            outcome =
                sandbox::guarded(|| bundle.call(bundle.engine(), function, ctx.clone(), working));
        }
        self.logs.append(&mut ctx.take_logs());
        outcome.map_err(|error| {
            self.state.roll_back();
            let has_no_position = sandbox::has_no_position(&error);
            let fault = bundle.diagnose(error);
            let place = if has_no_position {
                post_mortem::locate(
                    &bundle,
                    function,
                    Ctx::new(step.clone()),
                    self.state.working.clone(),
                )
            } else {
                None
            };
            diagnose::placed(fault, place, &*bundle).into()
        })
    }

    fn keep(&mut self, memory: &mut Memory) -> Result<(), StrategyError> {
        let saved = self.state.save(memory);
        saved.map_err(|error| self.fault(error))
    }

    /// A fault of the script as a whole.
    fn fault(&self, error: HostError) -> StrategyError {
        let fault = ScriptFault::of_file(error.code, self.bundle.main(), error.message);
        fault.with_help(error.help).into()
    }

    fn decision(&mut self, decision: ScriptDecision) -> Decision {
        if *self.reason != *decision.reason.as_str() {
            self.reason = decision.reason.as_str().into();
        }
        let plan = decision.plan.map_or_else(Plan::default, Arc::unwrap_or_clone);
        Decision {
            action: decision.action,
            reason: self.reason.clone(),
            plan,
            waits: decision.waits,
        }
    }
}

/// The decision that a script has built.
pub(super) fn decision_of(decision: ScriptDecision) -> Decision {
    let plan = decision.plan.map_or_else(Plan::default, Arc::unwrap_or_clone);
    Decision {
        action: decision.action,
        reason: decision.reason.as_str().into(),
        plan,
        waits: decision.waits,
    }
}

impl Strategy for ScriptStrategy {
    fn decide(
        &mut self,
        step: &Arc<StepView>,
        memory: &mut Memory,
    ) -> Result<Decision, StrategyError> {
        self.answer("decide", step, memory)
    }

    fn exit(
        &mut self,
        step: &Arc<StepView>,
        memory: &mut Memory,
    ) -> Result<Decision, StrategyError> {
        self.answer("exit", step, memory)
    }

    fn on_start(&mut self, step: &Arc<StepView>, memory: &mut Memory) -> Result<(), StrategyError> {
        if self.bundle.has_function("on_start") {
            let _unused = self.call("on_start", step, memory)?;
            self.keep(memory)?;
        }
        Ok(())
    }

    fn version(&self) -> Arc<str> {
        self.bundle.hash().clone()
    }

    fn take_logs(&mut self) -> Vec<(Loudness, String)> {
        std::mem::take(&mut self.logs)
    }
}
