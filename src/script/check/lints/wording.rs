//! Texts that stand in the script: one of a list that is not on it, a number or a variable in quotes, an empty reason.

use super::super::Of;
use super::super::facts::{Fact, Given, Place, What};
use super::super::texts::Texts;
use super::super::types::Type;
use super::{Lint, Report, called};
use crate::script::fault::nearest;
use crate::types::{Limit, PositionType};

pub(in crate::script::check) const CHOICE: Lint = Lint::error(
    "unknown-choice",
    "a word that is none of those that it is compared with or may be",
);
pub(in crate::script::check) const QUOTED: Lint =
    Lint::warning("quoted-code", "a number, or something of a variable, in quotes");
pub(in crate::script::check) const REASON: Lint =
    Lint::warning("no-reason", "a decision or log without a word");
pub(in crate::script::check) const PLAN: Lint =
    Lint::error("empty-plan", "a plan or group without an order");

/// So many choices are named beside the one that may be meant.
const LISTED_MAX: usize = 8;

/// What `type_of` gives.
const TYPES: [&str; 11] =
    ["()", "bool", "i64", "decimal", "string", "char", "array", "map", "Fn", "range", "range="];

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    match &fact.what {
        What::Operator { op, left: Type::Text(left), right: Type::Text(right), .. }
            if ["==", "!="].contains(op) =>
        {
            compared(fact.place, left, right, report);
            compared(fact.place, right, left, report);
        }
        // What a test expects of a text may be a number or have a point in it.
        What::Literal { text, .. } if report.of == Of::Tests && !text.contains("${") => {}
        What::Literal { text, is_name } => quoted(fact, text, *is_name, report),
        What::QuotedVariable { name } => {
            let message = format!("\"{name}\" is a text, whatever {name} is");
            let help = format!("write [{name}] for what it names");
            report.tell(QUOTED, fact.place, message, Some(help));
        }
        What::Call { .. } | What::Method { .. } => arguments(fact, report),
        _ => {}
    }
}

/// A word that is held against what a text can be.
pub(super) fn compared(place: Place, of: &Texts, with: &Texts, report: &mut Report<'_>) {
    let Some(word) = with.single().filter(|_| with.choices().is_none()) else { return };
    let known: Vec<&str> = match of.choices() {
        // What type_of gives is looked at by itself.
        Some([first]) if first == "()" => return,
        Some(choices) => choices.iter().map(String::as_str).collect(),
        // What callers give may be only a part of what a module is for: a word that is near to one of them is misspelt.
        None if of.are_known() => {
            let known: Vec<&str> = of.all().collect();
            match nearest(word, known.iter().copied()) {
                Some(near) if near != word && !known.contains(&word) && word.len() > 2 => known,
                _ => return,
            }
        }
        None => return,
    };
    if !known.contains(&word) {
        tell(place, word, &known, report);
    }
}

fn tell(place: Place, word: &str, known: &[&str], report: &mut Report<'_>) {
    // Who asks for a limit may know it by the key that sets it.
    let of_setting = || Limit::of_setting(word).map(Limit::text).filter(|it| known.contains(it));
    let help = match of_setting().or_else(|| nearest(word, known.iter().copied())) {
        Some(near) if known.len() <= LISTED_MAX => {
            format!("did you mean \"{near}\"? it is one of {}", known.join(", "))
        }
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("it is one of {}", known.join(", ")),
    };
    report.tell(CHOICE, place, format!("it is never \"{word}\""), Some(help));
}

/// A number in quotes, or `state.debt`.
fn quoted(fact: &Fact, text: &str, is_name: bool, report: &mut Report<'_>) {
    if text.contains("${") && text.contains('}') {
        let help = "a text with values in it stands in backticks: `${x} of ${y}`".to_owned();
        return report.tell(QUOTED, fact.place, "${ is not filled in double quotes", Some(help));
    }
    if let ([year, month, day], true) = (&text.split('-').collect::<Vec<_>>()[..], text.len() >= 8)
        && [year, month, day].iter().all(|part| part.parse::<u32>().is_ok())
    {
        let message = format!("\"{text}\" is a text, not a time");
        let help = "times are in ms since 1970: an hour has 3600000 ms, a day 86400000".to_owned();
        return report.tell(QUOTED, fact.place, message, Some(help));
    }
    if let Some(kind) = text.strip_prefix(':').and_then(|rest| rest.strip_suffix(':'))
        && PositionType::ALL.iter().all(|known| known.text() != kind)
        && !kind.contains(':')
    {
        let known: Vec<&str> = PositionType::ALL.iter().map(|known| known.text()).collect();
        let message = format!("no key has {text} in its middle");
        let help = format!("it is one of {}", known.join(", "));
        return report.tell(CHOICE, fact.place, message, Some(help));
    }
    let is_number = text.contains(|c: char| c.is_ascii_digit())
        && text.replace('_', "").parse::<rust_decimal::Decimal>().is_ok()
        && !text.starts_with('_');
    let is_member = is_name
        && text.contains('.')
        && !text.ends_with('.')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.".contains(&b));
    if is_number || is_member {
        let help = format!("write {text} without quotes");
        report.tell(QUOTED, fact.place, format!("\"{text}\" is a text"), Some(help));
    }
}

fn arguments(fact: &Fact, report: &mut Report<'_>) {
    let Some((entry, _, given)) = called(fact, report.entries) else { return };
    for (param, one) in entry.params.iter().zip(given) {
        let place = Place { at: one.at, ..fact.place };
        match (&one.of, param.name) {
            (Type::Text(texts), _) if !param.choices.is_empty() => {
                let single = texts.single().map(|word| (word, place));
                for (word, place) in single.into_iter().chain(texts.surely()) {
                    if !param.choices.contains(&word) {
                        tell(place, word, param.choices, report);
                    }
                }
            }

            (Type::Text(texts), "reason" | "message")
                if texts.single().is_some_and(|text| text.trim().is_empty()) =>
            {
                let message = format!("{} of {} is empty", param.name, entry.name);
                let help = "say why: it stands in the log and in the results".to_owned();
                report.tell(REASON, place, message, Some(help));
            }
            // A test may send what is refused.
            (Type::List(of), "plan" | "orders")
                if report.of != Of::Tests && **of == Type::Never && is_literal(given) =>
            {
                let message = format!("{} of {} is empty", param.name, entry.name);
                let help = "answer hold(reason) when there is nothing to do".to_owned();
                report.tell(PLAN, place, message, Some(help));
            }
            _ => {}
        }
    }
}

/// A list that is empty where it stands; one in a variable may be filled in ways that are not followed.
fn is_literal(given: &[Given]) -> bool {
    given.last().is_some_and(|given| given.name.is_none())
}

/// What is compared with what `type_of` gives.
pub(super) fn type_names(fact: &Fact, report: &mut Report<'_>) {
    let What::Operator {
        op: "==" | "!=", left: Type::Text(left), right: Type::Text(right), ..
    } = &fact.what
    else {
        return;
    };
    for (of, with) in [(left, right), (right, left)] {
        let is_type =
            of.choices().is_some_and(|choices| choices.first().map(String::as_str) == Some("()"));
        if is_type
            && let Some(word) = with.single()
            && !TYPES.contains(&word)
        {
            tell(fact.place, word, &TYPES, report);
        }
    }
}
