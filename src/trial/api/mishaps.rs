//! What goes wrong at the venues: each is ordered, and happens the next time that there is occasion.

use rhai::{Dynamic, NativeCallContext};
use rust_decimal::Decimal;

use crate::script::api::{Api, Kind, Param, VENUE};
use crate::script::host::{self, HostError};
use crate::sim::{FaultKind, Measure, Mishap};
use crate::types::{Code, Span, VenueId};

use super::{World, method, place_of, placed};

const TIMES: Param = Param::new("times", Kind::Number, "how many orders; 1").optional();
const SHARE: Param = Param::new("share", Kind::Number, "fraction of the order that fills");
const SECONDS: Param = Param::new("seconds", Kind::Number, "seconds");
const HOURS: Param = Param::new("hours", Kind::Number, "hours");
const LEG: Param = Param::new("leg", Kind::Number, "which order of the group, from 1");

pub(super) fn register(api: &mut Api) {
    let plain = [
        (
            "reject",
            FaultKind::Rejected,
            "The venue refuses the next order, or the next few; the legs of a parallel group that are to be completed are sent again. A transaction goes by the venue of its first order.",
        ),
        (
            "time_out",
            FaultKind::AnswerLost,
            "The next order is executed, and its answer is lost: its fate is unknown until it is asked for.",
        ),
        (
            "lose",
            FaultKind::RequestLost,
            "The next order never arrives; its fate is unknown until it is asked for.",
        ),
        (
            "stale",
            FaultKind::ObservationStale,
            "The next answer about balances is that of the last step, and says so. What lies on chain is asked of the wallet.",
        ),
        (
            "lie",
            FaultKind::ObservationMislabelled,
            "The next answer about balances is that of the last step, and claims to be fresh.",
        ),
    ];
    for (name, kind, doc) in plain {
        api.add(
            method(name, &[VENUE, TIMES], "()", doc),
            move |call: NativeCallContext, world: World, venue: &str| {
                placed(&call, order(&call, &world, venue, kind, 1, Measure::None))
            },
        );
        api.add(
            method(name, &[VENUE, TIMES], "()", doc),
            move |call: NativeCallContext, world: World, venue: &str, times: i64| {
                placed(&call, order(&call, &world, venue, kind, times, Measure::None))
            },
        );
    }
    api.add(
        method(
            "fill_part",
            &[VENUE, SHARE],
            "()",
            "Only a share of the next trade finds a counterparty.",
        )
        .fails("`share` is not between 0 and 1"),
        |call: NativeCallContext, world: World, venue: &str, share: Dynamic| {
            let ordered = host::number("share", &share).and_then(|share| {
                if share <= Decimal::ZERO || share >= Decimal::ONE {
                    let message = format!("share lies between 0 and 1, not at {share}");
                    return Err(HostError::new(Code::Test001, message));
                }
                order(&call, &world, venue, FaultKind::PartialFill, 1, Measure::Share(share))
            });
            placed(&call, ordered)
        },
    );
    api.add(
        method(
            "delay",
            &[VENUE, SECONDS],
            "()",
            "The answer to the next order comes so much later.",
        ),
        |call: NativeCallContext, world: World, venue: &str, seconds: Dynamic| {
            let ordered = span("seconds", &seconds, Span::from_s(1)).and_then(|span| {
                order(&call, &world, venue, FaultKind::AnswerDelayed, 1, Measure::Span(span))
            });
            placed(&call, ordered)
        },
    );
    api.add(
        method(
            "revert",
            &[LEG],
            "()",
            "The next atomic group fails at one of its orders and is undone.",
        )
        .fails("`leg` is below 1"),
        |call: NativeCallContext, world: World, leg: i64| {
            let index = usize::try_from(leg).ok().and_then(|leg| leg.checked_sub(1));
            let ordered = match index {
                Some(leg) => {
                    ordered(&call, &world, None, FaultKind::Reverted, 1, Measure::Leg(leg))
                }
                None => Err(HostError::new(Code::Test001, format!("legs count from 1, not {leg}"))),
            };
            placed(&call, ordered)
        },
    );
    api.add(
        method(
            "down",
            &[VENUE, HOURS],
            "()",
            "The venue is down for so long: it refuses orders and answers nothing.",
        ),
        |call: NativeCallContext, world: World, venue: &str, hours: Dynamic| {
            let ordered = span("hours", &hours, Span::from_hours(1)).and_then(|span| {
                let venue = world.venue(venue)?;
                let mut stage = world.stage();
                let until = stage.next_at() + span;
                stage.world()?.take_down(venue, until);
                Ok(())
            });
            placed(&call, ordered)
        },
    );
    api.add(
        method(
            "liquidate",
            &[VENUE],
            "()",
            "At the next step somebody liquidates us, whatever our margin: all perps of an exchange at their prices, of a loan what may be repaid at once. Where nothing is held or owed then, the test fails.",
        ),
        |call: NativeCallContext, world: World, venue: &str| {
            let ordered = world
                .venue(venue)
                .and_then(|venue| Ok(world.stage().liquidate(venue, place_of(&call))?));
            placed(&call, ordered)
        },
    );
}

fn order(
    call: &NativeCallContext,
    world: &World,
    venue: &str,
    kind: FaultKind,
    times: i64,
    measure: Measure,
) -> Result<(), HostError> {
    let venue = world.venue(venue)?;
    ordered(call, world, Some(venue), kind, times, measure)
}

fn ordered(
    call: &NativeCallContext,
    world: &World,
    venue: Option<VenueId>,
    kind: FaultKind,
    times: i64,
    measure: Measure,
) -> Result<(), HostError> {
    let times = u32::try_from(times).ok().filter(|times| *times > 0).ok_or_else(|| {
        HostError::new(Code::Test001, format!("times is a whole number above 0, not {times}"))
    })?;
    Ok(world.stage().order(Mishap { kind, venue, times, measure }, place_of(call))?)
}

fn span(what: &str, value: &Dynamic, unit: Span) -> Result<Span, HostError> {
    let number = host::number(what, value)?;
    let ms = number * Decimal::from(unit.ms());
    match i64::try_from(ms.trunc()) {
        Ok(ms) if ms > 0 => Ok(Span::from_ms(ms)),
        _ => {
            Err(HostError::new(Code::Test001, format!("{what} must be more than 0, not {number}")))
        }
    }
}
