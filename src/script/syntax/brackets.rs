//! Brackets that are not closed, or close nothing.

use rhai::{ParseErrorType as Error, Position};

use super::words::Kind;
use super::{Page, Told};

/// What is wrong with the brackets of a text that does not parse, where that is before or at the place where the parser
/// stumbled; it notices a missing `}` only at the end of the file.
pub(super) fn of(page: &Page<'_>, kind: &Error, at: Position) -> Option<Told> {
    if matches!(kind, Error::BadInput(_)) {
        return None;
    }
    match first(page)? {
        // Whatever is undefined or misplaced inside of it may be right where it belongs.
        Wrong::Open { opener, noticed } if page.word(opener) == "{" => {
            let message = format!("this '{{' is not closed{}", until(page, noticed));
            Some(Told::new(message, "put its '}' where the block ends").at(page.place(opener)))
        }
        Wrong::Open { opener, noticed } => {
            let found = page.place(noticed);
            let is_noticed = at.is_none()
                || found.is_none()
                || at >= found
                || page.line(opener) == at.line().unwrap_or(0);
            is_noticed.then(|| {
                let sign = page.word(opener);
                let place = page.place(opener);
                let line = place.line().unwrap_or(0);
                let column = place.position().unwrap_or(0);
                let closing = closing(sign);
                let message = format!("a '{closing}' is missing: the '{sign}' of line {line}, column {column} is not closed");
                let before = noticed.saturating_sub(1);
                Told::new(message, "").at(page.behind(before))
            })
        }
        Wrong::Closer(closer) => {
            let place = page.place(closer);
            (at.is_none() || at >= place).then(|| {
                Told::new(format!("this '{}' is one too many", page.word(closer)), "").at(place)
            })
        }
    }
}

fn until(page: &Page<'_>, noticed: usize) -> String {
    match page.words.get(noticed) {
        Some(word) => format!(" before line {}", word.line),
        None => String::new(),
    }
}

fn closing(sign: &str) -> &'static str {
    match sign {
        "(" => ")",
        "[" => "]",
        _ => "}",
    }
}

/// The first bracket that is wrong.
enum Wrong {
    /// Not closed, which is noticed at a word.
    Open { opener: usize, noticed: usize },
    /// Closes nothing.
    Closer(usize),
}

fn first(page: &Page<'_>) -> Option<Wrong> {
    let mut open: Vec<usize> = Vec::new();
    // A block whose end stands further left or right than its beginning: its bracket and that of its end.
    let mut shifted: Option<(usize, usize)> = None;
    for (index, word) in page.words.iter().enumerate() {
        let text = page.word(index);
        let is_at_margin = page.column(word.at.start) == 1;
        if ["fn", "private", "import"].contains(&text)
            && is_at_margin
            && let Some(&opener) = open.last()
        {
            let opener = shifted.map_or(opener, |(opener, _)| opener);
            return Some(Wrong::Open { opener, noticed: index });
        }
        if word.kind != Kind::Sign {
            continue;
        }
        match text {
            "(" | "[" | "{" => open.push(index),
            ")" | "]" | "}" => {
                let Some(opener) = open.pop() else {
                    let closer = shifted.map_or(index, |(_, closer)| closer);
                    return Some(Wrong::Closer(closer));
                };
                let is_own = |opener: &usize| closing(page.word(*opener)) == text;
                if text != "}" && page.word(opener) == "{" && !open.iter().any(is_own) {
                    return Some(Wrong::Closer(index));
                }
                if !is_own(&opener) {
                    return Some(Wrong::Open { opener, noticed: index });
                }
                let indents = (indent(page, opener), indent(page, index));
                let is_of_block = begins_line(page, index) || indents.0 == 0;
                let is_far = page.line(opener) != page.line(index);
                if text == "}" && is_of_block && is_far && indents.0 != indents.1 {
                    shifted = shifted.or(Some((opener, index)));
                }
            }
            ";" => {
                let innermost = open.last().filter(|&&opener| page.word(opener) != "{");
                if let Some(&opener) = innermost {
                    return Some(Wrong::Open { opener, noticed: index });
                }
            }
            _ => {}
        }
    }
    let noticed = page.words.len();
    open.last().map(|&opener| Wrong::Open {
        opener: shifted.map_or(opener, |(opener, _)| opener),
        noticed,
    })
}

fn begins_line(page: &Page<'_>, index: usize) -> bool {
    index == 0 || page.line(index - 1) != page.line(index)
}

/// How far the line of a word is indented.
fn indent(page: &Page<'_>, index: usize) -> usize {
    let line = page.text.lines().nth(page.line(index).saturating_sub(1)).unwrap_or("");
    line.len() - line.trim_start().len()
}
