//! From a text that does not parse to a fault that a person can act on. The parser says where it stumbled; what was meant is
//! mostly written a word or two before: an unclosed bracket, a missing `;`, a habit from another language.

mod brackets;
mod declared;
mod habits;
mod names;
mod plain;
#[cfg(test)]
mod tests;
mod undefined;
pub(super) mod words;

use rhai::{ParseError, ParseErrorType as Kind, Position};

use crate::types::Code;

use super::api::Entry;
use super::fault::ScriptFault;
pub(super) use declared::{constant, declared_near, elsewhere, lonely_near};
pub(super) use names::meant;
use words::Word;

/// How well it is known what is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grasp {
    /// It is told whole.
    Whole,
    /// A name that is not there, told whole.
    Name,
    /// Told in the parser's own words: others name what it does not know.
    Plain,
}

/// The fault of a text that does not parse. `entries` are what a script can call.
pub(super) fn parse_fault(
    (file, text): (&str, &str),
    error: &ParseError,
    entries: &[Entry],
) -> (ScriptFault, Grasp) {
    let ParseError(kind, at) = error;
    let page = Page::of(text);
    let here = page.word_at(*at);
    let name = match kind.as_ref() {
        Kind::VariableUndefined(_) => undefined::of(&page, here, entries),
        _ => undefined::argument_at(&page, here, entries),
    };
    let known = || {
        page.keyword(kind, here)
            .or_else(|| habits::of(&page, here))
            .or_else(|| brackets::of(&page, kind, *at))
            .or_else(|| page.missing(kind, here))
    };
    let (told, grasp) = match name {
        Some(told) => (told, Grasp::Name),
        None => match known() {
            Some(told) => (told, Grasp::Whole),
            None => (plain::of(kind, &page), Grasp::Plain),
        },
    };
    let at = told.at.unwrap_or(*at);
    let fault = ScriptFault::of_file(Code::Strat004, file, told.message);
    (fault.at(text, at).with_help(told.help), grasp)
}

/// Said of a comment that nothing closes: all behind it is read as a part of it.
pub(super) fn open_comment(file: &str, text: &str) -> Option<ScriptFault> {
    let words::Place { line, column } = words::open_comment(text)?;
    let at = Position::new(u16::try_from(line).ok()?, u16::try_from(column).ok()?);
    let help = "close it with */; a /* inside of a comment begins another, with its own end";
    let fault = ScriptFault::of_file(Code::Strat004, file, "this comment is not closed");
    Some(fault.at(text, at).with_help(Some(help.to_owned())))
}

/// What is said, and where, if it is elsewhere than where the parser stumbled.
struct Told {
    message: String,
    help: Option<String>,
    at: Option<Position>,
}

impl Told {
    fn new(message: impl Into<String>, help: &str) -> Self {
        let help = (!help.is_empty()).then(|| help.to_owned());
        Self { message: message.into(), help, at: None }
    }

    fn at(self, at: Position) -> Self {
        Self { at: Some(at), ..self }
    }
}

/// A text and its words.
struct Page<'t> {
    text: &'t str,
    words: Vec<Word>,
}

impl<'t> Page<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, words: words::of(text) }
    }

    /// What a word is written as; empty outside of the text.
    fn word(&self, index: usize) -> &'t str {
        self.words.get(index).map_or("", |word| &self.text[word.at.clone()])
    }

    /// The first word that ends behind a place; as many as there are words at the end of the text.
    fn word_at(&self, at: Position) -> usize {
        let line = at.line().unwrap_or(usize::MAX);
        let column = at.position().unwrap_or(0);
        let is_before = |word: &Word| {
            word.line < line || (word.line == line && self.column(word.at.end) <= column)
        };
        self.words.iter().position(|word| !is_before(word)).unwrap_or(self.words.len())
    }

    /// The column of a byte, from 1.
    fn column(&self, byte: usize) -> usize {
        let start = self.text[..byte].rfind('\n').map_or(0, |at| at + 1);
        self.text[start..byte].chars().count() + 1
    }

    fn place(&self, index: usize) -> Position {
        self.words.get(index).map_or(Position::NONE, |word| {
            Position::new(word.line as u16, self.column(word.at.start) as u16)
        })
    }

    /// Right behind a word.
    fn behind(&self, index: usize) -> Position {
        let Some(word) = self.words.get(index) else { return Position::NONE };
        // The end of a text in quotes is behind its quote.
        let end = word.at.end + usize::from(word.kind == words::Kind::Text);
        let end = end.min(self.text.len());
        let line = word.line + self.text[word.at.clone()].matches('\n').count();
        Position::new(line as u16, self.column(end) as u16)
    }

    /// The innermost bracket that is open before a word.
    fn innermost(&self, index: usize) -> Option<usize> {
        let mut closed = 0;
        (0..index).rev().find(|&at| {
            if self.words.get(at).is_none_or(|word| word.kind != words::Kind::Sign) {
                return false;
            }
            match self.word(at) {
                ")" | "]" | "}" => closed += 1,
                "(" | "[" | "{" if closed > 0 => closed -= 1,
                "(" | "[" | "{" => return true,
                _ => {}
            }
            false
        })
    }

    /// Whether a value may begin with a word.
    fn is_value(&self, index: usize) -> bool {
        let is_word = self.words.get(index).is_some_and(|word| word.kind != words::Kind::Sign);
        is_word && !["in", "is", "and", "or", "if", "else", "as"].contains(&self.word(index))
    }

    fn line(&self, index: usize) -> usize {
        self.words.get(index).map_or(usize::MAX, |word| word.line)
    }

    /// A word of the language where a name of the script's own should stand.
    fn keyword(&self, kind: &Kind, here: usize) -> Option<Told> {
        let (Kind::VariableExpected
        | Kind::PropertyExpected
        | Kind::FnMissingName
        | Kind::Reserved(_)) = kind
        else {
            return None;
        };
        let before = self.word(here.checked_sub(1)?);
        let word = self.word(here);
        let is_word = word.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_name = ["let", "const", "fn", "for", "."].contains(&before);
        (is_word && is_name).then(|| {
            Told::new(format!("'{word}' is a word of the language"), "choose another name")
        })
    }

    /// What should stand behind the word before, where another line has begun.
    fn missing(&self, kind: &Kind, here: usize) -> Option<Told> {
        let token = match kind {
            Kind::MissingToken(token, _) => token.as_str(),
            Kind::FnMissingBody(_) => "{",
            _ => return None,
        };
        let before = here.checked_sub(1)?;
        let is_new_line = self.line(here) != self.line(before);
        let found = self.word(here);
        let told = match token {
            ";" if !is_new_line => {
                return Some(match found {
                    "if" => Told::new("a condition stands before the value", habits::BRANCH),
                    "=" => Told::new(
                        "a single '=' sets a value, and has none itself",
                        "set one after the other, each with its ';'",
                    ),
                    _ => {
                        let message = format!("an operator or a ';' is missing before '{found}'");
                        Told::new(message, "")
                    }
                });
            }
            "," if !is_new_line && found == ";" => {
                return Some(Told::new("a ';' where a ',' belongs", "write ','"));
            }
            "," | ")" | "]" if found == "=" && !is_new_line => {
                let help = "write == to compare";
                return Some(Told::new("a single '=' sets a value, and has none itself", help));
            }
            "," if !is_new_line && self.is_value(here) => {
                return Some(Told::new(format!("a ',' is missing before '{found}'"), ""));
            }
            ")" if found == "," => {
                return Some(Told::new("a list stands in square brackets", "write [1, 2]"));
            }
            "}" if found == ";" => {
                return Some(Told::new("a ';' between the entries of a map", "write ','"));
            }
            "{" if self.word(before) == "|" => return None,
            "{" => {
                let help = "what a function, if, else, for or while does stands in braces: \
                            if x > 1.0 { return hold(\"too high\"); }";
                Told::new("a '{' is missing here", help)
            }
            "," | ";" if is_new_line => Told::new(format!("a '{token}' is missing here"), ""),
            _ => return None,
        };
        Some(if is_new_line { told.at(self.behind(before)) } else { told })
    }
}
