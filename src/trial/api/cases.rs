//! `check_all(seed, n, |draw| …)`: a property that must hold for many cases, drawn from a seed; the smallest that fails is told.

use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::{Array, Dynamic, EvalAltResult, FnPtr, NativeCallContext};
use rust_decimal::Decimal;

use crate::script::api::{Api, Entry, Kind, Owner, Param};
use crate::script::host::{self, Answer, HostError};
use crate::types::Code;

use crate::trial::draws::{Draws, shrunk};

use super::assertions::shown;
use super::{Props, placed};

/// How often a failing case is tried smaller.
const TRIES_MAX: usize = 200;

/// The most draws of a case that are told.
const DRAWS_TOLD_MAX: usize = 20;

const SEED: Param = Param::new("seed", Kind::Number, "whole number");
const CASES: Param = Param::new("n", Kind::Number, "how many cases");
const PROPERTY: Param = Param::new("property", Kind::Function, "|draw| …");
const LOW: Param = Param::new("low", Kind::Number, "the least");
const HIGH: Param = Param::new("high", Kind::Number, "the most");
const PLACES: Param = Param::new("places", Kind::Number, "places after the point");
const LIST: Param = Param::new("list", Kind::Any, "a list");

/// A case as a property holds it.
#[derive(Clone)]
struct Case(Arc<Mutex<Draws>>);

impl Case {
    fn draws(&self) -> MutexGuard<'_, Draws> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what came of a draw, and where it stands.
    fn say(&self, call: &NativeCallContext, asked: &str, drawn: impl Display) {
        let line = call.call_position().line().unwrap_or_default();
        self.draws().say(format!("line {line}: draw.{asked} = {drawn}"));
    }
}

pub(super) fn register(api: &mut Api) {
    let entry = Entry::call(
        Owner::Global,
        "check_all",
        &[SEED, CASES, PROPERTY],
        "()",
        "Fails when a property fails for one of n cases; tells the smallest case that was found to fail.",
    );
    api.add(entry, |call: NativeCallContext, seed: i64, cases: i64, property: FnPtr| {
        check_all(&call, seed, cases, &property)
    });
    let draw = |name, params, returns, doc| Entry::call(Owner::Case, name, params, returns, doc);
    api.add(
        draw("integer", &[LOW, HIGH], "integer", "A whole number from low to high, both included.")
            .fails("`high` is below `low`"),
        |call: NativeCallContext, case: Case, low: i64, high: i64| {
            placed(&call, integer(&call, &case, low, high))
        },
    );
    api.add(
        draw(
            "decimal",
            &[LOW, HIGH, PLACES],
            "number",
            "A number from low to high with so many places.",
        )
        .fails("`high` is below `low`"),
        |call: NativeCallContext, case: Case, low: Dynamic, high: Dynamic, places: i64| {
            placed(&call, decimal(&call, &case, &low, &high, places))
        },
    );
    api.add(draw("flag", &[], "bool", "True or false."), |call: NativeCallContext, case: Case| {
        let drawn = case.draws().draw(1) == 1;
        case.say(&call, "flag()", drawn);
        drawn
    });
    api.add(
        draw("pick", &[LIST], "one of the list", "One of a list.").fails("`list` is empty"),
        |call: NativeCallContext, case: Case, list: Array| placed(&call, pick(&call, &case, list)),
    );
    api.name_type::<Case>("Draw", Owner::Case);
}

fn integer(call: &NativeCallContext, case: &Case, low: i64, high: i64) -> Result<i64, HostError> {
    let span = high.checked_sub(low).and_then(|span| u64::try_from(span).ok());
    let span = span.ok_or_else(|| wrong(format!("{low} to {high} is no range")))?;
    let drawn = low.wrapping_add_unsigned(case.draws().draw(span));
    case.say(call, &format!("integer({low}, {high})"), drawn);
    Ok(drawn)
}

fn decimal(
    call: &NativeCallContext,
    case: &Case,
    low: &Dynamic,
    high: &Dynamic,
    places: i64,
) -> Result<Decimal, HostError> {
    let (low, high) = (host::number("low", low)?, host::number("high", high)?);
    let places = u32::try_from(places).ok().filter(|places| *places <= 12);
    let places = places.ok_or_else(|| wrong("places lie between 0 and 12".to_owned()))?;
    let unit = Decimal::new(1, places);
    let span = u64::try_from(((high - low) / unit).trunc());
    let span = span.map_err(|_| wrong(format!("{low} to {high} is no range")))?;
    let drawn = low + Decimal::from(case.draws().draw(span)) * unit;
    case.say(call, &format!("decimal({low}, {high}, {places})"), drawn.normalize());
    Ok(drawn)
}

fn pick(call: &NativeCallContext, case: &Case, list: Array) -> Result<Dynamic, HostError> {
    let last = (list.len() as u64).checked_sub(1);
    let last = last.ok_or_else(|| wrong("the list is empty".to_owned()))?;
    let many = list.len();
    let index = case.draws().draw(last) as usize;
    let drawn = list.into_iter().nth(index).unwrap_or(Dynamic::UNIT);
    case.say(call, &format!("pick(one of {many})"), shown(&drawn));
    Ok(drawn)
}

fn wrong(message: String) -> HostError {
    HostError::new(Code::Test001, message)
}

fn check_all(call: &NativeCallContext, seed: i64, cases: i64, property: &FnPtr) -> Answer<()> {
    let (_, props) = Props::of(call).map_err(|error| error.at(call))?;
    if !(1..=100_000).contains(&cases) {
        return placed(call, Err(wrong(format!("{cases} cases: between 1 and 100 000"))));
    }
    for number in 0..cases {
        let seeded =
            Draws::seeded(seed as u64 ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (draws, failed) = tried(call, &props, property, seeded);
        let Err(error) = failed else {
            // What goes wrong in a case may not; another case has other worlds.
            props.worlds.lock().unwrap_or_else(PoisonError::into_inner).clear();
            continue;
        };
        let mut worst = (draws, error);
        let mut is_smaller = false;
        shrunk(worst.0.clone(), TRIES_MAX, |candidate| {
            let (draws, failed) = tried(call, &props, property, candidate);
            let error = failed.err()?;
            worst = (draws.clone(), error);
            is_smaller = true;
            Some(draws)
        });
        let (draws, error) = worst;
        let head = format!("case {} of {cases} with seed {seed}", number + 1);
        let told = in_words(&head, draws.said(), is_smaller);
        *props.drawn.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
        return Err(error);
    }
    Ok(())
}

/// A case that fails, with what it drew.
fn in_words(head: &str, said: &[String], is_smaller: bool) -> String {
    let how = match (said, is_smaller) {
        ([], _) => return format!("{head}; it draws nothing, so every case is this one"),
        (_, true) => ", made as small as it still fails",
        (_, false) => "; nothing smaller was found to fail",
    };
    let mut told = format!("{head}{how}:");
    for draw in said.iter().take(DRAWS_TOLD_MAX) {
        told.push_str(&format!("\n  {draw}"));
    }
    if said.len() > DRAWS_TOLD_MAX {
        told.push_str(&format!("\n  … and {} draws more", said.len() - DRAWS_TOLD_MAX));
    }
    told
}

/// One case, in worlds of its own.
fn tried(
    call: &NativeCallContext,
    props: &Props,
    property: &FnPtr,
    draws: Draws,
) -> (Draws, Result<(), Box<EvalAltResult>>) {
    props.worlds.lock().unwrap_or_else(PoisonError::into_inner).clear();
    let case = Case(Arc::new(Mutex::new(draws)));
    let result = property.call_within_context::<Dynamic>(call, (Dynamic::from(case.clone()),));
    let draws = case.draws().clone();
    (draws, result.map(drop))
}
