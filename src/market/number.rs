//! Numbers of data files: read from bytes exactly, without a detour through binary floating point.

use rust_decimal::Decimal;

/// A number as it stands in a file. Most fit into 18 digits and stay plain integers with a scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    /// `mantissa / 10^scale`.
    Small {
        /// At most 18 digits.
        mantissa: i64,
        /// Digits behind the point.
        scale: u32,
    },
    /// Anything longer.
    Large(Decimal),
}

/// 18 digits always fit an `i64`.
const SMALL_DIGITS: usize = 18;

impl Number {
    /// Reads `12.5`, `-0.0001` or `5.1e-06`. `None` when it is no number or has more digits than can be kept exactly.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let (digits, is_negative) = match text {
            [b'-', rest @ ..] => (rest, true),
            _ => (text, false),
        };
        if digits.is_empty() || digits.len() > SMALL_DIGITS + 1 {
            return Self::parse_large(text);
        }
        let (mut mantissa, mut scale, mut seen, mut has_point) = (0_i64, 0, 0, false);
        for &byte in digits {
            match byte {
                b'0'..=b'9' if seen < SMALL_DIGITS => {
                    mantissa = mantissa * 10 + i64::from(byte - b'0');
                    seen += 1;
                    scale += u32::from(has_point);
                }
                b'.' if !has_point => has_point = true,
                _ => return Self::parse_large(text),
            }
        }
        if seen == 0 {
            return None;
        }
        Some(Self::Small { mantissa: if is_negative { -mantissa } else { mantissa }, scale })
    }

    /// The number as a decimal.
    pub(super) fn decimal(self) -> Decimal {
        match self {
            Self::Small { mantissa, scale } => trimmed(mantissa, scale),
            Self::Large(number) => number,
        }
    }

    /// Whether it is above zero.
    pub(super) fn is_positive(self) -> bool {
        match self {
            Self::Small { mantissa, .. } => mantissa > 0,
            Self::Large(number) => number > Decimal::ZERO,
        }
    }

    /// Whether it is below zero.
    pub(super) fn is_negative(self) -> bool {
        match self {
            Self::Small { mantissa, .. } => mantissa < 0,
            Self::Large(number) => number < Decimal::ZERO,
        }
    }

    /// Whether it lies within ± 10^`exponent`.
    pub(super) fn is_within(self, exponent: u32) -> bool {
        match self {
            // What no power of ten in 64 bits bounds lies within it.
            Self::Small { mantissa, scale } => {
                10_i64.checked_pow(exponent + scale).is_none_or(|bound| mantissa.abs() <= bound)
            }
            Self::Large(number) => number.abs() <= Decimal::from(10_i64.pow(exponent)),
        }
    }

    /// Whether it is at most another.
    pub(super) fn is_at_most(self, other: Self) -> bool {
        match (self, other) {
            (Self::Small { mantissa: a, scale: i }, Self::Small { mantissa: b, scale: j })
                if i == j =>
            {
                a <= b
            }
            _ => self.decimal() <= other.decimal(),
        }
    }

    fn parse_large(text: &[u8]) -> Option<Self> {
        let is_known = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        if !text.iter().all(is_known) {
            return None;
        }
        let text = std::str::from_utf8(text).ok()?;
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let number = Decimal::from_str_exact(digits).ok()?.normalize();
        let scale = i64::from(number.scale()) - i64::from(exponent);
        let mantissa = number.mantissa();
        let exact = match u32::try_from(scale) {
            Ok(scale) => Decimal::try_from_i128_with_scale(mantissa, scale).ok()?,
            Err(_) => {
                let factor = 10_i128.checked_pow(u32::try_from(-scale).ok()?)?;
                Decimal::try_from_i128_with_scale(mantissa.checked_mul(factor)?, 0).ok()?
            }
        };
        Some(Self::Large(exact))
    }
}

impl From<Decimal> for Number {
    fn from(number: Decimal) -> Self {
        const LIMIT: i128 = 10_i128.pow(SMALL_DIGITS as u32);
        match i64::try_from(number.mantissa()) {
            Ok(mantissa) if i128::from(mantissa).abs() < LIMIT && number.scale() <= 18 => {
                Self::Small { mantissa, scale: number.scale() }
            }
            _ => Self::Large(number),
        }
    }
}

/// The decimal of a mantissa and a scale, without zeros at its end: short decimals multiply several times faster.
#[inline]
pub(super) fn trimmed(mut mantissa: i64, mut scale: u32) -> Decimal {
    if mantissa == 0 {
        return Decimal::ZERO;
    }
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    Decimal::new(mantissa, scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly() {
        for (text, exact) in [
            ("0", "0"),
            ("42000.00", "42000"),
            ("-0.00012345", "-0.00012345"),
            (".5", "0.5"),
            ("7.54125373928e-05", "0.0000754125373928"),
            ("1E3", "1000"),
            ("-2.50e+1", "-25"),
            ("1.0381622777538226", "1.0381622777538226"),
            ("436727963.715508123456789", "436727963.715508123456789"),
            ("999999999999999999", "999999999999999999"),
            ("9999999999999999999", "9999999999999999999"),
        ] {
            let number = Number::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(number.decimal(), Decimal::from_str_exact(exact).unwrap(), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_or_cannot_be_kept_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "abc",
            "1.2.3",
            "1_000",
            "nan",
            "inf",
            "1e",
            "e5",
            "1e-40",
            "1e40",
            "0x1",
            " 1",
            "1.23456789012345678901234567890123",
        ] {
            assert_eq!(Number::parse(text.as_bytes()), None, "{text:?}");
        }
    }
}
