//! The functions of a file with their statements. Rhai shows those in a walk alone, so they are copied from there.

use std::sync::Arc;

use rhai::{AST, ASTNode, Position, Stmt};

/// A function of a file.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) params: Vec<String>,
    pub(super) body: Vec<Stmt>,
    pub(super) start: Position,
    pub(super) end: Position,
}

/// All functions of a file, closures among them, by where they begin.
pub(super) fn of(ast: &AST) -> Vec<Arc<Function>> {
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
            } else if let Some(owner) = owner(&mut found, [begins(statement), statement.position()])
            {
                owner.body.push((*statement).clone());
            }
        }
        true
    });
    found.into_iter().map(Arc::new).collect()
}

/// The innermost function around a statement, by where that begins and where Rhai places it: a closure without braces whose body
/// is an assignment, `|| n += 1`, begins for Rhai at the sign.
fn owner(functions: &mut [Function], [at, placed]: [Position; 2]) -> Option<&mut Function> {
    let around = |function: &&mut Function| {
        let start = function.start;
        start == at || start == placed || (start <= at && at <= function.end)
    };
    functions.iter_mut().filter(around).max_by_key(|function| function.start)
}

/// Where a statement begins.
pub(super) fn begins(statement: &Stmt) -> Position {
    match statement {
        Stmt::Expr(expr) => expr.start_position(),
        Stmt::Assignment(parts) => parts.1.lhs.start_position(),
        other => other.position(),
    }
}
