//! What can be said only when all has been seen: what nobody uses, and what is read of `this` and never kept.

use rhai::{ASTFlags, Expr, Position, Stmt};

use super::super::super::syntax::words::{Kind, Word};
use super::super::facts::{Fact, Place, What};
use super::super::origins::Origin;
use super::Look;
use crate::script::fault::nearest;

/// Functions that the host calls.
pub(in crate::script::check) const DOORS: [&str; 5] =
    ["decide", "exit", "on_start", "migrate", "describe"];

impl Look<'_> {
    pub(super) fn afterwards(&mut self) {
        self.never_kept();
        self.after_this();
        self.odd_venues();
        self.long_on_purpose();
        self.exchanged_on_purpose();
        self.given_by_callers();
        for file in 0..self.files.len() {
            if !self.is_told(file) {
                continue;
            }
            let is_module = self.files[file].name.starts_with("stdlib/");
            let words = self.files[file].file.words();
            self.unneeded_at_top(file, words);
            self.turned_signs(file, words);
            if !is_module {
                self.uncalled(file, words);
            }
        }
    }

    fn never_kept(&mut self) {
        let has_migrate = self.functions.keys().any(|(_, name, _)| name == "migrate");
        if self.state_is_open || has_migrate {
            return;
        }
        let asked = std::mem::take(&mut self.asked);
        let kept_at = std::mem::take(&mut self.kept_at);
        let unread: Vec<&str> = self
            .kept
            .keys()
            .map(String::as_str)
            .filter(|kept| asked.iter().all(|(_, name)| name != kept))
            .collect();
        for (place, name) in &asked {
            let (place, name) = (*place, name.clone());
            if !self.kept.contains_key(&name) {
                if let Some(near) = nearest(&name, unread.iter().copied())
                    && let Some(at) = kept_at.get(near)
                {
                    let name = format!("this.{near}");
                    self.origins.add(place, Origin::KeptUnread { name, at: *at });
                }
                let kept = self.kept.keys().cloned().collect();
                self.facts.push(Fact { place, what: What::NeverKept { name, kept } });
            }
        }
    }

    /// Imports and constants of a file that it does not use.
    fn unneeded_at_top(&mut self, file: usize, words: &[Word]) {
        let mut aliases: Vec<String> = vec!["orders".to_owned(), "global".to_owned()];
        for statement in self.files[file].file.ast.statements() {
            let (what, name, at) = match statement {
                Stmt::Import(parts, at) => {
                    let name = parts.1.name.to_string();
                    if let (Expr::StringConstant(path, _), true) = (&parts.0, name.is_empty()) {
                        let (place, path) = (Place { file, at: *at }, path.to_string());
                        self.facts.push(Fact { place, what: What::Nameless { path } });
                        continue;
                    }
                    if aliases.contains(&name) {
                        let place = Place { file, at: *at };
                        let what = What::Alias { name: name.clone() };
                        self.facts.push(Fact { place, what });
                    }
                    aliases.push(name.clone());
                    ("import", name, *at)
                }
                Stmt::Var(parts, flags, at) if flags.contains(ASTFlags::CONSTANT) => {
                    ("constant", parts.0.name.to_string(), *at)
                }
                _ => continue,
            };
            if !name.starts_with('_') && self.count_of(file, words, &name) < 2 {
                let place = Place { file, at };
                self.facts.push(Fact { place, what: What::Unneeded { what, name } });
            }
        }
    }

    /// `x =- y`
    fn turned_signs(&mut self, file: usize, words: &[Word]) {
        let text = &*self.files[file].file.text;
        for pair in words.windows(2) {
            let (sign, next) = (&text[pair[0].at.clone()], &text[pair[1].at.clone()]);
            let is_apart = text[..pair[0].at.start].ends_with(' ')
                && text[pair[1].at.end..].starts_with(' ')
                && pair[0].at.end == pair[1].at.start;
            if sign == "=" && ["-", "+"].contains(&next) && is_apart {
                let line = text[..pair[0].at.start].rfind('\n').map_or(0, |at| at + 1);
                let column = text[line..pair[0].at.start].chars().count() + 1;
                let at = Position::new(pair[0].line as u16, column as u16);
                let sign = if next == "-" { '-' } else { '+' };
                let place = Place { file, at };
                self.facts.push(Fact { place, what: What::TurnedSign { sign } });
            }
        }
    }

    /// How often a name stands in a file.
    fn count_of(&self, file: usize, words: &[Word], name: &str) -> usize {
        let text = &*self.files[file].file.text;
        let is = |word: &&Word| word.kind == Kind::Name && &text[word.at.clone()] == name;
        words.iter().filter(is).count()
            + text.matches(&format!("${{{name}")).count()
            + in_backticks(text, &format!("global::{name}"))
    }

    /// Functions that nobody calls.
    fn uncalled(&mut self, file: usize, words: &[Word]) {
        let uncalled: Vec<String> = self
            .functions
            .iter()
            .filter(|(key, _)| {
                key.0 == file
                    && !DOORS.contains(&key.1.as_str())
                    && !["anon$", "test_", "_"].iter().any(|start| key.1.starts_with(start))
            })
            .map(|(key, _)| key.1.clone())
            .collect();
        for name in uncalled {
            let text = &*self.files[file].file.text;
            if calls_of(text, words, &name) > 1 || text.contains(&format!("\"{name}\"")) {
                continue;
            }
            let at = definition(text, &name);
            let what = What::Unneeded { what: "function", name };
            self.facts.push(Fact { place: Place { file, at }, what });
        }
    }
}

/// How often something stands in what backtick texts are filled with.
fn in_backticks(text: &str, what: &str) -> usize {
    let filled = text.split("${").skip(1).filter_map(|rest| rest.split('}').next());
    filled.map(|code| code.matches(what).count()).sum()
}

/// How often a name stands before a parenthesis, where it is defined among them.
fn calls_of(text: &str, words: &[Word], name: &str) -> usize {
    let is_call =
        |pair: &&[Word]| &text[pair[0].at.clone()] == name && &text[pair[1].at.clone()] == "(";
    words.windows(2).filter(is_call).count()
        + usize::from(text.contains(&format!("${{{name}(")))
        + usize::from(text.contains(&format!("{name},")) || text.contains(&format!("{name})")))
            * usize::from(!text.contains(&format!("let {name} ")))
}

/// Where a function is defined; Rhai keeps no position for it.
pub(in crate::script::check) fn definition(text: &str, name: &str) -> Position {
    let is_definition = |line: &str| {
        let rest = line.trim_start().trim_start_matches("private ").strip_prefix("fn ");
        rest.and_then(|rest| rest.trim_start().strip_prefix(name))
            .is_some_and(|rest| rest.trim_start().starts_with('('))
    };
    match text.lines().position(is_definition) {
        Some(line) => Position::new((line + 1) as u16, 1),
        None => Position::NONE,
    }
}
