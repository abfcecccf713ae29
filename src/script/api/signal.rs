//! `ctx.signal()`: what a model says of the price.

use rhai::{Dynamic, Map};

use crate::config::SeriesRole;
use crate::script::host::{Answer, Ctx, HostError};
use crate::types::Code;

use super::{Api, Entry, Owner};

/// What a signal tells, by name.
pub(in crate::script) const SIGNAL_FIELDS: [&str; 5] =
    ["signal", "confidence", "sd", "model_version", "at"];

pub(super) fn register(api: &mut Api) {
    api.add(
        Entry::call(
            Owner::Ctx,
            "signal",
            &[],
            "map of a signal, or ()",
            "The newest signal of the model that is known, #{signal, confidence, sd, model_version, at}: \"long\", \"short\", \"neutral\" \
             or \"hold\", confidence from 0 to 1, the deviation of the return that it foresees, and the opening of the bar that it \
             is of; () when that bar closed longer ago than signal.max_age_minutes.",
        )
        .fails("the run subscribes to no series of signals/"),
        |ctx: &mut Ctx| -> Answer<Dynamic> { Ok(signal(ctx)?) },
    );
}

fn signal(ctx: &Ctx) -> Result<Dynamic, HostError> {
    let step = ctx.step();
    let Some(said) = step.view.signal(step.setup.signal.max_age) else {
        if step.setup.series.iter().any(|series| series.role == SeriesRole::Signal) {
            return Ok(Dynamic::UNIT);
        }
        return Err(HostError::new(Code::Strat001, "this run has no signals".to_owned())
            .with_help("add signals/NAME under subscriptions in its configuration"));
    };
    let values: [Dynamic; SIGNAL_FIELDS.len()] = [
        said.direction.word().into(),
        Dynamic::from_decimal(said.confidence),
        Dynamic::from_decimal(said.sd),
        said.model_version.into(),
        Dynamic::from_int(said.at.ms()),
    ];
    let named = SIGNAL_FIELDS.into_iter().map(Into::into).zip(values);
    Ok(Dynamic::from_map(named.collect::<Map>()))
}
