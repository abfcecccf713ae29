//! What an assertion saw: the source of what was not true, and what its parts were.
//!
//! An assertion is given true or false and nothing else. When one fails, its test is run once more (it is the same each time)
//! from a text in which the parts of that assertion are wrapped: each is given back as it is, and how it reads is kept.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use super::api::{NOT_TRUE, SEEN};

/// How much of a value is told.
const VALUE_CHARS_MAX: usize = 200;

/// An assertion that failed, in the text of its file.
pub(super) struct Claim<'a> {
    text: &'a str,
    condition: Range<usize>,
    parts: Vec<Range<usize>>,
}

impl<'a> Claim<'a> {
    /// The assertion that begins at a place; `None` where there stands another call.
    pub(super) fn at(text: &'a str, line: u32, column: u32) -> Option<Self> {
        let row = text.split_inclusive('\n').take((line as usize).checked_sub(1)?);
        let row = row.map(str::len).sum::<usize>();
        let (column, _) = text[row..].char_indices().nth((column as usize).checked_sub(1)?)?;
        let call = text[row + column..].strip_prefix("assert")?.trim_start().strip_prefix('(')?;
        let begin = text.len() - call.len();
        let (codes, end) = codes(call);
        let comma = codes.iter().find(|code| code.c == ',' && code.depth == 0);
        let end = comma.map_or(end, |code| code.at);
        let condition = trimmed(text, begin..begin + end);
        let mut parts = Vec::new();
        find_parts(text, condition.clone(), &mut parts);
        Some(Self { text, condition, parts })
    }

    /// Whether anything in it can be looked at.
    pub(super) fn has_parts(&self) -> bool {
        !self.parts.is_empty()
    }

    /// The text of the file with the parts wrapped.
    pub(super) fn watched(&self) -> String {
        let mut text = self.text.to_owned();
        for (number, part) in self.parts.iter().enumerate().rev() {
            let wrapped = format!("{SEEN}({number}, {})", &self.text[part.clone()]);
            text.replace_range(part.clone(), &wrapped);
        }
        text
    }

    /// What the assertion says, with its source and what its parts were.
    pub(super) fn told(&self, message: &str, values: &BTreeMap<i64, String>) -> String {
        let source = in_a_line(&self.text[self.condition.clone()]);
        let mut told = match message {
            NOT_TRUE => format!("{NOT_TRUE}: {source}"),
            message => format!("{message}\n  this is not true: {source}"),
        };
        let mut named = Vec::new();
        for (number, part) in (0..).zip(&self.parts) {
            let part = in_a_line(&self.text[part.clone()]);
            if let Some(value) = values.get(&number).filter(|_| !named.contains(&part)) {
                told.push_str(&format!("\n  {part}: {}", cut(value)));
                named.push(part);
            }
        }
        told
    }
}

/// A character that is neither in a text nor in a comment, with how many brackets are open around it.
struct Code {
    at: usize,
    c: char,
    depth: usize,
}

/// The characters of code up to a bracket that was opened before, and where that is.
fn codes(text: &str) -> (Vec<Code>, usize) {
    let mut codes = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let skipped = match c {
            '"' | '`' | '\'' => quoted(rest, c),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            _ => 0,
        };
        if skipped > 0 {
            at += skipped;
            continue;
        }
        if matches!(c, ')' | ']' | '}') {
            let Some(outer) = depth.checked_sub(1) else { return (codes, at) };
            depth = outer;
        }
        codes.push(Code { at, c, depth });
        depth += usize::from(matches!(c, '(' | '[' | '{'));
        at += c.len_utf8();
    }
    (codes, at)
}

/// The length of a text with its quotes.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !is_escaped {
            return at + c.len_utf8();
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    text.len()
}

/// The parts of a condition that say why it is not true: both sides of comparisons, and what a method is called on and with.
fn find_parts(text: &str, range: Range<usize>, parts: &mut Vec<Range<usize>>) {
    let range = trimmed(text, range);
    let condition = &text[range.clone()];
    let (codes, end) = codes(condition);
    if end != condition.len() {
        return;
    }
    let outer: Vec<&Code> = codes.iter().filter(|code| code.depth == 0).collect();
    let inside = |part: Range<usize>| range.start + part.start..range.start + part.end;
    for operator in ["||", "&&"] {
        let is_here = |code: &&&Code| condition[code.at..].starts_with(operator);
        if let Some(code) = outer.iter().find(is_here) {
            find_parts(text, inside(0..code.at), parts);
            return find_parts(text, inside(code.at + 2..condition.len()), parts);
        }
    }
    if outer.iter().any(|code| matches!(code.c, '|' | '&' | '{')) {
        return;
    }
    if condition.starts_with('!') {
        return find_parts(text, inside(1..condition.len()), parts);
    }
    let mut add = |part: Range<usize>| {
        let part = trimmed(text, inside(part));
        if !is_literal(&text[part.clone()]) {
            parts.push(part);
        }
    };
    if let Some((at, length)) = comparison(condition, &outer) {
        add(0..at);
        return add(at + length..condition.len());
    }
    let [.., open, close] =
        outer.iter().filter(|code| "()".contains(code.c)).collect::<Vec<_>>()[..]
    else {
        return;
    };
    if close.at + 1 != condition.len() {
        return;
    }
    if open.at == 0 {
        return find_parts(text, inside(1..close.at), parts);
    }
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let called_on = condition[..open.at].trim_end_matches(is_name);
    if let Some(receiver) = called_on.strip_suffix('.') {
        add(0..receiver.trim_end_matches('?').len());
        let argument = &condition[open.at + 1..close.at];
        let mut own = codes.iter().filter(|code| code.at > open.at && code.depth == 1);
        let is_one = !own.any(|code| matches!(code.c, ',' | '|'));
        if is_one && !argument.trim().is_empty() {
            add(open.at + 1..close.at);
        }
    }
}

/// Where two things are compared outside of all brackets, and how long the operator is.
fn comparison(condition: &str, outer: &[&Code]) -> Option<(usize, usize)> {
    outer.iter().find_map(|code| {
        let rest = &condition[code.at..];
        let long = ["==", "!=", "<=", ">="].iter().any(|operator| rest.starts_with(operator));
        let is_in = rest.starts_with(" in ").then_some((code.at, 4));
        match code.c {
            _ if long => Some((code.at, 2)),
            '<' | '>' => Some((code.at, 1)),
            _ => is_in,
        }
    })
}

/// Whether a part says itself what it is.
fn is_literal(part: &str) -> bool {
    let is_text = part.starts_with(['"', '`', '\'']) && codes(part).0.is_empty();
    let digits = part.strip_prefix('-').unwrap_or(part);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
    part.is_empty() || is_text || is_number || ["true", "false", "()"].contains(&part)
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + part.len() - part.trim_start().len();
    start..start + part.trim().len()
}

fn in_a_line(source: &str) -> String {
    source.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(value: &str) -> String {
    let mut cut: String = value.chars().take(VALUE_CHARS_MAX).collect();
    if cut.len() < value.len() {
        cut.push('…');
    }
    cut
}

/// A message that names the script by the path by which a person opens it.
pub(super) fn clickable(own: Option<&Path>, message: &str) -> String {
    let Some(own) = own else { return message.to_owned() };
    let Some(name) = own.file_name().and_then(|name| name.to_str()) else {
        return message.to_owned();
    };
    message.replace(&format!(" --> {name}:"), &format!(" --> {}:", own.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(condition: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find_parts(condition, 0..condition.len(), &mut found);
        found.into_iter().map(|part| &condition[part]).collect()
    }

    #[test]
    fn the_parts_of_a_condition_are_what_it_compares_or_calls() {
        for (condition, expected) in [
            ("step.reason.contains(\"a) || b\")", &["step.reason"][..]),
            ("list(1, 2).contains( word )", &["list(1, 2)", "word"]),
            ("a.b[1 < 2].is_empty()", &["a.b[1 < 2]"]),
            ("size + n < 6", &["size + n"]),
            ("w.equity > 200000 && step.action == other", &["w.equity", "step.action", "other"]),
            ("!(a == -1.5) || x != \"y\"", &["a", "x"]),
            ("((a <= b))", &["a", "b"]),
            ("\"USDT\" in keys // why", &["keys // why"]),
            ("is_good(a, b)", &[]),
            ("held", &[]),
            ("list.all(|x| x > 0)", &["list"]),
            ("if a { b } else { c }", &[]),
        ] {
            assert_eq!(parts(condition), expected, "{condition}");
        }
    }

    #[test]
    fn an_assertion_is_found_wrapped_and_told() {
        let text = "fn test_x() {\n    let ü = \"(\"; assert(  a\n  == ü, `no, ${x})`);\n}\n";
        let claim = Claim::at(text, 2, 18).unwrap();
        let wrapped = format!("assert(  {SEEN}(0, a)\n  == {SEEN}(1, ü), `no, ${{x}})`);");
        assert!(claim.watched().contains(&wrapped), "{}", claim.watched());
        let values = BTreeMap::from([(0, "1".to_owned()), (1, "x".repeat(300))]);
        let told = claim.told("no", &values);
        assert!(told.starts_with("no\n  this is not true: a == ü\n  a: 1\n  ü: xxx"), "{told}");
        assert!(told.ends_with("xxx…"), "{told}");
        assert_eq!(claim.told(NOT_TRUE, &BTreeMap::new()), "this is not true: a == ü");
        assert!(Claim::at("assert_eq(1, 2);", 1, 1).is_none());
        assert!(Claim::at("assert(1 > 2);", 7, 1).is_none());
    }
}
