//! Values that nobody takes.

use rhai::{Expr, Position, Stmt};

use super::super::bodies;
use super::super::facts::What;
use super::super::types::{Object, Type};
use super::Look;

impl Look<'_> {
    /// A value that nobody takes.
    pub(super) fn dropped(&mut self, statement: &Stmt, of: Type) {
        let is_tried = self.is_tried || matches!(statement, Stmt::TryCatch(..));
        let is_made = |of: &Type| matches!(of, Type::Host(Object::Order(_) | Object::Group));
        if is_tried && (is_made(&of) || matches!(&of, Type::Optional(of) if is_made(of))) {
            return;
        }
        let (at, is_pure) = last_of(statement);
        let is_operator = match statement {
            Stmt::FnCall(call, _) => call.op_token.is_some(),
            Stmt::Expr(expr) => {
                matches!(&**expr, Expr::FnCall(call, _) if call.op_token.is_some())
            }
            _ => false,
        };
        if let Stmt::If(parts, _) = statement
            && let [Stmt::Expr(only)] = parts.body.statements()
            && matches!(**only, Expr::Unit(_))
            && parts.branch.statements().is_empty()
        {
            return self.tell(parts.expr.start_position(), What::Empty);
        }
        // Whatever an operator gives, it does nothing else.
        let of = match is_operator && matches!(of, Type::Any | Type::Never) {
            true => Type::Number,
            false => of,
        };
        if let Some((name, at)) = pure_method(statement) {
            return self.tell(at, What::PureDropped { name: name.to_owned() });
        }
        self.tell(at, What::Dropped { of, is_pure: is_pure || is_operator });
    }

    /// What the last statement of a loop's body gives, which nobody takes either.
    pub(super) fn dropped_at_end(&mut self, body: &[Stmt], of: Type) {
        if let Some(last) = body.last().filter(|_| of != Type::Never) {
            self.dropped(last, of);
        }
    }
}

/// Methods that change nothing, so that what they give must be used.
const PURE: [&str; 16] = [
    "filter",
    "map",
    "reduce",
    "contains",
    "len",
    "keys",
    "values",
    "extract",
    "sub_string",
    "to_upper",
    "to_lower",
    "to_string",
    "some",
    "all",
    "find",
    "index_of",
];

/// Where the value of a statement comes from: the last statement of an if's first block; whether getting it does nothing.
fn last_of(statement: &Stmt) -> (Position, bool) {
    let inside = match statement {
        Stmt::If(parts, _) => {
            // The block that ends with a call is the one that gives something.
            let ends = [parts.body.statements().last(), parts.branch.statements().last()];
            let calls = |it: &&Stmt| match it {
                Stmt::FnCall(..) | Stmt::If(..) => true,
                Stmt::Expr(expr) => matches!(**expr, Expr::FnCall(..)),
                _ => false,
            };
            ends.into_iter().flatten().find(calls).or(ends[0])
        }
        Stmt::Block(block) => block.statements().last(),
        _ => None,
    };
    let is_pure = match statement {
        Stmt::Expr(expr) => !matches!(&**expr, Expr::Dot(parts, ..) if calls(&parts.rhs)),
        Stmt::Block(_) | Stmt::If(..) => true,
        _ => false,
    };
    inside.map_or_else(|| (bodies::begins(statement), is_pure), last_of)
}

/// The method that a statement ends with, when it is one that changes nothing.
fn pure_method(statement: &Stmt) -> Option<(&str, Position)> {
    let Stmt::Expr(expr) = statement else { return None };
    let Expr::Dot(parts, ..) = &**expr else { return None };
    let mut last = &parts.rhs;
    while let Expr::Dot(parts, ..) = last {
        last = &parts.rhs;
    }
    match last {
        Expr::MethodCall(call, at) if PURE.contains(&call.name.as_str()) => {
            Some((call.name.as_str(), *at))
        }
        _ => None,
    }
}

/// Whether a chain of members calls something.
fn calls(expr: &Expr) -> bool {
    match expr {
        Expr::MethodCall(..) => true,
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => calls(&parts.lhs) || calls(&parts.rhs),
        _ => false,
    }
}
