//! From an error of the script engine to a fault that a person can act on: the innermost place, our words, a suggestion.

use rhai::{EvalAltResult, ParseError, ParseErrorType, Position};

use crate::types::Code;

use super::api::Entry;
use super::fault::{ScriptFault, nearest};
use super::host::HostError;
use super::sandbox::{CALL_LEVELS_MAX, MEMORY_MAX_BYTES, OPERATIONS_MAX, TOO_MANY_OPERATIONS};

/// What an error is about, apart from its place.
type Told = (Code, String, Option<String>);

/// The texts of a bundle, by path.
pub(super) trait Texts {
    /// The text of a file; empty when it is not in the bundle.
    fn text(&self, file: &str) -> &str;
}

/// The fault of a run-time error. `main` is the script's file.
pub(super) fn diagnose(
    error: Box<EvalAltResult>,
    main: &str,
    texts: &impl Texts,
    entries: &[Entry],
) -> ScriptFault {
    let mut file = main.to_owned();
    let mut calls = Vec::new();
    let mut error = error;
    let innermost = loop {
        match *error {
            EvalAltResult::ErrorInFunctionCall(name, source, inner, at) => {
                let line = at.line().unwrap_or(0);
                calls.push(format!("{name}, called at {file}:{line}"));
                if !source.is_empty() {
                    file = source;
                }
                error = inner;
            }
            EvalAltResult::ErrorInModule(path, inner, _) => {
                if !path.is_empty() {
                    file = path;
                }
                error = inner;
            }
            other => break other,
        }
    };
    calls.reverse();
    let at = innermost.position();
    let (code, message, help) = tell(innermost, entries);
    let fault = ScriptFault::of_file(code, &file, message).at(texts.text(&file), at);
    ScriptFault { calls, ..fault.with_help(help) }
}

/// The fault of a text that does not parse.
pub(super) fn parse_fault(file: &str, text: &str, error: &ParseError) -> ScriptFault {
    let ParseError(kind, at) = error;
    let help = match kind.as_ref() {
        _ if is_exponent(text, *at) => Some(PLAIN_NUMBERS),
        ParseErrorType::VariableUndefined(_) => {
            Some("declare it with let; in a function, a constant of the file is global::NAME")
        }
        ParseErrorType::Reserved(_) => {
            Some("the language keeps this word for itself; choose another name")
        }
        ParseErrorType::ModuleUndefined(_) => Some("import \"stdlib/name\" as name; at the top"),
        _ => None,
    };
    ScriptFault::of_file(Code::Strat004, file, kind.to_string())
        .at(text, *at)
        .with_help(help.map(str::to_owned))
}

const PLAIN_NUMBERS: &str = "numbers are written out: 0.0001, not 1e-4";

/// Whether the parser stumbled over the `e` of a number such as 1e-4, which it does not know.
fn is_exponent(text: &str, at: Position) -> bool {
    let (Some(line), Some(column)) = (at.line(), at.position()) else { return false };
    let line: Vec<char> = text.lines().nth(line - 1).unwrap_or("").chars().collect();
    let is = |index: Option<usize>, test: fn(&char) -> bool| {
        index.and_then(|index| line.get(index)).is_some_and(test)
    };
    is(column.checked_sub(2), char::is_ascii_digit)
        && is(column.checked_sub(1), |c| matches!(c, 'e' | 'E'))
}

fn tell(error: EvalAltResult, entries: &[Entry]) -> Told {
    use EvalAltResult as E;
    let limit = |message: String, help: &str| (Code::Strat005, message, Some(help.to_owned()));
    let is_endless = match &error {
        E::ErrorTooManyOperations(_) => true,
        E::ErrorTerminated(token, _) => token.as_int() == Ok(TOO_MANY_OPERATIONS),
        _ => false,
    };
    match error {
        E::ErrorRuntime(value, _) => thrown(value),
        _ if is_endless => limit(
            format!("the script did more than {OPERATIONS_MAX} operations in one call"),
            "a loop does not end, or does too much at one step",
        ),
        E::ErrorStackOverflow(_) => limit(
            format!("functions call each other more than {CALL_LEVELS_MAX} deep"),
            "a function calls itself without end; write a loop",
        ),
        E::ErrorDataTooLarge(what, _) => limit(
            format!("too large: {}", what.to_lowercase()),
            "keep less; texts, lists and maps are bounded",
        ),
        E::ErrorTerminated(..) => limit(
            format!("the script holds more than {} MB", MEMORY_MAX_BYTES / (1024 * 1024)),
            "keep less in lists and texts",
        ),
        E::ErrorTooManyVariables(_) => {
            limit("too many variables at once".to_owned(), "split the function")
        }
        E::ErrorTooManyModules(_) => {
            limit("too many imports in one call".to_owned(), "import at the top of the file")
        }
        E::ErrorFunctionNotFound(signature, _) => unknown_function(&signature, entries),
        E::ErrorModuleNotFound(name, _) => (
            Code::Strat001,
            format!("'{name}' is not in the bundle"),
            Some("import \"stdlib/name\" as name; at the top, with a literal name".to_owned()),
        ),
        E::ErrorArithmetic(what, _) => (Code::Strat001, what, None),
        mut other => {
            other.clear_position();
            (Code::Strat001, other.to_string(), None)
        }
    }
}

fn thrown(value: rhai::Dynamic) -> Told {
    match value.try_cast_result::<HostError>() {
        Ok(error) => (error.code, error.message, error.help),
        Err(other) => (Code::Strat001, format!("the script threw: {other}"), None),
    }
}

/// `name (types)`: says what types were given, and how the function is called or what was perhaps meant.
fn unknown_function(signature: &str, entries: &[Entry]) -> Told {
    let (path, given) = match signature.split_once('(') {
        Some((path, types)) => (path.trim(), types.trim_end_matches(')')),
        None => (signature.trim(), ""),
    };
    let name = path.rsplit("::").next().unwrap_or(path).trim();
    let given = given
        .replace("&str | ImmutableString | String", "text")
        .replace("rust_decimal::decimal::Decimal", "decimal")
        .replace("i64", "whole number");
    // Of a value that has functions of its own only those are meant.
    let first = given.split(", ").next().unwrap_or_default();
    let is_subject = |entry: &&Entry| entry.owner.subject() == Some(first);
    let has_own = entries.iter().any(|entry| is_subject(&entry));
    let may_be_meant = |entry: &&Entry| !has_own || is_subject(entry);
    let entries: Vec<&Entry> = entries.iter().filter(may_be_meant).collect();
    let calls: Vec<String> =
        entries.iter().filter(|entry| entry.name == name).map(|entry| entry.signature()).collect();
    if calls.is_empty() {
        let near = nearest(name, entries.iter().map(|entry| entry.name));
        let meant: Vec<String> = entries
            .iter()
            .filter(|entry| Some(entry.name) == near)
            .map(|entry| entry.signature())
            .collect();
        let help = (!meant.is_empty()).then(|| format!("did you mean {}?", meant.join(" or ")));
        return (Code::Strat001, format!("there is no function '{path}' for ({given})"), help);
    }
    let message = format!("{path} cannot be called with ({given})");
    (Code::Strat001, message, Some(format!("it is called as {}", calls.join(" or "))))
}

/// A fault whose place was found afterwards.
pub(super) fn placed(
    fault: ScriptFault,
    place: Option<(String, Position)>,
    texts: &impl Texts,
) -> ScriptFault {
    match place {
        Some((file, at)) => {
            let text = texts.text(&file).to_owned();
            ScriptFault { file: file.into(), ..fault }.at(&text, at)
        }
        None => fault,
    }
}
