//! `check_all(seed, n, |draw| …)`: a property that must hold for many cases, drawn from a seed; the smallest that fails is told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::{Array, Dynamic, EvalAltResult, FnPtr, NativeCallContext};
use rust_decimal::Decimal;

use crate::script::api::{Api, Entry, Kind, Owner, Param};
use crate::script::host::{self, Answer, HostError};
use crate::types::Code;

use crate::trial::draws::{Draws, shrunk};

use super::{Props, placed};

/// How often a failing case is tried smaller.
const TRIES_MAX: usize = 200;

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
            placed(&call, integer(&case, low, high))
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
            placed(&call, decimal(&case, &low, &high, places))
        },
    );
    api.add(draw("flag", &[], "bool", "True or false."), |case: &mut Case| {
        let drawn = case.draws().draw(1) == 1;
        case.draws().say(drawn.to_string());
        drawn
    });
    api.add(
        draw("pick", &[LIST], "one of the list", "One of a list.").fails("`list` is empty"),
        |call: NativeCallContext, case: Case, list: Array| placed(&call, pick(&case, list)),
    );
    api.name_type::<Case>("Draw", Owner::Case);
}

fn integer(case: &Case, low: i64, high: i64) -> Result<i64, HostError> {
    let span = high.checked_sub(low).and_then(|span| u64::try_from(span).ok());
    let span = span.ok_or_else(|| wrong(format!("{low} to {high} is no range")))?;
    let drawn = low.wrapping_add_unsigned(case.draws().draw(span));
    case.draws().say(drawn.to_string());
    Ok(drawn)
}

fn decimal(case: &Case, low: &Dynamic, high: &Dynamic, places: i64) -> Result<Decimal, HostError> {
    let (low, high) = (host::number("low", low)?, host::number("high", high)?);
    let places = u32::try_from(places).ok().filter(|places| *places <= 12);
    let places = places.ok_or_else(|| wrong("places lie between 0 and 12".to_owned()))?;
    let unit = Decimal::new(1, places);
    let span = u64::try_from(((high - low) / unit).trunc());
    let span = span.map_err(|_| wrong(format!("{low} to {high} is no range")))?;
    let drawn = low + Decimal::from(case.draws().draw(span)) * unit;
    case.draws().say(drawn.normalize().to_string());
    Ok(drawn)
}

fn pick(case: &Case, list: Array) -> Result<Dynamic, HostError> {
    let last = (list.len() as u64).checked_sub(1);
    let last = last.ok_or_else(|| wrong("the list is empty".to_owned()))?;
    let index = case.draws().draw(last) as usize;
    let drawn = list.into_iter().nth(index).unwrap_or(Dynamic::UNIT);
    case.draws().say(drawn.to_string());
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
        shrunk(worst.0.clone(), TRIES_MAX, |candidate| {
            let (draws, failed) = tried(call, &props, property, candidate);
            let error = failed.err()?;
            worst = (draws.clone(), error);
            Some(draws)
        });
        let (draws, error) = worst;
        *props.drawn.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!(
            "case {} of {cases} with seed {seed}, made small: {}",
            number + 1,
            draws.said()
        ));
        return Err(error);
    }
    Ok(())
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
