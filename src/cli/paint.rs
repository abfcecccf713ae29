//! Colours, for those who look at a terminal: the printer takes them out everywhere else, and where NO_COLOR is set.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use crate::script::ScriptFault;

pub const BAD: Style = AnsiColor::Red.on_default().bold();
pub const ODD: Style = AnsiColor::Yellow.on_default().bold();
pub const GOOD: Style = AnsiColor::Green.on_default();
pub const HEAD: Style = Style::new().bold();
pub const PALE: Style = Style::new().dimmed();
const PLACE: Style = AnsiColor::Blue.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default();

/// What a terminal shows in a line.
const COLUMNS: usize = 80;

/// A text in a style.
pub fn in_style(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A fault as it is told, with its place, its margin, the caret and the suggestion in colours. It stands behind so many
/// columns of its line. Longer lines of the script are cut around the caret, those of words go on in another line.
pub fn fault(fault: &ScriptFault, taken: usize) -> String {
    let mut painted = String::new();
    for (index, line) in fault.within(COLUMNS).lines().enumerate() {
        // Writing into a string cannot fail.
        let _ = if let Some(place) = line.strip_prefix(" --> ") {
            writeln!(painted, " {PLACE}-->{PLACE:#} {place}")
        } else if let Some((margin, rest)) = margin(line) {
            let is_caret = !rest.is_empty() && rest.chars().all(|c| c == ' ' || c == '^');
            let rest = if is_caret { in_style(BAD, rest) } else { rest.to_owned() };
            writeln!(painted, "{PLACE}{margin}{PLACE:#}{rest}")
        } else if let Some(help) = line.strip_prefix("help: ") {
            writeln!(painted, "{HELP}help{HELP:#}: {}", broken(help, "help: ".len(), "      "))
        } else {
            let taken = if index == 0 { taken } else { 0 };
            writeln!(painted, "{}", broken(line, taken, "    "))
        };
    }
    painted.truncate(painted.trim_end().len());
    painted
}

/// Lines about anything, as a terminal shows them behind so many columns: sentences are broken at words, the lines of a script
/// are left as they are.
pub fn wrapped(text: &str, taken: usize) -> String {
    let lines = text.lines().enumerate().map(|(index, line)| {
        if margin(line).is_some() || line.starts_with(' ') {
            return line.to_owned();
        }
        let indent = if line.starts_with("help: ") { "      " } else { "    " };
        broken(line, if index == 0 { taken } else { 0 }, indent)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A line that begins behind so many columns, broken before the words that a terminal would cut; what follows is indented.
/// A word that is longer than a line stays whole.
pub fn broken(line: &str, taken: usize, indent: &str) -> String {
    let words = line.trim_start_matches(' ');
    let mut text = " ".repeat(line.len() - words.len());
    let mut column = taken + text.len();
    for (index, word) in words.split(' ').enumerate() {
        let length = word.chars().count();
        let is_first = index == 0;
        if !is_first && column + 1 + length > COLUMNS {
            text.push('\n');
            text.push_str(indent);
            column = indent.len();
        } else if !is_first {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
    }
    text
}

/// `12 | ` and what comes after it.
fn margin(line: &str) -> Option<(&str, &str)> {
    let at = line.find('|')?;
    let is_margin = line[..at].chars().all(|c| c == ' ' || c.is_ascii_digit());
    is_margin.then(|| line.split_at(at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_at_words() {
        let line = "a word ".repeat(15);
        let told = broken(line.trim_end(), 70, "      ");
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "a word a");
        assert!(lines[1..].iter().all(|line| line.starts_with("      ") && line.len() <= COLUMNS));
        assert_eq!(told.split_whitespace().collect::<Vec<_>>().join(" "), line.trim_end());
        assert_eq!(broken("  left:  5", 10, "  "), "  left:  5");
        let long = "x".repeat(100);
        assert_eq!(broken(&format!("see {long} now"), 0, "  "), format!("see\n  {long}\n  now"));
    }

    #[test]
    fn lines_of_a_script_are_left_as_they_are() {
        let code = format!("12 | let x = {};", "1 + ".repeat(30));
        let sentence = "a sentence ".repeat(10);
        let told = wrapped(&format!("{}\n --> a.rhai:12\n{code}", sentence.trim_end()), 7);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!((lines.len(), lines[3]), (4, &*code), "{told}");
        assert!(lines[1].starts_with("    sentence"), "{told}");
    }
}
