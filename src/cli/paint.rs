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

/// A fault as it is told, with its place, its margin, the caret and the suggestion in colours.
/// Longer lines of the script are cut around the caret.
pub fn fault(fault: &ScriptFault) -> String {
    let mut painted = String::new();
    for line in fault.within(COLUMNS).lines() {
        // Writing into a string cannot fail.
        let _ = if let Some(place) = line.strip_prefix(" --> ") {
            writeln!(painted, " {PLACE}-->{PLACE:#} {place}")
        } else if let Some((margin, rest)) = margin(line) {
            let is_caret = !rest.is_empty() && rest.chars().all(|c| c == ' ' || c == '^');
            let rest = if is_caret { in_style(BAD, rest) } else { rest.to_owned() };
            writeln!(painted, "{PLACE}{margin}{PLACE:#}{rest}")
        } else if let Some(help) = line.strip_prefix("help: ") {
            writeln!(painted, "{HELP}help{HELP:#}: {help}")
        } else {
            writeln!(painted, "{line}")
        };
    }
    painted.truncate(painted.trim_end().len());
    painted
}

/// `12 | ` and what comes after it.
fn margin(line: &str) -> Option<(&str, &str)> {
    let at = line.find('|')?;
    let is_margin = line[..at].chars().all(|c| c == ' ' || c.is_ascii_digit());
    is_margin.then(|| line.split_at(at + 1))
}
