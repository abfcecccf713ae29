//! A strategy's memory, `this`: a map of plain data between calls, canonical JSON text in the engine's state.
//!
//! The map is kept parsed from call to call, so that a step that changes nothing neither parses nor writes. Numbers keep
//! their form through the text: a decimal is always written with a point, a whole number never.

use rhai::{Array, Dynamic, Engine, Map};

use crate::engine::Memory;
use crate::types::Code;

use super::host::{HostError, type_name};

/// The deepest nesting, and the longest text, of a memory.
const DEPTH_MAX: usize = 16;
const TEXT_BYTES_MAX: usize = 256 * 1024;

/// The parsed memory of one strategy.
#[derive(Debug)]
pub(super) struct State {
    /// The text that `saved` was read from or written to.
    text: String,
    saved: Dynamic,
    /// What the script is given as `this`; equal to `saved` between calls.
    pub(super) working: Dynamic,
}

impl State {
    /// The empty map.
    pub(super) fn new() -> Self {
        let empty = Dynamic::from_map(Map::new());
        Self { text: "{}".to_owned(), saved: empty.clone(), working: empty }
    }

    /// Takes over a memory when it is not the one that was left here.
    pub(super) fn load(&mut self, engine: &Engine, memory: &Memory) -> Result<(), HostError> {
        if self.text == memory.0 {
            return Ok(());
        }
        let map = engine.parse_json(&memory.0, true).map_err(|error| {
            HostError::new(
                Code::Strat006,
                format!("the strategy's saved memory cannot be read: {error}"),
            )
        })?;
        self.saved = Dynamic::from_map(map);
        self.working = self.saved.clone();
        self.text.clone_from(&memory.0);
        Ok(())
    }

    /// Writes what the script left in `this`, if it changed; on an error the memory stays as it was.
    pub(super) fn save(&mut self, memory: &mut Memory) -> Result<(), HostError> {
        if same(&self.saved, &self.working) {
            return Ok(());
        }
        let written = if self.working.is_map() {
            canonical("this", &self.working, 0)
        } else {
            Err(not_data("this", &self.working))
        };
        let mut text = String::new();
        let checked = written.and_then(|value| {
            write(&mut text, &value);
            if text.len() > TEXT_BYTES_MAX {
                let message = format!("this has {} bytes, more than {TEXT_BYTES_MAX}", text.len());
                return Err(HostError::new(Code::Strat006, message));
            }
            Ok(value)
        });
        match checked {
            Ok(value) => {
                self.saved = value;
                self.working = self.saved.clone();
                memory.0.clone_from(&text);
                self.text = text;
                Ok(())
            }
            Err(error) => {
                self.roll_back();
                Err(error)
            }
        }
    }

    /// Forgets what a failed call did to `this`.
    pub(super) fn roll_back(&mut self) {
        self.working = self.saved.clone();
    }
}

fn not_data(path: &str, value: &Dynamic) -> HostError {
    HostError::new(
        Code::Strat006,
        format!("{path} is {}, which cannot be remembered", type_name(value)),
    )
    .with_help("keep numbers, texts, true and false, (), lists and maps in this")
}

/// Whether two values are the same data in the same form; 1.0 and 1.00 differ, as they do in text.
fn same(left: &Dynamic, right: &Dynamic) -> bool {
    if let (Ok(left), Ok(right)) = (left.as_map_ref(), right.as_map_ref()) {
        let pairs = left.iter().zip(right.iter());
        return left.len() == right.len()
            && pairs.into_iter().all(|((a, x), (b, y))| a == b && same(x, y));
    }
    if let (Ok(left), Ok(right)) = (left.as_decimal(), right.as_decimal()) {
        return left == right && left.scale() == right.scale();
    }
    if let (Ok(left), Ok(right)) = (left.as_int(), right.as_int()) {
        return left == right;
    }
    if let (Ok(left), Ok(right)) = (left.as_bool(), right.as_bool()) {
        return left == right;
    }
    if let (Ok(left), Ok(right)) = (left.as_array_ref(), right.as_array_ref()) {
        let pairs = left.iter().zip(right.iter());
        return left.len() == right.len() && pairs.into_iter().all(|(x, y)| same(x, y));
    }
    if let (Ok(left), Ok(right)) = (left.as_immutable_string_ref(), right.as_immutable_string_ref())
    {
        return *left == *right;
    }
    left.is_unit() && right.is_unit()
}

/// The value as it will be read back: data only, nothing shared with a closure, decimals with a point.
fn canonical(path: &str, value: &Dynamic, depth: usize) -> Result<Dynamic, HostError> {
    if depth > DEPTH_MAX {
        let message = format!("{path} is nested more than {DEPTH_MAX} deep");
        return Err(HostError::new(Code::Strat006, message));
    }
    if let Ok(mut number) = value.as_decimal() {
        if number.scale() == 0 {
            number.rescale(1);
        }
        return Ok(Dynamic::from_decimal(number));
    }
    if value.is_unit() || value.is_int() || value.is_bool() || value.is_string() {
        return Ok(value.flatten_clone());
    }
    if let Ok(map) = value.as_map_ref() {
        let fields = map.iter().map(|(name, value)| {
            Ok((name.clone(), canonical(&format!("{path}.{name}"), value, depth + 1)?))
        });
        return fields.collect::<Result<Map, HostError>>().map(Dynamic::from_map);
    }
    if let Ok(array) = value.as_array_ref() {
        let items = array.iter().enumerate();
        let items =
            items.map(|(index, value)| canonical(&format!("{path}[{index}]"), value, depth + 1));
        return items.collect::<Result<Array, HostError>>().map(Dynamic::from_array);
    }
    Err(not_data(path, value))
}

fn write(text: &mut String, value: &Dynamic) {
    if let Ok(number) = value.as_decimal() {
        let digits = number.to_string();
        let point = if digits.contains('.') { "" } else { ".0" };
        text.push_str(&digits);
        text.push_str(point);
    } else if let Ok(map) = value.as_map_ref() {
        text.push('{');
        for (index, (name, value)) in map.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            write_string(text, name);
            text.push(':');
            write(text, value);
        }
        text.push('}');
    } else if let Ok(array) = value.as_array_ref() {
        text.push('[');
        for (index, value) in array.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            write(text, value);
        }
        text.push(']');
    } else if let Ok(string) = value.as_immutable_string_ref() {
        write_string(text, &string);
    } else if value.is_unit() {
        text.push_str("null");
    } else {
        text.push_str(&value.to_string());
    }
}

pub(super) fn write_string(text: &mut String, string: &str) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            control if control.is_control() => {
                text.push_str(&format!("\\u{:04x}", control as u32));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}
