//! Numbers as they are written: read without losing a digit, and told as they would be right where they stand with a sign, with
//! their unit or in groups.

use rust_decimal::Decimal;

/// A decimal as it is written, or none when its digits cannot all be kept.
pub(super) fn exact(text: &str) -> Option<Decimal> {
    if text.contains('_') {
        return None;
    }
    match Decimal::from_str_exact(text) {
        Ok(number) => Some(number),
        Err(_) if text.contains(['e', 'E']) => {
            Decimal::from_scientific(text).ok().map(|number| number.normalize())
        }
        Err(_) => None,
    }
}

/// Whether a text is a number that is larger than any that a decimal holds, such as `1e40`.
pub(super) fn is_beyond(text: &str) -> bool {
    let is_written_so = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    is_written_so && text.parse::<f64>().is_ok_and(|number| number.abs() > 1e28)
}

/// What stands before sums of money.
const CURRENCIES: [char; 3] = ['$', '€', '£'];
/// What stands between digits in groups of three.
const BETWEEN_GROUPS: [char; 4] = [',', ' ', '_', '\''];

/// Words for units of time, each with its milliseconds: what is written in one is told in another.
const MEASURES: [(&[&str], Decimal); 5] = [
    (&["ms"], Decimal::ONE),
    (&["s", "sec", "secs", "second", "seconds"], Decimal::ONE_THOUSAND),
    (&["m", "min", "mins", "minute", "minutes"], Decimal::from_parts(60_000, 0, 0, false, 0)),
    (&["h", "hr", "hrs", "hour", "hours"], Decimal::from_parts(3_600_000, 0, 0, false, 0)),
    (&["d", "day", "days"], Decimal::from_parts(86_400_000, 0, 0, false, 0)),
];

/// What to write for a number that stands with a sign, in groups, with a unit or with a comment; `unit` is the one in which it
/// is told, if there is one.
pub(super) fn meant(text: &str, unit: &str) -> Option<String> {
    if let Some((number, comment)) = text.split_once('#') {
        let (number, comment) = (number.trim(), comment.trim());
        exact(number)?;
        let sentence = format!("a space belongs before the '#': write {number} # {comment}");
        return Some(sentence.trim_end().to_owned());
    }
    let bare = text.trim().trim_start_matches(CURRENCIES).trim_start();
    let is_digit = |c: char| c.is_ascii_digit() || "+-.".contains(c) || BETWEEN_GROUPS.contains(&c);
    let end = bare.find(|c| !is_digit(c)).unwrap_or(bare.len());
    let (digits, word) = (bare[..end].trim(), bare[end..].trim());
    let number = exact(&ungrouped(digits))?;
    if let Some(told) = in_unit(number, word, unit) {
        return Some(format!("write {told}: its unit says {unit}"));
    }
    let part = |of: Decimal| (number / of).normalize();
    Some(match word {
        "%" => format!("{number} % is written {}", part(Decimal::ONE_HUNDRED)),
        "bps" | "bp" => format!("{number} bps are written {}", part(Decimal::from(10_000))),
        "" => format!("write {number}"),
        "k" | "K" => format!("write {}", (number * Decimal::ONE_THOUSAND).normalize()),
        "m" | "M" => {
            format!(
                "write {}",
                (number * Decimal::ONE_THOUSAND * Decimal::ONE_THOUSAND).normalize()
            )
        }
        _ => format!("write the number alone: {number}"),
    })
}

/// Digits without what stands between their groups. A comma that parts no groups is a point.
fn ungrouped(digits: &str) -> String {
    let whole = digits.split_once('.').map_or(digits, |(whole, _)| whole);
    let groups: Vec<&str> = whole.trim_start_matches(['+', '-']).split(BETWEEN_GROUPS).collect();
    let are_thousands = match &groups[..] {
        [first, rest @ ..] if !rest.is_empty() && !first.starts_with('0') => {
            rest.iter().all(|group| group.len() == 3)
        }
        _ => false,
    };
    match are_thousands {
        true => digits.replace(BETWEEN_GROUPS, ""),
        false => digits.replace('_', "").replace(',', "."),
    }
}

/// A number with a word for its unit behind it, told in the unit that it has; none where the word is for no unit of its kind.
fn in_unit(number: Decimal, word: &str, unit: &str) -> Option<Decimal> {
    let measure = |word: &str| {
        let found = MEASURES.iter().find(|(words, _)| words.contains(&word));
        found.map(|(_, of)| *of)
    };
    match (word, unit) {
        ("", _) | ("%", "%") => None,
        _ if word == unit => Some(number),
        ("%", "bps") => Some(number * Decimal::ONE_HUNDRED),
        _ => {
            let told = number.checked_mul(measure(word)?)?.checked_div(measure(unit)?)?;
            Some(told.round_dp(6).normalize())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_its_unit_is_told_as_it_is_written() {
        for (text, told) in [
            ("8%", "8 % is written 0.08"),
            ("0.5 %", "0.5 % is written 0.005"),
            ("10bps", "10 bps are written 0.001"),
            ("0,02", "write 0.02"),
            ("0,125", "write 0.125"),
            ("1,000,000", "write 1000000"),
            ("1_000", "write 1000"),
            ("1 000", "write 1000"),
            ("12 500.5", "write 12500.5"),
            ("1,000.50", "write 1000.50"),
            ("100'000", "write 100000"),
            ("-1,000", "write -1000"),
            ("-0,125", "write -0.125"),
            ("$100", "write 100"),
            ("$ 1 000", "write 1000"),
            ("100 €", "write the number alone: 100"),
            ("1 000 USDT", "write the number alone: 1000"),
            ("3 days", "write the number alone: 3"),
            ("48# two days", "a space belongs before the '#': write 48 # two days"),
        ] {
            assert_eq!(meant(text, "").as_deref(), Some(told), "{text}");
        }
        for text in ["much", "1.2.3", "1 2", "$", "issue#5", "2024-01-01", "1.000,50"] {
            assert_eq!(meant(text, ""), None, "{text}");
        }
    }

    #[test]
    fn a_number_that_no_decimal_holds_is_one_all_the_same() {
        let long = "1".repeat(41);
        assert!(["1e40", "-1E+40", &long].iter().all(|text| is_beyond(text)));
        assert!(!["1e15", "1e", "inf", "12 USDT"].iter().any(|text| is_beyond(text)));
    }

    #[test]
    fn a_number_with_a_word_for_another_unit_is_told_in_its_own() {
        for (text, unit, told) in [
            ("48h", "hours", "write 48: its unit says hours"),
            ("48 hours", "hours", "write 48: its unit says hours"),
            ("2 days", "hours", "write 48: its unit says hours"),
            ("90m", "minutes", "write 90: its unit says minutes"),
            ("90m", "hours", "write 1.5: its unit says hours"),
            ("50bps", "bps", "write 50: its unit says bps"),
            ("5 USDT", "USDT", "write 5: its unit says USDT"),
            ("5 %", "fraction", "5 % is written 0.05"),
            ("5 %", "bps", "write 500: its unit says bps"),
            ("20 minutes", "hours", "write 0.333333: its unit says hours"),
            ("20 times", "hours", "write the number alone: 20"),
        ] {
            assert_eq!(meant(text, unit).as_deref(), Some(told), "{text} in {unit}");
        }
    }
}
