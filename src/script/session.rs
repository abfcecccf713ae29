//! A script between its calls: imports evaluated once, functions resolved once, instead of anew at every step.
//!
//! Rhai's own way to call a function starts from nothing each time. Here a one-line script calls the function as a method of
//! the strategy's memory, which makes that memory its `this`, with Rhai's caches kept. A call that fails is not told from
//! here: the caller repeats it in Rhai's own way, whose errors carry the right places.

use rhai::{AST, Caches, Dynamic, Engine, EvalAltResult, GlobalRuntimeState, Scope};

use super::bundle::Bundle;
use super::host::Ctx;

const MEMORY: &str = "memory";
const CTX: &str = "ctx";

/// What Rhai keeps of one script of one run.
pub(super) struct Session {
    global: GlobalRuntimeState,
    caches: Caches,
    /// The memory and the context, in this order, while a call runs.
    scope: Scope<'static>,
    /// The one-line scripts by the function that they call.
    calls: Vec<(&'static str, AST)>,
}

impl Session {
    /// Evaluates what stands at the top of the script: its imports and constants.
    ///
    /// # Errors
    /// What the top level of the script fails with.
    pub(super) fn begin(bundle: &Bundle) -> Result<Self, Box<EvalAltResult>> {
        let (engine, script) = (bundle.engine(), bundle.ast());
        let mut session = Self {
            global: engine.new_global_runtime_state(),
            caches: Caches::new(),
            scope: Scope::new(),
            calls: Vec::new(),
        };
        session.global.source = script.source().map(Into::into);
        session.global.lib.push(script.shared_lib().clone());
        session.global.embedded_module_resolver = script.resolver().cloned();
        let Self { global, caches, scope, .. } = &mut session;
        let _unused = evaluate(engine, global, caches, scope, script)?;
        session.scope.clear();
        session.scope.push_dynamic(MEMORY, Dynamic::UNIT).push_dynamic(CTX, Dynamic::UNIT);
        Ok(session)
    }

    /// Calls a function of the script with a context, `this` bound to `memory`.
    ///
    /// # Errors
    /// What the function fails with, with places that only [`Bundle::call`] tells right. The session is spent.
    pub(super) fn call(
        &mut self,
        engine: &Engine,
        function: &'static str,
        ctx: Ctx,
        memory: &mut Dynamic,
    ) -> Result<Dynamic, Box<EvalAltResult>> {
        let index = match self.calls.iter().position(|(known, _)| *known == function) {
            Some(index) => index,
            None => {
                let text = format!("{MEMORY}.{function}({CTX})");
                self.calls.push((function, engine.compile_with_scope(&self.scope, text)?));
                self.calls.len() - 1
            }
        };
        self.global.tag = Dynamic::from(ctx.clone());
        drop(replace(&mut self.scope, CTX, Dynamic::from(ctx)));
        drop(replace(&mut self.scope, MEMORY, std::mem::take(memory)));
        let Self { global, caches, scope, calls } = self;
        let result = evaluate(engine, global, caches, scope, &calls[index].1);
        // Whoever made the step must be its only owner again.
        global.tag = Dynamic::UNIT;
        drop(replace(scope, CTX, Dynamic::UNIT));
        *memory = replace(scope, MEMORY, Dynamic::UNIT);
        result
    }
}

/// Runs a script's statements with what is kept, the operations counted from nothing.
fn evaluate(
    engine: &Engine,
    global: &mut GlobalRuntimeState,
    caches: &mut Caches,
    scope: &mut Scope<'static>,
    script: &AST,
) -> Result<Dynamic, Box<EvalAltResult>> {
    global.num_operations = Default::default();
    #[expect(
        deprecated,
        reason = "the only door that takes caches; the lock file pins the version"
    )]
    engine.eval_statements_raw(global, caches, scope, script.statements())
}

/// Puts a value in place of a variable's, and gives that.
fn replace(scope: &mut Scope<'static>, name: &str, value: Dynamic) -> Dynamic {
    scope.get_mut(name).map_or(Dynamic::UNIT, |slot| std::mem::replace(slot, value))
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}
