//! Where statements begin and end.

use rhai::{Expr, FnCallExpr, Position, Stmt};

pub(super) use super::super::functions::begins;

/// Where a body's last statement gives its value, and the call that gives it. Of an `if` without `else` that is its beginning;
/// of one with both, the end of its last block.
pub(super) fn ending(statement: &Stmt) -> (Position, Option<&FnCallExpr>) {
    match statement {
        Stmt::If(parts, _) => {
            let last = |block: &[Stmt]| block.iter().rposition(|it| !it.is_noop());
            match last(parts.branch.statements()) {
                Some(index) => ending(&parts.branch.statements()[index]),
                None => (statement.position(), None),
            }
        }
        Stmt::FnCall(call, at) => (*at, Some(&**call)),
        Stmt::Expr(expr) => match &**expr {
            Expr::FnCall(call, at) => (*at, Some(&**call)),
            expr => (expr.start_position(), None),
        },
        other => (begins(other), None),
    }
}

/// Whether a statement leaves its function, or a turn of its loop.
pub(super) fn leaves(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Return(..) | Stmt::BreakLoop(..))
}
