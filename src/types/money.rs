//! Money and measure as types: a price is not a quantity, and only the operators that mean something exist.
//!
//! All are exact decimals. Rounding is always named and always a choice: towards zero for what we receive, away from zero
//! for what we pay. Binary floating point appears in statistics and charts only.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

macro_rules! measure {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Decimal);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(Decimal::ZERO);

            /// Wraps a number whose unit the caller vouches for.
            #[inline]
            pub const fn new(number: Decimal) -> Self {
                Self(number)
            }

            /// The bare number, for formulas that mix units and for output.
            #[inline]
            pub const fn get(self) -> Decimal {
                self.0
            }

            /// Whether this is exactly zero.
            #[inline]
            pub fn is_zero(self) -> bool {
                self.0.is_zero()
            }

            /// Whether this is below zero.
            #[inline]
            pub fn is_negative(self) -> bool {
                self.0.is_sign_negative() && !self.0.is_zero()
            }

            /// The smaller of the two.
            #[inline]
            pub fn min(self, other: Self) -> Self {
                Self(self.0.min(other.0))
            }

            /// The larger of the two.
            #[inline]
            pub fn max(self, other: Self) -> Self {
                Self(self.0.max(other.0))
            }

            /// Whether this is above zero.
            #[inline]
            pub fn is_positive(self) -> bool {
                self.0.is_sign_positive() && !self.0.is_zero()
            }

            /// The size without its sign.
            #[inline]
            pub fn abs(self) -> Self {
                Self(self.0.abs())
            }

            /// Rounded towards zero to `decimals` places: for what we receive.
            #[inline]
            pub fn towards_zero(self, decimals: u32) -> Self {
                Self(self.0.round_dp_with_strategy(decimals, RoundingStrategy::ToZero))
            }

            /// Rounded away from zero to `decimals` places: for what we pay.
            #[inline]
            pub fn away_from_zero(self, decimals: u32) -> Self {
                Self(self.0.round_dp_with_strategy(decimals, RoundingStrategy::AwayFromZero))
            }

            /// Rounded down (towards minus infinity) to `decimals` places: against us whatever the sign of a credit.
            #[inline]
            pub fn floor(self, decimals: u32) -> Self {
                Self(self.0.round_dp_with_strategy(decimals, RoundingStrategy::ToNegativeInfinity))
            }
        }

        impl Add for $name {
            type Output = Self;
            #[inline]
            fn add(self, other: Self) -> Self { Self(self.0 + other.0) }
        }
        impl Sub for $name {
            type Output = Self;
            #[inline]
            fn sub(self, other: Self) -> Self { Self(self.0 - other.0) }
        }
        impl Neg for $name {
            type Output = Self;
            #[inline]
            fn neg(self) -> Self { Self(-self.0) }
        }
        impl AddAssign for $name {
            #[inline]
            fn add_assign(&mut self, other: Self) { self.0 += other.0; }
        }
        impl SubAssign for $name {
            #[inline]
            fn sub_assign(&mut self, other: Self) { self.0 -= other.0; }
        }
        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(items: I) -> Self { items.fold(Self::ZERO, Add::add) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(&self.0.normalize(), f) }
        }
        impl From<Decimal> for $name {
            fn from(number: Decimal) -> Self { Self(number) }
        }
    };
}

measure! {
    /// An amount of a token or of coins, in that token's own unit. Signed: perp sizes are negative when short.
    Quantity
}
measure! {
    /// Quote currency per coin.
    Price
}
measure! {
    /// An amount of quote currency: a price times a quantity.
    Notional
}
measure! {
    /// A fraction: 0.0005 is five basis points. Funding, fees, spreads, haircuts.
    Rate
}
measure! {
    /// An amount of the share class's currency, in which equity and profit are told.
    Value
}

impl Quantity {
    /// The largest multiple of `lot` that is not larger in size, sign kept. A zero lot means "no lots" and changes nothing.
    pub fn floor_to_lot(self, lot: Quantity) -> Quantity {
        if lot.0.is_zero() { self } else { Self((self.0 / lot.0).trunc() * lot.0) }
    }

    /// Whether this is a whole number of lots.
    pub fn is_multiple_of(self, lot: Quantity) -> bool {
        lot.0.is_zero() || (self.0 % lot.0).is_zero()
    }
}

impl Notional {
    /// The same number as an amount of the quote token itself.
    #[inline]
    pub const fn as_quantity(self) -> Quantity {
        Quantity(self.0)
    }
}

impl Rate {
    /// One minus this fraction.
    #[inline]
    pub fn complement(self) -> Rate {
        Rate(Decimal::ONE - self.0)
    }

    /// A rate told in basis points.
    pub fn from_bps(bps: Decimal) -> Rate {
        Rate(bps / Decimal::from(10_000))
    }
}

impl Mul<Quantity> for Price {
    type Output = Notional;
    #[inline]
    fn mul(self, quantity: Quantity) -> Notional {
        Notional(self.0 * quantity.0)
    }
}

impl Mul<Price> for Quantity {
    type Output = Notional;
    #[inline]
    fn mul(self, price: Price) -> Notional {
        Notional(self.0 * price.0)
    }
}

impl Mul<Rate> for Notional {
    type Output = Notional;
    #[inline]
    fn mul(self, rate: Rate) -> Notional {
        Notional(self.0 * rate.0)
    }
}

impl Mul<Rate> for Quantity {
    type Output = Quantity;
    #[inline]
    fn mul(self, rate: Rate) -> Quantity {
        Quantity(self.0 * rate.0)
    }
}

impl Mul<Rate> for Price {
    type Output = Price;
    #[inline]
    fn mul(self, rate: Rate) -> Price {
        Price(self.0 * rate.0)
    }
}

impl Div<Quantity> for Notional {
    type Output = Price;
    fn div(self, quantity: Quantity) -> Price {
        Price(self.0 / quantity.0)
    }
}

impl Div<Price> for Notional {
    type Output = Quantity;
    fn div(self, price: Price) -> Quantity {
        Quantity(self.0 / price.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn lots_are_floored_in_size_whatever_the_sign() {
        let lot = Quantity::new(dec("0.001"));
        assert_eq!(Quantity::new(dec("0.5929")).floor_to_lot(lot), Quantity::new(dec("0.592")));
        assert_eq!(Quantity::new(dec("-0.5929")).floor_to_lot(lot), Quantity::new(dec("-0.592")));
        assert!(!Quantity::new(dec("0.0005")).is_multiple_of(lot));
    }

    #[test]
    fn rounding_is_named_by_its_direction() {
        let up = Notional::new(dec("1.000000001"));
        assert_eq!(up.towards_zero(8).get(), dec("1"));
        assert_eq!(up.away_from_zero(8).get(), dec("1.00000001"));
        assert_eq!((-up).floor(8).get(), dec("-1.00000001"));
    }
}
