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
use rhai::{Dynamic, Engine, EvalAltResult, Module, OptimizationLevel, Position};

use crate::config::Setup;

use super::alloc::Budget;
use super::api::{Api, Entry};
use super::check::Of;

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

/// What a script may use up, where tests may more than strategies.
struct Limits {
    operations: u64,
    string_bytes: usize,
    array_length: usize,
    variables: usize,
    functions: usize,
}

const OF_STRATEGIES: Limits = Limits {
    operations: OPERATIONS_MAX,
    string_bytes: STRING_BYTES_MAX,
    array_length: ARRAY_LENGTH_MAX,
    variables: VARIABLES_MAX,
    functions: FUNCTIONS_MAX,
};

/// A test takes a strategy through thousands of steps.
const OF_TESTS: Limits = Limits {
    operations: 20_000_000,
    string_bytes: 64 * 1024,
    array_length: 20_000,
    variables: 500,
    functions: 500,
};

/// Bytes that one test may hold, its worlds included.
const TEST_MEMORY_MAX_BYTES: i64 = 512 * 1024 * 1024;

/// An engine with the host's functions and all limits, and the table of those functions.
pub fn engine(setup: &Setup) -> (Engine, Vec<Entry>) {
    built(Api::build(Some(setup)), &OF_STRATEGIES)
}

/// An engine for tests of scripts, with what they can call beside the host's functions.
pub(super) fn test_engine(register: impl FnOnce(&mut Api)) -> (Engine, Vec<Entry>) {
    let mut api = Api::build(None);
    register(&mut api);
    built(api, &OF_TESTS)
}

/// An engine that only compiles, under the limits of strategies or of tests: it has no functions, which compiling does not need.
pub(super) fn compiler(of: Of) -> Engine {
    let mut engine = Engine::new_raw();
    // A module that is called must be known by its name.
    engine.register_static_module("orders", Module::new().into());
    limit(&mut engine, if of == Of::Tests { &OF_TESTS } else { &OF_STRATEGIES });
    engine
}

fn built(api: Api, limits: &Limits) -> (Engine, Vec<Entry>) {
    let mut engine = Engine::new_raw();
    speak(&mut engine);
    limit(&mut engine, limits);
    let entries = api.install(&mut engine);
    (engine, entries)
}

/// What of the language's own library scripts have.
pub(crate) fn speak(engine: &mut Engine) {
    // Left out of the standard library: time (non-deterministic), blobs and bit fields (nobody trades with them).
    CorePackage::new().register_into_engine(engine);
    LogicPackage::new().register_into_engine(engine);
    BasicMathPackage::new().register_into_engine(engine);
    BasicArrayPackage::new().register_into_engine(engine);
    BasicMapPackage::new().register_into_engine(engine);
    MoreStringPackage::new().register_into_engine(engine);
}

fn limit(engine: &mut Engine, limits: &Limits) {
    let operations_max = limits.operations;
    engine
        .set_max_operations(operations_max)
        .set_max_call_levels(CALL_LEVELS_MAX)
        .set_max_expr_depths(EXPRESSION_DEPTH_MAX, FUNCTION_EXPRESSION_DEPTH_MAX)
        .set_max_string_size(limits.string_bytes)
        .set_max_array_size(limits.array_length)
        .set_max_map_size(MAP_LENGTH_MAX)
        .set_max_variables(limits.variables)
        .set_max_functions(limits.functions)
        .set_max_modules(MODULES_MAX)
        .set_strict_variables(true)
        // What is written is what is checked and what runs; folding would hide 7/2 from the checks, and gains nothing.
        .set_optimization_level(OptimizationLevel::None)
        .set_module_resolver(DummyModuleResolver::new())
        .disable_symbol("eval")
        .on_print(|_| ())
        .on_debug(|_, _, _| ())
        .on_progress(move |_| {
            let operations = Budget::count_operation();
            if operations > operations_max {
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
    guarded_within(MEMORY_MAX_BYTES, work)
}

/// The same for a test, which holds worlds.
pub(super) fn guarded_test<T>(
    work: impl FnOnce() -> Result<T, Box<EvalAltResult>>,
) -> Result<T, Box<EvalAltResult>> {
    guarded_within(TEST_MEMORY_MAX_BYTES, work)
}

fn guarded_within<T>(
    bytes: i64,
    work: impl FnOnce() -> Result<T, Box<EvalAltResult>>,
) -> Result<T, Box<EvalAltResult>> {
    let _budget = Budget::open(bytes);
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(panic) => {
            let said = said_by(&*panic);
            let error = if said.contains("overflowed") {
                let message = "a number has grown beyond 7.9e28, more than can be reckoned with";
                EvalAltResult::ErrorSystem(String::new(), message.into())
            } else {
                EvalAltResult::ErrorSystem(
                    format!("a host function failed: {said}"),
                    "panic".into(),
                )
            };
            Err(error.into())
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
