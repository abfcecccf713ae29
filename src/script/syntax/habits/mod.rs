//! What people write who come from another language, and how it is written here.

mod table;

use rhai::Position;

use super::words::Kind;
use super::{Page, Told};
pub(super) use table::{BRANCH, MAP, MATHS, ONE_EACH, PAIRS, SWITCH};
use table::{HABITS, PLAIN_NUMBERS};

/// The habit on the line where the parser stumbled that is nearest to that place.
pub(super) fn of(page: &Page<'_>, here: usize) -> Option<Told> {
    let here = here.min(page.words.len().checked_sub(1)?);
    let line = page.line(here);
    let is_first = here == 0 || page.line(here - 1) != line;
    let last = if is_first && here > 0 { page.line(here - 1) } else { line };
    let on_line = (0..page.words.len()).filter(|&at| [line, last].contains(&page.line(at)));
    if let Some(told) = comment_in_between(page, here, is_first) {
        return Some(told);
    }
    if let Some(told) = guarded_default(page, here) {
        return Some(told);
    }
    let mut found: Vec<(usize, usize, Told)> =
        on_line.clone().filter_map(|at| special(page, at, here)).collect();
    for (rank, (words, message, help)) in HABITS.iter().enumerate() {
        let places =
            on_line.clone().filter(|&at| stands(page, at, words) && is_meant(page, at, words));
        found.extend(places.map(|at| {
            (
                at.abs_diff(here),
                rank + 1,
                Told::new(*message, help).at(page.place(pointed(words, at))),
            )
        }));
    }
    found.into_iter().min_by_key(|(distance, rank, _)| (*distance, *rank)).map(|(.., told)| told)
}

/// Where the caret points: at the sign that is wrong, not at the name before it.
fn pointed(words: &[&str], at: usize) -> usize {
    match words {
        ["(" | ",", "NAME", ..] | ["=" | "(" | ",", "fn", ..] => at + 1,
        ["NAME", "is", ..] | ["NAME" | ")", "=" | "-" | ":", ..] | ["for", "NAME", ..] => {
            at + words.iter().skip(1).position(|word| *word != "NAME").map_or(0, |index| index + 1)
        }
        _ => at,
    }
}

fn stands(page: &Page<'_>, at: usize, words: &[&str]) -> bool {
    words.iter().enumerate().all(|(offset, wanted)| {
        let index = at + offset;
        let Some(word) = page.words.get(index) else { return false };
        let (is_joined, wanted) = match wanted.strip_prefix('~') {
            Some(wanted) => (true, wanted),
            None => (false, *wanted),
        };
        if is_joined && !touches(page, index) {
            return false;
        }
        match wanted {
            "WORD" => true,
            "NAME" => word.kind == Kind::Name && !["_", "in"].contains(&page.word(index)),
            "NUMBER" => word.kind == Kind::Number,
            "TEXT" => word.kind == Kind::Text,
            // A text that holds such a word is none.
            text => word.kind != Kind::Text && page.word(index) == text,
        }
    })
}

/// Whether a word stands right behind the one before it.
fn touches(page: &Page<'_>, index: usize) -> bool {
    let Some(before) = index.checked_sub(1).map(|before| &page.words[before]) else { return false };
    let word = &page.words[index];
    word.at.start == before.at.end
        || (word.kind == Kind::Text && word.at.start == before.at.end + 1)
}

/// What looks like a habit and is the language's own.
fn is_meant(page: &Page<'_>, at: usize, words: &[&str]) -> bool {
    let before = at.checked_sub(1).map_or("", |before| page.word(before));
    let behind = page.word(at + 1);
    let is_joined = touches(page, at + 1);
    match words {
        // x.and would be a member.
        [word, ..] if word.starts_with(char::is_alphabetic) && before == "." => false,
        ["new", _] => before != "throw",
        ["mod" | "div", ..] => at > 0 && ends_value(page, at - 1),
        ["let", _, "NUMBER" | "TEXT" | "NAME", ..] => page.line(at) == page.line(at + 2),
        ["(" | ",", "NAME", ..] => is_head(page, page.innermost(at + 1)),
        [")", "-" | ":", ..] => is_head(page, page.innermost(at)),
        // `{ module::name(…)` begins a block.
        ["{", _, ":"] if page.word(at + 3) == ":" => false,
        ["{", ..] => before != "#" && before != "$",
        ["#"] => behind != "{",
        ["?"] => before != "?" && !(is_joined && ["?", ".", "["].contains(&behind)),
        ["NUMBER", "%"] => ["{", ";", ")", ",", "}", "&", "|"].contains(&page.word(at + 2)),
        ["as", _] => at < 2 || page.word(at - 2) != "import",
        ["NAME", "=", _] => {
            page.word(at + 1) == "=" && touches(page, at + 2) && !is_condition(page, at)
        }
        [")", "=", _] => !is_condition(page, at),
        ["=", "~>"] => is_condition(page, at),
        _ => true,
    }
}

/// Whether a bracket is that of a function's parameters.
fn is_head(page: &Page<'_>, opener: Option<usize>) -> bool {
    opener.is_some_and(|opener| opener > 1 && page.word(opener - 2) == "fn")
}

/// Whether a word stands between `if` or `while` and its block.
fn is_condition(page: &Page<'_>, at: usize) -> bool {
    let line = page.line(at);
    let before = (0..at).rev().take_while(|&at| page.line(at) == line);
    let mut before = before.map(|at| page.word(at)).take_while(|word| !["{", "|"].contains(word));
    before.any(|word| ["if", "while"].contains(&word))
}

/// Whether a value may end with a word.
fn ends_value(page: &Page<'_>, at: usize) -> bool {
    page.words[at].kind != Kind::Sign || [")", "]"].contains(&page.word(at))
}

/// `_ if x > 5 =>`
fn guarded_default(page: &Page<'_>, here: usize) -> Option<Told> {
    let line = page.line(here);
    let before = (0..=here).rev().take_while(|&at| page.line(at) == line);
    let at = before
        .take_while(|&at| page.word(at) != ",")
        .find(|&at| page.word(at) == "_" && page.word(at + 1) == "if")?;
    let opener = page.innermost(at)?;
    let is_switch = (0..opener).rev().take_while(|&at| page.word(at) != ";").take(12);
    is_switch.map(|at| page.word(at)).any(|word| word == "switch").then(|| {
        let help =
            "write if x > 5 { … } else { … }, or give the condition to a case: \"a\" if x > 5 => …";
        Told::new("the default case of a switch has no condition", help).at(page.place(at))
    })
}

/// What is seen in more than words in a row, with how far away it is.
fn special(page: &Page<'_>, at: usize, here: usize) -> Option<(usize, usize, Told)> {
    let told = number(page, at)
        .or_else(|| removed(page, at))
        .or_else(|| typeset(page, at))
        .or_else(|| letter(page, at))
        .or_else(|| comma(page, at))
        .or_else(|| docstring(page, at))?;
    let told = if told.at.is_none() { told.at(page.place(at)) } else { told };
    Some((at.abs_diff(here), 0, told))
}

/// `.5`, `1e-4` and `5x`, which the words of a line do not show.
fn number(page: &Page<'_>, at: usize) -> Option<Told> {
    let text = page.word(at);
    let is_number =
        |index: usize| page.words.get(index).is_some_and(|word| word.kind == Kind::Number);
    if text == "." && is_number(at + 1) && touches(page, at + 1) && !touches(page, at) {
        let help = format!("write 0.{}", page.word(at + 1));
        return Some(Told::new("a number begins with a digit", &help));
    }
    let before = at.checked_sub(1).filter(|&before| is_number(before) && touches(page, at))?;
    if is_exponent(text) {
        return Some(Told::new("a number has no exponent here", PLAIN_NUMBERS));
    }
    let number = page.word(before);
    let is_name = page.words[at].kind == Kind::Name && text != "bps" && !text.starts_with('_');
    // 0x1f is one.
    (is_name && number != "0").then(|| {
        let message = format!("'{number}{text}' is no number, and no name");
        let help = if text.len() == 1 { format!("write {number}") } else { String::new() };
        let help = if before > 0 && ["let", "const"].contains(&page.word(before - 1)) {
            "a name begins with a letter".to_owned()
        } else {
            help
        };
        Told::new(message, &help).at(page.place(before))
    })
}

/// `delete this.name`, and the same of an item.
fn removed(page: &Page<'_>, at: usize) -> Option<Told> {
    let word = page.word(at);
    let is_name = |at: usize| page.words.get(at).is_some_and(|word| word.kind == Kind::Name);
    if !["delete", "del", "unset"].contains(&word) || !is_name(at + 1) {
        return None;
    }
    let mut subject = page.word(at + 1).to_owned();
    let mut next = at + 2;
    let mut last = None;
    while page.word(next) == "." && is_name(next + 1) {
        if let Some(last) = last.replace(page.word(next + 1)) {
            subject = format!("{subject}.{last}");
        }
        next += 2;
    }
    let is_text = page.words.get(next + 1).is_some_and(|word| word.kind == Kind::Text);
    let help = match (page.word(next), last) {
        ("[", _) => {
            let key = page.word(next + 1);
            let key = if is_text { format!("\"{key}\"") } else { key.to_owned() };
            let of = last.map_or(subject.clone(), |last| format!("{subject}.{last}"));
            format!("write {of}.remove({key})")
        }
        (_, Some(last)) => format!("write {subject}.remove(\"{last}\")"),
        (_, None) => format!("write {subject} = ();"),
    };
    Some(Told::new(format!("there is no '{word}'"), &help))
}

/// Signs that word processors and web pages put in the place of those of a script.
fn typeset(page: &Page<'_>, at: usize) -> Option<Told> {
    let sign = page.word(at).chars().next().filter(|c| !c.is_ascii())?;
    if page.words[at].kind != Kind::Sign {
        return None;
    }
    let help = match sign {
        '“' | '”' | '„' | '«' | '»' | '‘' | '’' | '″' => {
            "a text stands in straight quotes: \"text\""
        }
        '–' | '—' | '−' | '‐' | '‑' => "write a plain minus, -",
        '×' | '·' | '∙' => "write *",
        '÷' => "write /",
        '≤' => "write <=",
        '≥' => "write >=",
        '≠' => "write !=",
        '…' => "write what it stands for; a range is 0..3",
        '，' => "write a plain comma",
        '；' => "write a plain ;",
        sign if sign.is_whitespace()
            || ('\u{200b}'..='\u{200f}').contains(&sign)
            || sign == '\u{feff}' =>
        {
            let message = format!("an invisible sign stands here, U+{:04X}", u32::from(sign));
            return Some(Told::new(message, "write a plain space in its place"));
        }
        _ => return None,
    };
    Some(Told::new(format!("'{sign}' is no sign of the language"), help))
}

/// `0,5`: a number with a comma for its point.
fn comma(page: &Page<'_>, at: usize) -> Option<Told> {
    let is_number =
        |index: usize| page.words.get(index).is_some_and(|word| word.kind == Kind::Number);
    let before = at.checked_sub(1)?;
    let is_list = page.innermost(at).is_some_and(|opener| page.word(opener) != "{");
    let is_one = page.word(at) == ","
        && touches(page, at)
        && touches(page, at + 1)
        && is_number(before)
        && is_number(at + 1);
    // 1,000 is told as what it is.
    let is_of_thousands = page.word(at + 1).len() == 3 && page.word(before) != "0";
    (is_one && !is_list && !is_of_thousands).then(|| {
        let help = format!("write {}.{}", page.word(before), page.word(at + 1));
        Told::new("a number has a point, no ','", &help)
    })
}

/// `"""text"""`
fn docstring(page: &Page<'_>, at: usize) -> Option<Told> {
    let is_text = |at: usize| page.words.get(at).is_some_and(|word| word.kind == Kind::Text);
    let is_three = is_text(at)
        && page.word(at).is_empty()
        && is_text(at + 1)
        && page.words[at].at.end + 2 == page.words[at + 1].at.start;
    is_three.then(|| Told::new("a text has one quote at each end", "a comment begins with //"))
}

/// A letter that names do not have.
fn letter(page: &Page<'_>, at: usize) -> Option<Told> {
    let is_letter = page.words[at].kind == Kind::Sign
        && page.word(at).chars().all(|c| c.is_alphabetic() && !c.is_ascii());
    let help = "names are of a to z, A to Z, digits and _";
    is_letter.then(|| Told::new(format!("'{}' stands in no name", page.word(at)), help))
}

fn is_exponent(text: &str) -> bool {
    text.strip_prefix(['e', 'E']).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `a // b`, meant as a division, with a bracket open before it.
fn comment_in_between(page: &Page<'_>, here: usize, is_first: bool) -> Option<Told> {
    let before = here.checked_sub(1).filter(|_| is_first)?;
    let number = page.line(before);
    let line = page.text.lines().nth(number - 1)?;
    let at = line.find("//")?;
    let on_line = (0..here).filter(|&at| page.line(at) == number);
    let depth = on_line.fold(0, |depth, at| match page.word(at) {
        "(" | "[" => depth + 1,
        ")" | "]" => depth - 1,
        _ => depth,
    });
    let rest = line[at..].trim_start_matches('/');
    let is_code = depth > 0 && rest.contains([')', ']', ';']);
    // What should end the line has gone into the comment.
    let is_ending = ends_value(page, before) && rest.trim_end().ends_with(';');
    (is_code || is_ending).then(|| {
        let at = Position::new(number as u16, (line[..at].chars().count() + 1) as u16);
        Told::new("here a comment begins", "write / to divide; of whole numbers, x.to_int()").at(at)
    })
}
