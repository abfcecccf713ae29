//! Where the engine puts what it wants done and what it wants recorded.

use crate::types::event::EventBatch;

use super::input::Effect;

/// Filled by one call of the engine, emptied by the shell. Its buffers are kept from call to call.
#[derive(Debug, Default)]
pub struct Outbox {
    /// To be done, in order, once the input is in the journal.
    pub effects: Vec<Effect>,
    /// To be recorded.
    pub events: EventBatch,
}
