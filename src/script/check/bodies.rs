//! The statements of each function of a file. Rhai shows them in a walk alone, so they are copied from there.

use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};

/// A function of a file.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) params: Vec<String>,
    pub(super) body: Vec<Stmt>,
    pub(super) start: Position,
    pub(super) end: Position,
}

/// All functions of a file, closures among them, by where they begin.
pub(super) fn functions(ast: &AST) -> Vec<Function> {
    let mut found: Vec<Function> = ast
        .shared_lib()
        .iter_script_fn_info()
        .map(|(.., definition)| Function {
            name: definition.name.to_string(),
            params: definition.params.iter().map(|name| name.to_string()).collect(),
            body: Vec::new(),
            start: definition.body.start_position(),
            end: definition.body.end_position(),
        })
        .collect();
    found.sort_by_key(|function| function.start);
    let mut top_level = ast.statements().len();
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        if let [ASTNode::Stmt(statement)] = path {
            if top_level > 0 {
                top_level -= 1;
            } else if let Some(owner) = owner(&mut found, begins(statement)) {
                owner.body.push((*statement).clone());
            }
        }
        true
    });
    found
}

/// The innermost function around a place.
fn owner(functions: &mut [Function], at: Position) -> Option<&mut Function> {
    let around = |function: &&mut Function| {
        function.start == at || (function.start <= at && at <= function.end)
    };
    functions.iter_mut().filter(around).max_by_key(|function| function.start)
}

pub(super) fn begins(statement: &Stmt) -> Position {
    match statement {
        Stmt::Expr(expr) => starts(expr),
        Stmt::Assignment(parts) => starts(&parts.1.lhs),
        other => other.position(),
    }
}

fn starts(expr: &Expr) -> Position {
    expr.start_position()
}

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
            expr => (starts(expr), None),
        },
        other => (begins(other), None),
    }
}

/// Whether a statement leaves its function, or a turn of its loop.
pub(super) fn leaves(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Return(..) | Stmt::BreakLoop(..))
}
