//! Numbers and times as people read them.

use rust_decimal::prelude::ToPrimitive;

use crate::types::{Timestamp, Value};

/// `2024-06-01 00:00`, UTC.
pub(super) fn minute(at: Timestamp) -> String {
    at.to_string()[..16].replace('T', " ")
}

/// So many places, rounded as a bank does, and thousands apart.
pub(super) fn money_of(value: Value, places: u32) -> String {
    // Formatting a decimal cuts its places off, so it is rounded first.
    let mut rounded = value.get().round_dp(places);
    if rounded.is_zero() {
        rounded.set_sign_positive(true);
    }
    let text = format!("{:.*}", places as usize, rounded);
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    match digits.split_once('.') {
        Some((whole, cents)) => format!("{sign}{}.{cents}", spaced(whole)),
        None => format!("{sign}{}", spaced(digits)),
    }
}

/// What the causes do not explain, as a part of a capital: its power of ten, rounded up, or 0.
pub(super) fn power_of_ten(residual: Value, capital: Value) -> String {
    // The quotient may have more places than a decimal holds.
    let number = |value: Value| value.get().abs().to_f64().unwrap_or_default();
    let part = number(residual) / number(capital);
    if part > 0.0 { format!("1e{}", part.log10().ceil()) } else { "0".to_owned() }
}

/// A whole number, thousands apart.
pub(super) fn grouped(n: u64) -> String {
    spaced(&n.to_string())
}

fn spaced(digits: &str) -> String {
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(money_of(Value::new("-1234567.891".parse().unwrap()), 2), "-1 234 567.89");
        assert_eq!(money_of(Value::new("0.4".parse().unwrap()), 6), "0.400000");
        assert_eq!(grouped(8760), "8 760");
        let of =
            |text: &str| power_of_ten(Value::new(text.parse().unwrap()), Value::new(100.into()));
        assert_eq!([of("0.0002"), of("-0.00009"), of("0")], ["1e-5", "1e-6", "0"]);
        assert_eq!(of("0.000000000000000000000000003"), "1e-28");
    }

    #[test]
    fn cents_are_rounded_and_not_cut_off() {
        let money = |text: &str| money_of(Value::new(text.parse().unwrap()), 2);
        assert_eq!(money("-614.35602302"), "-614.36");
        assert_eq!(money("99999.999"), "100 000.00");
        assert_eq!(money("-0.001"), "0.00");
        assert_eq!(money("-0"), "0.00");
    }
}
