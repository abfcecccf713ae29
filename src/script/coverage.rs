//! Which lines of scripts have run: noted by the script engine's debugger, which costs time, so only where it is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use rhai::debugger::{DebuggerCommand, DebuggerEvent};
use rhai::{AST, ASTFlags, ASTNode, Engine, Expr, Position, Stmt};

/// Lines by file, shared by all engines that it watches.
#[derive(Clone, Debug, Default)]
pub struct Coverage(Arc<Mutex<BTreeMap<String, BTreeSet<u32>>>>);

impl Coverage {
    /// Notes from now on what an engine runs.
    pub(super) fn watch(&self, engine: &mut Engine) {
        let seen = self.0.clone();
        #[expect(
            deprecated,
            reason = "marked volatile, not deprecated; the version is pinned by the lock file"
        )]
        engine.register_debugger(
            |_, debugger| debugger,
            move |_, event, _, source, at| {
                let is_step = matches!(event, DebuggerEvent::Start | DebuggerEvent::Step);
                if let (true, Some(line), Some(file)) = (is_step, at.line(), source) {
                    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    let lines = match seen.get_mut(file) {
                        Some(lines) => lines,
                        None => seen.entry(file.to_owned()).or_default(),
                    };
                    lines.insert(line as u32);
                }
                Ok(DebuggerCommand::StepInto)
            },
        );
    }

    /// The lines of a file that have run.
    pub fn lines(&self, file: &str) -> BTreeSet<u32> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(file).cloned().unwrap_or_default()
    }
}

/// The lines of a text on which something can run, inside of functions.
pub(super) fn lines_that_run(engine: &Engine, text: &str) -> BTreeSet<u32> {
    engine.compile(text).map(|ast| lines_of(&ast)).unwrap_or_default()
}

fn lines_of(ast: &AST) -> BTreeSet<u32> {
    let mut lines = BTreeSet::new();
    let mut note = |at: Position| lines.extend(at.line().map(|line| line as u32));
    ast.walk(&mut |nodes: &[ASTNode<'_>]| {
        match nodes.last() {
            Some(ASTNode::Stmt(Stmt::Noop(_) | Stmt::Block(_) | Stmt::Import(..))) => {}
            // Constants stand outside of functions and are there before anything runs.
            Some(ASTNode::Stmt(Stmt::Var(_, flags, _))) if flags.contains(ASTFlags::CONSTANT) => {}
            Some(ASTNode::Stmt(statement)) => note(statement.position()),
            Some(ASTNode::Expr(Expr::FnCall(call, at))) if !call.is_operator_call() => note(*at),
            _ => {}
        }
        true
    });
    lines
}
