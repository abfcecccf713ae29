//! The way of a map from where it is written to `world(…)`: through variables, and through parameters of the test's functions.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use rhai::{ASTNode, Expr, FnCallExpr, Position, Stmt};

use crate::script::functions::Function;

/// How many calls lie between a map and the world at most.
const LOOKS: usize = 5;

/// What something is to a world.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// The options, or a mode's name; whether nothing else is mixed into them.
    Options(bool),
    /// `mode:`
    Mode,
    /// `set:`
    Settings(Mode),
    /// `balances:`
    Balances(Mode),
}

/// The mode of a world.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    /// That of the strategy beside the tests.
    Own,
    Named(String),
    Unknown,
}

/// Something that is written in the test and reaches a world.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) role: Role,
    pub(super) what: Written,
}

#[derive(Clone, Debug)]
pub(super) enum Written {
    /// A map or a text.
    Whole(Rc<Expr>),
    /// `map["name"] = value`
    Entry(String, Position, Rc<Expr>),
}

/// Where a value comes from.
#[derive(Clone, Debug)]
enum Source {
    Param(usize),
    Written(Written),
}

/// A function, by its name and the number of its parameters.
type Key = (String, usize);

/// Everything in a file that reaches a world.
pub(super) fn all(functions: &[Arc<Function>]) -> Vec<Asked> {
    let mut flow = Flow::default();
    for function in functions {
        if let Some(Stmt::Expr(last)) = function.body.last()
            && matches!(**last, Expr::Map(..))
        {
            flow.given.insert(key(function), Rc::new((**last).clone()));
        }
    }
    for _ in 0..LOOKS {
        flow.has_learned = false;
        flow.asked.clear();
        functions.iter().for_each(|function| flow.function(function));
        if !flow.has_learned {
            break;
        }
    }
    flow.asked
}

fn key(function: &Function) -> Key {
    (function.name.clone(), function.params.len())
}

#[derive(Default)]
struct Flow {
    /// What the parameters of functions are to a world.
    params: BTreeMap<Key, Vec<BTreeSet<Role>>>,
    /// Functions that do nothing but give a map.
    given: BTreeMap<Key, Rc<Expr>>,
    /// Variables of the function where the look is.
    variables: BTreeMap<String, Vec<Source>>,
    inside: Key,
    asked: Vec<Asked>,
    has_learned: bool,
}

impl Flow {
    fn function(&mut self, function: &Function) {
        self.inside = key(function);
        let params = function.params.iter().enumerate();
        self.variables =
            params.map(|(index, name)| (name.clone(), vec![Source::Param(index)])).collect();
        for statement in &function.body {
            statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
                match path.last() {
                    Some(ASTNode::Stmt(statement)) => self.statement(statement),
                    Some(ASTNode::Expr(Expr::FnCall(call, _))) => self.call(call),
                    Some(ASTNode::Expr(Expr::Dot(parts, ..))) => self.mixed(&parts.lhs, &parts.rhs),
                    _ => {}
                }
                true
            });
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::FnCall(call, _) => self.call(call),
            Stmt::Var(parts, ..) => {
                let sources = self.sources(&parts.1);
                self.variables.insert(parts.0.name.to_string(), sources);
            }
            Stmt::For(parts, _) => {
                let sources = each(&parts.2.expr);
                self.variables.insert(parts.0.name.to_string(), sources);
            }
            Stmt::Assignment(parts) => {
                let (to, from) = (&parts.1.lhs, &parts.1.rhs);
                match to {
                    Expr::Variable(variable, ..) => {
                        let sources = self.sources(from);
                        let known = self.variables.entry(variable.1.to_string()).or_default();
                        if !parts.0.is_op_assignment() {
                            known.clear();
                        }
                        known.extend(sources);
                    }
                    Expr::Dot(parts, ..) | Expr::Index(parts, ..) => {
                        let (name, at) = match &parts.rhs {
                            Expr::Property(property, at) => (property.2.to_string(), *at),
                            Expr::StringConstant(name, at) => (name.to_string(), *at),
                            _ => return,
                        };
                        let entry = Written::Entry(name, at, Rc::new(from.clone()));
                        self.add(&parts.lhs, vec![Source::Written(entry)]);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// `map.mixin(other)`
    fn mixed(&mut self, map: &Expr, rest: &Expr) {
        if let Expr::MethodCall(call, _) = rest
            && ["mixin", "fill_with"].contains(&call.name.as_str())
            && let [other] = &*call.args
        {
            let sources = self.sources(other);
            self.add(map, sources);
        }
    }

    fn add(&mut self, to: &Expr, sources: Vec<Source>) {
        if let Expr::Variable(variable, ..) = to
            && let Some(known) = self.variables.get_mut(variable.1.as_str())
        {
            known.extend(sources);
        }
    }

    fn call(&mut self, call: &FnCallExpr) {
        if call.op_token.is_some() || !call.namespace.path.is_empty() {
            return;
        }
        let key = (call.name.to_string(), call.args.len());
        if let Some(roles) = self.params.get(&key).cloned() {
            for (argument, roles) in call.args.iter().zip(roles) {
                let sources = self.sources(argument);
                roles.iter().for_each(|role| self.reach(role, &sources));
            }
        } else if let ("world", [options]) = (key.0.as_str(), &*call.args) {
            let sources = self.sources(options);
            self.reach(&Role::Options(sources.len() == 1), &sources);
        }
    }

    /// Where the value of an expression is written.
    fn sources(&self, expr: &Expr) -> Vec<Source> {
        match expr {
            Expr::Map(..) | Expr::StringConstant(..) => {
                vec![Source::Written(Written::Whole(Rc::new(expr.clone())))]
            }
            Expr::Variable(variable, ..) if variable.2.is_empty() => {
                self.variables.get(variable.1.as_str()).cloned().unwrap_or_default()
            }
            // draw.pick([…])
            Expr::Dot(parts, ..) => match &parts.rhs {
                Expr::MethodCall(call, _) if call.name == "pick" && call.args.len() == 1 => {
                    each(&call.args[0])
                }
                _ => Vec::new(),
            },
            Expr::FnCall(call, _) if call.op_token.is_some() => {
                let is_sum = call.name == "+";
                let sides = call.args.iter().filter(|_| is_sum);
                sides.flat_map(|side| self.sources(side)).collect()
            }
            Expr::FnCall(call, _) if call.namespace.path.is_empty() => {
                let given = self.given.get(&(call.name.to_string(), call.args.len()));
                let written = given.map(|map| Source::Written(Written::Whole(map.clone())));
                written.into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Something is this to a world.
    fn reach(&mut self, role: &Role, sources: &[Source]) {
        for source in sources {
            match source {
                Source::Param(index) => {
                    let count = self.inside.1;
                    let known = self.params.entry(self.inside.clone());
                    let known = known.or_insert_with(|| vec![BTreeSet::new(); count]);
                    self.has_learned |=
                        known.get_mut(*index).is_some_and(|known| known.insert(role.clone()));
                }
                Source::Written(what) => {
                    if let Role::Options(is_alone) = role {
                        self.parts(what, *is_alone && sources.len() == 1);
                    }
                    self.asked.push(Asked { role: role.clone(), what: what.clone() });
                    if let Role::Settings(_) = role {
                        self.values(role, what);
                    }
                }
            }
        }
    }

    /// What the variables in a map of settings are, one by one.
    fn values(&mut self, role: &Role, what: &Written) {
        let Written::Whole(whole) = what else { return };
        let Expr::Map(map, _) = &**whole else { return };
        for (name, value) in &map.0 {
            if !matches!(value, Expr::Variable(..)) {
                continue;
            }
            for source in self.sources(value) {
                if let Source::Written(Written::Whole(value)) = source {
                    let what = Written::Entry(name.name.to_string(), name.pos, value);
                    self.asked.push(Asked { role: role.clone(), what });
                }
            }
        }
    }

    /// What stands in options.
    fn parts(&mut self, options: &Written, is_alone: bool) {
        let (mode, parts): (Mode, Vec<(String, Expr)>) = match options {
            Written::Whole(whole) => {
                let Expr::Map(map, _) = &**whole else { return };
                let mut fields = map.0.iter();
                let mode = match fields.find(|(name, _)| name.name == "mode") {
                    Some((_, Expr::StringConstant(mode, _))) => Mode::Named(mode.to_string()),
                    None if is_alone => Mode::Own,
                    _ => Mode::Unknown,
                };
                let fields = map.0.iter();
                (mode, fields.map(|(name, of)| (name.name.to_string(), of.clone())).collect())
            }
            Written::Entry(name, _, value) => {
                (Mode::Unknown, vec![(name.clone(), (**value).clone())])
            }
        };
        for (name, value) in parts {
            let role = match name.as_str() {
                "mode" => Role::Mode,
                "set" => Role::Settings(mode.clone()),
                "balances" => Role::Balances(mode.clone()),
                _ => continue,
            };
            let sources = self.sources(&value);
            self.reach(&role, &sources);
        }
    }
}

/// The items of a list that stands there: each of them comes by.
fn each(list: &Expr) -> Vec<Source> {
    let Expr::Array(items, _) = list else { return Vec::new() };
    let written = |item: &Expr| Source::Written(Written::Whole(Rc::new(item.clone())));
    items.iter().map(written).collect()
}
