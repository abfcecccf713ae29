//! What is said of a file that is no YAML. Its reader tells where it stumbled, in the words of a parser; what was meant is
//! mostly an indentation, a colon or a quote.

use crate::types::Code;

use super::faults::Fault;
use super::misplaced::{self, Meant};
use super::places;

/// The reader's words, what is said, and what to write.
const WORDS: [(&str, &str, &str); 11] = [
    ("tab character", "a tab stands here", "indent with spaces"),
    (
        "mapping values are not allowed",
        "a ':' stands here where no name can",
        "indent the line like its neighbours; put a text with ': ' in it into quotes",
    ),
    (
        "did not find expected key",
        "this line does not fit the ones before it",
        "indent it like its neighbours, and close what is open",
    ),
    (
        "did not find expected '-'",
        "this line has no '-', and those of the list before it have",
        "give every line of a list its '- '; a map has names with ':' alone",
    ),
    (
        "did not find expected ',' or '}'",
        "a ',' or a '}' is missing before this",
        "a map in braces is { name: value, other: value }",
    ),
    (
        "did not find expected ',' or ']'",
        "a ',' or a ']' is missing before this",
        "a list in brackets is [value, value]",
    ),
    (
        "could not find expected ':'",
        "a ':' with a space behind it is missing",
        "a setting is name: value",
    ),
    ("unexpected end of stream", "this quote is not closed", "put a quote where the text ends"),
    (
        "unknown anchor",
        "a '*' refers to what is named by '&' before",
        "put a text that begins with * into quotes",
    ),
    ("more than one document", "a line of --- begins another document", "take it out"),
    (
        "without tags",
        "a '!' names a type, which is not read here",
        "put a text that begins with ! into quotes",
    ),
];

/// What is said of a text that cannot be read.
pub(super) fn fault(yaml: &str, error: &serde_yaml::Error, origin: &str) -> Fault {
    let told = error.to_string();
    if let Some((place, first)) = places::twice(yaml).filter(|_| told.contains("stands twice")) {
        let name = place.path.rsplit('.').next().unwrap_or_default();
        let sentence = format!("'{name}' stands twice in one map, first in line {first}");
        return Fault::new(Code::Config001, sentence)
            .at(format!("{origin}:{}:{}", place.line, place.column))
            .suggest("take one out");
    }
    let known = WORDS.iter().find(|(words, ..)| told.contains(words));
    // Where what is not closed begins says more than where that was noticed.
    let is_begun =
        known.is_some_and(|(words, ..)| words.contains("':'") || words.contains("end of"));
    let begun = told.rsplit_once(" at line ").filter(|_| is_begun).and_then(|(_, at)| place_of(at));
    let noticed = error.location().map(|at| (at.line(), at.column()));
    if let Some(Meant { line, column, sentence, help }) = meant(yaml, &told, noticed, begun) {
        let place = format!("{origin}:{line}:{column}");
        return Fault::new(Code::Config001, sentence).at(place).suggest(help);
    }
    let place = begun.or(noticed);
    let origin =
        place.map_or(origin.to_owned(), |(line, column)| format!("{origin}:{line}:{column}"));
    let fault = |sentence: &str, help: &str| {
        Fault::new(Code::Config001, sentence).at(origin.as_str()).suggest(help)
    };
    if let Some((words, sentence, help)) = known {
        // The bracket that is open is told last.
        let opener = told.rsplit_once(" at line ").and_then(|(_, at)| place_of(at));
        let opener = opener.filter(|_| words.contains("expected ','"));
        let of = opener.map(|(line, _)| format!(", in what opens in line {line}"));
        return fault(&format!("{sentence}{}", of.unwrap_or_default()), help);
    }
    let sign = place.and_then(|(line, column)| {
        yaml.lines().nth(line.checked_sub(1)?)?.chars().nth(column.checked_sub(1)?)
    });
    match sign {
        _ if !told.contains("cannot start any token") => {
            let sentence = told.split(" at line ").next().unwrap_or(&told);
            fault(sentence, "mend the YAML")
        }
        Some('\t') => fault("a tab stands here", "indent with spaces"),
        Some(sign) => fault(&format!("a value cannot begin with '{sign}'"), "put it into quotes"),
        None => fault(&told, "mend the YAML"),
    }
}

/// The line to mend, where that is known better than by where the reader stumbled.
fn meant(
    yaml: &str,
    told: &str,
    noticed: Option<(usize, usize)>,
    begun: Option<(usize, usize)>,
) -> Option<Meant> {
    let opener = || told.rsplit_once(" at line ").and_then(|(_, at)| place_of(at));
    match told {
        _ if told.contains("mapping values are not allowed") => {
            misplaced::second_colon(yaml, noticed?)
        }
        _ if told.contains("did not find expected key") => misplaced::unfitting(yaml, noticed?),
        _ if told.contains("could not find expected ':'") => {
            misplaced::without_colon(yaml, begun?.0)
        }
        _ if told.contains("did not find expected ','") => {
            misplaced::unclosed(yaml, opener()?, noticed?)
        }
        _ => None,
    }
}

/// `4 column 1`
fn place_of(text: &str) -> Option<(usize, usize)> {
    let (line, column) = text.split_once(" column ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}
