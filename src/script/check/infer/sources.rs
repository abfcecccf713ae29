//! What an expression is made of: the variables, constants and calls that its value comes from.

use rhai::{Expr, FnCallExpr};

/// One of them.
pub(super) enum Source<'e> {
    Variable(&'e str),
    Constant(&'e str),
    Call(&'e FnCallExpr),
}

/// So many are noted; more would tell nobody anything.
const SOURCES_MAX: usize = 3;

/// Those of an expression, as they are read.
pub(super) fn of(expr: &Expr) -> Vec<Source<'_>> {
    let mut found = Vec::new();
    collect(expr, &mut found);
    found.truncate(SOURCES_MAX);
    found
}

fn collect<'e>(expr: &'e Expr, found: &mut Vec<Source<'e>>) {
    match expr {
        Expr::Variable(variable, ..) if variable.2.is_empty() => {
            found.push(Source::Variable(&variable.1));
        }
        Expr::Variable(variable, ..) => found.push(Source::Constant(&variable.1)),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => collect(&parts.lhs, found),
        Expr::FnCall(call, _) => {
            if call.op_token.is_none() {
                found.push(Source::Call(call));
            }
            call.args.iter().for_each(|argument| collect(argument, found));
        }
        Expr::Coalesce(parts, _) => parts.iter().for_each(|part| collect(part, found)),
        _ => {}
    }
}
