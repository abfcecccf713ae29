//! From a text that does not parse to a fault that a person can act on. The parser says where it stumbled; what was meant is
//! mostly written a word or two before: an unclosed bracket, a missing `;`, a habit from another language.

mod brackets;
mod declared;
mod habits;
mod names;
#[cfg(test)]
mod tests;
pub(super) mod words;

use rhai::{LexError, ParseError, ParseErrorType as Kind, Position};

use crate::types::Code;

use super::fault::ScriptFault;
pub(super) use declared::{constant, declared_near, elsewhere, lonely_near};
pub(super) use names::meant;
use words::Word;

/// The fault of a text that does not parse, and whether the parser's own words are in it: others name what it does not know.
pub(super) fn parse_fault(file: &str, text: &str, error: &ParseError) -> (ScriptFault, bool) {
    let ParseError(kind, at) = error;
    let page = Page::of(text);
    let here = page.word_at(*at);
    let known = page
        .keyword(kind, here)
        .or_else(|| habits::of(&page, here))
        .or_else(|| brackets::of(&page, kind, *at))
        .or_else(|| page.missing(kind, here));
    let is_plain = known.is_none();
    let told = known.unwrap_or_else(|| plain(kind, &page));
    let at = told.at.unwrap_or(*at);
    let fault = ScriptFault::of_file(Code::Strat004, file, told.message);
    (fault.at(text, at).with_help(told.help), is_plain)
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
                return Some(Told::new(
                    format!("an operator or a ';' is missing before '{found}'"),
                    "",
                ));
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

/// The parser's own words, in the way of ours.
fn plain(kind: &Kind, page: &Page<'_>) -> Told {
    match kind {
        Kind::VariableUndefined(name) => Told::new(
            format!("there is no variable '{name}'"),
            "declare it with let; in a function, a constant of the file is global::NAME",
        ),
        Kind::ModuleUndefined(name) if page.declares(name) => Told::new(
            format!("{name} is a value, not a module"),
            &format!("members are read with a point: {name}.…"),
        ),
        Kind::ModuleUndefined(name) => Told::new(
            format!("there is no module '{name}'"),
            "import \"stdlib/name\" as name; at the top",
        ),
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
        Kind::MissingToken(token, purpose) => {
            Told::new(format!("expected '{token}' {purpose}"), "")
        }
        other => {
            let message = other.to_string();
            let mut letters = message.chars();
            let first = letters.next().map(|first| first.to_ascii_lowercase());
            Told::new(first.into_iter().chain(letters).collect::<String>(), "")
        }
    }
}
