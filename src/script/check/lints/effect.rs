//! What does nothing: a value that is made and dropped, both sides the same, times one, an empty block.

use super::super::facts::{Fact, What};
use super::super::types::{Object, Type};
use super::{Lint, Report};

pub(in crate::script::check) const NO_EFFECT: Lint = Lint::warning(
    "no-effect",
    "something that changes nothing: a dropped value, an empty block, * 1",
);
pub(in crate::script::check) const SAME: Lint =
    Lint::warning("same-sides", "two sides, or two blocks, that are the same words");
pub(in crate::script::check) const LOOP: Lint =
    Lint::warning("endless-loop", "a part of a loop's condition that the loop does not change");

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    match &fact.what {
        What::Dropped { of, is_pure: true } => {
            let is_told = match of {
                Type::Any | Type::Never | Type::Unit => true,
                Type::Host(Object::Order(_) | Object::Group | Object::Decision) => true,
                Type::Host(Object::World | Object::Step | Object::Ctx) => true,
                Type::Optional(of) => matches!(**of, Type::Host(_) | Type::Any),
                _ => false,
            };
            if !is_told {
                let message = format!("this is {}, and nobody takes it", of.name());
                let help = "return it, keep it in a variable, or take it out".to_owned();
                report.tell(NO_EFFECT, fact.place, message, Some(help));
            }
        }
        What::TimesOne { name } => {
            let message = format!("{name} is 1: all of it, where a part is meant");
            let help = "a percent is 0.01, a basis point 0.0001".to_owned();
            report.tell(NO_EFFECT, fact.place, message, Some(help));
        }
        What::Empty => {
            let help = "do something in it, or take it out".to_owned();
            report.tell(NO_EFFECT, fact.place, "this if does nothing", Some(help));
        }
        What::EmptyBraces => {
            let help = "a map is #{}, a list []".to_owned();
            report.tell(NO_EFFECT, fact.place, "braces alone are an empty block", Some(help));
        }
        What::Operator { op, left, right, literal: true } => {
            nothing_done(fact, op, left, right, report)
        }
        What::Same { op } if ["+", "*", "&", "|"].contains(op) => {}
        What::Same { op } => {
            let message = format!("both sides of {op} are the same");
            let help = "one of them is meant to be something else".to_owned();
            report.tell(SAME, fact.place, message, Some(help));
        }
        What::SameBlocks => {
            let help = "one of them is meant to be something else".to_owned();
            report.tell(SAME, fact.place, "both ways of this if do the same", Some(help));
        }
        What::Invariant => {
            let help = "change what it asks for inside of the loop".to_owned();
            report.tell(LOOP, fact.place, "nothing in the loop changes this", Some(help));
        }
        _ => {}
    }
}

/// Times one, plus nothing: also what 100 % looks like where 1 % is meant.
fn nothing_done(fact: &Fact, op: &str, left: &Type, right: &Type, report: &mut Report<'_>) {
    let is = |of: &Type, number: i64| matches!(of, Type::Fixed(it, _) if *it == number.into());
    let is_fixed = |of: &Type| matches!(of, Type::Fixed(..));
    if is_fixed(left) && is_fixed(right) {
        return;
    }
    let what = match op {
        "*" if is(left, 1) || is(right, 1) => "times one",
        "/" if is(right, 1) => "over one",
        "*" if is(left, 0) || is(right, 0) => "times nothing",
        "+" | "-" if is(right, 0) || op == "+" && is(left, 0) => "plus or minus nothing",
        _ => return,
    };
    // A decimal is made of a whole number by 1.0 * x and 0.0 + x.
    let (number, of) = if is_fixed(left) { (left, right) } else { (right, left) };
    let is_cast = number.is_decimal() && of.is_whole();
    if !is_cast {
        let help = "take it out, or write the number that is meant; a percent is 0.01".to_owned();
        report.tell(NO_EFFECT, fact.place, format!("{what} changes nothing"), Some(help));
    }
}
