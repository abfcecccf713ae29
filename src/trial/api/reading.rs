//! What a test can read of a world: books, equity, risk, profit by cause, as they are after the last step.

use rhai::{Array, Dynamic, Map, NativeCallContext};
use rust_decimal::Decimal;

use crate::engine::{End, Phase};
use crate::script::api::{Api, KEY, Owner, Param, VENUE};
use crate::script::host::{self, Answer, HostError};
use crate::types::{PnlCause, Span};

use super::step::StepHandle;
use super::{World, absent, method, minute, placed, property, unknown};

/// How a run can stand.
const STATUS: [&str; 5] = ["trading", "leaving", "done", "stopped", "failed"];

pub(super) fn register(api: &mut Api) {
    clock(api);
    books(api);
    health(api);
    past(api);
    api.name_type::<World>("World", Owner::World);
}

fn clock(api: &mut Api) {
    let of = |name, returns, doc| property(Owner::World, name, returns, doc);
    api.add(
        of("now", "integer, ms since 1970", "The time of the next step."),
        |world: &mut World| world.stage().next_at().ms(),
    );
    api.add(
        of("hours", "hours", "Hours from the first step to the next one."),
        |world: &mut World| {
            let stage = world.stage();
            let ms = Decimal::from((stage.next_at() - stage.start()).ms());
            ms / Decimal::from(Span::from_hours(1).ms())
        },
    );
    api.add(
        of("status", "text", "Whether the run trades, leaves its positions, or how it has ended.")
            .one_of(&STATUS),
        |world: &mut World| -> Answer<&'static str> {
            let mut stage = world.stage();
            let engine = stage.engine().map_err(HostError::from)?;
            let [trading, leaving, done, stopped, failed] = STATUS;
            Ok(match &engine.state().phase {
                Phase::Trading => trading,
                Phase::Leaving(_) => leaving,
                Phase::Ended(End::Done) => done,
                Phase::Ended(End::Stopped(_)) => stopped,
                Phase::Ended(End::Failed(_)) => failed,
            })
        },
    );
    api.add(
        of("why", "text", "Why the run leaves or has ended, with its code; empty while it trades."),
        |world: &mut World| -> Answer<String> {
            let mut stage = world.stage();
            let engine = stage.engine().map_err(HostError::from)?;
            Ok(match &engine.state().phase {
                Phase::Leaving(why) | Phase::Ended(End::Stopped(why) | End::Failed(why)) => {
                    format!("{}: {}", why.code, why.message)
                }
                Phase::Trading | Phase::Ended(End::Done) => String::new(),
            })
        },
    );
}

fn books(api: &mut Api) {
    api.add(
        method(
            "balance",
            &[KEY],
            "tokens",
            "What the books hold at a key; a perp's size is signed.",
        ),
        |call: NativeCallContext, world: World, name: &str| placed(&call, balance(&world, name)),
    );
    api.add(
        method("at_venue", &[KEY], "tokens", "What the venue itself holds for us."),
        |call: NativeCallContext, world: World, name: &str| {
            let read = |world: &World| -> Result<Decimal, HostError> {
                let mut stage = world.stage();
                let key = host::key(&stage.setup().universe, name)?;
                let held = stage.world()?.balance(key).quantity;
                Ok(stage.engine()?.step().unscaled(key, held).get())
            };
            placed(&call, read(&world))
        },
    );
    let of = |name, returns, doc| property(Owner::World, name, returns, doc);
    api.add(
        of(
            "balances",
            "map of tokens by key",
            "All that is held, by key; what is nothing is left out.",
        ),
        |world: &mut World| -> Answer<Map> {
            let mut stage = world.stage();
            let step = stage.measured().map_err(HostError::from)?;
            let keys = step.universe().instruments().iter();
            let held = keys.map(|key| (&key.name, step.tokens_at(key.id).get()));
            let held = held.filter(|(_, amount)| !amount.is_zero());
            Ok(held
                .map(|(name, amount)| ((**name).into(), Dynamic::from_decimal(amount)))
                .collect())
        },
    );
    api.add(
        of("equity", "share class", "Equity after the last step."),
        |world: &mut World| -> Answer<Decimal> {
            let mut stage = world.stage();
            Ok(stage.measured().map_err(HostError::from)?.equity.get())
        },
    );
    api.add(
        of("memory", "map", "What the script remembers: its this."),
        |world: &mut World| -> Answer<Map> {
            let mut stage = world.stage();
            let text = stage.engine().map_err(HostError::from)?.state().memory.0.clone();
            let bundle = stage.bundle().clone();
            bundle.memory_of(&text)
        },
    );
}

fn balance(world: &World, name: &str) -> Result<Decimal, HostError> {
    let mut stage = world.stage();
    let key = host::key(&stage.setup().universe, name)?;
    Ok(stage.measured()?.tokens_at(key).get())
}

fn health(api: &mut Api) {
    const CAUSE: Param = Param::one_of("cause", &PnlCause::TEXTS, "what it comes from");
    let of = |name, returns, doc| property(Owner::World, name, returns, doc);
    api.add(
        of("risk", "risk", "What risk allows, as measured at the last step."),
        |world: &mut World| -> Answer<Dynamic> {
            let mut stage = world.stage();
            let step = stage.measured().map_err(HostError::from)?;
            Ok(crate::script::api::risk_of(step))
        },
    );
    api.add(
        method(
            "margin_ratio",
            &[VENUE],
            "ratio, or ()",
            "Margin over notional of a venue; () without a position.",
        ),
        |call: NativeCallContext, world: World, name: &str| {
            let read = |world: &World| -> Result<Dynamic, HostError> {
                let venue = world.venue(name)?;
                let mut stage = world.stage();
                let step = stage.measured()?;
                let account = &step.margin[venue.index()];
                let ratio = account.as_ref().and_then(|account| account.ratio);
                Ok(ratio.map_or(Dynamic::UNIT, Dynamic::from_decimal))
            };
            placed(&call, read(&world))
        },
    );
    api.add(
        method(
            "pnl",
            &[CAUSE],
            "share class",
            "Profit by a cause since the first step, up to the last row that is closed.",
        )
        .fails("`cause` is none of the causes"),
        |call: NativeCallContext, world: World, cause: &str| {
            let read = |world: &World| -> Result<Decimal, HostError> {
                let named = PnlCause::ALL.into_iter().find(|known| known.text() == cause);
                let named =
                    named.ok_or_else(|| unknown("cause", cause, PnlCause::TEXTS.into_iter()))?;
                let stage = world.stage();
                let rows = stage.steps().iter().rev().find_map(|step| step.row.as_ref());
                Ok(rows.map_or(Decimal::ZERO, |row| row.cumulative[named].get()))
            };
            placed(&call, read(&world))
        },
    );
}

fn past(api: &mut Api) {
    let of = |name, returns, doc| property(Owner::World, name, returns, doc);
    api.add(
        of("steps", "list of steps", "All steps so far, with what is known of them now."),
        |world: &mut World| -> Array {
            let stage = world.stage();
            let universe = &stage.setup().universe;
            let steps = stage.steps().iter();
            steps
                .map(|step| Dynamic::from(StepHandle::new(step.clone(), universe.clone())))
                .collect()
        },
    );
    api.add(
        of("last", "step", "The last step, with what is known of it now.")
            .fails("no step has been taken"),
        |world: &mut World| -> Answer<StepHandle> {
            let stage = world.stage();
            let step = stage.steps().last().cloned();
            let none = || absent("no step has been taken".to_owned(), "take one: world.step()");
            Ok(StepHandle::new(step.ok_or_else(none)?, stage.setup().universe.clone()))
        },
    );
    api.add(
        of("trace", "text", "What was decided and done so far, as a failure shows it."),
        |world: &mut World| -> String {
            let stage = world.stage();
            super::step::trace(stage.steps(), &stage.setup().universe, usize::MAX)
        },
    );
    api.add_display::<World>(|world: &mut World| {
        let stage = world.stage();
        format!("the world of {} at {}", stage.setup().mode, minute(stage.next_at()))
    });
}
