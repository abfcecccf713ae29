//! A value that is used as what it is not: its members, its items, its functions. The engine tells it by types of Rust; here it
//! is said in the words of scripts, with what to write.

use super::api::{Entry, Owner, Shape};
use super::check::arities_of_language;
use super::syntax;

/// What is said, and what to do.
type Said = (String, Option<String>);

/// What stands behind values that are not there.
const NOT_THERE: &str = "what is () was not set, or is not there yet: ask x == () before";

const OF_WORLDS: &str = "a world is changed by what it is made of, world(#{ … }), and by its functions, such as \
                         world.price(token, price)";

/// A member that cannot be read or set, by the engine's sentence; `None` when it is another one.
pub(super) fn member(sentence: &str, entries: &[Entry]) -> Option<Said> {
    let mut quoted = sentence.split('\'').skip(1).step_by(2);
    let (name, of) = (quoted.next()?, quoted.next()?);
    let is_set = sentence.starts_with("No writable property");
    if !is_set && !sentence.starts_with("Unknown property") {
        return None;
    }
    if let Some(said) = setting(name, of, entries).filter(|_| is_set) {
        return Some(said);
    }
    let help = match of {
        "()" if is_set => Some(NOT_THERE.to_owned()),
        "()" => Some(format!("{NOT_THERE}, or write x?.{name}")),
        _ => syntax::meant(name).map(str::to_owned),
    };
    Some((format!("{} has no '{name}'", kind(of)), help))
}

/// A member of the host's values that a script sets.
fn setting(name: &str, of: &str, entries: &[Entry]) -> Option<Said> {
    let is_test = entries.iter().any(|entry| entry.owner == Owner::World);
    if of == "Params" {
        let help = match is_test {
            true => format!("set it where the world is made: world(#{{ set: #{{ {name}: … }} }})"),
            false => "parameters are of the configuration; what changes is kept in this".to_owned(),
        };
        return Some((format!("ctx.params.{name} is read, not set"), Some(help)));
    }
    let own = |entry: &&Entry| entry.owner.subject() == Some(of);
    let prefix = entries.iter().find(own)?.owner.prefix();
    let is_of_ctx = ["Ctx", "Risk", "Market"].contains(&of);
    let help = match entries.iter().filter(own).find(|entry| entry.name == name) {
        Some(entry) if entry.shape == Shape::Call => {
            Some(format!("it is called: {}", entry.signature()))
        }
        _ if of == "World" => Some(OF_WORLDS.to_owned()),
        _ => is_of_ctx.then(|| format!("what a strategy keeps is in this: this.{name}")),
    };
    Some((format!("{prefix}{name} is read, not set"), help))
}

/// An item of what has none: `() [i64]`.
pub(super) fn item(types: &str) -> Said {
    let of = types.split(" [").next().unwrap_or(types);
    let help = match of {
        "()" => Some(NOT_THERE.to_owned()),
        "range" | "range=" => Some("make a list of it, or write for i in 0..3 { … }".to_owned()),
        _ => None,
    };
    (format!("{} has no items", kind(of)), help)
}

/// An item of a list or a text that is not there.
pub(super) fn bounds(of: &str, length: usize, index: i64) -> Said {
    let what = if of == "text" { "character" } else { "item" };
    let many = if length == 1 { "" } else { "s" };
    let message = format!("there is no {what} {index}: the {of} has {length} {what}{many}");
    let help = match length {
        0 => "ask len() > 0 before".to_owned(),
        1 => format!("{what}s are counted from 0"),
        length => format!("{what}s are counted from 0: the last is {}", length - 1),
    };
    (message, Some(help))
}

/// A value of another kind than the one that is asked for.
pub(super) fn mismatch(wanted: &str, found: &str) -> Said {
    match (wanted, found) {
        ("i64", "string") => (
            "an item of a list is asked for by its number, not by a text".to_owned(),
            Some("of a map it is asked for by its name".to_owned()),
        ),
        ("string", "i64") => (
            "an item of a map is asked for by its name, not by a number".to_owned(),
            Some("of a list it is asked for by its number; all names are map.keys()".to_owned()),
        ),
        ("Fn", found) => (
            format!("a function is asked for here, not {}", kind(found)),
            Some("a function without a name is |x| x * 2.0".to_owned()),
        ),
        ("i64", found) if is_decimal(found) => (
            "a whole number is asked for here, not a decimal".to_owned(),
            Some("write x.to_int()".to_owned()),
        ),
        _ => (format!("{} is asked for here, not {}", kind(wanted), kind(found)), None),
    }
}

/// A function of the language that is given what it does not take; `None` where it is none of them.
pub(super) fn of_language(name: &str, given: &[&str]) -> Option<Said> {
    // What is given to `map` and its like is called by a name of the engine's own.
    if name.starts_with("anon$") {
        let values = if given.len() == 1 { "value" } else { "values" };
        let message =
            format!("this function is given {} {values}, and takes another number", given.len());
        return Some((message, Some("its parameters stand between | and |".to_owned())));
    }
    let arities = arities_of_language(name);
    let shown = |types: &[&str]| types.iter().map(|of| kind(of)).collect::<Vec<_>>().join(", ");
    match (name, given) {
        _ if arities.is_empty() => None,
        ("contains", [of, _]) if !["array", "map", "text", "range", "range="].contains(of) => {
            Some((format!("'in' and contains ask a list, a map or a text, not {}", kind(of)), None))
        }
        ("to_int" | "to_decimal", ["text"]) => Some((
            format!("{name} is of numbers, not of a text"),
            Some("make a number of a text with parse_int(x) or parse_decimal(x)".to_owned()),
        )),
        (_, [of, rest @ ..]) if !arities.contains(&given.len()) => {
            let counts: Vec<String> =
                arities.iter().map(|count| count.saturating_sub(1).to_string()).collect();
            let values = if counts == ["1"] { "value" } else { "values" };
            let help = format!("of {} it takes {} {values}", kind(of), counts.join(" or "));
            Some((format!("{name} cannot be called with ({})", shown(rest)), Some(help)))
        }
        (_, ["()", ..]) => {
            Some((format!("{name} is called of nothing ()"), Some(NOT_THERE.to_owned())))
        }
        (_, given) => Some((format!("{name} cannot be called with ({})", shown(given)), None)),
    }
}

/// Arithmetic that has no result, in words of our own where the engine's are those of a parser.
pub(super) fn arithmetic(sentence: String) -> Said {
    let text = || sentence.split('\'').nth(1).unwrap_or_default().to_owned();
    if sentence.starts_with("Error parsing integer") {
        return (format!("'{}' is no whole number", text()), None);
    }
    if sentence.starts_with("Error parsing decimal") {
        return (format!("'{}' is no number", text()), None);
    }
    let mut letters = sentence.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    (first.into_iter().chain(letters).collect(), None)
}

/// A type with its article.
pub(super) fn kind(name: &str) -> String {
    match name {
        "()" => "nothing ()".to_owned(),
        "array" => "a list".to_owned(),
        "bool" => "true or false".to_owned(),
        "i64" => "a whole number".to_owned(),
        "string" | "text" => "a text".to_owned(),
        "char" => "a character".to_owned(),
        "Fn" => "a function".to_owned(),
        "range" | "range=" => "a range".to_owned(),
        "Ctx" => "ctx".to_owned(),
        "Params" => "ctx.params".to_owned(),
        "Risk" => "ctx.risk".to_owned(),
        name if is_decimal(name) => "a decimal".to_owned(),
        name if name.starts_with(['A', 'E', 'O']) => format!("an {}", name.to_lowercase()),
        name => format!("a {}", name.to_lowercase()),
    }
}

fn is_decimal(name: &str) -> bool {
    name.eq_ignore_ascii_case("decimal") || name.ends_with("::Decimal")
}

#[cfg(test)]
mod tests {
    use super::super::api::entries;
    use super::*;

    #[test]
    fn members_are_told_in_the_words_of_scripts() {
        let entries = entries().to_vec();
        let setter = |name: &str, of: &str| {
            format!(
                "No writable property '{name}' - a setter is not registered for type '{of}' to handle 'i64'"
            )
        };
        let getter = |name: &str, of: &str| {
            format!("Unknown property '{name}' - a getter is not registered for type '{of}'")
        };
        for (sentence, message, help) in [
            (setter("band", "Params"), "ctx.params.band is read, not set", "kept in this"),
            (setter("equity", "Ctx"), "ctx.equity is read, not set", "this.equity"),
            (setter("balance", "Ctx"), "ctx.balance is read, not set", "ctx.balance(key)"),
            (setter("x", "()"), "nothing () has no 'x'", "ask x == () before"),
            (getter("x", "()"), "nothing () has no 'x'", "x?.x"),
            (getter("length", "string"), "a text has no 'length'", "len()"),
            (getter("x", "rust_decimal::decimal::Decimal"), "a decimal has no 'x'", ""),
        ] {
            let (said, told) = member(&sentence, &entries).unwrap();
            assert_eq!(said, message);
            assert!(told.unwrap_or_default().contains(help), "{sentence}");
        }
        assert_eq!(member("Malformed dot expression", &entries), None);
    }

    #[test]
    fn items_and_functions_are_told_in_the_words_of_scripts() {
        assert_eq!(item("() [i64]").0, "nothing () has no items");
        assert_eq!(bounds("list", 1, 5).0, "there is no item 5: the list has 1 item");
        assert_eq!(mismatch("Fn", "i64").0, "a function is asked for here, not a whole number");
        for (name, given, message) in [
            (
                "push",
                &["array", "whole number", "whole number"][..],
                "push cannot be called with (",
            ),
            ("to_int", &["text"], "to_int is of numbers, not of a text"),
            (
                "contains",
                &["whole number", "text"],
                "'in' and contains ask a list, a map or a text",
            ),
            ("anon$1f", &["whole number"], "this function is given 1 value"),
            ("sub_string", &["text", "text"], "sub_string cannot be called with (a text, a text)"),
        ] {
            let (said, _) = of_language(name, given).unwrap();
            assert!(said.starts_with(message), "{said}");
        }
        assert_eq!(of_language("nope", &["text"]), None);
    }
}
