//! Closures that are handed over: what they are called with, and what they give.

use rhai::{Expr, FnPtr, Stmt};

use super::super::env::Env;
use super::super::facts::What;
use super::super::types::Type;
use super::Look;

impl Look<'_> {
    /// A closure that a list is handed is called with what is in the list.
    pub(super) fn closure(&mut self, method: &str, argument: &Expr, items: &Type, env: &mut Env) {
        let of_items =
            ["all", "some", "filter", "map", "retain", "for_each", "find", "find_map", "index_of"];
        if !of_items.contains(&method) {
            return;
        }
        // The item is this in there; what is handed over is its number.
        if method == "for_each" {
            self.binds(argument);
        }
        let item = if method == "for_each" { &Type::Int } else { items };
        if method == "for_each" && self.takes(argument) {
            self.tell(argument.start_position(), What::ForEach);
        }
        if let Some(of) = self.handed(argument, item, env) {
            let method = method.to_owned();
            self.tell(argument.start_position(), What::Closure { method, of });
        }
    }

    /// `list.filter(|x| list.…)`: while a method is called on it, a variable cannot be read by a closure that catches it.
    pub(super) fn catches(&mut self, variable: &str, rest: &Expr) {
        let call = match rest {
            Expr::MethodCall(call, _) => call,
            Expr::Dot(parts, ..) | Expr::Index(parts, ..) => {
                self.catches(variable, &parts.lhs);
                return self.catches(variable, &parts.rhs);
            }
            _ => return,
        };
        for argument in &call.args {
            let Expr::FnCall(curry, _) = within(argument) else { continue };
            let is_caught = |one: &Expr| matches!(one, Expr::Variable(it, ..) if it.1 == variable);
            if curry.name == "curry" && curry.args.iter().any(is_caught) {
                let name = variable.to_owned();
                self.tell(argument.start_position(), What::Caught { name });
            }
        }
    }

    /// In a closure of `for_each` the item is `this`.
    fn binds(&mut self, argument: &Expr) {
        if let Some((name, _)) = closure_of(argument) {
            self.bound(&name);
        }
    }

    /// Whether a closure has a parameter of its own.
    fn takes(&self, argument: &Expr) -> bool {
        let Some((name, caught)) = closure_of(argument) else { return false };
        let mut own = self.functions.keys();
        own.any(|key| key.0 == self.at && key.1 == name && key.2 > caught.len())
    }

    /// A closure is called with something, behind what it has caught; what it gives.
    pub(super) fn handed(&mut self, argument: &Expr, item: &Type, env: &mut Env) -> Option<Type> {
        let (name, caught) = closure_of(argument)?;
        let mut given: Vec<Type> = caught.iter().map(|one| self.expr(one, env)).collect();
        given.push(item.clone());
        let at = self.at;
        let mut own = self.functions.iter_mut();
        let known = own.find(|(key, _)| key.0 == at && key.1 == name);
        let (_, known) = known?;
        known.is_called = true;
        let gives = known.gives.clone();
        for index in 0..known.given.len() {
            let of = given.get(index).cloned().unwrap_or(Type::Any);
            let joined = known.given[index].clone().join(of);
            known.is_stale |= known.given[index] != joined;
            known.given[index] = joined;
        }
        Some(gives)
    }
}

/// The name of a closure, and the variables that it catches.
fn closure_of(argument: &Expr) -> Option<(String, &[Expr])> {
    let (pointer, caught): (&Expr, &[Expr]) = match within(argument) {
        Expr::FnCall(call, _) if call.name == "curry" => {
            let (first, rest) = call.args.split_first()?;
            (first, rest)
        }
        other => (other, &[]),
    };
    let Expr::DynamicConstant(value, _) = pointer else { return None };
    let pointer = value.read_lock::<FnPtr>()?;
    Some((pointer.fn_name().to_owned(), caught))
}

/// A closure that catches variables is a block: it shares them, and ends with the closure.
fn within(argument: &Expr) -> &Expr {
    let Expr::Stmt(block) = argument else { return argument };
    match block.statements().last() {
        Some(Stmt::Expr(last)) => last,
        _ => argument,
    }
}
