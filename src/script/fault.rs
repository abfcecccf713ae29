//! What is wrong with a script, said as a compiler says it: the sentence, the place, the line, and what to do.

use std::fmt;
use std::sync::Arc;

use crate::engine::StrategyError;
use crate::types::Code;
use crate::types::order::Origin;

/// A fault at a place of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptFault {
    /// STRAT-004 for what does not load; the code of the error otherwise.
    pub code: Code,
    /// What is wrong, with the names in it.
    pub message: String,
    /// The file, as imports name it.
    pub file: Arc<str>,
    /// Line from 1; 0 when the fault is about the whole file.
    pub line: u32,
    /// Column from 1; 0 when it is about the whole line.
    pub column: u32,
    /// The text of the line.
    pub source_line: String,
    /// What to do, when there is something to suggest.
    pub help: Option<String>,
    /// The calls that led there, innermost first: function, file and line.
    pub calls: Vec<String>,
}

impl ScriptFault {
    /// A fault of a file as a whole.
    pub fn of_file(code: Code, file: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            file: file.into(),
            line: 0,
            column: 0,
            source_line: String::new(),
            help: None,
            calls: Vec::new(),
        }
    }

    /// The same fault at a place; the source line is looked up in the file's text.
    pub(super) fn at(mut self, text: &str, position: rhai::Position) -> Self {
        self.line = position.line().unwrap_or(0) as u32;
        self.column = position.position().unwrap_or(0) as u32;
        let line = text.lines().nth((self.line as usize).wrapping_sub(1));
        self.source_line = line.unwrap_or("").to_owned();
        self
    }

    pub(super) fn with_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}

impl ScriptFault {
    /// As it is displayed, its source line cut around the place to fit so many columns.
    pub fn within(&self, columns: usize) -> String {
        let margin = self.line.to_string().len() + 3;
        let room = columns.saturating_sub(margin).max(20);
        let line: Vec<char> = self.source_line.trim_end().chars().collect();
        if line.len() <= room {
            return self.to_string();
        }
        let caret = (self.column as usize).saturating_sub(1).min(line.len());
        let start = caret.saturating_sub(room / 2).min(line.len() - room + 2);
        let start = if start < 2 { 0 } else { start };
        let end = (start + room - 2).min(line.len());
        let cut: String = line[start..end].iter().collect();
        let before = if start > 0 { "…" } else { "" };
        let behind = if end < line.len() { "…" } else { "" };
        let shown = caret - start + before.chars().count() + 1;
        self.told(&format!("{before}{cut}{behind}"), shown)
    }

    /// With a line and a caret in their place.
    fn told(&self, source: &str, caret: usize) -> String {
        let whole =
            Self { source_line: String::new(), help: None, calls: Vec::new(), ..self.clone() };
        let mut text = whole.to_string();
        let margin = " ".repeat(self.line.to_string().len());
        let caret = if self.column > 0 {
            format!("\n{margin} | {}^", " ".repeat(caret - 1))
        } else {
            String::new()
        };
        text.push_str(&format!(
            "\n{margin} |\n{} | {}{caret}",
            self.line,
            source.replace('\t', " ")
        ));
        if let Some(help) = &self.help {
            text.push_str(&format!("\nhelp: {help}"));
        }
        for call in &self.calls {
            text.push_str(&format!("\n  in {call}"));
        }
        text
    }
}

impl fmt::Display for ScriptFault {
    /// Without the code, which its bearer puts in front.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match (self.line, self.column) {
            (0, _) => write!(f, "\n --> {}", self.file)?,
            (line, 0) => write!(f, "\n --> {}:{line}", self.file)?,
            (line, column) => write!(f, "\n --> {}:{line}:{column}", self.file)?,
        }
        if self.line > 0 && !self.source_line.trim().is_empty() {
            let number = self.line.to_string();
            let margin = " ".repeat(number.len());
            let line = self.source_line.replace('\t', " ");
            write!(f, "\n{margin} |\n{number} | {}", line.trim_end())?;
            if self.column > 0 {
                let caret = " ".repeat(self.column as usize - 1);
                write!(f, "\n{margin} | {caret}^")?;
            }
        }
        if let Some(help) = &self.help {
            write!(f, "\nhelp: {help}")?;
        }
        for call in &self.calls {
            write!(f, "\n  in {call}")?;
        }
        Ok(())
    }
}

impl From<ScriptFault> for StrategyError {
    fn from(fault: ScriptFault) -> Self {
        Self {
            code: fault.code,
            message: fault.to_string(),
            origin: Origin { file: fault.file, line: fault.line },
        }
    }
}

/// What people put in front of a name: `set_funding` may mean `funding`.
const FRONTS: [&str; 5] = ["set_", "get_", "is_", "has_", "assert_"];

/// The known name nearest to one that is unknown, when it is near enough to be meant.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let known: Vec<&str> = known.collect();
    let plain = FRONTS.iter().find_map(|front| wanted.strip_prefix(front));
    let same = known.iter().find(|known| plain == Some(**known));
    if let Some(same) = same {
        return Some(same);
    }
    known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(&wanted, &known.to_lowercase()), known))
        .min()
        .filter(|&(distance, known)| {
            let longer = name.len().max(known.len());
            // Of two letters one must be right.
            distance <= longer.div_ceil(4) && distance < name.len().min(known.len())
        })
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_reads_like_a_compilers() {
        let text = "fn decide(ctx) {\n    ctx.balance(\"binanse:Perp:BTCUSDT\")\n}\n";
        let fault = ScriptFault::of_file(Code::Strat004, "a.rhai", "unknown venue 'binanse'")
            .at(text, rhai::Position::new(2, 17))
            .with_help(Some("did you mean 'binance'?".to_owned()));
        let expected = "unknown venue 'binanse'\n --> a.rhai:2:17\n  |\n\
                        2 |     ctx.balance(\"binanse:Perp:BTCUSDT\")\n  |                 ^\n\
                        help: did you mean 'binance'?";
        assert_eq!(fault.to_string(), expected);
    }

    #[test]
    fn only_a_near_name_is_suggested() {
        let known = ["binance", "bybit", "okx", "wallet"];
        assert_eq!(nearest("binanse", known.into_iter()), Some("binance"));
        assert_eq!(nearest("Bybit", known.into_iter()), Some("bybit"));
        assert_eq!(nearest("kraken", known.into_iter()), None);
    }
}
