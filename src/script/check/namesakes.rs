//! Functions of one name in two files of a script. Rhai keeps what a plain call has resolved to by its name and its number of
//! arguments, whatever the file (1.27, `resolve_fn`): where two files each call a function of their own by the same name, the one
//! that is called first is called by both. That is wrong without a word, so such a script is refused.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Expr, Stmt};

use super::super::fault::ScriptFault;
use super::infer::definition;
use super::{Finding, Lint, Script};
use crate::types::Code;

pub(super) const LINT: Lint = Lint::error(
    "same-name",
    "two files with a function of one name and number of parameters, each called in its own: Rhai would call one for the other",
);

/// A function's name and its number of parameters.
type Signature = (String, usize);

/// The second of two such functions, or the script's own.
pub(super) fn look(script: &Script<'_>) -> Vec<Finding> {
    let mut files: Vec<_> = script.files.iter().collect();
    files.sort_by_key(|(name, _)| (*name == script.main, name.to_owned()));
    let pointed: BTreeSet<String> = files.iter().flat_map(|(_, it)| pointed_at(&it.ast)).collect();
    let mut first: BTreeMap<Signature, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for (file, compiled) in files {
        for signature in called_here(&compiled.ast, &pointed) {
            let Some(other) = first.get(&signature) else {
                first.insert(signature, file);
                continue;
            };
            let (name, count) = &signature;
            let at = definition(&compiled.text, name);
            let message = format!("{other} has a fn {name} of {} too", of_parameters(*count));
            let help = "each is called by its name alone, and Rhai would call one for the other: rename it";
            let fault = ScriptFault::of_file(Code::Strat004, file, message);
            let fault = fault.at(&compiled.text, at).with_help(Some(help.to_owned()));
            found.push(Finding::new(LINT, fault));
        }
    }
    found
}

fn of_parameters(count: usize) -> String {
    match count {
        0 => "no parameters".to_owned(),
        1 => "one parameter".to_owned(),
        count => format!("{count} parameters"),
    }
}

/// The names of which a file makes pointers: `Fn("name")` is called wherever it is handed to, by that name.
fn pointed_at(ast: &AST) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        if let Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) =
            path.last()
            && call.name == "Fn"
            && let [Expr::StringConstant(name, _)] = &*call.args
        {
            found.insert(name.to_string());
        }
        true
    });
    found
}

/// The functions of a file that it calls by their names alone, and those whose name is `pointed` at anywhere.
fn called_here(ast: &AST, pointed: &BTreeSet<String>) -> BTreeSet<Signature> {
    let own = ast.iter_functions().map(|it| (it.name.to_owned(), it.params.len()));
    let own: BTreeSet<Signature> = own.filter(|(name, _)| !name.starts_with("anon$")).collect();
    let mut called: BTreeSet<Signature> =
        own.iter().filter(|(name, _)| pointed.contains(name)).cloned().collect();
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        if let Some(
            ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _))
            | ASTNode::Stmt(Stmt::FnCall(call, _)),
        ) = path.last()
            && call.namespace.is_empty()
        {
            let signature = (call.name.to_string(), call.args.len());
            if own.contains(&signature) {
                called.insert(signature);
            }
        }
        true
    });
    called
}
