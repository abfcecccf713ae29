//! What people write who come from another language, and how it is written here.

use rhai::Position;

use super::words::Kind;
use super::{Page, Told};

/// Words in a row, what is said of them, and what to write. Beside words and signs there stand: NAME, NUMBER, TEXT, WORD for
/// anything; `~` before one that stands right behind the one before it, without a space.
type Habit = (&'static [&'static str], &'static str, &'static str);

const NOTHING: &str =
    "nothing is (): ask x == (), or give another value in its place with x ?? 0.0";
const CLOSURE: &str = "a function without a name is |x| x * 2.0, or |x| { … }";
const FUNCTION: &str = "a function is fn name(x) { … }, one without a name |x| x * 2.0";
const MATHS: &str = "functions of numbers stand alone: max(a, b), abs(x), sqrt(x), x ** 2";
const LOOP: &str = "write for i in 0..3 { … }, or for item in list { … }";
const PAIRS: &str = "write for (item, index) in list { … }; of a map, for name in map.keys() { … }";
const BRANCH: &str = "an if has a value: let a = if x > 1.0 { 2.0 } else { 3.0 };";
const SWITCH: &str = "write switch x { \"a\" => …, \"b\" => …, _ => … }";
const MAP: &str = "a map is #{ name: value }";
const TEMPLATE: &str = "a text with values in it stands in backticks: `${x} of ${y}`";
const IMPORT: &str = "write import \"stdlib/name\" as name; at the top";
const PLAIN_NUMBERS: &str = "numbers are written out: 0.0001, not 1e-4";
const PARTS: &str = "a part of a list is list.extract(0..2)";
const ONE_EACH: &str = "each variable has a let of its own";
const BPS: &str = "a number has no unit: 10 basis points are 0.001, 5 percent 0.05";

/// Those that say more stand before those that say less.
const HABITS: [Habit; 81] = [
    (&["=", "function"], "a function has no such word here", CLOSURE),
    (&["function"], "'function' is not a word of the language", FUNCTION),
    (&["def"], "'def' is not a word of the language", FUNCTION),
    (&["func"], "'func' is not a word of the language", FUNCTION),
    (&["lambda"], "'lambda' is not a word of the language", CLOSURE),
    (&["NAME", "=", "~>"], "'=>' makes no function here", CLOSURE),
    (&[")", "=", "~>"], "'=>' makes no function here", CLOSURE),
    (
        &["NAME", "-", "~>", "NAME"],
        "'->' is no sign of the language",
        "a member is read with a point, x.y; a function without a name is |x| …",
    ),
    (&["null"], "there is no 'null'", NOTHING),
    (&["undefined"], "there is no 'undefined'", NOTHING),
    (&["None"], "there is no 'None'", NOTHING),
    (&["nil"], "there is no 'nil'", NOTHING),
    (&["True"], "there is no 'True'", "write true"),
    (&["False"], "there is no 'False'", "write false"),
    (&["=", "~=", "~="], "there is no '==='", "write =="),
    (&["!", "~=", "~="], "there is no '!=='", "write !="),
    (&["<", "~>"], "there is no '<>'", "write !="),
    (&["+", "~+"], "there is no '++'", "write x += 1"),
    (&["-", "~-"], "there is no '--'", "write x -= 1"),
    (&["elif"], "there is no 'elif'", "write else if x > 1.0 { … }"),
    (&["elsif"], "there is no 'elsif'", "write else if x > 1.0 { … }"),
    (&["elseif"], "there is no 'elseif'", "write else if x > 1.0 { … }"),
    (&["not", "in"], "there is no 'not in'", "write x !in list"),
    (&["and"], "there is no 'and'", "write &&"),
    (&["or"], "there is no 'or'", "write ||"),
    (&["not"], "there is no 'not'", "write !x"),
    (&["NAME", "is", "WORD"], "there is no 'is'", "write =="),
    (&["then"], "there is no 'then'", BRANCH),
    (&["Math", "."], "there is no 'Math'", MATHS),
    (&["math", "."], "there is no 'math'", MATHS),
    (&["np", "."], "there is no 'np'", MATHS),
    (&["console", "."], "there is no 'console'", "write log(\"info\", `${x}`)"),
    (&["self", "."], "there is no 'self'", "what a strategy keeps is in this: this.name"),
    (&["for", "(", "let"], "a loop does not count like that here", LOOP),
    (&["for", "(", "NAME", "="], "a loop does not count like that here", LOOP),
    (&["for", "NAME", "of"], "a loop goes over what stands behind 'in'", LOOP),
    (&["for", "NAME", ",", "NAME", "in"], "two variables of a loop stand in parentheses", PAIRS),
    (&["foreach"], "there is no 'foreach'", LOOP),
    (&["[", "NUMBER", ":"], "a part of a list is not taken like that", PARTS),
    (&["[", ":", "NUMBER"], "a part of a list is not taken like that", PARTS),
    (&["f", "~TEXT"], "a text is not filled like that", TEMPLATE),
    (&["'"], "a text stands in double quotes", "write \"text\""),
    (&["let", "NAME", ":"], "a variable is declared without a type", "write let x = 1.0;"),
    (&["const", "NAME", ":"], "a constant is declared without a type", "write const X = 1.0;"),
    (&["var", "NAME"], "there is no 'var'", "write let x = 1.0;"),
    (&["let", "mut"], "there is no 'mut'", "what let declares may be changed"),
    (&["let", "NAME", ","], "a let declares one variable", ONE_EACH),
    (&["let", "{"], "a let declares one variable", ONE_EACH),
    (&["let", "["], "a let declares one variable", ONE_EACH),
    (&["let", "("], "a let declares one variable", ONE_EACH),
    (&["from", "NAME", "import"], "a module is not imported like that", IMPORT),
    (&["use", "NAME"], "a module is not imported like that", IMPORT),
    (&["require", "("], "a module is not imported like that", IMPORT),
    (&["import", "NAME"], "a module is not imported like that", IMPORT),
    (&["match"], "there is no 'match'", SWITCH),
    (&["case"], "there is no 'case'", SWITCH),
    (&["default", ":"], "there is no 'default'", SWITCH),
    (&["except"], "there is no 'except'", "write try { … } catch (error) { … }"),
    (&["raise"], "there is no 'raise'", "write throw \"why\";"),
    (&["throw", "new"], "there is no 'new'", "write throw \"why\";"),
    (&["new", "NAME"], "there is no 'new'", "a list is [], a map #{}"),
    (
        &["class", "NAME"],
        "there are no classes",
        "what belongs together is a map, #{ name: value }",
    ),
    (
        &["struct", "NAME"],
        "there are no structs",
        "what belongs together is a map, #{ name: value }",
    ),
    (&["await"], "there is no 'await'", "a script looks at one step; nothing in it waits"),
    (&["async"], "there is no 'async'", "a script looks at one step; nothing in it waits"),
    (&["pass"], "there is no 'pass'", "an empty body is { }"),
    (&["{", "NAME", ":"], "a map begins with #", MAP),
    (&["{", "TEXT", ":"], "a map begins with #", MAP),
    (&["NUMBER", "%"], "a percent sign divides here, and keeps the rest", BPS),
    (&["NUMBER", "~bps"], "a number stands without its unit", BPS),
    (&["NUMBER", ",", "~000"], "a number has no ',' in it", "write 1000 or 1_000"),
    (&["$"], "there is no '$' outside of a text", TEMPLATE),
    (&["?"], "there is no '? :'", BRANCH),
    (
        &["as", "NAME"],
        "a value is not turned into another type like that",
        "write x.to_int(), x.to_decimal() or x.to_string()",
    ),
    (&["(", "int", ")"], "a value is not turned into another type like that", "write x.to_int()"),
    (
        &["(", "float", ")"],
        "a value is not turned into another type like that",
        "write x.to_decimal()",
    ),
    (&["NAME", "for", "NAME", "in"], "a list is not made like that", "write list.map(|x| x * 2.0)"),
    (
        &["NUMBER", "for", "NAME", "in"],
        "a list is not made like that",
        "write list.map(|x| x * 2.0)",
    ),
    (&["&", "~&", "{"], "something is missing behind '&&'", "write if a && b { … }"),
    (&["|", "~|", "{"], "something is missing behind '||'", "write if a || b { … }"),
    (&["#"], "a comment begins with //", "write // and the comment"),
];

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
    let mut found: Vec<(usize, usize, Told)> =
        on_line.clone().filter_map(|at| number(page, at, here)).collect();
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
        ["NAME", "is", ..] | ["NAME" | ")", "=" | "-", ..] | ["for", "NAME", ..] => {
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
        ["{", ..] => before != "#" && before != "$",
        ["#"] => behind != "{",
        ["?"] => before != "?" && !(is_joined && ["?", ".", "["].contains(&behind)),
        ["NUMBER", "%"] => ["{", ";", ")", ",", "}", "&", "|"].contains(&page.word(at + 2)),
        ["as", _] => at < 2 || page.word(at - 2) != "import",
        ["NAME", "=", _] => page.word(at + 1) == "=" && touches(page, at + 2),
        _ => true,
    }
}

/// `.5`, and `1e-4`, which the words of a line do not show.
fn number(page: &Page<'_>, at: usize, here: usize) -> Option<(usize, usize, Told)> {
    let text = page.word(at);
    let is_digit =
        |index: usize| page.words.get(index).is_some_and(|word| word.kind == Kind::Number);
    let told = if text == "." && is_digit(at + 1) && touches(page, at + 1) && !touches(page, at) {
        let help = format!("write 0.{}", page.word(at + 1));
        Told::new("a number begins with a digit", &help)
    } else if at > 0 && is_digit(at - 1) && touches(page, at) && is_exponent(text) {
        Told::new("a number has no exponent here", PLAIN_NUMBERS)
    } else {
        return None;
    };
    Some((at.abs_diff(here), 0, told.at(page.place(at))))
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
    let is_code = line[at..].trim_start_matches('/').contains([')', ']', ';']);
    (depth > 0 && is_code).then(|| {
        let at = Position::new(number as u16, (line[..at].chars().count() + 1) as u16);
        Told::new("here a comment begins", "write / to divide; of whole numbers, x.to_int()").at(at)
    })
}
