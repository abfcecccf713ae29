//! Why a run has no result.

use crate::config::Faults;
use crate::types::Coded;

/// Why there is no result.
#[derive(Debug)]
pub enum Failure {
    /// Configuration, data or script is wrong: nothing was begun.
    Input(String),
    /// The run failed on its way.
    Run(Coded),
}

impl From<Faults> for Failure {
    fn from(faults: Faults) -> Self {
        Self::Input(faults.to_string())
    }
}

impl From<Coded> for Failure {
    fn from(error: Coded) -> Self {
        Self::Run(error)
    }
}
