//! A script between its calls: imports evaluated once, functions resolved once, instead of anew at every step.
//!
//! Rhai's own way to call a function starts from nothing each time. Here the body of `decide` is evaluated with Rhai's caches
//! kept; another function is called by a one-line script as a method of the strategy's memory, which makes that memory its
//! `this`. A call that fails is not told from here: the caller repeats it in Rhai's own way, whose errors carry the right
//! places.

use std::sync::Arc;

use rhai::{AST, Caches, Dynamic, Engine, EvalAltResult, GlobalRuntimeState, Scope, Stmt};

use super::bundle::{Bundle, Fast};
use super::host::Ctx;
use super::specialise::{CTX, MEMORY};

/// What Rhai keeps of one script of one run.
pub(super) struct Session {
    global: GlobalRuntimeState,
    caches: Caches,
    /// The memory and the context while a call runs, ready-made decisions, and the constants of the script.
    scope: Scope<'static>,
    /// The one-line scripts by the function that they call.
    calls: Vec<(&'static str, Arc<AST>)>,
}

impl Session {
    /// Evaluates what stands at the top of the script: its imports and constants.
    ///
    /// # Errors
    /// What the top level of the script fails with.
    pub(super) fn begin(bundle: &Bundle) -> Result<Self, Box<EvalAltResult>> {
        let engine = bundle.engine();
        let Fast { ast: script, body } = bundle.fast();
        let mut session = Self {
            global: engine.new_global_runtime_state(),
            caches: Caches::new(),
            scope: body.clone().unwrap_or_default().scope(),
            calls: Vec::new(),
        };
        session.global.source = script.source().map(Into::into);
        session.global.lib.push(script.shared_lib().clone());
        session.global.embedded_module_resolver = script.resolver().cloned();
        let top_level = script.statements().len() - usize::from(body.is_some());
        let _unused = session.evaluate(engine, &script.statements()[..top_level])?;
        Ok(session)
    }

    /// Calls a function of the script with a context, `this` bound to `memory`.
    ///
    /// # Errors
    /// What the function fails with, with places that only [`Bundle::call`] tells right. The session is spent.
    pub(super) fn call(
        &mut self,
        bundle: &Bundle,
        function: &'static str,
        ctx: Ctx,
        memory: &mut Dynamic,
    ) -> Result<Dynamic, Box<EvalAltResult>> {
        let engine = bundle.engine();
        let call;
        let statements = match bundle.fast() {
            Fast { ast, body: Some(_) } if function == "decide" => {
                &ast.statements()[ast.statements().len() - 1..]
            }
            _ => {
                call = self.compiled(engine, function)?;
                call.statements()
            }
        };
        self.show(ctx);
        if let Some(slot) = self.scope.get_mut(MEMORY) {
            std::mem::swap(slot, memory);
        }
        let result = self.evaluate(engine, statements);
        if let Some(slot) = self.scope.get_mut(MEMORY) {
            std::mem::swap(slot, memory);
        }
        // Whoever made the step must be its only owner again.
        self.show(Ctx::IDLE);
        result
    }

    /// Puts a context where the script and the host's functions look for it.
    fn show(&mut self, ctx: Ctx) {
        if let Some(slot) = self.scope.get_mut(CTX) {
            put(slot, ctx.clone());
        }
        put(&mut self.global.tag, ctx);
    }

    /// The one-line script that calls a function.
    fn compiled(
        &mut self,
        engine: &Engine,
        function: &'static str,
    ) -> Result<Arc<AST>, Box<EvalAltResult>> {
        if let Some((_, call)) = self.calls.iter().find(|(known, _)| *known == function) {
            return Ok(call.clone());
        }
        let text = format!("{MEMORY}.{function}({CTX})");
        let call = Arc::new(engine.compile_with_scope(&self.scope, text)?);
        self.calls.push((function, call.clone()));
        Ok(call)
    }

    /// Runs statements with what is kept, the operations counted from nothing.
    fn evaluate(
        &mut self,
        engine: &Engine,
        statements: &[Stmt],
    ) -> Result<Dynamic, Box<EvalAltResult>> {
        let Self { global, caches, scope, .. } = self;
        global.num_operations = Default::default();
        #[expect(
            deprecated,
            reason = "the only door that takes caches; the lock file pins the version"
        )]
        engine.eval_statements_raw(global, caches, scope, statements)
    }
}

/// Puts a context where one has been before, without an allocation.
fn put(slot: &mut Dynamic, ctx: Ctx) {
    if let Some(mut held) = slot.write_lock::<Ctx>() {
        *held = ctx;
        return;
    }
    *slot = Dynamic::from(ctx);
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}
