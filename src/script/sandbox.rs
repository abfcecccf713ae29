//! The sandbox: an engine with limits on everything that a script could use up, and none of what it must not have.
//!
//! There is no wall-clock deadline, because the same step must end the same way everywhere: the number of operations is the
//! bound. Modules come only from the bundle; at run time nothing can be imported that was not bundled.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rhai::module_resolvers::DummyModuleResolver;
use rhai::packages::{
    BasicArrayPackage, BasicMapPackage, BasicMathPackage, CorePackage, LogicPackage,
    MoreStringPackage, Package,
};
use rhai::{Dynamic, Engine, EvalAltResult, OptimizationLevel, Position};

use crate::config::Setup;

use super::alloc::Budget;
use super::api::{Api, Entry};

/// Operations that one call may do; a hold takes about ten, the largest of our strategies a few thousand.
pub const OPERATIONS_MAX: u64 = 100_000;
/// Bytes that one call may hold. Rhai limits the size of each value, not their sum.
pub const MEMORY_MAX_BYTES: i64 = 16 * 1024 * 1024;
/// Depth of function calls.
pub const CALL_LEVELS_MAX: usize = 32;
/// Characters of a strategy's file. The compiler has no deadline and is quadratic in the variables of one scope.
pub const SCRIPT_BYTES_MAX: usize = 64 * 1024;
/// Characters of an imported file.
pub const MODULE_BYTES_MAX: usize = 256 * 1024;

/// One operation can make the product of two of these out of them: a text in which each letter is replaced by a text.
const STRING_BYTES_MAX: usize = 4 * 1024;
/// Some operations look at each pair of a list's items.
const ARRAY_LENGTH_MAX: usize = 1_000;
const MAP_LENGTH_MAX: usize = 1_000;
const VARIABLES_MAX: usize = 200;
const FUNCTIONS_MAX: usize = 200;
const MODULES_MAX: usize = 64;
const EXPRESSION_DEPTH_MAX: usize = 64;
const FUNCTION_EXPRESSION_DEPTH_MAX: usize = 32;

/// Reading the allocator's counter takes less than an operation; every sixteenth is often enough, since no single operation
/// can take more than a few sizes' limits.
const OPERATIONS_PER_MEMORY_CHECK: u64 = 16;

/// The token of a script that is stopped for its operations; any other stop is for memory.
pub(super) const TOO_MANY_OPERATIONS: i64 = 1;

/// An engine with the host's functions and all limits, and the table of those functions.
pub fn engine(setup: &Setup) -> (Engine, Vec<Entry>) {
    let mut engine = Engine::new_raw();
    // Left out of the standard library: time (non-deterministic), blobs and bit fields (nobody trades with them).
    CorePackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    limit(&mut engine);
    let entries = Api::build(setup).install(&mut engine);
    (engine, entries)
}

fn limit(engine: &mut Engine) {
    engine
        .set_max_operations(OPERATIONS_MAX)
        .set_max_call_levels(CALL_LEVELS_MAX)
        .set_max_expr_depths(EXPRESSION_DEPTH_MAX, FUNCTION_EXPRESSION_DEPTH_MAX)
        .set_max_string_size(STRING_BYTES_MAX)
        .set_max_array_size(ARRAY_LENGTH_MAX)
        .set_max_map_size(MAP_LENGTH_MAX)
        .set_max_variables(VARIABLES_MAX)
        .set_max_functions(FUNCTIONS_MAX)
        .set_max_modules(MODULES_MAX)
        .set_strict_variables(true)
        // What is written is what is checked and what runs; folding would hide 7/2 from the checks, and gains nothing.
        .set_optimization_level(OptimizationLevel::None)
        .set_module_resolver(DummyModuleResolver::new())
        .disable_symbol("eval")
        .on_print(|_| ())
        .on_debug(|_, _, _| ())
        .on_progress(|_| {
            let operations = Budget::count_operation();
            if operations > OPERATIONS_MAX {
                return Some(Dynamic::from(TOO_MANY_OPERATIONS));
            }
            let is_due = operations.is_multiple_of(OPERATIONS_PER_MEMORY_CHECK);
            (is_due && Budget::is_spent()).then(|| Dynamic::from("memory"))
        });
}

/// Runs a piece of script work under the memory budget; a panic of a host function becomes an error.
pub(super) fn guarded<T>(
    work: impl FnOnce() -> Result<T, Box<EvalAltResult>>,
) -> Result<T, Box<EvalAltResult>> {
    let _budget = Budget::open(MEMORY_MAX_BYTES);
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(panic) => {
            let message = format!("a host function failed: {}", said_by(&*panic));
            Err(EvalAltResult::ErrorSystem(message, "panic".into()).into())
        }
    }
}

/// What a panic said.
pub fn said_by(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

/// Whether an error is a limit of the sandbox, or a panic: these come without a position.
pub(super) fn has_no_position(error: &EvalAltResult) -> bool {
    innermost(error).position() == Position::NONE
}

fn innermost(error: &EvalAltResult) -> &EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _)
        | EvalAltResult::ErrorInModule(_, inner, _) => innermost(inner),
        other => other,
    }
}
