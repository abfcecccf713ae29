//! Numbers that stand in the script and cannot be meant: percent for a fraction, ms for hours, a digit too many.

use rust_decimal::Decimal;

use super::super::Of;
use super::super::facts::{Fact, Given, Place, What};
use super::super::types::Type;
use super::super::unit::{Base, Unit};
use super::{Lint, Report, SWAPPED, called};
use crate::config::ParamValue;
use crate::script::api::{Entry, Kind, Owner, Param};

pub(in crate::script::check) const LINT: Lint =
    Lint::error("implausible-number", "a number that cannot be meant where it stands");

/// Shares of something are compared with at most this; a margin ratio may be several times the notional.
const FRACTION_MAX: i64 = 5;
/// Two years.
const HOURS_MAX: i64 = 24 * 731;
/// Gas has never cost as much.
const GWEI_MAX: i64 = 100_000;
/// No answer of a venue is waited for longer than this in a test.
const SECONDS_MAX: i64 = 86_400;
/// Times are compared with at least a second.
const MS_MIN: i64 = 1_000;
/// How a person writes what is small.
const PERCENT: &str = "a percent is 0.01, a basis point 0.0001";
const SIGN: &str =
    "the condition before it says which is the larger: look at the sides of the minus";
/// What turns one unit of time into another is larger.
const FACTOR_MIN: i64 = 30;

pub(super) fn look(fact: &Fact, report: &mut Report<'_>) {
    match &fact.what {
        // A test computes what it expects in whatever way is plain.
        What::Operator { .. } if report.of == Of::Tests => {}
        What::Operator { op, left, right, literal } => {
            let (left, right) = (left.kept(), right.kept());
            if !literal && ["+", "-"].contains(op) {
                with_constant(fact, op, left, right, report);
            }
            if let (Type::Measure(unit, _), &Type::Fixed(number, _))
            | (&Type::Fixed(number, _), Type::Measure(unit, _)) = (left, right)
            {
                beside(fact, op, unit, number, report);
            }
            amounts(fact, op, left, right, report);
        }
        What::Elapsed { name } => {
            let message = format!("{name} was before ctx.now, so this is below 0");
            let help = format!("what has passed is ctx.now - {name}");
            tell(fact.place, message, &help, report);
        }
        What::OneAnd { op, share } => {
            tell(fact.place, format!("1 {op} {share} is not 1 {op} a share"), PERCENT, report);
        }
        What::NoShare { called, param, number } => {
            let message = format!("{param} of {called} is {number}, and it is a part of 1");
            tell(fact.place, message, PERCENT, report);
        }
        What::Turned { name } => turned(fact.place, name, report),
        What::NeverAbove { called, param } => {
            let message = format!("{param} of {called} is never above 0 here");
            tell(fact.place, message, SIGN, report);
        }
        What::Call { .. } | What::Method { .. } => arguments(fact, report),
        _ => {}
    }
}

fn tell(place: Place, message: String, help: &str, report: &mut Report<'_>) {
    report.tell(LINT, place, message, Some(help.to_owned()));
}

fn turned(place: Place, name: &str, report: &mut Report<'_>) {
    let message = format!("{name} is a quantity of another order, and -{name} of this one");
    let help = "a quantity is above 0: the side of the order is in its name";
    tell(place, message, help, report);
}

/// A number beside a measure.
fn beside(fact: &Fact, op: &str, unit: &Unit, number: Decimal, report: &mut Report<'_>) {
    // Less than any that there is, to begin with.
    if number == Decimal::NEGATIVE_ONE {
        return;
    }
    let is_sum = ["<", "<=", ">", ">=", "==", "!=", "+", "-"].contains(&op);
    let size = number.abs();
    if is_sum && unit.is_fraction() && size > Decimal::from(FRACTION_MAX) {
        let message = format!("a fraction is held against {number}");
        return tell(fact.place, message, PERCENT, report);
    }
    // What grows by a rate, and whether it doubles.
    if unit.is_rate() && number == Decimal::ONE && !(["==", "!="].contains(&op)) {
        return;
    }
    if is_sum && unit.base() == Some(Base::Per8h) && size > Decimal::new(1, 2) {
        let message = format!("a rate per 8 h is held against {number}");
        let help = "5 % a year are 0.0000457 per 8 h: a year has 1095 of them";
        return tell(fact.place, message, help, report);
    }
    let is_rate = unit.is_rate();
    if is_sum && is_rate && size >= Decimal::ONE {
        let message = format!("a rate is held against {number}");
        return tell(fact.place, message, PERCENT, report);
    }
    let is_time = unit.base() == Some(Base::Ms);
    let is_next = ["+", "-"].contains(&op) && size == Decimal::ONE;
    if (is_sum || op == "%")
        && is_time
        && !is_next
        && !number.is_zero()
        && size < Decimal::from(MS_MIN)
    {
        let message = format!("a time in ms is held against {number}");
        return tell(fact.place, message, "an hour has 3600000 ms, a day 86400000", report);
    }
    if is_sum && is_time && op != "==" && !is_next && !(size % Decimal::from(MS_MIN)).is_zero() {
        let message = format!("a time in ms is held against {number}, which is no whole second");
        return tell(fact.place, message, "an hour has 3600000 ms, a day 86400000", report);
    }
    let is_percent = [100, 10_000].map(Decimal::from).contains(&number);
    if op == "/" && is_percent && (unit.is_fraction() || unit.is_rate()) {
        let message = format!("a fraction is divided by {number}");
        return tell(fact.place, message, "it is a fraction already: 1 % is 0.01", report);
    }
    let is_scale = [1_000_000_i64, 100_000_000, 1_000_000_000, 1_000_000_000_000_000_000]
        .map(Decimal::from)
        .contains(&number);
    if ["*", "/"].contains(&op) && unit.is_quantity() && is_scale {
        let message = format!("so many tokens {op} {number}");
        let help = "tokens are counted whole: 1.5 is one and a half, without 6 or 18 decimals";
        return tell(fact.place, message, help, report);
    }
    let is_hours = unit.base() == Some(Base::Hour) && size > Decimal::from(HOURS_MAX);
    if is_sum && is_hours {
        let message = format!("hours are held against {number}");
        return tell(fact.place, message, "it is counted in hours, not in ms", report);
    }
    let is_span = matches!(unit.base(), Some(Base::Ms | Base::Hour | Base::Day | Base::Second));
    let is_factor = op == "*" || op == "/";
    let is_known = unit.scaled(number, op == "/").is_some();
    if is_span && is_factor && size > Decimal::from(FACTOR_MIN) && !is_known {
        // Weeks, months and years have so many of each.
        let is_multiple = |of: i64| (size % Decimal::from(of)).is_zero();
        let is_span = match unit.base() {
            Some(Base::Ms) => is_multiple(60_000),
            Some(Base::Hour) => {
                let is_days = is_multiple(24) && size <= Decimal::from(8_784);
                is_days || [60, 3_600, 8_766].map(Decimal::from).contains(&size)
            }
            Some(Base::Day) => size <= Decimal::from(366),
            _ => is_multiple(60),
        };
        if !is_span {
            let message = format!("{number} turns no unit of time into another");
            tell(fact.place, message, "an hour has 3600000 ms, a day 24 hours", report);
        }
    }
}

/// A constant that is added to a part of one is itself a part of one.
fn with_constant(fact: &Fact, op: &str, left: &Type, right: &Type, report: &mut Report<'_>) {
    let ((Type::Measure(unit, _), &Type::Fixed(number, _))
    | (&Type::Fixed(number, _), Type::Measure(unit, _))) = (left, right)
    else {
        return;
    };
    let is_told = number.abs() > Decimal::from(FRACTION_MAX);
    if unit.is_fraction() && number.abs() >= Decimal::ONE && !is_told {
        tell(fact.place, format!("a fraction {op} {number}"), PERCENT, report);
    }
}

/// An amount can only be made smaller.
fn amounts(fact: &Fact, op: &str, left: &Type, right: &Type, report: &mut Report<'_>) {
    let factor = match (op, left, right) {
        ("*", of, &Type::Fixed(number, _)) | ("*", &Type::Fixed(number, _), of)
            if of.is_amount() =>
        {
            number
        }
        ("-", of, &Type::Fixed(number, _)) if of.is_amount() && number < Decimal::ZERO => number,
        _ => return,
    };
    if factor > Decimal::ONE || factor < Decimal::ZERO {
        let message = format!("an amount {op} {factor} is more than there is");
        tell(fact.place, message, "an amount takes * k with k from 0 to 1, and - x", report);
    }
}

fn arguments(fact: &Fact, report: &mut Report<'_>) {
    let Some((entry, _, given)) = called(fact, report.entries) else { return };
    if let ("floor_to" | "round_to", [first, second]) = (entry.name, given)
        && (is_unit(&first.of) || first.name.as_deref() == Some("lot"))
        && !matches!(second.of, Type::Fixed(..))
        && second.name.as_deref() != Some("lot")
    {
        let place = Place { at: first.at, ..fact.place };
        let message = format!("{} rounds its first argument to its second", entry.name);
        let help = format!("it is called as {}", entry.signature());
        return report.tell(SWAPPED, place, message, Some(help));
    }
    let at = |name: &str| entry.params.iter().position(|param| param.name == name);
    if let (Some(low), Some(high)) = (at("low"), at("high"))
        && let (Some(low), Some(high)) = (given.get(low), given.get(high))
        && let (&Type::Fixed(least, _), &Type::Fixed(most, _)) = (&low.of, &high.of)
        && least > most
    {
        let place = Place { at: low.at, ..fact.place };
        let message = format!("low of {} is {least}, and high is {most}", entry.name);
        let help = format!("it is called as {}", entry.signature());
        return report.tell(SWAPPED, place, message, Some(help));
    }
    if let ("assert_near", [_, right, tolerance]) = (entry.name, given)
        && let (&Type::Fixed(right, _), &Type::Fixed(most, _)) = (&right.of, &tolerance.of)
        && !right.is_zero()
        && most >= right.abs()
    {
        let place = Place { at: tolerance.at, ..fact.place };
        let message = format!("the tolerance, {most}, lets anything through: {right} is expected");
        let help = format!("it is called as {}", entry.signature());
        return report.tell(SWAPPED, place, message, Some(help));
    }
    if let ("in_band", [_, weight, band]) = (entry.name, given)
        && let (Some(target), Some(most)) = (value(weight, report), value(band, report))
        && most >= target.abs()
        && !target.is_zero()
    {
        let place = Place { at: band.at, ..fact.place };
        let message = format!("a band of {most} around {target}: anything is in it");
        let help = format!("it is called as {}", entry.signature());
        return report.tell(SWAPPED, place, message, Some(help));
    }
    for (param, one) in entry.params.iter().zip(given) {
        if let (Some(name), Owner::Orders, Kind::Amount) = (&one.turned, entry.owner, param.kind) {
            turned(Place { at: one.at, ..fact.place }, name, report);
        }
        if one.is_nothing && entry.owner == Owner::Orders && param.kind == Kind::Amount {
            let place = Place { at: one.at, ..fact.place };
            let message = format!("{} of {} is never above 0 here", param.name, entry.name);
            tell(place, message, SIGN, report);
            continue;
        }
        let &Type::Fixed(number, _) = &one.of else { continue };
        let place = Place { at: one.at, ..fact.place };
        let found = weather(entry, param, number).or_else(|| odd(entry, param, number));
        if let Some((why, help)) = found {
            let message = format!("{} of {} is {number}, {why}", param.name, entry.name);
            tell(place, message, help, report);
        }
    }
}

/// Why no weather is like that.
fn weather(entry: &Entry, param: &Param, number: Decimal) -> Option<(&'static str, &'static str)> {
    if entry.owner != Owner::World {
        return None;
    }
    if param.unit == "seconds" && number > Decimal::from(SECONDS_MAX) {
        return Some(("more than a day", "it is counted in seconds, not in ms"));
    }
    if param.unit == "gwei" && number > Decimal::from(GWEI_MAX) {
        return Some(("which no gas has cost", "it is counted in gwei: 30 is usual"));
    }
    let is_factor = ["index", "factor", "price"].contains(&param.name);
    if is_factor && number <= Decimal::ZERO {
        return Some((
            "and must be above 0",
            "an index begins at 1, and a price is one of the quote",
        ));
    }
    if !param.unit.starts_with("fraction") {
        return None;
    }
    let most = match param.unit {
        "fraction of notional every 8 hours" => Decimal::new(1, 1),
        _ => Decimal::ONE,
    };
    if entry.name == "lst_discount" && number == Decimal::ONE {
        return Some(("so that nothing is left", PERCENT));
    }
    (number.abs() > most).then_some(("and it is a fraction", PERCENT))
}

/// The number that stands there, or that the configuration gives the parameter of this name.
fn value(given: &Given, report: &Report<'_>) -> Option<Decimal> {
    if let &Type::Fixed(number, _) = &given.of {
        return Some(number);
    }
    let name = given.name.as_ref()?;
    let mut parameters = report.setup.parameters.iter();
    let (_, parameter) = parameters.find(|(known, _)| known == name)?;
    match parameter.value {
        ParamValue::Decimal(number) => Some(number),
        _ => None,
    }
}

/// Why a number is odd for a parameter.
fn odd(entry: &Entry, param: &Param, number: Decimal) -> Option<(&'static str, &'static str)> {
    let name = entry.name;
    if param.unit.starts_with("hours") {
        if number <= Decimal::ZERO {
            return Some(("which is no span", "hours are counted from above 0"));
        }
        if number > Decimal::from(HOURS_MAX) {
            return Some(("more than two years", "it is counted in hours, not in ms"));
        }
        return None;
    }
    if param.unit.starts_with("fraction") && number.abs() > Decimal::from(FRACTION_MAX) {
        return Some(("and it is a fraction", PERCENT));
    }
    if name == "closes" && !(1..=1_000).map(Decimal::from).any(|known| known == number) {
        return Some(("which is no whole number from 1 to 1000", "ask for fewer"));
    }
    if ["floor_to", "round_to"].contains(&name) && param.name == "unit" {
        if number <= Decimal::ZERO {
            return Some(("and must be above 0", "round to 0.001, not to 3 digits"));
        }
        // 0.001, 0.5, 10: what things are counted in is a one, a two or a five with noughts.
        let digits = number.normalize().mantissa();
        let lead = std::iter::successors(Some(digits), |digits| {
            (digits % 10 == 0 && *digits != 0).then(|| digits / 10)
        });
        if ![1, 2, 5, 25].contains(&lead.last().unwrap_or(1)) {
            return Some(("an odd unit to round to", "round to 0.001, not to 3 digits"));
        }
    }
    let is_amount = param.kind == Kind::Amount || name == "received";
    if is_amount && number <= Decimal::ZERO && name != "swap_cost" && name != "min" && name != "max"
    {
        return Some(("and must be above 0", "leave the order out when there is nothing to do"));
    }
    None
}

/// 0.001, 0.5: what is rounded to, rather than what is rounded.
fn is_unit(of: &Type) -> bool {
    let &Type::Fixed(number, _) = of else { return false };
    let digits = number.normalize().mantissa();
    number <= Decimal::ONE && [1, 2, 5, 25].contains(&digits)
}
