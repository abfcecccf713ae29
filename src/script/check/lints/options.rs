//! Options that a host function does not have, and values that they do not take.

use rust_decimal::Decimal;

use super::super::facts::{Fact, Place, What};
use super::super::types::{Fields, Type};
use super::{Lint, Report, called};
use crate::script::api::Kind;
use crate::script::fault::nearest;

pub(in crate::script::check) const LINT: Lint = Lint::error(
    "bad-option",
    "an option that a function does not have, or a value it does not take",
);

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    if !matches!(fact.what, What::Call { .. }) {
        return;
    }
    let Some((entry, _, given)) = called(fact, report.entries) else { return };
    for (param, one) in entry.params.iter().zip(given) {
        let (Kind::Options, Type::Map(fields)) = (param.kind, &one.of) else { continue };
        let place = Place { at: one.at, ..fact.place };
        let known = names(param.unit);
        for (name, of) in &fields.known {
            if let Some((message, help)) = wrong(entry.name, &known, name, of) {
                report.tell(LINT, place, message, Some(help));
            }
        }
        if let Some(message) = contradiction(fields) {
            let help = "a long position takes profit above its stop, a short one below".to_owned();
            report.tell(LINT, place, message, Some(help));
        }
    }
}

/// The names in `#{ limit, slippage_bps }` and in `#{ on_leg_failure: … }`.
fn names(unit: &'static str) -> Vec<&'static str> {
    let inside = unit.trim_start_matches("#{").trim_end_matches('}');
    inside.split(',').filter_map(|part| part.split(':').next()).map(str::trim).collect()
}

fn wrong(called: &str, known: &[&str], name: &str, of: &Type) -> Option<(String, String)> {
    if !known.contains(&name) {
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("it has {}", known.join(", ")),
        };
        return Some((format!("{called} has no option '{name}'"), help));
    }
    let of = match of {
        Type::Any | Type::Never | Type::Unit | Type::Stored(_) => return None,
        Type::Optional(of) => of,
        of => of,
    };
    let told = |wanted: &str| {
        Some((format!("{name} of {called} must be {wanted}, not {}", of.name()), String::new()))
    };
    match name {
        "reduce_only" if !matches!(of, Type::Bool | Type::Any) => {
            return told("true or false").map(|(text, _)| (text, "write true".to_owned()));
        }
        "on_leg_failure" => {
            let Type::Text(texts) = of else {
                return told("a text").map(|(text, _)| (text, "\"complete\" or \"unwind\"".into()));
            };
            let unknown = texts.are_known()
                && !texts.all().any(|text| ["complete", "unwind"].contains(&text));
            return unknown.then(|| {
                let message = "on_leg_failure is one of \"complete\" and \"unwind\"".to_owned();
                (message, "complete is what happens without it".to_owned())
            });
        }
        "limit" | "slippage_bps" | "take_profit" | "stop_loss"
            if !of.is_number() && *of != Type::Any =>
        {
            return told("a number")
                .map(|(text, _)| (text, "leave it out, or give a number".into()));
        }
        _ => {}
    }
    let Type::Fixed(number, _) = *of else { return None };
    let is_share = number > Decimal::ZERO && number < Decimal::new(5, 1);
    let is_all = number < Decimal::ZERO || number >= Decimal::from(5_000);
    match name {
        "slippage_bps" if is_share || is_all => Some((
            format!("slippage_bps is {number}"),
            "it is counted in basis points: 30 is 0.3 %".to_owned(),
        )),
        "limit" | "take_profit" | "stop_loss" if number <= Decimal::ZERO => {
            Some((format!("{name} is {number}"), "a price is above 0".to_owned()))
        }
        _ => None,
    }
}

/// A stop and a target at one price.
fn contradiction(fields: &Fields) -> Option<String> {
    match (fields.known.get("take_profit")?, fields.known.get("stop_loss")?) {
        (Type::Fixed(a, _), Type::Fixed(b, _)) if a == b => {
            Some(format!("take_profit and stop_loss are both {a}"))
        }
        _ => None,
    }
}
