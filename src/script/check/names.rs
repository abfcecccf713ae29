//! What is checked before a script runs its first step: its functions, its calls of the host, and every name that stands
//! literally in it, against the run's own venues, tokens, markets and parameters.

use std::collections::BTreeSet;

use rhai::{AST, ASTFlags, ASTNode, Dynamic, Expr, FnCallExpr, Position, Stmt, Token};

use crate::config::Setup;
use crate::types::Code;

use super::super::api::{Entry, Owner, Shape, parameter_values};
use super::super::fault::{ScriptFault, nearest};
use super::super::host::HostError;
use super::super::syntax::meant;
use super::infer::definition;
use super::known::unknown_name;
use super::language;
use super::lints::{ARITY, DIVISION, FUNCTION, MEMBER, so_many, whole_division};
use super::{Finding, Lint, Script, namesakes};

/// All faults of a script and its modules; empty when it may run.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let Script { entries, setup, main, .. } = *script;
    let parameters = parameter_values(setup);
    let mut faults = Vec::new();
    for (file, compiled) in script.files {
        // What tests import is told with the scripts that it is of.
        if script.of == super::Of::Tests && file != main {
            continue;
        }
        let (text, ast) = (&compiled.text, &compiled.ast);
        let own = ast.iter_functions().map(|function| function.name.to_owned()).collect();
        let mut checker = Checker {
            entries,
            setup,
            parameters: &parameters,
            file,
            text,
            own,
            faults: Vec::new(),
        };
        checker.functions(ast);
        checker.top_level(ast);
        match script.of {
            super::Of::Strategy if file == main => checker.doors(ast),
            super::Of::Tests if file == main => checker.tests(ast),
            _ => {}
        }
        checker.walk(ast);
        faults.append(&mut checker.faults);
    }
    faults.extend(namesakes::look(script));
    faults
}

pub(super) const SHADOWED: Lint =
    Lint::error("shadowed-name", "a function with the name of one of the host");
pub(super) const TOP_LEVEL: Lint = Lint::error(
    "top-level",
    "something other than imports, constants and functions outside of functions",
);
pub(super) const PARAMETER: Lint =
    Lint::error("unknown-parameter", "a parameter that the configuration does not have");
pub(super) const NAME: Lint =
    Lint::error("unknown-name", "a venue, token, key, symbol or series that the run does not have");

pub(super) struct Checker<'a> {
    entries: &'a [Entry],
    setup: &'a Setup,
    parameters: &'a [(String, Dynamic)],
    file: &'a str,
    pub(super) text: &'a str,
    /// The functions that this file defines.
    pub(super) own: BTreeSet<String>,
    faults: Vec<Finding>,
}

impl Checker<'_> {
    pub(super) fn fault(
        &mut self,
        lint: Lint,
        at: Position,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let fault = ScriptFault::of_file(Code::Strat004, self.file, message);
        self.faults.push(Finding::new(lint, fault.at(self.text, at).with_help(help)));
    }

    fn refuse(&mut self, lint: Lint, at: Position, error: HostError) {
        self.fault(lint, at, error.message, error.help);
    }

    /// A script's function would win over the host's of the same name, silently.
    fn functions(&mut self, ast: &AST) {
        for function in ast.iter_functions() {
            let name = function.name;
            // One of a method's name would be called in its place, as `ctx.name(…)`.
            let count = function.params.len();
            let is_api = self.entries.iter().any(|entry| {
                // Called as a method, what it is called on is its `this`, or its first parameter.
                let is_taken = entry.takes(count) || count > 0 && entry.takes(count - 1);
                let is_method = entry.shape == Shape::Call && is_taken;
                entry.name == name
                    && entry.owner != Owner::Orders
                    && (entry.owner == Owner::Global || is_method)
            });
            if is_api || ["print", "debug", "sleep", "timestamp"].contains(&name) {
                let at = definition(self.text, name);
                let message = format!("fn {name} has the name of a function of the host");
                self.fault(SHADOWED, at, message, Some("choose another name".to_owned()));
            }
        }
    }

    /// What stands outside of functions is evaluated once a run. It may hold no state that lives from step to step beside
    /// `this`: only imports and constants, and no closures, which could keep what they capture.
    fn top_level(&mut self, ast: &AST) {
        for statement in ast.statements() {
            let at = statement.position();
            match statement {
                Stmt::Noop(_) | Stmt::Import(..) | Stmt::Export(..) => {}
                Stmt::Var(variable, flags, _) if flags.contains(ASTFlags::CONSTANT) => {
                    let mut has_closure = false;
                    variable.1.walk(&mut Vec::new(), &mut |nodes: &[ASTNode]| {
                        has_closure |= match nodes.last() {
                            Some(ASTNode::Expr(Expr::DynamicConstant(value, _))) => {
                                value.is_fnptr()
                            }
                            Some(ASTNode::Expr(Expr::FnCall(call, _))) => {
                                ["Fn", "curry"].contains(&call.name.as_str())
                            }
                            Some(ASTNode::Stmt(Stmt::Share(_))) => true,
                            _ => false,
                        };
                        true
                    });
                    if has_closure {
                        let message = format!("the constant {} holds a closure", variable.0.name);
                        self.fault(TOP_LEVEL, at, message, Some("write it as a fn".to_owned()));
                    }
                }
                _ => {
                    let help = "keep what lasts in this, and compute the rest inside decide";
                    let message =
                        "only imports, constants and functions stand outside of functions";
                    self.fault(TOP_LEVEL, at, message, Some(help.to_owned()));
                }
            }
        }
    }

    fn walk(&mut self, ast: &AST) {
        ast.walk(&mut |nodes: &[ASTNode]| {
            match nodes.last() {
                Some(ASTNode::Expr(Expr::FnCall(call, at))) => self.function_call(call, *at),
                Some(ASTNode::Stmt(Stmt::FnCall(call, at))) => self.function_call(call, *at),
                Some(ASTNode::Expr(Expr::MethodCall(call, _))) => self.method_call(call),
                Some(ASTNode::Expr(Expr::Dot(dot, _, _))) => {
                    if matches!(&dot.lhs, Expr::Variable(variable, ..) if variable.1 == "ctx") {
                        self.member_of_ctx(&dot.rhs);
                    }
                }
                _ => {}
            }
            true
        });
    }

    fn function_call(&mut self, call: &FnCallExpr, at: Position) {
        if let (
            Some(Token::Divide),
            [Expr::IntegerConstant(left, _), Expr::IntegerConstant(right, _)],
        ) = (&call.op_token, call.args.as_slice())
            && let Some((message, help)) = whole_division::lost((*left).into(), (*right).into())
        {
            return self.fault(DIVISION, at, message, Some(help));
        }
        match call.namespace.path.as_slice() {
            [] => self.plain_call(call, at),
            [module] if module.name == "orders" => self.order_call(call, at),
            _ => {}
        }
    }

    /// A call without a namespace goes to this file, to the host, or to the language; anything else is a misspelling, which
    /// would otherwise be met at the step that comes by.
    fn plain_call(&mut self, call: &FnCallExpr, at: Position) {
        let name = call.name.as_str();
        let count = call.args.len();
        // A method may be called with its subject as the first argument.
        let is_host = self.entries.iter().any(|entry| {
            entry.name == name
                && match entry.owner {
                    Owner::Global => true,
                    Owner::Orders => false,
                    _ => entry.shape == Shape::Call && count > 0 && entry.takes(count - 1),
                }
        });
        if call.op_token.is_some() || is_host || self.own.contains(name) || language::has(name) {
            return;
        }
        let elsewhere = self.entries.iter().find(|entry| entry.name == name);
        let own = self.own.iter().map(String::as_str).filter(|own| !own.starts_with("anon$"));
        let entries = self.entries.iter().filter(|entry| entry.owner == Owner::Global);
        let near = || {
            nearest(name, own.chain(entries.clone().map(|entry| entry.name))).map(|near| {
                let host = entries.clone().find(|entry| entry.name == near);
                host.map_or(format!("{near}(…)"), Entry::signature)
            })
        };
        let near = || elsewhere.map(Entry::signature).or_else(near);
        let near = || near().map(|help| format!("did you mean {help}?"));
        let asks = |name: &str| match name {
            "decide" => Some("a test asks the strategy by world.step(), or by world.peek()"),
            "exit" => {
                Some("a test has the strategy leave by world.wind_down(), and then world.step()")
            }
            _ => None,
        };
        let asked = asks(name).filter(|_| self.entries.iter().any(|it| it.owner == Owner::World));
        let help = asked.or_else(|| meant(name)).map(str::to_owned).or_else(near);
        self.fault(FUNCTION, at, format!("there is no function '{name}'"), help);
    }

    fn order_call(&mut self, call: &FnCallExpr, at: Position) {
        let entries = self.entries;
        let known = entries.iter().filter(|entry| entry.owner == Owner::Orders);
        match known.clone().find(|entry| entry.name == call.name.as_str()) {
            None => {
                let names = known.map(|entry| entry.name);
                let help = match nearest(&call.name, names.clone()) {
                    Some(near) => format!("did you mean orders::{near}?"),
                    None => format!("orders has: {}", names.collect::<Vec<_>>().join(", ")),
                };
                self.fault(
                    FUNCTION,
                    at,
                    format!("there is no function orders::{}", call.name),
                    Some(help),
                );
            }
            Some(entry) if !entry.takes(call.args.len()) => {
                let given = so_many(call.args.len());
                let message = format!("orders::{} is called with {given}", call.name);
                self.fault(
                    ARITY,
                    at,
                    message,
                    Some(format!("it is called as {}", entry.signature())),
                );
            }
            Some(entry) => self.literals(entry, &call.args),
        }
    }

    /// A method of the host, on whatever value: only its literal names can be judged.
    fn method_call(&mut self, call: &FnCallExpr) {
        if self.own.contains(call.name.as_str()) {
            return;
        }
        let entries = self.entries;
        let entry = entries.iter().find(|entry| {
            matches!(
                entry.owner,
                Owner::Ctx | Owner::Risk | Owner::Market | Owner::Pair | Owner::Hedge
            ) && entry.name == call.name.as_str()
                && entry.takes(call.args.len())
        });
        if let Some(entry) = entry {
            self.literals(entry, &call.args);
        }
    }

    /// `ctx.` something: `rest` is what stands right of the first point.
    fn member_of_ctx(&mut self, rest: &Expr) {
        let (head, tail) = match rest {
            Expr::Dot(chain, ..) | Expr::Index(chain, ..) => (&chain.lhs, Some(&chain.rhs)),
            single => (single, None),
        };
        let entries = self.entries;
        let known = entries.iter().filter(|entry| entry.owner == Owner::Ctx);
        let (name, shape, at) = match head {
            Expr::Property(property, at) => (property.2.as_str(), Shape::Property, *at),
            Expr::MethodCall(call, at) if !self.own.contains(call.name.as_str()) => {
                (call.name.as_str(), Shape::Call, *at)
            }
            _ => return,
        };
        match known.clone().find(|entry| entry.name == name) {
            None if self.parameters.iter().any(|(known, _)| known == name) => {
                let message = format!("{name} is a parameter of the configuration");
                self.fault(MEMBER, at, message, Some(format!("write ctx.params.{name}")));
            }
            None => {
                let near = nearest(name, known.map(|entry| entry.name));
                let near = entries
                    .iter()
                    .find(|entry| entry.owner == Owner::Ctx && Some(entry.name) == near);
                let help = near.map(|entry| format!("did you mean {}?", entry.signature()));
                self.fault(MEMBER, at, format!("ctx has no '{name}'"), help);
            }
            Some(entry) if entry.shape != shape => {
                let how =
                    if shape == Shape::Property { "called, not read" } else { "read, not called" };
                self.fault(
                    MEMBER,
                    at,
                    format!("ctx.{name} is {how}"),
                    Some(format!("write {}", entry.signature())),
                );
            }
            Some(entry) => {
                if let Expr::MethodCall(call, _) = head
                    && !entry.takes(call.args.len())
                {
                    let message = format!("ctx.{name} is called with {}", so_many(call.args.len()));
                    self.fault(
                        ARITY,
                        at,
                        message,
                        Some(format!("it is called as {}", entry.signature())),
                    );
                }
            }
        }
        if name == "params"
            && let Some(tail) = tail
        {
            self.parameter(tail);
        }
    }

    /// `ctx.params.` something, one level deeper where the parameter is a map.
    fn parameter(&mut self, rest: &Expr) {
        let (head, tail) = match rest {
            Expr::Dot(chain, ..) | Expr::Index(chain, ..) => (&chain.lhs, Some(&chain.rhs)),
            single => (single, None),
        };
        let (name, at) = match head {
            Expr::Property(property, at) => (property.2.as_str(), *at),
            Expr::StringConstant(name, at) => (name.as_str(), *at),
            _ => return,
        };
        let parameters = self.parameters;
        let Some((_, value)) = parameters.iter().find(|(known, _)| known == name) else {
            let known = parameters.iter().map(|(known, _)| known.as_str());
            return self.refuse(PARAMETER, at, HostError::unknown("parameter", name, known));
        };
        if let (Ok(map), Some(Expr::Property(field, at))) = (value.as_map_ref(), tail)
            && !map.contains_key(field.2.as_str())
        {
            let what = format!("field of parameter {name},");
            self.refuse(
                PARAMETER,
                *at,
                HostError::unknown(&what, &field.2, map.keys().map(|key| key.as_str())),
            );
        }
    }

    /// Names that stand literally among the arguments of a host function.
    fn literals(&mut self, entry: &Entry, arguments: &[Expr]) {
        let texts: Vec<Option<&str>> = arguments
            .iter()
            .map(|argument| match argument {
                Expr::StringConstant(text, _) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        if let Some((index, error)) = unknown_name(self.setup, entry, &texts) {
            self.refuse(NAME, arguments[index].start_position(), error);
        }
    }
}
