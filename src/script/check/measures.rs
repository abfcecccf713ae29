//! What the host's numbers count, by the words of its table, and what operators make of that.

use rust_decimal::Decimal;

use crate::config::Setup;
use crate::types::MarketKind;

use super::super::api::{Entry, Kind, Param};
use super::facts::Given;
use super::gives::{named, of_symbol, token_of_key};
use super::types::{Object, Type};
use super::unit::{Base, Unit};

/// What a number counts that the table describes by a text, for some arguments of a subject.
pub(super) fn of(text: &str, subject: Object, given: &[Given], setup: &Setup) -> Option<Unit> {
    let universe = &*setup.universe;
    let token = |token| Unit::token(universe, token);
    let of_key = || token_of_key(given, 0, universe).map(token);
    let of_token = || named(given, 0, |text| universe.token_named(text)).map(token);
    let quote = token(setup.quote);
    let share = token(setup.share_class.token);
    let symbol = || of_symbol(given, 1, setup, &[MarketKind::Spot, MarketKind::Perp]);
    match (subject, text) {
        (Object::Market(pair) | Object::Pair(pair) | Object::Hedge(pair), "coins") => {
            pair.map(|(base, _)| token(base))
        }
        (Object::Pair(pair) | Object::Hedge(pair), "quote token") => {
            pair.map(|(_, quote)| token(quote))
        }
        (Object::Market(pair), "quote per coin") => {
            pair.map(|(base, quote)| token(quote).over(&token(base)))
        }
        (Object::Market(pair), "quote") => pair.map(|(_, quote)| token(quote)),
        (Object::Amount(of), "tokens") => of.map(token),
        (_, "share class") => Some(share),
        (_, "share class per token") => Some(share.over(&of_token()?)),
        (_, "quote") => Some(quote),
        (_, "quote per coin") => match symbol() {
            Some((base, quote)) => Some(token(quote).over(&token(base))),
            None => Some(quote.over(&of_key()?)),
        },
        (_, "tokens") => {
            of_key().or_else(|| named(given, 1, |text| universe.token_named(text)).map(token))
        }
        (_, "coins") => of_token(),
        (_, text) if text.starts_with("coins") => of_key(),
        (_, "base tokens") => {
            let of = named(given, 0, |text| universe.token_named(text))?;
            Some(token(universe.base(of)).over(&token(of)))
        }
        (_, "hours") => Some(Unit::of(Base::Hour)),
        (_, "gwei") => Some(Unit::of(Base::Gwei)),
        (_, "fraction a year") => Some(Unit::of(Base::PerYear)),
        (_, "fraction per 8 h") => Some(Unit::of(Base::Per8h)),
        // What was last paid is for whatever interval the venue has.
        (_, "fraction of the notional") if !given.is_empty() => None,
        (_, text) if text.starts_with("fraction") => Some(Unit::fraction()),
        _ => None,
    }
}

/// What a parameter of the configuration counts, by the words of its unit.
pub(super) fn of_parameter(unit: &str, setup: &Setup) -> Option<Unit> {
    let universe = &*setup.universe;
    match unit {
        "hours" | "h" => Some(Unit::of(Base::Hour)),
        "days" => Some(Unit::of(Base::Day)),
        "seconds" | "s" => Some(Unit::of(Base::Second)),
        "ms" => Some(Unit::of(Base::Ms)),
        "bps" => Some(Unit::of(Base::Bps)),
        "gwei" => Some(Unit::of(Base::Gwei)),
        "per 8 h" | "fraction per 8 h" => Some(Unit::of(Base::Per8h)),
        "per year" | "a year" | "fraction a year" => Some(Unit::of(Base::PerYear)),
        "share class" => Some(Unit::token(universe, setup.share_class.token)),
        "fraction" | "debt over collateral" => Some(Unit::fraction()),
        _ if ["of ", "share of ", "fraction of "].iter().any(|start| unit.starts_with(start)) => {
            Some(Unit::fraction())
        }
        name => universe.token_named(name).map(|token| Unit::token(universe, token)),
    }
}

/// What an argument of a host function has to count, where the table says that.
pub(super) fn wanted(
    entry: &Entry,
    param: &Param,
    subject: Object,
    given: &[Given],
    setup: &Setup,
) -> Option<Unit> {
    let universe = &*setup.universe;
    let token = |token| Unit::token(universe, token);
    let at = |kinds: &[Kind]| entry.params.iter().position(|param| kinds.contains(&param.kind));
    let symbol = || {
        let index = at(&[Kind::SpotSymbol, Kind::PerpSymbol])?;
        of_symbol(given, index, setup, &[MarketKind::Spot, MarketKind::Perp])
    };
    let of_token = |index: usize| named(given, index, |text| universe.token_named(text)).map(token);
    match param.unit {
        "hours" => Some(Unit::of(Base::Hour)),
        unit if unit.starts_with("fraction") => Some(Unit::fraction()),
        "tokens of the key" => token_of_key(given, 0, universe).map(token),
        "tokens received" => of_token(2),
        "tokens" if entry.name == "swap_cost" || entry.name == "swap" => of_token(1),
        "tokens" if ["wrap", "unwrap"].contains(&entry.name) => {
            universe.token_named("ETH").map(token)
        }
        "tokens" => match subject {
            Object::Amount(of) => of.map(token),
            _ => of_token(at(&[Kind::Token])?),
        },
        "ETH" => universe.token_named("ETH").map(token),
        "staking tokens" => named(given, 0, |venue| {
            let rules = universe.staking(universe.venue_named(venue)?)?;
            Some(universe.instrument(rules.token).token)
        })
        .map(token),
        unit if unit.starts_with("coins") => match subject {
            Object::Market(pair) => pair.map(|(base, _)| token(base)),
            _ => symbol().map(|(base, _)| token(base)),
        },
        "quote token" => match subject {
            Object::Pair(pair) | Object::Hedge(pair) => pair.map(|(_, quote)| token(quote)),
            _ => None,
        },
        _ => None,
    }
}

/// What an operator between two numbers gives; whether one of them stands there.
pub(super) fn of_operator((op, literal): (&str, bool), left: &Type, right: &Type) -> Type {
    let is_whole = left.is_whole() && right.is_whole();
    let unknown = || match (left.is_whole(), right.is_whole()) {
        (true, true) => Type::Int,
        _ if left.is_decimal() || right.is_decimal() => Type::Decimal,
        _ => Type::Number,
    };
    let measured = |unit: Option<Unit>| match unit {
        Some(unit) => Type::Measure(unit, is_whole),
        None => unknown(),
    };
    match (op, left, right) {
        (_, &Type::Fixed(a, _), &Type::Fixed(b, _)) => {
            let value = match op {
                "+" => a.checked_add(b),
                "-" => a.checked_sub(b),
                "*" => a.checked_mul(b),
                "/" if !is_whole => a.checked_div(b),
                _ => None,
            };
            value.map_or_else(unknown, |value| Type::Fixed(value, is_whole))
        }
        ("+" | "-" | "%", Type::Measure(a, _), Type::Measure(b, _)) => {
            measured((a == b).then(|| a.clone()))
        }
        ("+" | "-" | "%", Type::Measure(unit, _), Type::Fixed(..))
        | ("+" | "-", Type::Fixed(..), Type::Measure(unit, _)) => measured(Some(unit.clone())),
        ("*", Type::Measure(a, _), Type::Measure(b, _)) => measured(Some(a.times(b))),
        ("/", Type::Measure(a, _), Type::Measure(b, _)) => measured(Some(a.over(b))),
        // A constant may be so many coins, or a price: times a price, or under so much of a token, nobody knows.
        ("*", Type::Measure(unit, _), Type::Fixed(..))
        | ("*", Type::Fixed(..), Type::Measure(unit, _))
            if !literal && unit.is_price() =>
        {
            unknown()
        }
        ("/", Type::Measure(unit, _), Type::Fixed(..)) if !literal && unit.is_quantity() => {
            unknown()
        }
        ("*", Type::Measure(unit, _), &Type::Fixed(by, _))
        | ("*", &Type::Fixed(by, _), Type::Measure(unit, _)) => measured(unit.scaled(by, false)),
        // A part of one that is divided may be paid so many times.
        ("/", Type::Measure(unit, _), &Type::Fixed(by, _))
            if unit.is_fraction() && ![Decimal::ONE, Decimal::TWO].contains(&by) =>
        {
            unknown()
        }
        ("/", Type::Measure(unit, _), &Type::Fixed(by, _)) => measured(unit.scaled(by, true)),
        // Any other number may be so many of something.
        ("/", &Type::Fixed(of, _), Type::Measure(unit, _)) if of == Decimal::ONE => {
            measured(Some(Unit::fraction().over(unit)))
        }
        _ => unknown(),
    }
}
