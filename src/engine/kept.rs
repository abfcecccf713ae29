//! Whether an order kept its promise: what it changed against what it was expected to change.

use crate::types::{Execution, Expected, KeyId, Quantity};

/// What was promised against what happened.
pub(super) struct Kept {
    pub(super) deltas: Vec<(KeyId, Quantity, Quantity)>,
    pub(super) is_kept: bool,
    pub(super) broken: Option<KeyId>,
}

/// Holds an execution against the deltas that were promised for it, one dust a delta.
pub(super) fn compare(promised: &[Expected], execution: &Execution, dust: &[Quantity]) -> Kept {
    let mut kept = Kept { deltas: Vec::with_capacity(promised.len()), is_kept: true, broken: None };
    for (delta, dust) in promised.iter().zip(dust) {
        let actual = execution.net(delta.key);
        kept.deltas.push((delta.key, delta.expected, actual));
        let is_inside = actual >= delta.at_least - *dust && actual <= delta.at_most + *dust;
        if !is_inside && kept.is_kept {
            kept.is_kept = false;
            kept.broken = Some(delta.key);
        }
    }
    let is_promised = |key: KeyId| promised.iter().any(|delta| delta.key == key);
    let stray = execution.deltas.iter().find(|posting| !is_promised(posting.key));
    if let (Some(stray), true) = (stray, kept.is_kept) {
        kept.deltas.push((stray.key, Quantity::ZERO, stray.amount));
        kept.is_kept = false;
        kept.broken = Some(stray.key);
    }
    kept
}

/// The same part of every promised delta; for a fill in part of an order that is linear in its quantity.
pub(super) fn part_of(promised: &[Expected], whole: Quantity, executed: Quantity) -> Vec<Expected> {
    let part = executed.get() / whole.get();
    let scaled = |quantity: Quantity| Quantity::new(quantity.get() * part);
    let scale = |delta: &Expected| Expected {
        key: delta.key,
        expected: scaled(delta.expected),
        at_least: scaled(delta.at_least),
        at_most: scaled(delta.at_most),
    };
    promised.iter().map(scale).collect()
}
