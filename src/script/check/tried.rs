//! What a test tries because it fails: in `assert_throws(|| …, words)` a value that the host refuses is meant.

use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};

use super::Finding;

/// What the host refuses for a value, and what a test may therefore try.
const REFUSED: [&str; 8] = [
    "swapped-arguments",
    "wrong-type",
    "unknown-name",
    "unknown-parameter",
    "unknown-choice",
    "wrong-role",
    "bad-option",
    "implausible-number",
];

/// The findings that no test is there for.
pub(super) fn meant(mut found: Vec<Finding>, (name, ast): (&str, &AST)) -> Vec<Finding> {
    let tried = tried(ast);
    let place = |it: &Finding| (it.fault.line as usize, it.fault.column as usize);
    found.retain(|finding| {
        let is_within =
            |(from, to): &((usize, usize), (usize, usize))| (*from..*to).contains(&place(finding));
        &*finding.fault.file != name
            || !REFUSED.contains(&finding.lint.name)
            || !tried.iter().any(is_within)
    });
    found
}

type Place = (usize, usize);

/// From where to where something is tried.
fn tried(ast: &AST) -> Vec<(Place, Place)> {
    let mut found = Vec::new();
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        let (ASTNode::Expr(Expr::FnCall(call, at)) | ASTNode::Stmt(Stmt::FnCall(call, at))) =
            path[path.len() - 1]
        else {
            return true;
        };
        found.extend(work(call, *at));
        true
    });
    found
}

/// The words behind the work end it: Rhai keeps no end of a closure.
fn work(call: &FnCallExpr, at: Position) -> Option<(Place, Place)> {
    let words = call.args.get(1).filter(|_| call.name == "assert_throws")?;
    Some((place(at)?, place(words.start_position())?))
}

fn place(at: Position) -> Option<Place> {
    Some((at.line()?, at.position().unwrap_or_default()))
}
