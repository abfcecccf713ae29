//! Parameters of the configuration that a script and its modules never read: somebody turns them, and nothing happens.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Expr};

use super::super::fault::ScriptFault;
use super::names::PARAMETER;
use super::{Finding, Lint, Of, Script};
use crate::types::Code;

pub(super) const LINT: Lint = Lint::warning(
    "unread-parameter",
    "a parameter of the configuration that the script never reads",
);

/// What every configuration has and scripts may read; the engine lives by it as well.
const OF_ALL: [&str; 1] = ["margin_mode"];

/// What a piece of a script reads of the parameters.
enum Read<'e> {
    One(&'e str),
    /// By a name that is not known before it runs, or the whole of them.
    Any,
}

/// What nobody reads; nothing where a misspelt one is told, which may be the same.
pub(super) fn look(script: &Script<'_>, found: &[Finding]) -> Vec<Finding> {
    if script.of != Of::Strategy || found.iter().any(|finding| finding.lint == PARAMETER) {
        return Vec::new();
    }
    let mut read = BTreeSet::new();
    for file in script.files.values() {
        if !reads(&file.ast, &mut read) {
            return Vec::new();
        }
    }
    let parameters = script.setup.parameters.iter().map(|(name, _)| name);
    let parameters = parameters.filter(|name| !OF_ALL.contains(&name.as_str()));
    let (used, unread): (Vec<&String>, Vec<&String>) =
        parameters.partition(|name| read.contains(*name));
    // A script that reads few of them is not finished, or written for another configuration.
    if unread.is_empty() || used.len() < 3 * unread.len() {
        return Vec::new();
    }
    let names: Vec<&str> = unread.iter().map(|name| name.as_str()).collect();
    let names = names.join(", ");
    let message = format!("what the configuration sets is read nowhere: {names}");
    let help = format!("read ctx.params.{}, or take it out of the configuration", unread[0]);
    let fault = ScriptFault::of_file(Code::Strat004, script.main, message);
    vec![Finding::new(LINT, fault.with_help(Some(help)))]
}

/// Notes what a file reads; false where that may be anything.
fn reads(ast: &AST, read: &mut BTreeSet<String>) -> bool {
    let mut is_known = true;
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        if let Some(ASTNode::Expr(expr)) = path.last() {
            match of(expr) {
                Some(Read::One(name)) => drop(read.insert(name.to_owned())),
                Some(Read::Any) => is_known = false,
                None => {}
            }
        }
        is_known
    });
    is_known
}

fn of(expr: &Expr) -> Option<Read<'_>> {
    let is_params = |expr: &Expr| matches!(expr, Expr::Property(name, _) if name.2 == "params");
    match expr {
        Expr::Dot(parts, ..) if is_params(&parts.rhs) => Some(Read::Any),
        Expr::Dot(parts, ..) if is_params(&parts.lhs) => Some(name(&parts.rhs)),
        Expr::Index(parts, ..) if is_params(&parts.lhs) => Some(name(&parts.rhs)),
        _ => None,
    }
}

/// The name that stands first behind `params`.
fn name(expr: &Expr) -> Read<'_> {
    match expr {
        Expr::Property(name, _) => Read::One(&name.2),
        Expr::StringConstant(name, _) => Read::One(name),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => name(&parts.lhs),
        _ => Read::Any,
    }
}
