//! The functions that the host calls: those of a script, and the tests of a file of tests.

use rhai::{AST, Position};

use super::super::fault::nearest;
use super::Lint;
use super::infer::definition;
use super::lints::UNNEEDED;
use super::names::Checker;

pub(super) const DOOR: Lint =
    Lint::error("missing-door", "a script without decide(ctx) or exit(ctx)");

impl Checker<'_> {
    /// `decide(ctx)` and `exit(ctx)` are there, and take one argument.
    pub(super) fn doors(&mut self, ast: &AST) {
        for (name, is_needed) in [("decide", true), ("exit", true), ("on_start", false)] {
            let arities: Vec<usize> = ast
                .iter_functions()
                .filter(|function| function.name == name)
                .map(|function| function.params.len())
                .collect();
            let help = Some(format!("define fn {name}(ctx) {{ … }}"));
            if arities.is_empty() && is_needed {
                let what = if name == "exit" {
                    "how it leaves its positions"
                } else {
                    "what it does at a step"
                };
                let message = format!("the script does not say {what}: fn {name}(ctx) is missing");
                // A misspelt one is there, and nobody calls it.
                let own = self.own.iter().map(String::as_str);
                let near = nearest(name, own).map(|near| definition(self.text, near));
                self.fault(DOOR, near.unwrap_or(Position::NONE), message, help);
            } else if !arities.is_empty() && !arities.contains(&1) {
                let at = definition(self.text, name);
                self.fault(DOOR, at, format!("fn {name} must take one argument, ctx"), help);
            }
        }
    }

    /// A test takes nothing.
    pub(super) fn tests(&mut self, ast: &AST) {
        for function in ast.iter_functions() {
            if function.name.starts_with("test_") && !function.params.is_empty() {
                let name = function.name;
                let message = format!("{name} takes an argument, so it is no test and never runs");
                let help = "take its parameters out, or call it by another name".to_owned();
                self.fault(UNNEEDED, definition(self.text, name), message, Some(help));
            }
        }
    }
}
