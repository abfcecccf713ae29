//! From an error of the script engine to a fault that a person can act on: the innermost place, our words, a suggestion.

use rhai::{EvalAltResult, Position};

use crate::types::Code;

use super::api::Entry;
use super::fault::{ScriptFault, nearest};
use super::host::HostError;
use super::misuse;
use super::sandbox::{CALL_LEVELS_MAX, MEMORY_MAX_BYTES, OPERATIONS_MAX, TOO_MANY_OPERATIONS};
use super::syntax;

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
                let is_nameless = name.starts_with("anon$");
                let name = if is_nameless { "a function without a name" } else { &*name };
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
        E::ErrorArithmetic(what, _) => said(misuse::arithmetic(what)),
        E::ErrorIndexingType(types, _) => said(misuse::item(&types)),
        E::ErrorArrayBounds(length, index, _) => said(misuse::bounds("list", length, index)),
        E::ErrorStringBounds(length, index, _) => said(misuse::bounds("text", length, index)),
        E::ErrorMismatchDataType(wanted, found, _) => said(misuse::mismatch(&wanted, &found)),
        E::ErrorDotExpr(sentence, _) => {
            said(misuse::member(&sentence, entries).unwrap_or((sentence, None)))
        }
        E::ErrorVariableNotFound(name, _) => match name.strip_prefix("global::") {
            Some(name) => said((
                format!("there is no constant {name}"),
                Some(format!("write const {name} = …; at the top of the file")),
            )),
            None => said((format!("there is no variable '{name}'"), None)),
        },
        E::ErrorAssignmentToConstant(name, _) => said((
            format!("{name} is a constant"),
            Some("what changes is kept in a let, or from step to step in this".to_owned()),
        )),
        E::ErrorUnboundThis(_) => {
            (Code::Strat001, "this is not known here".to_owned(), Some(UNBOUND_THIS.to_owned()))
        }
        mut other => {
            other.clear_position();
            (Code::Strat001, other.to_string(), None)
        }
    }
}

/// What is wrong with how a script uses a value.
fn said((message, help): (String, Option<String>)) -> Told {
    (Code::Strat001, message, help)
}

/// What to do where `this` is asked for and nobody gives it.
pub(super) const UNBOUND_THIS: &str = "only decide, exit and on_start have it when the host calls them: hand what is needed \
                                       over as an argument, or call this.name(ctx)";

fn thrown(value: rhai::Dynamic) -> Told {
    match value.try_cast_result::<HostError>() {
        Ok(error) => (error.code, error.message, error.help),
        Err(other) if other.is_unit() => (
            Code::Strat001,
            "the script threw, and did not say why".to_owned(),
            Some("write throw \"why\";".to_owned()),
        ),
        Err(other) => (Code::Strat001, format!("the script threw: {other}"), None),
    }
}

/// `name (types)`: says what types were given, and how the function is called or what was perhaps meant.
fn unknown_function(signature: &str, entries: &[Entry]) -> Told {
    let (path, given) = match signature.split_once('(') {
        Some((path, types)) => (path.trim(), types.strip_suffix(')').unwrap_or(types)),
        None => (signature.trim(), ""),
    };
    let name = path.rsplit("::").next().unwrap_or(path).trim();
    let given = given
        .replace("&str | ImmutableString | String", "text")
        .replace("rust_decimal::decimal::Decimal", "decimal")
        .replace("i64", "whole number");
    if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return unknown_operator(name, &given);
    }
    // Of a value that has functions of its own only those are meant.
    let first = given.split(", ").next().unwrap_or_default();
    let is_subject = |entry: &&Entry| entry.owner.subject() == Some(first);
    let has_own = entries.iter().any(|entry| is_subject(&entry));
    let may_be_meant = |entry: &&Entry| !has_own || is_subject(entry);
    let entries: Vec<&Entry> = entries.iter().filter(may_be_meant).collect();
    let calls: Vec<String> =
        entries.iter().filter(|entry| entry.name == name).map(|entry| entry.signature()).collect();
    if calls.is_empty() {
        let types: Vec<&str> = given.split(", ").filter(|of| !of.is_empty()).collect();
        if let Some(known) = misuse::of_language(name, &types) {
            return said(known);
        }
        if first == "()" && path == name {
            let message = format!("there is no function '{path}' of nothing ()");
            let help = "what is () was not set, or is not there yet: ask x == () before";
            return (Code::Strat001, message, Some(help.to_owned()));
        }
        let near = nearest(name, entries.iter().map(|entry| entry.name));
        let meant: Vec<String> = entries
            .iter()
            .filter(|entry| Some(entry.name) == near)
            .map(|entry| entry.signature())
            .collect();
        let near = (!meant.is_empty()).then(|| format!("did you mean {}?", meant.join(" or ")));
        let help = syntax::meant(name).map(str::to_owned).or(near);
        return (Code::Strat001, format!("there is no function '{path}' for ({given})"), help);
    }
    let message = format!("{path} cannot be called with ({given})");
    (Code::Strat001, message, Some(format!("it is called as {}", calls.join(" or "))))
}

/// An operator between what it does not take.
fn unknown_operator(sign: &str, given: &str) -> Told {
    let sides: Vec<&str> = given.split(", ").collect();
    let message = match sides[..] {
        [one] => format!("{sign} cannot be used on {}", misuse::kind(one)),
        [left, right] => {
            format!(
                "{sign} cannot be used between {} and {}",
                misuse::kind(left),
                misuse::kind(right)
            )
        }
        _ => format!("{sign} cannot be used on ({given})"),
    };
    let help = if sides.contains(&"()") {
        Some("what is () was not set, or is not there yet: give another value with x ?? 0.0")
    } else if sides.contains(&"text") {
        Some("put values into a text with `${x}`; make a number of a text with parse_decimal(x)")
    } else {
        None
    };
    (Code::Strat001, message, help.map(str::to_owned))
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
