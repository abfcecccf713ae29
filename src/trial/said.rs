//! What the model of a trial says of each bar.

use rust_decimal::Decimal;

use crate::market::Direction;

/// What a model says.
#[derive(Clone, Debug)]
pub struct Said {
    /// Where the price goes.
    pub direction: Direction,
    /// How sure it is, 0 to 1.
    pub confidence: Decimal,
    /// The deviation that it foresees, a fraction.
    pub sd: Decimal,
    /// Which model it is.
    pub model_version: String,
}

impl Said {
    /// Nothing new, and sure of nothing: what a model says in calm weather.
    pub(super) fn nothing() -> Self {
        Self {
            direction: Direction::Hold,
            confidence: Decimal::ZERO,
            sd: Decimal::new(1, 2),
            model_version: "none".to_owned(),
        }
    }
}
