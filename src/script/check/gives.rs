//! What functions, methods and operators give: the host's by their table, the language's own by a list.

use std::collections::BTreeMap;

use crate::config::Setup;
use crate::market::Direction;
use crate::types::{MarketKind, PnlCause, TokenId, Universe};

use super::super::api::{Entry, Owner, SIGNAL_FIELDS};
use super::super::host;
use super::facts::Given;
use super::measures;
use super::texts::{Texts, can_be};
use super::types::{Fields, Object, Type};
use super::unit::{Base, Unit};

/// What an entry of the host's table gives for some arguments.
pub(super) fn of(entry: &Entry, subject: Object, given: &[Given], setup: &Setup) -> Type {
    let (text, is_optional) = match entry.returns.split_once(", or ()") {
        Some((text, _)) => (text, true),
        None => (entry.returns, false),
    };
    let of = plain(entry, text, subject, given, setup);
    if is_optional { Type::Optional(Box::new(of)) } else { of }
}

fn plain(entry: &Entry, text: &str, subject: Object, given: &[Given], setup: &Setup) -> Type {
    let universe = &*setup.universe;
    match text {
        _ if !entry.choices.is_empty() => chosen(entry.choices.iter().copied()),
        "bool" => Type::Bool,
        "order" => Type::Host(Object::Order(brought(entry, given, setup))),
        "group" => Type::Host(Object::Group),
        "decision" => Type::Host(Object::Decision),
        "amount" if entry.owner == Owner::Orders => {
            Type::Host(Object::Amount(token_of_key(given, 0, universe)))
        }
        "amount" if entry.owner == Owner::Amount => Type::Host(subject),
        "amount" => match subject {
            Object::Order(token) => Type::Host(Object::Amount(token)),
            _ => Type::amount(),
        },
        "risk" => Type::Host(Object::Risk),
        "market" => match subject {
            Object::Pair(pair) => Type::Host(Object::Market(pair)),
            _ => Type::Host(Object::Market(pair(given, 2, setup))),
        },
        "pair" => Type::Host(Object::Pair(pair(given, 1, setup))),
        "hedge" => Type::Host(Object::Hedge(pair(given, 0, setup))),
        "parameters" => Type::Host(Object::Params),
        "world" => Type::Host(Object::World),
        "step" => Type::Host(Object::Step),
        "ctx" => Type::Host(Object::Ctx),
        "list of steps" => Type::List(Box::new(Type::Host(Object::Step))),
        "list of sent orders" => Type::List(Box::new(Type::Host(Object::Sent))),
        "list of texts" => Type::List(Box::new(Type::text())),
        "one of the list" => Type::Any,
        "text" => Type::text(),
        "venue" => Type::Text(Texts::any_of(venues(given, universe).into_iter().flatten())),
        "()" => Type::Unit,
        text if text.starts_with("integer, ms") => Type::Measure(Unit::of(Base::Ms), true),
        text if text.starts_with("integer") => Type::Int,
        text if text.starts_with('"') => chosen(text.split('"').skip(1).step_by(2)),
        "map of a signal" => signal(),
        text if text.starts_with("list of #{") => Type::List(Box::new(Type::Map(Fields {
            known: text
                .trim_start_matches("list of #{")
                .split('}')
                .next()
                .unwrap_or_default()
                .split(',')
                .map(|name| (name.trim().to_owned(), Type::Any))
                .collect(),
            is_closed: true,
        }))),
        text if text.starts_with("list of") => {
            let of = text.trim_start_matches("list of ");
            Type::List(Box::new(number(of, subject, given, setup)))
        }
        "map of tokens by key" => named_values(universe.instruments().iter().map(|it| &*it.name)),
        "map of share class by cause" => named_values(PnlCause::TEXTS.into_iter()),
        text if text.starts_with("map") => {
            Type::Map(Fields { known: BTreeMap::new(), is_closed: false })
        }
        "number" if entry.owner == Owner::Global => Type::Number,
        _ => number(text, subject, given, setup),
    }
}

/// What `ctx.signal()` gives.
fn signal() -> Type {
    let of = |name: &str| match name {
        "signal" => chosen(Direction::WORDS.into_iter()),
        "model_version" => Type::text(),
        "at" => Type::Measure(Unit::of(Base::Ms), true),
        _ => Type::Decimal,
    };
    let known = SIGNAL_FIELDS.into_iter().map(|name| (name.to_owned(), of(name))).collect();
    Type::Map(Fields { known, is_closed: true })
}

/// A text of a list.
fn chosen<'t>(choices: impl Iterator<Item = &'t str>) -> Type {
    let choices: Vec<String> = choices.map(str::to_owned).collect();
    let texts = Texts::any_of(choices.iter().map(String::as_str));
    Type::Text(texts.chosen(&choices))
}

/// A map that has no other names than these, and not always each of them.
fn named_values<'t>(names: impl Iterator<Item = &'t str>) -> Type {
    let known = names.map(|name| (name.to_owned(), Type::Any)).collect();
    Type::Map(Fields { known, is_closed: true })
}

/// A decimal, with what it counts where the table says that.
fn number(text: &str, subject: Object, given: &[Given], setup: &Setup) -> Type {
    if given.iter().any(|given| given.of == Type::Never) {
        return Type::Never;
    }
    match measures::of(text, subject, given, setup) {
        Some(unit) => Type::Measure(unit, false),
        None => Type::Decimal,
    }
}

/// The thing of a name that an argument is, where all that it can be give the same.
pub(super) fn named<T: PartialEq>(
    given: &[Given],
    index: usize,
    find: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let Type::Text(texts) = &given.get(index)?.of else { return None };
    if !texts.are_known() {
        return None;
    }
    let mut all = texts.all().map(find);
    let first = all.next()??;
    all.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

/// The token of the key that an argument is; of a key of which parts are not known, where all that it can be hold the same.
pub(super) fn token_of_key(given: &[Given], index: usize, universe: &Universe) -> Option<TokenId> {
    let Type::Text(texts) = &given.get(index)?.of else { return None };
    if texts.are_known() {
        let of = |text: &str| Some(universe.instrument(universe.key_named(text)?).token);
        return named(given, index, of);
    }
    if !texts.say_something() {
        return None;
    }
    let instruments = universe.instruments().iter();
    let meant = instruments.filter(|it| texts.all().any(|text| can_be(text, &it.name)));
    let mut tokens = meant.map(|it| it.token);
    let first = tokens.next()?;
    tokens.all(|other| other == first).then_some(first)
}

/// The token that an order brings in.
fn brought(entry: &Entry, given: &[Given], setup: &Setup) -> Option<TokenId> {
    let universe = &*setup.universe;
    let token = |index: usize| named(given, index, |text| universe.token_named(text));
    let spot = || of_symbol(given, 1, setup, &[MarketKind::Spot]);
    match entry.name {
        "spot_buy" => spot().map(|(base, _)| base),
        "spot_sell" => spot().map(|(_, quote)| quote),
        "withdraw" | "borrow" | "flash_borrow" => token(1),
        "transfer" | "swap" | "swap_exact_out" => token(2),
        "wrap" => universe.token_named("WETH"),
        "unwrap" => universe.token_named("ETH"),
        "stake" => named(given, 0, |venue| {
            let rules = universe.staking(universe.venue_named(venue)?)?;
            Some(universe.instrument(rules.token).token)
        }),
        _ => None,
    }
}

/// The coin and the quote of `ctx.market(venue, kind, symbol)` or `ctx.pair(venue, symbol)`, by where the symbol stands.
fn pair(given: &[Given], symbol: usize, setup: &Setup) -> Option<(TokenId, TokenId)> {
    of_symbol(given, symbol, setup, &[MarketKind::Spot, MarketKind::Perp])
}

/// The coin and the quote of the symbol that an argument is.
pub(super) fn of_symbol(
    given: &[Given],
    index: usize,
    setup: &Setup,
    kinds: &[MarketKind],
) -> Option<(TokenId, TokenId)> {
    named(given, index, |symbol| {
        let markets = setup.universe.markets().iter();
        let mut markets = markets.filter(|it| &*it.symbol == symbol && kinds.contains(&it.kind));
        markets.next().map(|market| (market.base, market.quote))
    })
}

/// The venues that issue the staking tokens of an argument.
fn venues<'u>(given: &[Given], universe: &'u Universe) -> Vec<Option<&'u str>> {
    let Some(Type::Text(texts)) = given.first().map(|given| &given.of) else { return Vec::new() };
    if !texts.are_known() {
        return Vec::new();
    }
    let issuer = |name: &str| {
        let token = host::token(universe, name).ok()?;
        let venues = universe.venues().iter();
        let mut issuers = venues.filter(|venue| {
            let rules = universe.staking(venue.id);
            rules.is_some_and(|rules| universe.instrument(rules.token).token == token)
        });
        issuers.next().map(|venue| &*venue.name)
    };
    texts.all().map(issuer).collect()
}

/// What a global function of the host gives for some arguments: `min` of an amount is an amount.
pub(super) fn of_global(entry: &Entry, given: &[Given], setup: &Setup) -> Type {
    if given.iter().any(|given| given.of == Type::Never) && entry.returns != "()" {
        return if ["number", "decimal"].contains(&entry.returns) {
            Type::Never
        } else {
            of(entry, Object::Ctx, given, setup)
        };
    }
    // A fraction that is kept as near to nothing on either side is a rate as well: funding is reckoned so.
    if let ("clamp", [of, low, high]) = (entry.name, given)
        && let (&Type::Fixed(low, _), &Type::Fixed(high, _)) = (&low.of, &high.of)
        && of.of.unit().is_some_and(Unit::is_fraction)
        && low == -high
    {
        return Type::Decimal;
    }
    let is_of_first = ["floor_to", "round_to", "abs", "clamp"].contains(&entry.name);
    if is_of_first && let Some(first @ Type::Measure(..)) = given.first().map(|given| &given.of) {
        return first.clone();
    }
    if entry.returns == "number" {
        let all = given.iter().map(|given| given.of.clone()).fold(Type::Never, smaller);
        let is_known = all == Type::Never || all.is_number() || all.is_amount();
        return if is_known { all.loosened() } else { Type::Any };
    }
    of(entry, Object::Ctx, given, setup)
}

/// The smaller or larger of two: it counts what either of them counts.
fn smaller(a: Type, b: Type) -> Type {
    match (a, b) {
        (amount, number) | (number, amount) if amount.is_amount() && number.is_number() => amount,
        (Type::Measure(unit, _), Type::Fixed(..)) | (Type::Fixed(..), Type::Measure(unit, _)) => {
            Type::Measure(unit, false)
        }
        (a, b) => a.join(b),
    }
}

/// What a function of the language gives.
pub(super) fn of_language(name: &str, given: &[Given]) -> Type {
    match (name, given) {
        ("type_of", _) => Type::Text(Texts::default().chosen(&["()".to_owned()])),
        ("print" | "debug", _) => Type::Unit,
        ("to_string", _) => Type::text(),
        ("to_int", _) => Type::Int,
        ("to_decimal", [Given { of: of @ Type::Measure(..), .. }]) => of.clone(),
        ("to_decimal", _) => Type::Decimal,
        ("keys" | "len" | "contains", [subject, rest @ ..]) => of_method(&subject.of, name, rest),
        _ => Type::Any,
    }
}

/// What a method of a value of the language gives.
pub(super) fn of_method(subject: &Type, name: &str, given: &[Given]) -> Type {
    match (subject.kept(), name) {
        (Type::Never, _) => Type::Never,
        (_, "len") => Type::Int,
        (Type::Map(fields), "keys") if fields.is_closed => {
            let keys = fields.known.keys().map(String::as_str);
            Type::List(Box::new(Type::Text(Texts::any_of(keys))))
        }
        (Type::Map(_), "keys") => Type::List(Box::new(Type::text())),
        (Type::Map(fields), "values") if fields.is_closed => {
            let types = fields.known.values().cloned();
            Type::List(Box::new(types.fold(Type::Never, Type::join)))
        }
        (Type::Map(_) | Type::List(_) | Type::Text(_), "contains") => Type::Bool,
        (Type::List(_) | Type::Map(_) | Type::Text(_), "is_empty") => Type::Bool,
        (Type::List(_), "all" | "some") => Type::Bool,
        (Type::List(_), "push" | "clear" | "sort") if given.len() < 2 => Type::Unit,
        (Type::List(_), "filter") => subject.clone(),
        (of, "abs" | "floor" | "round") if of.is_number() => of.clone().loosened(),
        _ => Type::Any,
    }
}

/// What an operator gives; whether one of its sides is a number that stands there.
pub(super) fn of_operator((op, literal): (&str, bool), left: &Type, right: &Type) -> Type {
    let (left, right) = (left.kept(), right.kept());
    match op {
        "==" | "!=" | "<" | "<=" | ">" | ">=" | "&&" | "||" | "in" | "!in" => Type::Bool,
        _ if *left == Type::Never || *right == Type::Never => Type::Never,
        // What may be nothing is told; what it is otherwise goes on.
        _ if matches!(left, Type::Optional(_) | Type::Unit) => {
            of_operator((op, literal), &left.clone().without_unit(), right)
        }
        _ if matches!(right, Type::Optional(_) | Type::Unit) => {
            of_operator((op, literal), left, &right.clone().without_unit())
        }
        "+" if matches!(left, Type::Text(_)) || matches!(right, Type::Text(_)) => {
            let texts = |of: &Type| match of {
                Type::Text(texts) => texts.clone(),
                _ => Texts::default(),
            };
            Type::Text(texts(left).then(&texts(right)))
        }
        "+" if matches!(
            (left, right),
            (Type::List(_), Type::List(_)) | (Type::Map(_), Type::Map(_))
        ) =>
        {
            left.clone().join(right.clone())
        }
        "+" | "-" | "*" | "/" | "%" | "**" => match (left, right) {
            (amount, _) | (_, amount) if amount.is_amount() => amount.clone(),
            (left, right) if left.is_number() && right.is_number() => {
                measures::of_operator((op, literal), left, right)
            }
            _ => Type::Any,
        },
        _ => Type::Any,
    }
}
