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

/// All words of a text.
pub(in crate::script) fn of(text: &str) -> Vec<Word> {
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
    words
}
