//! Numbers of different units that are added, compared, or handed to what counts something else.

use super::super::Of;
use super::super::facts::{Fact, Place, What};
use super::super::measures;
use super::super::types::{Object, Type};
use super::super::unit::{Base, Unit};
use super::{Lint, Report, called};
use crate::types::Universe;

pub(in crate::script::check) const LINT: Lint =
    Lint::error("units", "numbers of different units that are added, compared or handed on");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    // A test computes what it expects in whatever way is plain.
    if report.of == Of::Tests {
        return;
    }
    match &fact.what {
        What::Operator { op, left, right, .. } => {
            let is_ordering = ["<", "<=", ">", ">="].contains(op);
            if is_ordering || ["==", "!=", "+", "-", "%"].contains(op) {
                between(fact.place, op, left.kept(), right.kept(), report);
            }
        }
        What::Call { .. } | What::Method { .. } => arguments(fact, report),
        _ => {}
    }
}

fn between(place: Place, op: &str, left: &Type, right: &Type, report: &mut Report<'_>) {
    let (Some(a), Some(b)) = (left.unit(), right.unit()) else { return };
    if a == b {
        return;
    }
    let universe = &*report.setup.universe;
    let (left, right) = (a.name(universe), b.name(universe));
    let message = format!("{op} between {left} and {right}");
    let help = help(a, b);
    report.tell(LINT, place, message, Some(help));
}

fn help(a: &Unit, b: &Unit) -> String {
    let is = |base: Base| a.base() == Some(base) || b.base() == Some(base);
    if is(Base::Ms) && (is(Base::Hour) || is(Base::Second)) {
        return "an hour has 3600000 ms, a second 1000".to_owned();
    }
    "bring both to one unit: a price turns coins into quote, a rate a token into its base"
        .to_owned()
}

fn arguments(fact: &Fact, report: &mut Report<'_>) {
    let Some((entry, subject, given)) = called(fact, report.entries) else { return };
    let universe = &*report.setup.universe;
    if ["min", "max", "clamp", "floor_to", "round_to"].contains(&entry.name) {
        let mut known = given.iter().filter(|given| given.of.kept().unit().is_some());
        if let Some(first) = known.next() {
            for other in known {
                let place = Place { at: other.at, ..fact.place };
                between(place, entry.name, first.of.kept(), other.of.kept(), report);
            }
        }
        return;
    }
    for (param, one) in entry.params.iter().zip(given) {
        let found = match one.of.kept() {
            Type::Measure(unit, _) => unit.clone(),
            Type::Host(Object::Amount(Some(token))) => Unit::token(universe, *token),
            _ => continue,
        };
        if let Some((from, help)) = wrapped(entry.name, &one.of, universe) {
            let place = Place { at: one.at, ..fact.place };
            let message = format!("{} of {from}", entry.name);
            report.tell(LINT, place, message, Some(help.to_owned()));
            continue;
        }
        let wanted = measures::wanted(entry, param, subject, given, report.setup);
        if let Some(wanted) = wanted.filter(|wanted| *wanted != found) {
            let place = Place { at: one.at, ..fact.place };
            let (wanted, found) = (wanted.name(universe), found.name(universe));
            let message = format!("{} of {} counts {wanted}, not {found}", param.name, entry.name);
            let help = format!("it is called as {}", entry.signature());
            report.tell(LINT, place, message, Some(help));
        }
    }
}

/// ETH and WETH are one for one, but wrapping takes the one and unwrapping the other.
fn wrapped<'u>(name: &str, of: &Type, universe: &'u Universe) -> Option<(&'u str, &'static str)> {
    let Type::Host(Object::Amount(Some(token))) = of else { return None };
    let token = &**universe.token(*token);
    match (name, token) {
        ("wrap", "WETH") => Some((token, "WETH is made of ETH by wrap, and ETH of WETH by unwrap")),
        ("unwrap", "ETH") => {
            Some((token, "ETH is made of WETH by unwrap, and WETH of ETH by wrap"))
        }
        _ => None,
    }
}
