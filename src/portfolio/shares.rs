//! Shares of a run's capital: what tells a return apart from money that owners bring and take.
//!
//! The capital of the start is one share. A deposit buys shares and a withdrawal gives them back, both at the value that a
//! share has at that moment, so that nobody who stays wins or loses by who comes and goes.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::types::Value;

/// How many shares there are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shares(Decimal);

impl Default for Shares {
    fn default() -> Self {
        Self(Decimal::ONE)
    }
}

impl Shares {
    /// What one share is worth; equity itself as long as nobody came or went.
    pub fn value(self, equity: Value) -> Value {
        if self.0 == Decimal::ONE {
            return equity;
        }
        Value::new(equity.get().checked_div(self.0).unwrap_or_default())
    }

    /// Buys or gives back as many as keep the value of a share where it was while equity went from `before` to `after`.
    /// Nothing can be bought of what is worth nothing, and the last share is never given back.
    pub fn follow(&mut self, before: Value, after: Value) {
        if !before.is_positive() || !after.is_positive() {
            return;
        }
        let shares = self.0.checked_mul(after.get()).and_then(|all| all.checked_div(before.get()));
        self.0 = shares.filter(|shares| !shares.is_zero()).unwrap_or(self.0);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(cents: i64) -> Value {
        Value::new(Decimal::new(cents, 2))
    }

    #[test]
    fn the_first_capital_is_one_share_and_is_told_without_a_division() {
        assert_eq!(Shares::default().value(value(12_345)), value(12_345));
    }

    #[test]
    fn a_share_of_nothing_is_not_bought_and_the_last_one_stays() {
        let mut shares = Shares::default();
        shares.follow(Value::ZERO, value(100));
        shares.follow(value(100), Value::ZERO);
        assert_eq!(shares, Shares::default());
    }

    proptest! {
        #[test]
        fn who_comes_and_goes_changes_no_value_of_a_share(
            equity in 10_000_i64..1_000_000_000,
            moves in proptest::collection::vec(1_i64..1_000_000_000, 1..20),
        ) {
            let mut shares = Shares::default();
            let mut before = value(equity);
            for after in moves.into_iter().map(value) {
                let told = shares.value(before);
                shares.follow(before, after);
                let difference = (shares.value(after) - told).get().abs();
                prop_assert!(difference <= told.get() * Decimal::new(1, 18), "{difference} of {told}");
                before = after;
            }
        }
    }
}
