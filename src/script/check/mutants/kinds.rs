//! The kinds of mutations, each made wherever its pattern stands in a text.

use std::ops::Range;

use super::super::super::syntax::words::{self, Kind, Word};

/// Something else at a place of a text.
pub(super) struct Mutant {
    pub(super) at: Range<usize>,
    pub(super) instead: String,
}

type Make = fn(&str) -> Vec<Mutant>;

pub(super) const KINDS: [(&str, Make); 26] = [
    ("name: letter dropped", |text| names(text, dropped)),
    ("name: letter doubled", |text| names(text, doubled)),
    ("name: letters swapped", |text| names(text, swapped)),
    ("text: letter dropped", |text| texts(text, dropped)),
    ("text: letters swapped", |text| texts(text, swapped)),
    ("text: other case", |text| texts(text, other_case)),
    ("argument dropped", |text| arguments(text, argument_dropped)),
    ("argument added", |text| arguments(text, argument_added)),
    ("arguments swapped", |text| arguments(text, arguments_swapped)),
    ("argument as text", |text| arguments(text, argument_as_text)),
    ("argument as list", |text| arguments(text, argument_as_list)),
    ("return dropped", |text| replaced(text, "return ", "")),
    ("property called", property_called),
    ("call read", call_read),
    ("ctx dropped", |text| replaced(text, "ctx.", "")),
    ("global dropped", |text| replaced(text, "global::", "")),
    ("module dropped", module_dropped),
    ("number as text", number_as_text),
    ("fraction as percent", fraction_as_percent),
    ("hours for ms", |text| replaced(text, " * 3600000", "")),
    ("seconds for ms", |text| replaced(text, "3600000", "3600")),
    ("out dropped", |text| replaced(text, ".out", "")),
    ("sign dropped", sign_dropped),
    ("equals assigned", |text| replaced(text, " == ", " = ")),
    ("let dropped", |text| replaced(text, "let ", "")),
    ("line dropped", line_dropped),
];

const KEYWORDS: [&str; 26] = [
    "fn", "let", "const", "if", "else", "for", "in", "while", "loop", "return", "import", "as",
    "true", "false", "continue", "break", "switch", "this", "global", "throw", "try", "catch",
    "do", "until", "export", "private",
];

fn of_kind(text: &str, kind: Kind) -> Vec<Word> {
    words::of(text).into_iter().filter(|word| word.kind == kind).collect()
}

fn names(text: &str, spoil: fn(&str) -> Option<String>) -> Vec<Mutant> {
    let of = |word: Word| {
        let name = &text[word.at.clone()];
        if KEYWORDS.contains(&name) || name.len() < 3 {
            return None;
        }
        Some(Mutant { instead: spoil(name)?, at: word.at })
    };
    of_kind(text, Kind::Name).into_iter().filter_map(of).collect()
}

/// Texts without spaces: names of something. Sentences say what they say.
fn texts(text: &str, spoil: fn(&str) -> Option<String>) -> Vec<Mutant> {
    let of = |word: Word| {
        let name = &text[word.at.clone()];
        if name.contains(' ') || name.len() < 2 {
            return None;
        }
        Some(Mutant { instead: spoil(name)?, at: word.at })
    };
    of_kind(text, Kind::Text).into_iter().filter_map(of).collect()
}

fn dropped(name: &str) -> Option<String> {
    let at = name.len() / 2;
    Some(format!("{}{}", &name[..at], &name[at + 1..]))
}

fn doubled(name: &str) -> Option<String> {
    let at = name.len() / 2;
    Some(format!("{}{}", &name[..=at], &name[at..]))
}

fn swapped(name: &str) -> Option<String> {
    let bytes = name.as_bytes();
    let at = (1..bytes.len()).rev().find(|&at| bytes[at] != bytes[at - 1])?;
    let mut spoilt = bytes.to_vec();
    spoilt.swap(at, at - 1);
    String::from_utf8(spoilt).ok()
}

fn other_case(name: &str) -> Option<String> {
    let upper = name.to_uppercase();
    let other = if upper == name { name.to_lowercase() } else { upper };
    (other != name).then_some(other)
}

fn replaced(text: &str, from: &str, to: &str) -> Vec<Mutant> {
    let is_code = |at: usize| {
        let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
        !text[line..at].contains("//") && text[line..at].matches('"').count().is_multiple_of(2)
    };
    let found = text.match_indices(from).filter(|(at, _)| is_code(*at));
    found.map(|(at, from)| Mutant { at: at..at + from.len(), instead: to.to_owned() }).collect()
}

/// The arguments of each call, as places.
fn calls(text: &str) -> Vec<Vec<Range<usize>>> {
    let all = words::of(text);
    let is =
        |index: usize, sign: &str| all.get(index).is_some_and(|it| &text[it.at.clone()] == sign);
    let mut found = Vec::new();
    for (index, pair) in all.windows(2).enumerate() {
        let is_call = pair[0].kind == Kind::Name
            && &text[pair[1].at.clone()] == "("
            && pair[0].at.end == pair[1].at.start
            && !(index > 0 && is(index - 1, "fn"));
        if !is_call {
            continue;
        }
        let (mut depth, mut start, mut arguments) = (1, pair[1].at.end, Vec::new());
        for word in &all[index + 2..] {
            let sign = if word.kind == Kind::Sign { &text[word.at.clone()] } else { "" };
            match sign {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            if depth == 0 || depth == 1 && sign == "," {
                arguments.push(start..word.at.start);
                start = word.at.end;
            }
            if depth == 0 {
                break;
            }
        }
        arguments.retain(|at| !text[at.clone()].trim().is_empty());
        if !arguments.is_empty() {
            found.push(arguments);
        }
    }
    found
}

fn arguments(text: &str, spoil: fn(&str, &[Range<usize>]) -> Vec<Mutant>) -> Vec<Mutant> {
    calls(text).iter().flat_map(|arguments| spoil(text, arguments)).collect()
}

fn whole(arguments: &[Range<usize>]) -> Range<usize> {
    arguments[0].start..arguments[arguments.len() - 1].end
}

fn joined(text: &str, arguments: &[Range<usize>]) -> String {
    let parts: Vec<&str> = arguments.iter().map(|at| text[at.clone()].trim()).collect();
    parts.join(", ")
}

fn argument_dropped(text: &str, arguments: &[Range<usize>]) -> Vec<Mutant> {
    let without = |index: usize| {
        let mut rest = arguments.to_vec();
        rest.remove(index);
        Mutant { at: whole(arguments), instead: joined(text, &rest) }
    };
    (0..arguments.len()).map(without).collect()
}

fn argument_added(text: &str, arguments: &[Range<usize>]) -> Vec<Mutant> {
    vec![Mutant { at: whole(arguments), instead: format!("{}, 1", joined(text, arguments)) }]
}

/// But for those of min and max, which mean the same in any order.
fn arguments_swapped(text: &str, arguments: &[Range<usize>]) -> Vec<Mutant> {
    let before = text[..whole(arguments).start].trim_end();
    if before.ends_with("min(") || before.ends_with("max(") {
        return Vec::new();
    }
    let swapped = |index: usize| {
        let mut other = arguments.to_vec();
        other.swap(index, index + 1);
        let instead = joined(text, &other);
        (instead != joined(text, arguments)).then(|| Mutant { at: whole(arguments), instead })
    };
    (0..arguments.len().saturating_sub(1)).filter_map(swapped).collect()
}

fn argument_as_text(text: &str, arguments: &[Range<usize>]) -> Vec<Mutant> {
    let is_name = |at: &&Range<usize>| {
        let word = text[(*at).clone()].trim();
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.".contains(&b))
    };
    let quoted = |at: &Range<usize>| Mutant {
        at: at.clone(),
        instead: format!("\"{}\"", text[at.clone()].trim()),
    };
    arguments.iter().filter(is_name).map(quoted).collect()
}

fn argument_as_list(text: &str, arguments: &[Range<usize>]) -> Vec<Mutant> {
    let other = |at: &Range<usize>| {
        let word = text[at.clone()].trim();
        let instead = match word.strip_prefix('[').and_then(|word| word.strip_suffix(']')) {
            Some(_) => return None,
            None => format!("[{word}]"),
        };
        Some(Mutant { at: at.clone(), instead })
    };
    arguments.iter().filter_map(other).collect()
}

/// Pairs of a dot and a name behind it, and what follows.
fn members(text: &str) -> Vec<(Word, bool)> {
    let all = words::of(text);
    let of = |three: &[Word]| {
        let is_member = &text[three[0].at.clone()] == "." && three[1].kind == Kind::Name;
        is_member.then(|| (three[1].clone(), &text[three[2].at.clone()] == "("))
    };
    all.windows(3).filter_map(of).collect()
}

fn property_called(text: &str) -> Vec<Mutant> {
    let read = members(text).into_iter().filter(|(_, is_called)| !is_called);
    read.map(|(word, _)| Mutant { at: word.at.end..word.at.end, instead: "()".to_owned() })
        .collect()
}

fn call_read(text: &str) -> Vec<Mutant> {
    let called = members(text).into_iter().filter(|(word, is_called)| {
        // A length is read as well as asked for.
        *is_called && &text[word.at.clone()] != "len"
    });
    let without = |(word, _): (Word, bool)| {
        let (mut depth, mut end) = (0, word.at.end);
        for (at, sign) in text[word.at.end..].char_indices() {
            depth += match sign {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            end = word.at.end + at + 1;
            if depth == 0 {
                break;
            }
        }
        Mutant { at: word.at.end..end, instead: String::new() }
    };
    called.map(without).collect()
}

fn module_dropped(text: &str) -> Vec<Mutant> {
    let all = words::of(text);
    let of = |three: &[Word]| {
        let is = &text[three[1].at.start..three[2].at.end] == "::";
        let name = &text[three[0].at.clone()];
        (is && three[0].kind == Kind::Name && name != "global")
            .then(|| Mutant { at: three[0].at.start..three[2].at.end, instead: String::new() })
    };
    all.windows(3).filter_map(of).collect()
}

fn number_as_text(text: &str) -> Vec<Mutant> {
    let quoted =
        |word: Word| Mutant { instead: format!("\"{}\"", &text[word.at.clone()]), at: word.at };
    of_kind(text, Kind::Number).into_iter().map(quoted).collect()
}

/// 0.01 is written as 1.0, and 0.003 as 30.
fn fraction_as_percent(text: &str) -> Vec<Mutant> {
    let of = |word: Word| {
        let instead = match &text[word.at.clone()] {
            "0.01" => "1.0",
            "0.003" => "30",
            "0.5" => "50",
            "0.001" => "10.0",
            _ => return None,
        };
        Some(Mutant { at: word.at, instead: instead.to_owned() })
    };
    of_kind(text, Kind::Number).into_iter().filter_map(of).collect()
}

fn sign_dropped(text: &str) -> Vec<Mutant> {
    ["!(", "!state", "!leverage", "!treasury", "!is_"]
        .iter()
        .flat_map(|sign| replaced(text, sign, &sign[1..]))
        .collect()
}

/// A statement is left out.
fn line_dropped(text: &str) -> Vec<Mutant> {
    let (mut found, mut at) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        let is_statement = line.trim_end().ends_with(';') && !line.trim_start().starts_with("//");
        if is_statement {
            found.push(Mutant { at: at..at + line.len(), instead: String::new() });
        }
        at += line.len();
    }
    found
}
