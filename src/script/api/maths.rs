//! Maths on exact decimals, `log`, and the standard functions that a strategy cannot have.

use rhai::{Array, Dynamic, ImmutableString, Map, NativeCallContext};
use rust_decimal::{Decimal, MathematicalOps};

use crate::script::host::{self, Answer, Ctx, HostError};
use crate::types::Code;
use crate::types::event::Loudness;

use super::{Api, Entry, Kind, Owner, Param};

const X: Param = Param::new("x", Kind::Number, "number");
const Y: Param = Param::new("y", Kind::Number, "number");
const UNIT: Param = Param::new("unit", Kind::Number, "number above 0");
const LOW: Param = Param::new("low", Kind::Number, "number");
const HIGH: Param = Param::new("high", Kind::Number, "number");
/// How loud a log is.
const LEVELS: [&str; 4] = ["debug", "info", "warn", "alarm"];
const LEVEL: Param = Param::one_of("level", &LEVELS, "how loud it is");
const MESSAGE: Param = Param::new("message", Kind::Text, "sentence");

pub(super) fn register(api: &mut Api) {
    comparisons(api);
    rounding(api);
    functions(api);
    logging(api);
    caught(api);
    refusals(api);
}

fn call(
    name: &'static str,
    params: &'static [Param],
    returns: &'static str,
    doc: &'static str,
) -> Entry {
    Entry::call(Owner::Global, name, params, returns, doc)
}

/// `abs`, `min` and `max` of equal types are Rhai's own; a decimal beside a whole number is added here.
fn comparisons(api: &mut Api) {
    let abs = call("abs", &[X], "number", "The size without the sign.");
    api.add(abs, |x: Decimal| x.abs());
    api.add(abs, |x: i64| x.checked_abs().ok_or_else(|| overflow("abs")));
    let min = call("min", &[X, Y], "number", "The smaller of two.");
    api.add(min, |x: Decimal, y: Decimal| x.min(y));
    api.add(min, |x: i64, y: i64| x.min(y));
    api.add(min, |x: Decimal, y: i64| x.min(Decimal::from(y)));
    api.add(min, |x: i64, y: Decimal| Decimal::from(x).min(y));
    let max = call("max", &[X, Y], "number", "The larger of two.");
    api.add(max, |x: Decimal, y: Decimal| x.max(y));
    api.add(max, |x: i64, y: i64| x.max(y));
    api.add(max, |x: Decimal, y: i64| x.max(Decimal::from(y)));
    api.add(max, |x: i64, y: Decimal| Decimal::from(x).max(y));
    let clamp = call("clamp", &[X, LOW, HIGH], "decimal", "x, not below low and not above high.")
        .fails("`low` is above `high`");
    api.add(clamp, |x: Dynamic, low: Dynamic, high: Dynamic| -> Answer<Decimal> {
        let (x, low) = (host::number("x", &x)?, host::number("low", &low)?);
        let high = host::number("high", &high)?;
        if low > high {
            let message = format!("clamp needs low ≤ high, not {low} and {high}");
            return Err(HostError::new(Code::Strat001, message).into());
        }
        Ok(x.clamp(low, high))
    });
}

fn rounding(api: &mut Api) {
    let floor = call(
        "floor_to",
        &[X, UNIT],
        "decimal",
        "The largest multiple of a unit that is not above x: floor_to(0.5929, 0.001) is 0.592.",
    )
    .fails("`unit` is not above 0");
    api.add(floor, |x: Dynamic, unit: Dynamic| multiple(&x, &unit, |units| units.floor()));
    let round = call(
        "round_to",
        &[X, UNIT],
        "decimal",
        "The nearest multiple of a unit; a half goes away from 0.",
    )
    .fails("`unit` is not above 0");
    api.add(round, |x: Dynamic, unit: Dynamic| {
        multiple(&x, &unit, |units| {
            units.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
        })
    });
}

fn multiple(x: &Dynamic, unit: &Dynamic, round: impl Fn(Decimal) -> Decimal) -> Answer<Decimal> {
    let (x, unit) = (host::number("x", x)?, host::number("unit", unit)?);
    if unit <= Decimal::ZERO {
        let message = format!("the unit to round to must be above 0, not {unit}");
        return Err(HostError::new(Code::Strat001, message).into());
    }
    let units = x.checked_div(unit).ok_or_else(|| overflow("rounding"))?;
    Ok(round(units).checked_mul(unit).ok_or_else(|| overflow("rounding"))?.normalize())
}

fn functions(api: &mut Api) {
    let sqrt = call("sqrt", &[X], "decimal", "The square root of a number from 0.")
        .fails("`x` is below 0");
    api.add(sqrt, |x: Dynamic| one("sqrt", &x, |x| x.sqrt()));
    let ln = call("ln", &[X], "decimal", "The natural logarithm of a number above 0.")
        .fails("`x` is not above 0");
    api.add(ln, |x: Dynamic| one("ln", &x, |x| x.checked_ln()));
    let exp = call("exp", &[X], "decimal", "e to the power of x.").fails("the result is too large");
    api.add(exp, |x: Dynamic| one("exp", &x, |x| x.checked_exp()));
    let pow =
        call("pow", &[X, Y], "decimal", "x to the power of y; x not below 0 unless y is whole.")
            .fails("`x` is below 0 and `y` not whole, or the result is too large");
    api.add(pow, |x: Dynamic, y: Dynamic| -> Answer<Decimal> {
        let (x, y) = (host::number("x", &x)?, host::number("y", &y)?);
        let is_real = !x.is_sign_negative() || y.fract().is_zero();
        let power = if is_real { x.checked_powd(y) } else { None };
        Ok(power.ok_or_else(|| undefined(&format!("pow({x}, {y})")))?)
    });
}

fn one(name: &str, x: &Dynamic, function: impl Fn(&Decimal) -> Option<Decimal>) -> Answer<Decimal> {
    let x = host::number("x", x)?;
    Ok(function(&x).ok_or_else(|| undefined(&format!("{name}({x})")))?)
}

fn undefined(what: &str) -> HostError {
    HostError::new(Code::Strat001, format!("{what} is not a number, or too large for one"))
}

fn overflow(what: &str) -> Box<rhai::EvalAltResult> {
    HostError::new(Code::Strat001, format!("{what} gives a number that is too large")).into()
}

fn logging(api: &mut Api) {
    let log = call("log", &[LEVEL, MESSAGE], "()", "A sentence for the run's log.")
        .fails("`level` is none of the four");
    api.add(log, |call: NativeCallContext, level: &str, message: ImmutableString| -> Answer<()> {
        let loudness = match level {
            "debug" => Loudness::Debug,
            "info" => Loudness::Info,
            "warn" => Loudness::Warn,
            "alarm" => Loudness::Alarm,
            _ => {
                let known = LEVELS.into_iter();
                return Err(HostError::unknown("log level", level, known).at(&call));
            }
        };
        Ok(Ctx::say(&call, loudness, &message)?)
    });
    // Rhai's own are as exact for these types, and the exact one wins over the one for any value.
    printing::<Dynamic>(api);
    printing::<ImmutableString>(api);
    printing::<char>(api);
    printing::<bool>(api);
    printing::<()>(api);
    printing::<Array>(api);
    printing::<Map>(api);
}

/// `print` and `debug` go to the log. What they return is handed to the engine's own printers, which the sandbox silences.
fn printing<T: rhai::Variant + Clone>(api: &mut Api) {
    for (name, loudness) in [("print", Loudness::Info), ("debug", Loudness::Debug)] {
        api.add_unlisted(
            name,
            move |call: NativeCallContext, value: T| -> Answer<ImmutableString> {
                let text = Dynamic::from(value).to_string();
                Ctx::say(&call, loudness, &text)?;
                Ok(text.into())
            },
        );
    }
}

/// What a script that catches an error can read of it.
fn caught(api: &mut Api) {
    let property = |name, returns, doc| Entry::property(Owner::Error, name, returns, doc);
    api.add(property("code", "text", "The code of a caught error."), |error: &mut HostError| {
        error.code.text()
    });
    api.add(
        property("message", "text", "The sentence of a caught error."),
        |error: &mut HostError| error.message.clone(),
    );
    api.name_type::<HostError>("Error", Owner::Error);
    api.add_display::<HostError>(|error: &mut HostError| {
        format!("{}: {}", error.code, error.message)
    });
}

/// Standard functions that would block, tell the time, end the script from inside, or panic.
fn refusals(api: &mut Api) {
    const REFUSED: [(&str, &str); 4] = [
        ("sleep", "a strategy cannot wait; answer hold and decide at the next step"),
        ("timestamp", "a strategy has no clock; the step's time is ctx.now"),
        ("exit", "end a decision by returning it; the strategy's own exit takes one ctx"),
        ("tan", "tan is not offered: it has no value at its poles"),
    ];
    for (name, why) in REFUSED {
        let refusal =
            move || HostError::new(Code::Strat001, format!("{name} cannot be called: {why}"));
        api.add_unlisted(name, move || -> Answer<Dynamic> { Err(refusal().into()) });
        api.add_unlisted(name, move |_: Dynamic| -> Answer<Dynamic> { Err(refusal().into()) });
        api.add_unlisted(name, move |_: i64| -> Answer<Dynamic> { Err(refusal().into()) });
        api.add_unlisted(name, move |_: Decimal| -> Answer<Dynamic> { Err(refusal().into()) });
    }
}
