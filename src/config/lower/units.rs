//! The unit of a parameter: by its words `basis check` knows what the number counts, so a word that nobody knows is refused.

use rust_decimal::Decimal;

use crate::types::{Code, Universe};

use super::super::faults::Fault;
use super::super::numbers::exact;
use super::super::section::Section;

/// Units by themselves; a token of the run is one more.
pub(in crate::config) const UNITS: [&str; 14] = [
    "hours",
    "days",
    "minutes",
    "seconds",
    "ms",
    "steps",
    "fraction",
    "bps",
    "a year",
    "per 8 h",
    "debt over collateral",
    "gwei",
    "coins",
    "share class",
];

/// Other words for some of them.
const SYNONYMS: [&str; 5] = ["h", "s", "per year", "fraction a year", "fraction per 8 h"];

/// What fractions of something begin with, and what stands between the two units of a price.
const PARTS: [&str; 3] = ["of ", "share of ", "fraction of "];
const PER: &str = " per ";

/// What is told in hundredths elsewhere is a fraction here.
const PERCENT: [&str; 3] = ["%", "percent", "pct"];

/// Tells a parameter's unit that is none.
pub(super) fn check(parameter: &Section<'_>, universe: &Universe) {
    let place = parameter.at("unit");
    let Some(unit) = place.optional_text() else { return };
    if PERCENT.contains(&unit) {
        let value = parameter.at("value").optional_text().and_then(exact);
        let percent = value.unwrap_or(Decimal::TWO).normalize();
        let part = (percent / Decimal::ONE_HUNDRED).normalize();
        let fault = Fault::new(Code::Config003, format!("'{unit}' is no unit"));
        return place.tell(fault.suggest(format!("write fraction, and {percent} % as {part}")));
    }
    let is_part = PARTS.iter().any(|start| unit.starts_with(start));
    let is_token = universe.token_named(unit).is_some();
    let is_word = UNITS.contains(&unit) || SYNONYMS.contains(&unit);
    if is_part || is_token || is_word || unit.contains(PER) {
        return;
    }
    let expected = format!(
        "a unit is expected ({}, a token, 'of …' for a part of something, '… per …')",
        UNITS.join(", ")
    );
    place.unknown(unit, &expected, &UNITS);
}
