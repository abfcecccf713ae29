//! Whether two expressions are the same words, wherever they stand.

use rhai::{Expr, FnCallExpr, Stmt};

/// Whether two expressions are written alike, but for constants, which are alike by intent.
pub(super) fn are(left: &Expr, right: &Expr) -> bool {
    !is_constant(left) && alike(left, right)
}

/// Whether two conditions ask the same: `a < b` and `b > a`.
pub(super) fn conditions(left: &Expr, right: &Expr) -> bool {
    if are(left, right) {
        return true;
    }
    let (Expr::FnCall(a, _), Expr::FnCall(b, _)) = (left, right) else { return false };
    let sign = |call: &FnCallExpr| call.op_token.as_ref().map(|op| op.literal_syntax());
    let is_mirrored = matches!(
        (sign(a), sign(b)),
        (Some("<"), Some(">"))
            | (Some(">"), Some("<"))
            | (Some("<="), Some(">="))
            | (Some(">="), Some("<="))
            | (Some("=="), Some("=="))
    );
    match (&*a.args, &*b.args) {
        ([a, b], [c, d]) if is_mirrored => alike(a, d) && alike(b, c),
        _ => false,
    }
}

fn is_constant(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::DynamicConstant(..)
            | Expr::BoolConstant(..)
            | Expr::IntegerConstant(..)
            | Expr::CharConstant(..)
            | Expr::StringConstant(..)
            | Expr::Unit(_)
    )
}

/// Whether two blocks are one and the same expression each.
pub(super) fn blocks(left: &[Stmt], right: &[Stmt]) -> bool {
    match (left, right) {
        ([Stmt::Expr(a)], [Stmt::Expr(b)]) => alike(a, b),
        ([Stmt::FnCall(a, _)], [Stmt::FnCall(b, _)]) => calls(a, b),
        ([Stmt::Return(Some(a), x, _)], [Stmt::Return(Some(b), y, _)]) => x == y && alike(a, b),
        _ => false,
    }
}

/// Whether two expressions are written alike.
pub(super) fn alike(left: &Expr, right: &Expr) -> bool {
    match (left, right) {
        (Expr::BoolConstant(a, _), Expr::BoolConstant(b, _)) => a == b,
        (Expr::IntegerConstant(a, _), Expr::IntegerConstant(b, _)) => a == b,
        (Expr::CharConstant(a, _), Expr::CharConstant(b, _)) => a == b,
        (Expr::StringConstant(a, _), Expr::StringConstant(b, _)) => a == b,
        (Expr::DynamicConstant(a, _), Expr::DynamicConstant(b, _)) => {
            a.as_decimal().is_ok() && a.as_decimal().ok() == b.as_decimal().ok()
        }
        (Expr::Unit(_), Expr::Unit(_)) | (Expr::ThisPtr(_), Expr::ThisPtr(_)) => true,
        (Expr::Variable(a, ..), Expr::Variable(b, ..)) => {
            a.1 == b.1 && a.2.path.len() == b.2.path.len()
        }
        (Expr::Property(a, _), Expr::Property(b, _)) => a.2 == b.2,
        (Expr::FnCall(a, _), Expr::FnCall(b, _))
        | (Expr::MethodCall(a, _), Expr::MethodCall(b, _)) => calls(a, b),
        (Expr::Dot(a, ..), Expr::Dot(b, ..)) | (Expr::Index(a, ..), Expr::Index(b, ..)) => {
            alike(&a.lhs, &b.lhs) && alike(&a.rhs, &b.rhs)
        }
        (Expr::And(a, _), Expr::And(b, _)) | (Expr::Or(a, _), Expr::Or(b, _)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| alike(a, b))
        }
        (Expr::Array(a, _), Expr::Array(b, _)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| alike(a, b))
        }
        _ => false,
    }
}

fn calls(a: &FnCallExpr, b: &FnCallExpr) -> bool {
    let path = |call: &FnCallExpr| {
        call.namespace.path.iter().map(|part| part.name.to_string()).collect::<Vec<_>>()
    };
    a.name == b.name
        && path(a) == path(b)
        && a.args.len() == b.args.len()
        && a.args.iter().zip(b.args.iter()).all(|(a, b)| alike(a, b))
}
