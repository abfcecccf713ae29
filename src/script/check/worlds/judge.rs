//! What is wrong with one map that reaches a world.

use std::collections::BTreeMap;

use rhai::{Expr, Ident, Position};

use crate::script::fault::{ScriptFault, nearest};
use crate::script::host::HostError;
use crate::types::Code;

use super::super::lints::{CHOICE, NUMBER, OPTION};
use super::super::names::{NAME, PARAMETER};
use super::super::{Finding, Lint};
use super::flow::{Asked, Mode, Role, Written};
use super::{Setting, Worlds, Wrong};

pub(super) struct Judge<'a> {
    file: &'a str,
    text: &'a str,
    worlds: &'a dyn Worlds,
    /// What is wrong with settings of a mode that have been looked at.
    judged: BTreeMap<(Option<String>, Vec<Setting>), Vec<Wrong>>,
    pub(super) found: Vec<Finding>,
}

impl<'a> Judge<'a> {
    pub(super) fn of(file: &'a str, text: &'a str, worlds: &'a dyn Worlds) -> Self {
        Self { file, text, worlds, judged: BTreeMap::new(), found: Vec::new() }
    }

    pub(super) fn look(&mut self, asked: &Asked) {
        let fields: Vec<(&str, Position, &Expr)> = match &asked.what {
            Written::Entry(name, at, value) => vec![(name, *at, value)],
            Written::Whole(whole) => match &**whole {
                Expr::Map(map, _) => map.0.iter().map(field).collect(),
                Expr::StringConstant(mode, at) => return self.mode(mode, *at, &asked.role),
                _ => return,
            },
        };
        match &asked.role {
            Role::Options(_) => self.options(&fields),
            Role::Settings(mode) => self.settings(mode, &fields),
            Role::Balances(mode) => self.balances(mode, &fields),
            Role::Mode => {}
        }
    }

    fn options(&mut self, fields: &[(&str, Position, &Expr)]) {
        let known = self.worlds.options();
        for &(name, at, value) in fields {
            if !known.contains(&name) {
                let help = match nearest(name, known.iter().copied()) {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("it has {}", known.join(", ")),
                };
                self.tell(OPTION, at, format!("world has no option '{name}'"), Some(help));
                continue;
            }
            let is_word = ["costs", "start", "mode"].contains(&name);
            if is_word && matches!(value, Expr::BoolConstant(..) | Expr::IntegerConstant(..)) {
                let help = match name {
                    "costs" => format!("it is one of {}", self.worlds.costs().join(", ")),
                    _ => format!("write {name}: \"…\""),
                };
                let message = format!("{name} is a text");
                self.tell(OPTION, value.start_position(), message, Some(help));
                continue;
            }
            let Expr::StringConstant(text, at) = value else { continue };
            let costs = self.worlds.costs();
            if name == "costs" && !costs.contains(&text.as_str()) {
                let error = HostError::unknown("costs", text, costs.iter().copied());
                self.tell(CHOICE, *at, error.message, error.help);
            } else if name == "start" && !self.worlds.is_time(text) {
                let help = "write 2024-06-01 or 2024-06-01T08:00".to_owned();
                self.tell(OPTION, *at, format!("start '{text}' is no time"), Some(help));
            }
        }
    }

    fn mode(&mut self, mode: &str, at: Position, role: &Role) {
        let known = self.worlds.modes();
        let is_mode = matches!(role, Role::Options(_) | Role::Mode);
        if is_mode && !known.iter().any(|known| known == mode) {
            let error = HostError::unknown("mode", mode, known.iter().map(String::as_str));
            self.tell(CHOICE, at, error.message, error.help);
        }
    }

    fn settings(&mut self, mode: &Mode, fields: &[(&str, Position, &Expr)]) {
        let Some(mode) = named(mode) else { return };
        let (mut settings, mut places) = (Vec::new(), Vec::new());
        for &(name, at, value) in fields {
            // A map below a name is its values, one by one.
            if let Expr::Map(below, _) = value {
                for (below, at, value) in below.0.iter().map(field) {
                    settings.push(Setting { path: format!("{name}.{below}"), value: text(value) });
                    places.push((at, value.start_position()));
                }
            } else {
                settings.push(Setting { path: name.to_owned(), value: text(value) });
                places.push((at, value.start_position()));
            }
        }
        let asked = (mode.map(str::to_owned), settings);
        // Many worlds of a file are set alike.
        let worlds = self.worlds;
        let known = self.judged.entry(asked);
        let known =
            known.or_insert_with_key(|(mode, all)| worlds.wrong_settings(mode.as_deref(), all));
        for wrong in known.clone() {
            let (at_name, at_value) = places[wrong.setting];
            match wrong.is_unknown {
                true => self.tell(PARAMETER, at_name, wrong.message, wrong.help),
                false => self.tell(OPTION, at_value, wrong.message, wrong.help),
            }
        }
    }

    fn balances(&mut self, mode: &Mode, fields: &[(&str, Position, &Expr)]) {
        let Some(mode) = named(mode) else { return };
        for &(name, at, value) in fields {
            if let Some(error) = self.worlds.wrong_key(mode, name) {
                self.tell(NAME, at, error.message, error.help);
            } else if is_negative(value) && !name.contains(":Perp:") {
                let message = format!("what lies at {name} is below 0");
                let help = "a balance is above 0, a debt too: what is owed is so many tokens";
                self.tell(NUMBER, value.start_position(), message, Some(help.to_owned()));
            }
        }
    }

    fn tell(&mut self, lint: Lint, at: Position, message: String, help: Option<String>) {
        let fault = ScriptFault::of_file(Code::Strat004, self.file, message);
        let finding = Finding::new(lint, fault.at(self.text, at).with_help(help));
        // One map may come to a world by several ways.
        if !self.found.contains(&finding) {
            self.found.push(finding);
        }
    }
}

fn field((name, value): &(Ident, Expr)) -> (&str, Position, &Expr) {
    (name.name.as_str(), name.pos, value)
}

/// `-owed`, or a number below 0.
fn is_negative(value: &Expr) -> bool {
    match value {
        Expr::IntegerConstant(number, _) => *number < 0,
        Expr::DynamicConstant(value, _) => value.as_decimal().is_ok_and(|it| it.is_sign_negative()),
        Expr::FnCall(call, _) => call.name == "-" && call.args.len() == 1,
        _ => false,
    }
}

/// The mode whose settings these are; nothing where it is not known.
fn named(mode: &Mode) -> Option<Option<&str>> {
    match mode {
        Mode::Own => Some(None),
        Mode::Named(name) => Some(Some(name)),
        Mode::Unknown => None,
    }
}

/// A value as `--set` has it, where it is written there.
fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::BoolConstant(flag, _) => Some(flag.to_string()),
        Expr::IntegerConstant(number, _) => Some(number.to_string()),
        Expr::StringConstant(text, _) => Some(text.to_string()),
        Expr::DynamicConstant(value, _) => Some(value.as_decimal().ok()?.to_string()),
        Expr::FnCall(call, _) if call.name == "-" => match &*call.args {
            [number] if !matches!(number, Expr::StringConstant(..)) => {
                Some(format!("-{}", text(number)?))
            }
            _ => None,
        },
        _ => None,
    }
}
