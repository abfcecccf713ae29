//! Assertions: what must hold, and what is said when it does not.

use std::sync::PoisonError;

use rhai::{Dynamic, FnPtr, ImmutableString, Map, NativeCallContext};
use rust_decimal::Decimal;

use crate::script::api::{Api, Entry, Kind, Owner, Param};
use crate::script::host::{self, Answer, HostError};
use crate::types::Code;

use super::{Props, placed};

const CONDITION: Param = Param::new("condition", Kind::Any, "true or false");
const TOLD: Param = Param::new("message", Kind::Text, "what is told");
const MESSAGE: Param = Param::new("message", Kind::Text, "what is told when it fails").optional();
const LEFT: Param = Param::new("left", Kind::Any, "anything");
const RIGHT: Param = Param::new("right", Kind::Any, "anything");
const WHOLE: Param = Param::new("whole", Kind::Any, "a text or a list");
const PART: Param = Param::new("part", Kind::Any, "a text, or an item");
const NUMBER: Param = Param::new("left", Kind::Number, "number");
const OTHER: Param = Param::new("right", Kind::Number, "number");
const TOLERANCE: Param = Param::new("tolerance", Kind::Number, "number");
const WORK: Param = Param::new("work", Kind::Function, "|| …");
const WORDS: Param = Param::new("words", Kind::Text, "a part of the message");

const fn entry(name: &'static str, params: &'static [Param], doc: &'static str) -> Entry {
    Entry::call(Owner::Global, name, params, "()", doc)
}

/// What is said of an assertion of something that can neither hold nor fail.
pub(in crate::trial) const NEITHER: &str = "assert takes true or false";
/// What an assertion says that says nothing else.
pub(in crate::trial) const NOT_TRUE: &str = "this is not true";
/// Gives back a part of an assertion and keeps how it reads.
pub(in crate::trial) const SEEN: &str = "seen_part_of_assertion";

/// Registers what looks at the parts of an assertion.
pub(super) fn register_seen(api: &mut Api) {
    let seen = entry(SEEN, &[NUMBER, LEFT], "Gives back what it is given.");
    api.add(seen, |call: NativeCallContext, part: i64, value: Dynamic| -> Dynamic {
        if let Ok((_, props)) = Props::of(&call) {
            let mut sight = props.sight.lock().unwrap_or_else(PoisonError::into_inner);
            sight.now.insert(part, shown(&value));
        }
        value
    });
}

pub(super) fn register(api: &mut Api) {
    conditions(api);
    comparisons(api);
    failures(api);
}

fn conditions(api: &mut Api) {
    let assert = entry("assert", &[CONDITION, MESSAGE], "Fails unless a condition is true.");
    api.add(assert, |call: NativeCallContext, holds: Dynamic| {
        placed(&call, asserted(&call, &holds, NOT_TRUE))
    });
    api.add(assert, |call: NativeCallContext, holds: Dynamic, message: ImmutableString| {
        placed(&call, asserted(&call, &holds, &message))
    });
    let fail = entry("fail", &[TOLD], "Fails.");
    api.add(fail, |call: NativeCallContext, message: ImmutableString| -> Answer<()> {
        placed(&call, Err(HostError::new(Code::Test001, message.as_str())))
    });
}

fn comparisons(api: &mut Api) {
    let eq = entry(
        "assert_eq",
        &[LEFT, RIGHT, MESSAGE],
        "Fails unless both are the same: numbers by value, lists and maps by what is in them.",
    );
    api.add(eq, |call: NativeCallContext, left: Dynamic, right: Dynamic| {
        placed(&call, equal(&left, &right, ""))
    });
    api.add(
        eq,
        |call: NativeCallContext, left: Dynamic, right: Dynamic, message: ImmutableString| {
            placed(&call, equal(&left, &right, &message))
        },
    );
    let ne = entry("assert_ne", &[LEFT, RIGHT], "Fails when both are the same.");
    api.add(ne, |call: NativeCallContext, left: Dynamic, right: Dynamic| {
        let told = same(&left, &right).then(|| format!("both are {}", shown(&left)));
        placed(&call, told.map_or(Ok(()), |told| Err(HostError::new(Code::Test001, told))))
    });
    let contains = entry(
        "assert_contains",
        &[WHOLE, PART],
        "Fails unless a text has a part, or a list an item.",
    );
    api.add(contains, |call: NativeCallContext, whole: Dynamic, part: Dynamic| {
        placed(&call, contained(&whole, &part))
    });
    let near = entry(
        "assert_near",
        &[NUMBER, OTHER, TOLERANCE],
        "Fails when two numbers are further apart than the tolerance.",
    );
    api.add(near, |call: NativeCallContext, left: Dynamic, right: Dynamic, tolerance: Dynamic| {
        placed(&call, close(&left, &right, &tolerance))
    });
}

fn failures(api: &mut Api) {
    let throws = entry(
        "assert_throws",
        &[WORK, WORDS],
        "Fails unless the work fails with a message that has these words.",
    );
    api.add(throws, |call: NativeCallContext, work: FnPtr, words: ImmutableString| {
        let told = match work.call_within_context::<Dynamic>(&call, ()) {
            Ok(_) => Err(HostError::new(
                Code::Test001,
                format!("nothing failed, where \"{words}\" was expected"),
            )),
            Err(error) => {
                let message = message_of(&error);
                match message.contains(words.as_str()) {
                    true => Ok(()),
                    false => Err(HostError::new(
                        Code::Test001,
                        format!("it failed without the words \"{words}\": {message}"),
                    )),
                }
            }
        };
        placed(&call, told)
    });
}

fn asserted(call: &NativeCallContext, holds: &Dynamic, message: &str) -> Result<(), HostError> {
    if let Ok((_, props)) = Props::of(call) {
        let mut sight = props.sight.lock().unwrap_or_else(PoisonError::into_inner);
        let parts = std::mem::take(&mut sight.now);
        if matches!(holds.as_bool(), Ok(false)) {
            sight.failed = parts;
        }
    }
    match holds.as_bool() {
        Ok(true) => Ok(()),
        Ok(false) => Err(HostError::new(Code::Test001, message)),
        Err(_) => {
            let found = host::type_name(holds);
            let message = format!("{NEITHER}, not {found}");
            Err(HostError::new(Code::Test001, message).with_help("write a comparison"))
        }
    }
}

fn equal(left: &Dynamic, right: &Dynamic, message: &str) -> Result<(), HostError> {
    if same(left, right) {
        return Ok(());
    }
    let said = if message.is_empty() { "left and right differ" } else { message };
    let message = format!("{said}\n   left: {}\n  right: {}", shown(left), shown(right));
    Err(HostError::new(Code::Test001, message))
}

fn contained(whole: &Dynamic, part: &Dynamic) -> Result<(), HostError> {
    let is_there = match whole.as_array_ref() {
        Ok(items) => items.iter().any(|item| same(item, part)),
        Err(_) => whole.is_string() && whole.to_string().contains(&part.to_string()),
    };
    if is_there {
        return Ok(());
    }
    let message =
        format!("the part is not there\n   part: {}\n     in: {}", shown(part), shown(whole));
    Err(HostError::new(Code::Test001, message))
}

fn close(left: &Dynamic, right: &Dynamic, tolerance: &Dynamic) -> Result<(), HostError> {
    let [left, right, tolerance] = [("left", left), ("right", right), ("tolerance", tolerance)]
        .map(|(name, value)| host::number(name, value));
    let (left, right, tolerance) = (left?, right?, tolerance?);
    let apart = (left - right).abs();
    if apart <= tolerance {
        return Ok(());
    }
    let message = format!(
        "left and right are {} apart, more than {}\n   left: {}\n  right: {}",
        apart.normalize(),
        tolerance.normalize(),
        left.normalize(),
        right.normalize()
    );
    Err(HostError::new(Code::Test001, message))
}

/// Whether two values are the same; 95000 and 95000.0 are.
fn same(left: &Dynamic, right: &Dynamic) -> bool {
    if let (Some(left), Some(right)) = (plain(left), plain(right)) {
        return left == right;
    }
    if let (Ok(left), Ok(right)) = (left.as_array_ref(), right.as_array_ref()) {
        return left.len() == right.len() && left.iter().zip(right.iter()).all(|(a, b)| same(a, b));
    }
    if let (Ok(left), Ok(right)) = (left.as_map_ref(), right.as_map_ref()) {
        let pairs = left.iter().zip(right.iter());
        return left.len() == right.len()
            && pairs.into_iter().all(|((a, x), (b, y))| a == b && same(x, y));
    }
    if left.is_unit() || right.is_unit() {
        return left.is_unit() && right.is_unit();
    }
    match (left.as_bool(), right.as_bool()) {
        (Ok(left), Ok(right)) => return left == right,
        (Err(_), Err(_)) => {}
        _ => return false,
    }
    left.is_string() && right.is_string() && left.to_string() == right.to_string()
}

fn plain(value: &Dynamic) -> Option<Decimal> {
    value.as_decimal().ok().or_else(|| value.as_int().ok().map(Decimal::from))
}

/// A value as a failure shows it.
pub(super) fn shown(value: &Dynamic) -> String {
    if let Some(number) = plain(value) {
        return number.normalize().to_string();
    }
    if let Ok(items) = value.as_array_ref() {
        let items: Vec<String> = items.iter().map(shown).collect();
        return match items.iter().map(String::len).sum::<usize>() {
            short if short <= 60 => format!("[{}]", items.join(", ")),
            _ => format!("[\n          {},\n         ]", items.join(",\n          ")),
        };
    }
    if let Ok(map) = value.as_map_ref() {
        return shown_map(&map);
    }
    if value.is_unit() {
        return "()".to_owned();
    }
    if value.is_string() {
        return format!("\"{value}\"");
    }
    super::step::spoken(value).unwrap_or_else(|| value.to_string())
}

fn shown_map(map: &Map) -> String {
    let fields: Vec<String> =
        map.iter().map(|(name, value)| format!("{name}: {}", shown(value))).collect();
    format!("#{{ {} }}", fields.join(", "))
}

/// What an error says, whatever calls lie around it.
fn message_of(error: &rhai::EvalAltResult) -> String {
    use rhai::EvalAltResult as E;
    match error {
        E::ErrorInFunctionCall(_, _, inner, _) | E::ErrorInModule(_, inner, _) => message_of(inner),
        E::ErrorRuntime(value, _) => match value.read_lock::<HostError>() {
            Some(told) => match &told.help {
                Some(help) => format!("{}: {}\nhelp: {help}", told.code, told.message),
                None => format!("{}: {}", told.code, told.message),
            },
            None => value.to_string(),
        },
        other => other.to_string(),
    }
}
