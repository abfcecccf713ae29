//! Calls of a script's own functions and of modules: each argument by what the function does with it.

use super::super::facts::{Fact, What};
use super::super::known::{unknown, unknown_partial};
use super::super::names::NAME;
use super::super::texts::is_partial;
use super::super::types::Type;
use super::arguments::LINT as WRONG;
use super::{CHOICE, Lint, Report, UNITS};
use crate::script::api::either;
use crate::script::fault::nearest;

pub(in crate::script::check) const SWAPPED: Lint =
    Lint::error("swapped-arguments", "an argument that has the name of another parameter");
pub(in crate::script::check) const NOTHING: Lint =
    Lint::error("nothing-given", "a function that gives nothing, where something is wanted");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    match &fact.what {
        What::Unmet { called, param, wanted, of } => {
            let message =
                format!("{param} of {called} must be {wanted}, and this is {}", of.name());
            let help = format!("see what fn {called} does with {param}");
            report.tell(WRONG, fact.place, message, Some(help));
        }
        What::Lacks { called, param, field, near } => {
            let message = format!("{called} reads {field} of {param}, which has {near}");
            let help = Some(format!("call it {field}, where it is made and where it is read"));
            report.tell(super::MEMBER, fact.place, message, help);
        }
        What::Named { kind, of: Type::Text(texts) } => {
            let mut errors = texts.all().map(|text| match is_partial(text) {
                true => unknown_partial(report.setup, *kind, text),
                false => unknown(report.setup, *kind, text),
            });
            let first = errors.next().flatten();
            if let Some(error) = first.filter(|_| errors.all(|error| error.is_some())) {
                report.tell(NAME, fact.place, error.message, error.help);
            }
        }
        What::Exchanged { called, first, second } => {
            let message = format!("{first} stands where {called} does not want its {first}");
            let help = match second.is_empty() {
                true => format!("look at the order of the parameters of fn {called}"),
                false => format!("{first} and {second} may be exchanged: look at fn {called}"),
            };
            report.tell(SWAPPED, fact.place, message, Some(help));
        }
        What::Misspelt { word, known, is_refused } if !known.contains(word) => {
            let words: Vec<&str> = known.iter().map(String::as_str).collect();
            let help = match nearest(word, words.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None if *is_refused => format!("it is {}", either(&words)),
                // A word that is like none of them is one that the function treats as any other.
                None => return,
            };
            let message = format!("nothing here knows \"{word}\"");
            report.tell(CHOICE, fact.place, message, Some(help));
        }
        What::MaybeGiven { called, param, of } => {
            let message = format!("{param} of {called} is {}", of.name());
            let help = "ask before whether it is ()".to_owned();
            report.tell(super::NOTHING, fact.place, message, Some(help));
        }
        What::QuoteForCoins { called, param } => {
            let message = format!("{param} of {called} counts coins, and this is in the quote");
            let help = "divide by the price: so much quote is so many coins".to_owned();
            report.tell(UNITS, fact.place, message, Some(help));
        }
        What::NoQuantity { called, param, of } => {
            if let Some(unit) = of.kept().unit().filter(|unit| !unit.is_quantity()) {
                let unit = unit.name(&report.setup.universe);
                let message = format!("{param} of {called} is a quantity of an order, not {unit}");
                let help = "an order counts coins or tokens".to_owned();
                report.tell(UNITS, fact.place, message, Some(help));
            }
        }
        What::NothingTaken { name } => {
            let message = format!("{name} gives nothing, and something is wanted here");
            let is_own = report.functions.iter().any(|(own, _)| own == name);
            let help = match is_own {
                true => format!("let fn {name} end with what it is to give, or call it by itself"),
                false => {
                    format!("{name} changes what it is called on: call it by itself, and use that")
                }
            };
            report.tell(NOTHING, fact.place, message, Some(help));
        }
        _ => {}
    }
}
