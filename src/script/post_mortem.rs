//! Where a limit was hit. Rhai reports limits without a position, so the step, which is pure, is played again in an engine
//! that remembers the last node it touched. Slow, and only done when a call has already failed.

use std::sync::{Arc, Mutex, PoisonError};

use rhai::debugger::{DebuggerCommand, DebuggerEvent};
use rhai::{Dynamic, Position};

use super::bundle::Bundle;
use super::host::Ctx;
use super::sandbox;

/// The file and position at which a call stops; `None` when playing it again ends otherwise.
pub(super) fn locate(
    bundle: &Bundle,
    function: &str,
    ctx: Ctx,
    mut memory: Dynamic,
) -> Option<(String, Position)> {
    let last: Arc<Mutex<Option<(String, Position)>>> = Arc::default();
    let (mut engine, _) = sandbox::engine(&ctx.step().setup);
    let seen = last.clone();
    #[expect(
        deprecated,
        reason = "marked volatile, not deprecated; the version is pinned by the lock file"
    )]
    engine.register_debugger(
        |_, debugger| debugger,
        move |_, event, _, source, at| {
            // Leaving a function reports its closing brace, which is not where it stopped.
            if matches!(event, DebuggerEvent::Start | DebuggerEvent::Step) && !at.is_none() {
                let place = (source.unwrap_or_default().to_owned(), at);
                *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
            }
            Ok(DebuggerCommand::StepInto)
        },
    );
    let outcome = sandbox::guarded(|| bundle.call(&engine, function, ctx, &mut memory));
    if outcome.is_ok() {
        return None;
    }
    let place = last.lock().unwrap_or_else(PoisonError::into_inner).take();
    place
        .map(|(file, at)| if file.is_empty() { (bundle.main().to_owned(), at) } else { (file, at) })
}
