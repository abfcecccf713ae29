//! Which variables a piece of a script may change, by their names: assigned, or a method is called on them.

use std::collections::BTreeSet;

use rhai::{ASTNode, Expr, Stmt};

/// The names of variables that some statements may change.
pub(super) fn of(statements: &[Stmt]) -> BTreeSet<String> {
    let mut changed = BTreeSet::new();
    for statement in statements {
        statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
            match path.last() {
                Some(ASTNode::Stmt(Stmt::Assignment(parts))) => {
                    changed.extend(root(&parts.1.lhs).map(str::to_owned));
                }
                Some(ASTNode::Stmt(Stmt::Share(names))) => {
                    changed.extend(names.iter().map(|(name, _)| name.name.to_string()));
                }
                Some(ASTNode::Expr(Expr::Dot(parts, ..))) if has_call(&parts.rhs) => {
                    changed.extend(root(&parts.lhs).map(str::to_owned));
                }
                _ => {}
            }
            true
        });
    }
    changed
}

/// The variable of which something is a part.
fn root(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Variable(variable, ..) => Some(&variable.1),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => root(&parts.lhs),
        _ => None,
    }
}

fn has_call(expr: &Expr) -> bool {
    match expr {
        Expr::MethodCall(..) => true,
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => {
            has_call(&parts.lhs) || has_call(&parts.rhs)
        }
        _ => false,
    }
}

/// Whether some statements may leave the loop around them.
pub(super) fn may_leave(statements: &[Stmt]) -> bool {
    let mut may = false;
    for statement in statements {
        statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
            may |=
                matches!(path.last(), Some(ASTNode::Stmt(Stmt::BreakLoop(..) | Stmt::Return(..))));
            true
        });
    }
    may
}

/// The variables that an expression reads, and whether it calls anything.
pub(super) fn reads(expr: &Expr) -> (BTreeSet<String>, bool) {
    let (mut names, mut calls) = (BTreeSet::new(), false);
    expr.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
        match path.last() {
            Some(ASTNode::Expr(Expr::Variable(variable, ..))) => {
                names.insert(variable.1.to_string());
            }
            Some(ASTNode::Expr(Expr::ThisPtr(_) | Expr::MethodCall(..))) => calls = true,
            Some(ASTNode::Expr(Expr::FnCall(call, _))) => calls |= call.op_token.is_none(),
            _ => {}
        }
        true
    });
    (names, calls)
}
