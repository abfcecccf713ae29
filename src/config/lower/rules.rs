//! Risk limits and the rules of execution.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::types::venue::VenueKind;
use crate::types::{Code, Notional, Rate, Span};

use super::super::faults::Fault;
use super::super::section::{Bounds, Section};
use super::super::setup::{ExecutionRules, LegRisk, RiskLimits, Thresholds};
use super::world::World;

const HOUR_MS: i64 = 3_600_000;
pub(super) const SECOND_MS: i64 = 1000;
/// No market is as narrow.
const LEAST_BPS: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// The limits that the engine watches.
pub(super) fn risk(root: &Section<'_>, world: &World) -> RiskLimits {
    let section = root.at("risk");
    let has_exchange = world.universe.venues().iter().any(|v| v.kind == VenueKind::Exchange);
    let emergency = section.at("emergency_drawdown");
    let told = emergency.told();
    let emergency_drawdown = emergency.optional_decimal(Bounds::Fraction).unwrap_or_else(|| {
        let multiple = section.at("emergency_drawdown_multiple").decimal(Bounds::Positive);
        multiple * root.at("targets").at("max_drawdown").decimal(Bounds::Fraction)
    });
    // What it is made of may be what is wrong.
    if emergency_drawdown.is_zero() && emergency.told() == told {
        emergency.fault(Code::Config003, "an emergency drawdown of 0 would stop every run at once");
    }
    let max_age = section.at("max_age_hours").decimal(Bounds::Positive);
    RiskLimits {
        margin_ratio: has_exchange.then(|| thresholds(&section.at("margin_ratio"))),
        health_factor: borrows(world).then(|| health_factors(&section.at("health_factor"))),
        delta_drift: section.at("delta_drift").optional_decimal(Bounds::Positive).map(Rate::new),
        emergency_drawdown: Rate::new(emergency_drawdown),
        max_age: Span::from_ms(to_ms(max_age, HOUR_MS)),
        max_order_notional: section
            .at("max_order_notional")
            .optional_decimal(Bounds::Positive)
            .map(Notional::new),
    }
}

/// Whether the mode borrows anywhere but within one transaction.
fn borrows(world: &World) -> bool {
    let universe = &world.universe;
    universe.reserves().iter().any(|reserve| {
        reserve.borrowed.is_some() && universe.venue(reserve.venue).kind == VenueKind::Lending
    })
}

/// Below 1 the venue liquidates, so to leave then would be too late.
fn health_factors(section: &Section<'_>) -> Thresholds {
    let read = thresholds(section);
    if read.exit <= Decimal::ONE && section.at("exit").is_set() {
        let sentence = format!(
            "above 1 is expected, not {}: below a health factor of 1 the venue liquidates",
            read.exit
        );
        section.at("exit").fault(Code::Config005, sentence);
    }
    read
}

/// Thresholds of a measure that is worse when it is lower: warn above reduce above exit.
fn thresholds(section: &Section<'_>) -> Thresholds {
    let at = |name: &str| section.at(name).decimal(Bounds::Positive);
    let read = Thresholds { warn: at("warn"), reduce: at("reduce"), exit: at("exit") };
    if !(read.warn > read.reduce && read.reduce > read.exit) {
        section.fault(
            Code::Config005,
            format!(
                "thresholds must fall from warn over reduce to exit; they are {}, {}, {}",
                read.warn, read.reduce, read.exit
            ),
        );
    }
    read
}

/// The rules of the tight loop. `None` never happens but for numbers that their ranges exclude.
pub(super) fn execution(section: &Section<'_>) -> Option<ExecutionRules> {
    let seconds = |name: &str| {
        let number = section.at(name).decimal(Bounds::Positive);
        Span::from_ms(to_ms(number, SECOND_MS))
    };
    let query_backoff = waits(&section.at("query_backoff_s"), Bounds::Positive, SECOND_MS);
    let failure_backoff = waits(&section.at("failure_backoff_h"), Bounds::NotNegative, HOUR_MS);
    let observe = section.at("observe_every_s").optional_decimal(Bounds::Positive);
    Some(ExecutionRules {
        plan_timeout: seconds("plan_timeout_s"),
        slippage: slippage(&section.at("slippage_bps")),
        query_backoff,
        failure_backoff,
        validity: seconds("validity_s"),
        reconcile_attempts: u32::try_from(section.at("reconcile_attempts").integer(1, 100)).ok()?,
        dust_units: u32::try_from(section.at("dust_units").integer(0, 1_000_000)).ok()?,
        max_attempts: u8::try_from(section.at("max_attempts").integer(1, 100)).ok()?,
        observe_every: observe.map(|number| Span::from_ms(to_ms(number, SECOND_MS))),
        leg_risk: leg_risk(&section.at("leg_risk")),
    })
}

/// What may stand unhedged.
fn leg_risk(section: &Section<'_>) -> LegRisk {
    let time = section.at("max_seconds").decimal(Bounds::Positive);
    LegRisk {
        max_notional: Notional::new(section.at("max_notional").decimal(Bounds::Positive)),
        max_time: Span::from_ms(to_ms(time, SECOND_MS)),
    }
}

/// How much worse than the price of the decision a fill may be. What is written as a fraction would let nothing fill.
fn slippage(section: &Section<'_>) -> Rate {
    let bps = section.decimal(Bounds::NotNegative);
    if bps > Decimal::ZERO && bps < LEAST_BPS {
        let meant = (bps * Decimal::from(10_000)).normalize();
        let fault = Fault::new(Code::Config003, format!("{bps} bps would let nothing fill"));
        section.tell(
            fault.suggest(format!("it is counted in basis points: {bps} as a fraction is {meant}")),
        );
    }
    Rate::from_bps(bps)
}

/// A list of waits, none shorter than the one before.
pub(super) fn waits(section: &Section<'_>, bounds: Bounds, unit_ms: i64) -> Vec<Span> {
    let read = section.items();
    let waits: Vec<Span> =
        read.iter().map(|item| Span::from_ms(to_ms(item.decimal(bounds), unit_ms))).collect();
    if waits.is_empty() {
        section.fault(Code::Config004, "at least one wait is needed");
    }
    if waits.windows(2).any(|pair| pair[0] > pair[1]) {
        section.fault(Code::Config005, "waits must not get shorter");
    }
    waits
}

/// A number of units as whole milliseconds.
pub(super) fn to_ms(number: Decimal, unit_ms: i64) -> i64 {
    (number * Decimal::from(unit_ms)).trunc().to_i64().unwrap_or_default()
}
