//! How much of something: a number, all there is, or a promise of an earlier order's output.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::id::{KeyId, OperationId};
use super::money::Quantity;

/// An amount that may be known only at execution. Worth `min(base · times − minus, at_most)`, never below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// What it starts from.
    pub base: AmountBase,
    /// A factor of at most 1.
    pub times: Decimal,
    /// What is taken off, in the same token.
    pub minus: Quantity,
    /// An upper bound, in the same token.
    pub at_most: Option<Quantity>,
    /// Its number as far as the moment of the decision knows; what the script reads as `.expected`.
    pub expected: Quantity,
}

/// What an [`Amount`] starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountBase {
    /// A number known at decision time.
    Fixed(Quantity),
    /// Everything that lies at a key when the order is sent.
    All(KeyId),
    /// What an earlier order of the same plan brought in, net of its fees.
    Output(OperationId),
}

impl Amount {
    /// A number known now.
    pub const fn fixed(quantity: Quantity) -> Self {
        Self::of(AmountBase::Fixed(quantity), quantity)
    }

    /// Everything at a key when the order is sent; `expected` is what lies there now.
    pub const fn all(key: KeyId, expected: Quantity) -> Self {
        Self::of(AmountBase::All(key), expected)
    }

    /// The output of an earlier order.
    pub const fn output(operation: OperationId, expected: Quantity) -> Self {
        Self::of(AmountBase::Output(operation), expected)
    }

    const fn of(base: AmountBase, expected: Quantity) -> Self {
        Self { base, times: Decimal::ONE, minus: Quantity::ZERO, at_most: None, expected }
    }

    /// The number that this amount becomes once its base is known. The base already has its sign and unit.
    pub fn resolve(&self, base: Quantity) -> Quantity {
        let mut number = Quantity::new(base.get() * self.times) - self.minus;
        if let Some(bound) = self.at_most {
            number = number.min(bound);
        }
        number.max(Quantity::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_never_resolves_to_more_than_its_base_or_below_zero() {
        let key = KeyId(0);
        let quantity = |n: i64| Quantity::new(Decimal::from(n));
        let half = Amount { times: Decimal::new(5, 1), ..Amount::all(key, quantity(10)) };
        assert_eq!(half.resolve(quantity(8)), quantity(4));
        let rest = Amount { minus: quantity(9), ..Amount::all(key, quantity(10)) };
        assert_eq!(rest.resolve(quantity(8)), quantity(0));
        let bounded = Amount { at_most: Some(quantity(3)), ..Amount::all(key, quantity(10)) };
        assert_eq!(bounded.resolve(quantity(8)), quantity(3));
    }
}
