//! What a run uses of the modules that its script imports: a function that nobody in it calls need not fit its parameters and
//! names, which are those of the mode for which that function was written.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Expr, FnCallExpr, Stmt};

use super::lints::{ROLE, UNITS};
use super::names::{NAME, PARAMETER};
use super::{Finding, Lint, Script};

/// What depends on the run: its names, its parameters and what they count.
pub(super) const OF_THE_RUN: [Lint; 4] = [NAME, PARAMETER, UNITS, ROLE];

/// Without what is said of the run's parameters and names in functions that the run does not call.
pub(super) fn by_the_run(mut found: Vec<Finding>, script: &Script<'_>) -> Vec<Finding> {
    let is_of_run = |finding: &Finding| {
        OF_THE_RUN.contains(&finding.lint) && &*finding.fault.file != script.main
    };
    if !found.iter().any(is_of_run) {
        return found;
    }
    let used = Calls::of(script).all();
    found.retain(|finding| {
        let line = finding.fault.line as usize;
        let around = |it: &&Definition| it.lines.contains(&line);
        let file = script.files.get(&*finding.fault.file);
        let of_file = file.map(|file| definitions(&file.ast)).unwrap_or_default();
        let inside = of_file.iter().find(around);
        !is_of_run(finding)
            || inside
                .is_none_or(|it| used.contains(&(finding.fault.file.to_string(), it.name.clone())))
    });
    found
}

/// A function, closures within it.
struct Definition {
    name: String,
    lines: std::ops::RangeInclusive<usize>,
}

fn definitions(ast: &AST) -> Vec<Definition> {
    let functions = ast.shared_lib().iter_script_fn_info();
    functions
        .filter(|(.., it)| !it.name.starts_with("anon$"))
        .map(|(.., it)| {
            let from = it.body.start_position().line().unwrap_or_default();
            let to = it.body.end_position().line().unwrap_or_default();
            Definition { name: it.name.to_string(), lines: from..=to }
        })
        .collect()
}

/// A function by its file and its name; of what is the host's or the language's, the file is empty or that of the caller.
pub(super) type Called = (String, String);

/// What the functions of a script and its modules call.
pub(super) struct Calls<'s> {
    by: BTreeMap<(&'s str, String), BTreeSet<Called>>,
    /// The functions of the script's own file.
    own: Vec<Called>,
    /// What stands outside of functions is run with its file.
    top: Vec<Called>,
}

impl<'s> Calls<'s> {
    pub(super) fn of(script: &Script<'s>) -> Self {
        let mut calls = Self { by: BTreeMap::new(), own: Vec::new(), top: Vec::new() };
        for (file, compiled) in script.files {
            let imports = imports(&compiled.ast);
            let definitions = definitions(&compiled.ast);
            compiled.ast.walk(&mut |path: &[ASTNode<'_>]| {
                let Some((to, name, line)) = called(&path[path.len() - 1]) else { return true };
                let to = match to {
                    None => file.clone(),
                    Some(alias) => imports.get(&alias).cloned().unwrap_or_default(),
                };
                let from = definitions.iter().find(|it| it.lines.contains(&line));
                let from = from.map(|it| it.name.clone()).unwrap_or_default();
                calls.by.entry((file, from)).or_default().insert((to, name));
                true
            });
            if file == script.main {
                calls.own = definitions.into_iter().map(|it| (file.clone(), it.name)).collect();
            }
            calls.top.push((file.clone(), String::new()));
        }
        calls
    }

    /// What is called from the script's own file, directly or not.
    pub(super) fn all(&self) -> BTreeSet<Called> {
        self.reached(self.own.iter().chain(&self.top).cloned().collect())
    }

    /// What is called from a function of the script's own file, directly or not.
    pub(super) fn from(&self, name: &str) -> BTreeSet<Called> {
        self.reached(self.own.iter().filter(|it| it.1 == name).cloned().collect())
    }

    fn reached(&self, mut open: Vec<Called>) -> BTreeSet<Called> {
        let mut reached = BTreeSet::new();
        while let Some(next) = open.pop() {
            if reached.insert(next.clone()) {
                open.extend(self.by.get(&(&*next.0, next.1)).into_iter().flatten().cloned());
            }
        }
        reached
    }
}

/// What a piece of a script calls: the alias of its module, its name, and the line. A text may be the name in `Fn("name")`.
fn called(node: &ASTNode<'_>) -> Option<(Option<String>, String, usize)> {
    let by_call = |call: &FnCallExpr| {
        (call.namespace.path.first().map(|it| it.name.to_string()), call.name.to_string())
    };
    let ((alias, name), at) = match node {
        ASTNode::Expr(Expr::FnCall(call, at) | Expr::MethodCall(call, at))
        | ASTNode::Stmt(Stmt::FnCall(call, at)) => (by_call(call), *at),
        ASTNode::Expr(Expr::StringConstant(name, at)) => ((None, name.to_string()), *at),
        _ => return None,
    };
    Some((alias, name, at.line()?))
}

/// The files that a file's imports bring, by alias.
fn imports(ast: &AST) -> BTreeMap<String, String> {
    let imports = ast.statements().iter().filter_map(|statement| match statement {
        Stmt::Import(parts, _) => match &parts.0 {
            Expr::StringConstant(path, _) => {
                Some((parts.1.name.to_string(), super::super::imports::file_of(path)))
            }
            _ => None,
        },
        _ => None,
    });
    imports.collect()
}
