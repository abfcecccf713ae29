//! The seam behind which a strategy sits: a script in the product, a Rust value in tests and benchmarks.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::types::order::Origin;
use crate::types::{Code, Decision};

use super::step_view::StepView;

/// A strategy's memory between steps: canonical JSON text of a map of plain data, part of the engine's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Memory(pub String);

impl Default for Memory {
    fn default() -> Self {
        Self("{}".to_owned())
    }
}

/// What decides. Given the same view and memory it must give the same answer.
pub trait Strategy: Send {
    /// The answer to one step.
    fn decide(
        &mut self,
        step: &Arc<StepView>,
        memory: &mut Memory,
    ) -> Result<Decision, StrategyError>;

    /// The answer when the run has to leave its positions; called step after step until it holds.
    fn exit(
        &mut self,
        step: &Arc<StepView>,
        memory: &mut Memory,
    ) -> Result<Decision, StrategyError>;

    /// Called once, before the first decision.
    fn on_start(&mut self, step: &Arc<StepView>, memory: &mut Memory) -> Result<(), StrategyError> {
        let _ = (step, memory);
        Ok(())
    }

    /// The content hash of the strategy, for every record.
    fn version(&self) -> Arc<str>;

    /// Sentences that the strategy logged since the last call, with their level.
    fn take_logs(&mut self) -> Vec<(crate::types::event::Loudness, String)> {
        Vec::new()
    }
}

/// Why a strategy gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{code}: {message}")]
pub struct StrategyError {
    /// Which error.
    pub code: Code,
    /// The sentence, with file, line and source line when it comes from a script.
    pub message: String,
    /// Where.
    pub origin: Origin,
}
