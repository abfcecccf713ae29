//! Whole units as a chain counts them: wei, rays (1e27) for indices, wads (1e18) for ratios, hundredths of a per cent.
//!
//! Rounding is the protocol's: half up in `ray` and `percent`, as in Aave's WadRayMath and PercentageMath.

use ruint::aliases::U256;
use rust_decimal::Decimal;

use crate::types::{Quantity, Rate};

/// Places of a ray.
const RAY_PLACES: u32 = 27;
/// Places of a wad.
pub(super) const WAD_PLACES: u32 = 18;
/// The most places of a decimal.
const PLACES_MAX: u32 = 28;

/// One ray.
pub(super) fn ray() -> U256 {
    ten_to(RAY_PLACES)
}

/// One wad.
pub(super) fn wad() -> U256 {
    ten_to(WAD_PLACES)
}

/// A number that is not negative in whole units of so many places; what is finer is cut off.
pub(super) fn units(number: Decimal, places: u32) -> U256 {
    let mantissa = U256::from(number.mantissa().unsigned_abs());
    let scale = number.scale();
    if scale <= places {
        mantissa * ten_to(places - scale)
    } else {
        mantissa / ten_to(scale - places)
    }
}

/// Whole units as a quantity; `None` when there are more than a decimal holds.
pub(super) fn quantity(units: U256, places: u32) -> Option<Quantity> {
    let mantissa = i128::try_from(units).ok()?;
    let number = Decimal::try_from_i128_with_scale(mantissa, places.min(PLACES_MAX)).ok()?;
    Some(Quantity::new(number))
}

/// An index as a ray.
pub(super) fn as_ray(index: Decimal) -> U256 {
    units(index, RAY_PLACES)
}

/// A fraction in hundredths of a per cent.
pub(super) fn as_percentage(rate: Rate) -> U256 {
    units(rate.get(), 4)
}

/// a · b / 1 ray, half up.
pub(super) fn ray_mul(a: U256, b: U256) -> U256 {
    (a * b + ray() / U256::from(2)) / ray()
}

/// a · 1 ray / b, half up.
pub(super) fn ray_div(a: U256, b: U256) -> U256 {
    (a * ray() + b / U256::from(2)) / b
}

/// a · 1 wad / b, half up.
pub(super) fn wad_div(a: U256, b: U256) -> U256 {
    (a * wad() + b / U256::from(2)) / b
}

/// a · percentage / 10 000, half up.
pub(super) fn percent_mul(a: U256, percentage: U256) -> U256 {
    let whole = U256::from(10_000);
    (a * percentage + whole / U256::from(2)) / whole
}

/// a · 10 000 / percentage, half up.
pub(super) fn percent_div(a: U256, percentage: U256) -> U256 {
    (a * U256::from(10_000) + percentage / U256::from(2)) / percentage
}

fn ten_to(places: u32) -> U256 {
    U256::from(TENS[places as usize])
}

/// The powers of ten that a decimal can need: looked up, because every amount that is counted in units asks for one.
const TENS: [u128; 29] = {
    let mut tens = [1; 29];
    let mut places = 1;
    while places < tens.len() {
        tens[places] = tens[places - 1] * 10;
        places += 1;
    }
    tens
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rounding_is_half_up_as_the_protocol_s() {
        let half = ray() / U256::from(2);
        assert_eq!(ray_mul(half, U256::from(1)), U256::from(1), "half a unit counts as one");
        assert_eq!(ray_mul(half - U256::from(1), U256::from(1)), U256::ZERO);
        assert_eq!(ray_div(U256::from(1), ray() * U256::from(2)), U256::from(1));
        assert_eq!(percent_mul(U256::from(5_000), U256::from(1)), U256::from(1));
        assert_eq!(percent_div(U256::from(93), U256::from(9_300)), U256::from(100));
        assert_eq!(wad_div(U256::from(3), U256::from(2)), wad() + wad() / U256::from(2));
    }

    #[test]
    fn decimals_and_units_are_the_same_number() {
        let number: Decimal = "1.069341230917364521".parse().unwrap();
        assert_eq!(quantity(units(number, 18), 18).unwrap().get(), number);
        assert_eq!(units("1.9999999".parse().unwrap(), 6), U256::from(1_999_999), "cut off");
        assert_eq!(quantity(U256::MAX, 18), None);
    }

    proptest! {
        /// A whole balance that is told in tokens and taken back by that number leaves nothing.
        #[test]
        fn what_is_told_in_tokens_is_the_whole_scaled_balance(
            scaled in 1_u128..1_000_000_000_000_000_000_000_000, growth in 0_u64..900_000_000_000_000_000,
        ) {
            let index = ray() + U256::from(growth) * ten_to(9);
            let scaled = U256::from(scaled);
            prop_assert_eq!(ray_div(ray_mul(scaled, index), index), scaled);
        }
    }
}
