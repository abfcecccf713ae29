//! What the model says, in the weather of a test.

use rhai::{Dynamic, NativeCallContext};
use rust_decimal::Decimal;

use crate::market::{Direction, VERSION_MAX};
use crate::script::api::{Api, Kind, Param};
use crate::script::host;
use crate::trial::said::Said;

use super::set::{had, positive};
use super::{World, absent, method, placed, unknown};

const DIRECTION: Param = Param::one_of("direction", &Direction::WORDS, "what it says");
const CONFIDENCE: Param = Param::new("confidence", Kind::Number, "fraction, 0 to 1");
const SD: Param = Param::new("sd", Kind::Number, "deviation of the return, a fraction");
const VERSION: Param = Param::new("model_version", Kind::Text, "text, \"test\" unless it is given");
const SIGNAL: &[Param] = &[DIRECTION, CONFIDENCE, SD, VERSION.optional()];

pub(super) fn register(api: &mut Api) {
    let entry = method(
        "signal",
        SIGNAL,
        "()",
        "What the model says of the bar that closes with the next step, and of all after it, until it is set again.",
    )
    .fails("`confidence` is not between 0 and 1, `sd` is not above 0, or the run has no signals");
    api.add(
        entry,
        |call: NativeCallContext, world: World, word: &str, confidence: Dynamic, sd: Dynamic| {
            placed(&call, set(&world, word, &confidence, &sd, "test"))
        },
    );
    api.add(
        entry,
        |call: NativeCallContext,
         world: World,
         word: &str,
         confidence: Dynamic,
         sd: Dynamic,
         version: &str| placed(&call, set(&world, word, &confidence, &sd, version)),
    );
    api.add(
        method(
            "no_signal",
            &[],
            "()",
            "The model falls silent: no bar has a signal until it is set again; the last one stands for signal.max_age_minutes.",
        ),
        |call: NativeCallContext, world: World| {
            placed(&call, had(world.stage().weather.signal(None), silent))
        },
    );
}

fn set(
    world: &World,
    word: &str,
    confidence: &Dynamic,
    sd: &Dynamic,
    version: &str,
) -> Result<(), host::HostError> {
    let direction = Direction::named(word)
        .ok_or_else(|| unknown("direction", word, Direction::WORDS.into_iter()))?;
    let said = Said {
        direction,
        confidence: certainty(confidence)?,
        sd: positive("sd", sd)?,
        model_version: version.to_owned(),
    };
    if version.is_empty() || version.len() > VERSION_MAX {
        let advice = "a model's version is a name such as \"2025-03\"";
        return Err(absent(format!("'{version}' is not 1 to {VERSION_MAX} bytes long"), advice));
    }
    had(world.stage().weather.signal(Some(said)), silent)
}

fn certainty(value: &Dynamic) -> Result<Decimal, host::HostError> {
    let number = host::number("confidence", value)?;
    match (Decimal::ZERO..=Decimal::ONE).contains(&number) {
        true => Ok(number),
        false => Err(absent(
            format!("confidence lies between 0 and 1; this is {number}"),
            "70 % is written 0.7",
        )),
    }
}

fn silent() -> String {
    "this run subscribes to no series of signals/".to_owned()
}
