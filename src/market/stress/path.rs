//! The way of a price from one level to another: a straight line in its logarithm, the same share every hour.

use rust_decimal::{Decimal, MathematicalOps};

use crate::types::Timestamp;

use super::During;

/// Below this the terms of the exponential's series are left out.
const TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 18);

/// A factor on prices: 1 until it begins, `to` from its end on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Path {
    from: Timestamp,
    until: Timestamp,
    to: Decimal,
}

impl Path {
    pub(super) const fn between(during: During, to: Decimal) -> Self {
        Self { from: during.from, until: during.until, to }
    }

    /// When it begins.
    pub(super) const fn from(&self) -> Timestamp {
        self.from
    }

    /// The factor at a time: `to` ^ (passed / length).
    pub(super) fn at(&self, at: Timestamp) -> Decimal {
        if at <= self.from {
            return Decimal::ONE;
        }
        if at >= self.until {
            return self.to;
        }
        let passed = Decimal::from((at - self.from).ms());
        let share = passed / Decimal::from((self.until - self.from).ms());
        let grown = (self.to.ln() * share).checked_exp_with_tolerance(TOLERANCE);
        grown.expect("a share of a logarithm that is small has an exponential")
    }
}
