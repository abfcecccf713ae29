//! What a test holds against each other by `assert_eq` and `assert_ne`: words of a list, and maps by key.

use super::super::facts::{Fact, Given, Place, What};
use super::super::names::NAME;
use super::super::types::{Fields, Type};
use super::{Report, TYPE, wording};
use crate::script::host;

/// The two sides, where a fact is such a call.
pub(super) fn sides(fact: &Fact) -> Option<[&Given; 2]> {
    match &fact.what {
        What::Call { module: None, name, given, .. }
            if ["assert_eq", "assert_ne"].contains(&name.as_str()) =>
        {
            let [left, right, ..] = &given[..] else { return None };
            Some([left, right])
        }
        _ => None,
    }
}

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if let What::Call { module: None, name, given, .. } = &fact.what
        && name == "assert"
        && let Some(condition) = given.first()
        && !matches!(condition.of, Type::Bool | Type::Any | Type::Never | Type::Stored(_))
    {
        let place = Place { at: condition.at, ..fact.place };
        let message = format!("assert takes true or false, and this is {}", condition.of.name());
        let help = "write assert_eq(left, right), or assert_contains(whole, part)".to_owned();
        return report.tell(TYPE, place, message, Some(help));
    }
    let Some([left, right]) = sides(fact) else { return };
    for (one, other) in [(left, right), (right, left)] {
        let place = Place { at: other.at, ..fact.place };
        match (&one.of, &other.of) {
            (Type::Text(one), Type::Text(other)) => wording::compared(place, one, other, report),
            (Type::Map(one), Type::Map(other)) => keys(place, one, other, report),
            _ => {}
        }
    }
}

/// A map of everything that lies at keys has no other names than those.
fn keys(place: Place, by_key: &Fields, with: &Fields, report: &mut Report<'_>) {
    let universe = &report.setup.universe;
    let is_by_key = by_key.is_closed
        && by_key.known.len() == universe.instruments().len()
        && by_key.known.keys().all(|name| universe.key_named(name).is_some());
    if !is_by_key {
        return;
    }
    let unknown = with.known.keys().find_map(|name| host::key(universe, name).err());
    if let Some(error) = unknown {
        report.tell(NAME, place, error.message, error.help);
    }
}
