//! The parser's own words, in the way of ours.

use rhai::{LexError, ParseErrorType as Kind};

use super::habits::{MAP, MATHS, PAIRS, SWITCH};
use super::{Page, Told};

/// What is said of an error where nothing else is known.
pub(super) fn of(kind: &Kind, page: &Page<'_>) -> Told {
    match kind {
        Kind::VariableUndefined(name) => Told::new(
            format!("there is no variable '{name}'"),
            "declare it with let; in a function, a constant of the file is global::NAME",
        ),
        Kind::ModuleUndefined(name) if page.declares(name) => Told::new(
            format!("{name} is a value, not a module"),
            &format!("members are read with a point: {name}.…"),
        ),
        Kind::ModuleUndefined(name) if ["math", "Math", "std", "np"].contains(&name.as_str()) => {
            Told::new(format!("there is no module '{name}'"), MATHS)
        }
        Kind::ModuleUndefined(name) => Told::new(
            format!("there is no module '{name}'"),
            &format!("write import \"stdlib/{name}\" as {name}; at the top"),
        ),
        Kind::Reserved(word) if !word.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            Told::new(format!("'{word}' is no sign of the language"), "")
        }
        Kind::Reserved(word) => Told::new(
            format!("'{word}' is a word that the language keeps for itself"),
            "choose another name",
        ),
        Kind::AssignmentToConstant(name) => {
            Told::new(format!("{name} is a constant"), "declare it with let to change it")
        }
        Kind::WrongFnDefinition => Told::new(
            "a function inside of a function",
            "functions stand side by side; one without name is |x| x * 2.0",
        ),
        Kind::BadInput(LexError::UnterminatedString) => {
            Told::new("this text is not closed", "put its quote where the text ends")
        }
        Kind::BadInput(error) if error.to_string().contains("'=='") => {
            Told::new("a single '=' sets a value, and has none itself", "write == to compare")
        }
        Kind::UnexpectedEOF => Told::new("the file ends in the middle of something", ""),
        Kind::MissingToken(token, _) if token == "=>" => {
            Told::new("a '=>' is missing in this switch", SWITCH)
        }
        Kind::MissingToken(token, purpose) if token == ":" && purpose.contains("object map") => {
            Told::new("a ':' is missing behind the name of an entry", MAP)
        }
        Kind::MissingToken(token, purpose) => {
            Told::new(format!("expected '{token}' {purpose}"), "")
        }
        Kind::FnMissingParams(name) => {
            let message = format!("fn {name} has no parentheses for its parameters");
            Told::new(message, &format!("write fn {name}() {{ … }}"))
        }
        Kind::LoopBreak => Told::new(
            "break and continue stand in a loop",
            "to end the function, write return with what it gives",
        ),
        Kind::ExprExpected(what) if what == "a literal" || what == "literal" => Told::new(
            "a case of a switch is a value, or a range of whole numbers",
            "write if x > 1.0 { … } else { … }",
        ),
        Kind::MismatchedType(wanted, found) => mismatched(wanted, found),
        Kind::DuplicatedProperty(name) => Told::new(
            format!("the map has '{name}' twice"),
            "take one out, or give it another name",
        ),
        Kind::DuplicatedVariable(name) | Kind::FnDuplicatedParam(_, name) => {
            Told::new(format!("'{name}' stands twice in one list of names"), "rename one")
        }
        Kind::FnDuplicatedDefinition(name, count) => Told::new(
            format!("there are two functions {name} with {}", parameters(*count)),
            "rename one, or take it out",
        ),
        Kind::VariableExpected => Told::new("the name of a variable is expected here", ""),
        Kind::PropertyExpected => Told::new("the name of a member is expected here", ""),
        Kind::ExprTooDeep => Told::new(
            "too much is nested in one expression",
            "give parts of it names with let, or write a function",
        ),
        other => {
            let message = other.to_string();
            let mut letters = message.chars();
            let first = letters.next().map(|first| first.to_ascii_lowercase());
            Told::new(first.into_iter().chain(letters).collect::<String>(), "")
        }
    }
}

fn parameters(count: usize) -> String {
    match count {
        0 => "no parameters".to_owned(),
        1 => "one parameter".to_owned(),
        count => format!("{count} parameters"),
    }
}

/// A value of a kind that cannot stand where it does.
fn mismatched(wanted: &str, found: &str) -> Told {
    let found = match found {
        "an object map" => "a map",
        "an array" => "a list",
        "a string" => "a text",
        other => other,
    };
    match wanted {
        "an iterable value" => {
            Told::new(format!("a loop goes over a list or a range, not over {found}"), PAIRS)
        }
        "a boolean expression" => Told::new(
            format!("true or false is asked for here, not {found}"),
            "to give another value in place of (), write x ?? 1.0",
        ),
        wanted => Told::new(format!("{wanted} is expected here, not {found}"), ""),
    }
}
