//! The script's parameters: each with its type, unit and range, checked against what the mode declares.

use rust_decimal::Decimal;

use crate::types::Code;
use crate::types::venue::{MarginMode, VenueKind};

use super::super::faults::Fault;
use super::super::numbers::exact;
use super::super::section::{Section, unlike};
use super::super::setup::{ParamValue, Parameter};
use super::world::World;
use super::{WorldIs, meaning, units};

/// What a parameter's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Decimal,
    Integer,
    Text,
    Flag,
}

/// What a script reads under `ctx.params` beside its parameters; a parameter of the same name would hide it.
const SETTINGS: [&str; 4] = ["margin_mode", "reserve", "gas_tank", "execution"];

/// Types as other languages call them.
const ALIASES: [(&str, &[&str]); 4] = [
    ("decimal", &["float", "double", "number", "percent", "fraction"]),
    ("integer", &["int", "i64", "whole"]),
    ("text", &["string", "str"]),
    ("flag", &["bool", "boolean"]),
];

/// What only a number can have, beside a unit.
const BOUNDS: [&str; 4] = ["min", "max", "above", "below"];

/// Reads all parameters. The account's margin mode, a setting of the run, is handed to the script as one more.
pub(super) fn read(
    root: &Section<'_>,
    declared: &Section<'_>,
    world: &World,
    is_whole: WorldIs,
) -> Vec<(String, Parameter)> {
    let mut parameters: Vec<(String, Parameter)> = root
        .at("parameters")
        .entries()
        .into_iter()
        .map(|(name, section)| {
            let declared = declared.at("parameters").at(name);
            if !is_name(name) {
                let sentence =
                    format!("scripts could not read '{name}': a name is of letters, digits and _");
                let fault = Fault::new(Code::Config003, sentence);
                section
                    .tell(fault.suggest(format!("call it {}", name.replace(['-', ' ', '.'], "_"))));
            }
            let (parameter, is_allowed) = read_one(root, &section, &declared, world);
            if is_allowed && is_whole == WorldIs::Whole {
                meaning::check(root, &section, &parameter.value, world);
            }
            (name.to_owned(), parameter)
        })
        .collect();
    for name in SETTINGS {
        if parameters.iter().any(|(known, _)| known == name) {
            root.at("parameters").at(name).tell(
                Fault::new(
                    Code::Config005,
                    format!("{name} is a setting of the run that scripts can read"),
                )
                .suggest("set it at the root, or give the parameter another name"),
            );
        }
    }
    let margin_mode = "margin_mode";
    let has_exchange = world.universe.venues().iter().any(|v| v.kind == VenueKind::Exchange);
    if has_exchange {
        let text = match world.margin_mode {
            MarginMode::Unified => "unified",
            MarginMode::Usdt => "usdt",
        };
        let value = ParamValue::Text(text.to_owned());
        let one_of = ["unified", "usdt"].map(str::to_owned).to_vec();
        let parameter = Parameter { value, unit: String::new(), one_of };
        parameters.push((margin_mode.to_owned(), parameter));
    }
    parameters
}

/// Whether `ctx.params.NAME` is one name to a script.
fn is_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The parameter, and whether its value is one of those that it may have.
fn read_one(
    root: &Section<'_>,
    section: &Section<'_>,
    declared: &Section<'_>,
    world: &World,
) -> (Parameter, bool) {
    units::check(section, &world.universe);
    check_bounds(section);
    let unit = unit_of(section).to_owned();
    let (value, is_allowed) = if section.at("values").is_set() {
        (read_map(root, section, world), true)
    } else {
        read_value(root, section, declared)
    };
    let one_of = section.at("one_of").items().iter().map(|one| one.text().to_owned()).collect();
    (Parameter { value, unit, one_of }, is_allowed)
}

/// Where nothing but a unit asks for a number, that is told, unless the number is known that was meant.
fn asked_by_unit(section: &Section<'_>, fault: Fault) -> Fault {
    let unit = unit_of(section);
    let is_why = !unit.is_empty() && !has_range(section) && !section.at("type").is_set();
    match fault.suggestion {
        None if is_why => fault.suggest(format!(
            "what has a unit ({unit}) is a number: write it, or leave the unit out"
        )),
        _ => fault,
    }
}

fn has_range(section: &Section<'_>) -> bool {
    BOUNDS.iter().any(|bound| section.at(bound).is_set())
}

fn unit_of<'a>(section: &Section<'a>) -> &'a str {
    section.at("unit").optional_text().unwrap_or_default()
}

fn read_map(root: &Section<'_>, section: &Section<'_>, world: &World) -> ParamValue {
    if section.at("value").is_set() {
        section.fault(Code::Config005, "a parameter has either value or values");
    }
    let mut total = Decimal::ZERO;
    let mut map = Vec::new();
    for (name, below) in section.at("values").entries() {
        check_map_key(name, &below, section, world);
        match exact(below.text()) {
            Some(number) => {
                check_range(root, &below, section, number);
                total += number;
                map.push((name.to_owned(), number));
            }
            None => below.tell(unlike("a number", below.text(), unit_of(section))),
        }
    }
    if let Some(sum) = number_at(&section.at("sum"))
        && total != sum
    {
        let values: Vec<String> =
            map.iter().map(|(name, number)| format!("{name} {}", number.normalize())).collect();
        let sentence = format!(
            "the values must sum to {sum}, not {}: {}",
            total.normalize(),
            values.join(", ")
        );
        section.at("values").fault(Code::Config005, sentence);
    }
    ParamValue::Map(map)
}

/// `keys: venues` means that each name is a venue of the mode.
fn check_map_key(name: &str, below: &Section<'_>, section: &Section<'_>, world: &World) {
    let keys = section.at("keys");
    if !keys.is_set() || keys.choice(&[("venues", ())]).is_none() {
        return;
    }
    if world.universe.venue_named(name).is_none() {
        let venues: Vec<&str> = world.universe.venues().iter().map(|venue| &*venue.name).collect();
        below.unknown(
            name,
            &format!("a venue of the mode is expected ({})", venues.join(", ")),
            &venues,
        );
    }
}

/// The value, and whether it is one of those that the parameter may have.
fn read_value(
    root: &Section<'_>,
    section: &Section<'_>,
    declared: &Section<'_>,
) -> (ParamValue, bool) {
    let Some(kind) = type_of(section, declared) else { return (ParamValue::Unset, false) };
    let place = section.at("value");
    let Some(text) = place.optional_text() else {
        let flags = [("true", true), ("false", false)];
        let optional = section.at("optional");
        if !optional.is_set() || optional.choice(&flags) != Some(true) {
            place.fault(Code::Config004, "the parameter needs a value; it is not optional");
        }
        return (ParamValue::Unset, false);
    };
    let wrong = |expected: &str| {
        place.tell(asked_by_unit(section, unlike(expected, text, unit_of(section))));
        ParamValue::Unset
    };
    let value = match kind {
        Type::Decimal => exact(text).map_or_else(|| wrong("a number"), ParamValue::Decimal),
        Type::Integer => text.parse().map_or_else(|_| wrong("a whole number"), ParamValue::Integer),
        Type::Flag => text.parse().map_or_else(|_| wrong("true or false"), ParamValue::Flag),
        Type::Text => ParamValue::Text(text.to_owned()),
    };
    match value {
        ParamValue::Decimal(number) => check_range(root, &place, section, number),
        ParamValue::Integer(number) => check_range(root, &place, section, Decimal::from(number)),
        _ => {}
    }
    (value, is_one_of(&place, section, text))
}

/// The declared type, else the one that the mode's own value has; a flag on the command line never changes it.
fn type_of(section: &Section<'_>, declared: &Section<'_>) -> Option<Type> {
    let kinds = [
        ("decimal", Type::Decimal),
        ("integer", Type::Integer),
        ("text", Type::Text),
        ("flag", Type::Flag),
    ];
    let kind = section.at("type");
    if let Some(text) = kind.optional_text() {
        let meant = ALIASES.iter().find(|(_, others)| others.contains(&text));
        if let Some((meant, _)) = meant {
            let sentence = format!("one of decimal, integer, text, flag is expected, not '{text}'");
            kind.tell(Fault::new(Code::Config003, sentence).suggest(format!("write {meant}")));
            return None;
        }
        return kind.choice(&kinds);
    }
    match declared.at("value").optional_text() {
        // "0,02" and "true" are numbers gone wrong where a unit or a range is declared; any comparison with them would be
        // silently false.
        Some(_) if has_range(section) || !unit_of(section).is_empty() => Some(Type::Decimal),
        Some("true" | "false") => Some(Type::Flag),
        Some(text) if exact(text).is_some() => Some(Type::Decimal),
        Some(_) => Some(Type::Text),
        None => {
            let fault = Fault::new(Code::Config004, "the parameter has no value");
            section.at("value").tell(fault.suggest(
                "write one, or where it is set elsewhere its type: decimal, integer, text or flag",
            ));
            None
        }
    }
}

/// A range must leave a value.
fn check_bounds(section: &Section<'_>) {
    if let (Some(least), Some(most)) = bounds(section)
        && least > most
    {
        let sentence = format!("the minimum, {least}, is above the maximum, {most}: no value fits");
        section.at("min").tell(Fault::new(Code::Config005, sentence).suggest("exchange the two"));
    }
}

/// The least and the most that a value may be.
fn bounds(section: &Section<'_>) -> (Option<Decimal>, Option<Decimal>) {
    (number_at(&section.at("min")), number_at(&section.at("max")))
}

/// `min` and `max` are inclusive; `above` and `below` name another value that must be smaller or larger.
fn check_range(root: &Section<'_>, place: &Section<'_>, section: &Section<'_>, number: Decimal) {
    let (least, most) = bounds(section);
    // Of a range without a value in it only that is told.
    let is_range = least.zip(most).is_none_or(|(least, most)| least <= most);
    if let Some(least) = least.filter(|least| is_range && number < *least) {
        place.fault(Code::Config003, format!("{number} is below its minimum, {least}"));
    }
    if let Some(most) = most.filter(|most| is_range && number > *most) {
        place.fault(Code::Config003, format!("{number} is above its maximum, {most}"));
    }
    for (key, is_right) in
        [("above", (|a, b| a > b) as fn(Decimal, Decimal) -> bool), ("below", |a, b| a < b)]
    {
        let Some(path) = section.at(key).optional_text() else { continue };
        if path == section.path() || path == section.at("value").path() {
            let sentence = format!("a value cannot be {key} itself; name another");
            section.at(key).fault(Code::Config005, sentence);
            continue;
        }
        match root.number_named(path) {
            Some(other) if is_right(number, other) => {}
            Some(other) => {
                place.fault(
                    Code::Config005,
                    format!("{number} must be {key} {path}, which is {other}"),
                );
            }
            None => section.at(key).tell(no_number(root, key, path)),
        }
    }
}

/// Said where `above` or `below` names no number, with the one that is meant.
fn no_number(root: &Section<'_>, key: &str, path: &str) -> Fault {
    if exact(path).is_some() {
        let bound = if key == "above" { "min" } else { "max" };
        let sentence = format!("the path of another number is expected here, not '{path}'");
        return Fault::new(Code::Config003, sentence).suggest(format!("write {bound}: {path}"));
    }
    let fault = Fault::new(Code::Config003, format!("there is no number at '{path}'"));
    let parameter = format!("parameters.{path}");
    match root.number_named(&parameter) {
        Some(_) => fault.suggest(format!("write {parameter}")),
        None => fault.nearest(path, root.number_paths()),
    }
}

fn number_at(section: &Section<'_>) -> Option<Decimal> {
    let text = section.optional_text()?;
    let number = exact(text);
    if number.is_none() {
        section.tell(unlike("a number", text, ""));
    }
    number
}

fn is_one_of(place: &Section<'_>, section: &Section<'_>, text: &str) -> bool {
    let allowed: Vec<&str> = section.at("one_of").items().iter().map(Section::text).collect();
    let is_same = |one: &&str| *one == text || exact(one).is_some() && exact(one) == exact(text);
    let is_allowed = allowed.is_empty() || allowed.iter().any(is_same);
    if !is_allowed {
        place.unknown(text, &format!("one of {} is expected", allowed.join(", ")), &allowed);
    }
    is_allowed
}
