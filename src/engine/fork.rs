//! Copies of a run on which something can be tried, and the measured step for those who look from outside.

use std::sync::Arc;

use crate::types::Decision;

use super::core::Engine;
use super::step_view::StepView;
use super::strategy::{Memory, Strategy, StrategyError};

impl Engine {
    /// An engine in the same state that another strategy drives.
    pub fn fork(&self, strategy: Box<dyn Strategy>) -> Self {
        Self {
            setup: self.setup.clone(),
            state: self.state.clone(),
            step: self.step.clone(),
            margin_plans: self.margin_plans.clone(),
            lending_plans: self.lending_plans.clone(),
            version: strategy.version(),
            strategy,
            mode: self.mode,
            is_dirty: self.is_dirty,
            previous: self.previous.clone(),
            scratch: self.scratch.clone(),
            reserved: self.reserved.clone(),
        }
    }

    /// The step with what has happened since it was measured: arrivals, settlements, fills.
    pub fn measured(&self) -> Arc<StepView> {
        if !self.is_dirty {
            return self.step.clone();
        }
        let mut copy = self.fork(Box::new(Nobody));
        // Without a price there is no equity to tell; then the step stays as it was.
        match copy.measure() {
            Ok(()) => copy.step,
            Err(_) => self.step.clone(),
        }
    }

    /// Gives the strategy a memory, as a test or a migration has it.
    pub fn remember(&mut self, memory: Memory) {
        self.state.memory = memory;
    }
}

/// A strategy that is never asked.
struct Nobody;

impl Strategy for Nobody {
    fn decide(&mut self, _: &Arc<StepView>, _: &mut Memory) -> Result<Decision, StrategyError> {
        Ok(Decision::hold("nobody is asked"))
    }

    fn exit(&mut self, _: &Arc<StepView>, _: &mut Memory) -> Result<Decision, StrategyError> {
        Ok(Decision::hold("nobody is asked"))
    }

    fn version(&self) -> Arc<str> {
        "nobody".into()
    }
}
