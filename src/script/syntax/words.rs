//! The words of a script's text: names, texts, numbers and signs, each with its place. Comments are none.

use std::ops::Range;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::script) enum Kind {
    /// A name or a keyword.
    Name,
    /// What stands between quotes, without them.
    Text,
    Number,
    /// One character of anything else.
    Sign,
}

/// One word.
#[derive(Clone, Debug)]
pub(in crate::script) struct Word {
    pub(in crate::script) kind: Kind,
    /// Its bytes in the text.
    pub(in crate::script) at: Range<usize>,
    /// From 1.
    pub(in crate::script) line: usize,
}

/// A place in a text, from 1.
pub(in crate::script) struct Place {
    pub(in crate::script) line: usize,
    /// In characters.
    pub(in crate::script) column: usize,
}

/// All words of a text.
pub(in crate::script) fn of(text: &str) -> Vec<Word> {
    read(text).0
}

/// Where a comment begins that is not closed.
pub(in crate::script) fn open_comment(text: &str) -> Option<Place> {
    let at = read(text).1?;
    let before = &text[..at];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before[start..].chars().count() + 1;
    Some(Place { line: before.matches('\n').count() + 1, column })
}

/// The byte behind a comment that begins at a place; a comment inside of it has its own end. None where it has none.
fn end_of_comment(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0;
    loop {
        match bytes.get(at..at + 2)? {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" if depth == 1 => return Some(at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
}

/// The words, and the byte where a comment begins that is not closed.
fn read(text: &str) -> (Vec<Word>, Option<usize>) {
    let bytes = text.as_bytes();
    let (mut words, mut at, mut line) = (Vec::new(), 0, 1);
    let end_of = |from: usize, is: fn(&u8) -> bool| {
        bytes[from..].iter().position(|byte| !is(byte)).map_or(bytes.len(), |count| from + count)
    };
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let kind = match byte {
            b'\n' => {
                line += 1;
                at += 1;
                continue;
            }
            _ if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = end_of(at, |byte| *byte != b'\n');
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let Some(end) = end_of_comment(bytes, at) else { return (words, Some(at)) };
                line += bytes[at..end].iter().filter(|byte| **byte == b'\n').count();
                at = end;
                continue;
            }
            b'"' | b'`' => {
                let mut end = at + 1;
                while end < bytes.len() && bytes[end] != byte {
                    end += if bytes[end] == b'\\' { 2 } else { 1 };
                }
                let end = end.min(bytes.len());
                words.push(Word { kind: Kind::Text, at: start + 1..end, line });
                line += bytes[start..end].iter().filter(|byte| **byte == b'\n').count();
                at = end + 1;
                continue;
            }
            _ if byte.is_ascii_alphabetic() || byte == b'_' => {
                at = end_of(at, |byte| byte.is_ascii_alphanumeric() || *byte == b'_');
                Kind::Name
            }
            _ if byte.is_ascii_digit() => {
                at = end_of(at, |byte| byte.is_ascii_digit() || *byte == b'_');
                if bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
                {
                    at = end_of(at + 1, |byte| byte.is_ascii_digit() || *byte == b'_');
                }
                Kind::Number
            }
            _ => {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
                Kind::Sign
            }
        };
        words.push(Word { kind, at: start..at, line });
    }
    (words, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_no_words_and_one_without_an_end_is_told_where_it_begins() {
        let words = |text: &'static str| -> Vec<(&str, usize)> {
            of(text).into_iter().map(|word| (&text[word.at], word.line)).collect()
        };
        let text = "a /* b /* c\n */ \" */ d // /*\n\"/*\" e";
        assert_eq!(words(text), [("a", 1), ("d", 2), ("/*", 3), ("e", 3)]);
        assert!(open_comment(text).is_none());
        for (text, place) in [
            ("a\n é /* b", Some((2, 4))),
            ("/* a /* b */", Some((1, 1))),
            ("/*/", Some((1, 1))),
            ("a */ b", None),
            ("`/*`", None),
        ] {
            let found = open_comment(text).map(|place| (place.line, place.column));
            assert_eq!(found, place, "{text}");
        }
    }
}
