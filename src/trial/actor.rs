//! Who decides in a trial: the script, or the test in its place; what was seen and answered is kept.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::engine::{Memory, StepView, Strategy, StrategyError};
use crate::types::Decision;
use crate::types::event::Loudness;

/// What the next decision is to be, and what the last one saw.
#[derive(Debug, Default)]
pub(super) struct Cue {
    /// What is answered in the script's place, as long as it stands here.
    pub(super) answer: Option<Decision>,
    /// Whether what is seen is kept; a step that is kept cannot be filled anew in its place.
    pub(super) keeps: bool,
    /// The step that was last looked at.
    pub(super) seen: Option<Arc<StepView>>,
    /// What was last answered.
    pub(super) answered: Option<Decision>,
}

/// A cue that the stage and the actor on it share.
pub(super) type Shared = Arc<Mutex<Cue>>;

pub(super) fn locked(cue: &Shared) -> MutexGuard<'_, Cue> {
    cue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A strategy that can be told what to answer.
pub(super) struct Actor {
    script: Box<dyn Strategy>,
    cue: Shared,
}

impl Actor {
    pub(super) fn new(script: Box<dyn Strategy>, cue: Shared) -> Self {
        Self { script, cue }
    }

    fn play(
        &mut self,
        step: &Arc<StepView>,
        memory: &mut Memory,
        ask: impl FnOnce(&mut dyn Strategy, &mut Memory) -> Result<Decision, StrategyError>,
    ) -> Result<Decision, StrategyError> {
        let given = {
            let mut cue = locked(&self.cue);
            cue.seen = cue.keeps.then(|| step.clone());
            cue.answered = None;
            cue.answer.clone()
        };
        let decision = match given {
            Some(decision) => decision,
            None => ask(&mut *self.script, memory)?,
        };
        locked(&self.cue).answered = Some(decision.clone());
        Ok(decision)
    }
}

impl Strategy for Actor {
    fn decide(
        &mut self,
        step: &Arc<StepView>,
        memory: &mut Memory,
    ) -> Result<Decision, StrategyError> {
        self.play(step, memory, |script, memory| script.decide(step, memory))
    }

    fn exit(
        &mut self,
        step: &Arc<StepView>,
        memory: &mut Memory,
    ) -> Result<Decision, StrategyError> {
        self.play(step, memory, |script, memory| script.exit(step, memory))
    }

    fn on_start(&mut self, step: &Arc<StepView>, memory: &mut Memory) -> Result<(), StrategyError> {
        self.script.on_start(step, memory)
    }

    fn version(&self) -> Arc<str> {
        self.script.version()
    }

    fn take_logs(&mut self) -> Vec<(Loudness, String)> {
        self.script.take_logs()
    }
}
