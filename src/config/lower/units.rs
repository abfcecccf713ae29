//! The unit of a parameter: by its words `basis check` knows what the number counts, so a word that nobody knows is refused.

use crate::types::Universe;

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

/// Tells a unit that is none.
pub(super) fn check(place: &Section<'_>, universe: &Universe) {
    let Some(unit) = place.optional_text() else { return };
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
