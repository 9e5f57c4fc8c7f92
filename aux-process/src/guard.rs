//! Where libraries run that recurse and may panic.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

/// Runs something on a stack of its own, of which only what is used takes memory.
///
/// # Errors
/// What it panicked with, or why there is no thread for it.
pub fn run_on<T: Send>(stack: usize, run: impl FnOnce() -> T + Send) -> Result<T, String> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(stack)
            .spawn_scoped(scope, || caught(run))
            .map_err(|error| format!("there is no thread to read it: {error}"))?;
        thread.join().map_err(|panic| reason(panic.as_ref()))?
    })
}

/// Runs something that may panic.
///
/// # Errors
/// What it panicked with.
pub fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    // What is half done when it panics is dropped with it: nobody sees it.
    quietly(|| catch_unwind(AssertUnwindSafe(run))).map_err(|panic| reason(panic.as_ref()))
}

fn reason(panic: &(dyn Any + Send)) -> String {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("for an unknown reason");
    format!(
        "the parser gave up: {}",
        message.split_whitespace().collect::<Vec<_>>().join(" ")
    )
}

thread_local! {
    /// How many [`quietly`] this thread is in.
    static QUIET: Cell<usize> = const { Cell::new(0) };
}

/// Runs something whose panics are caught and told as an error: the hook that prints
/// them stays silent for this thread and as it was for all others.
pub fn quietly<T>(run: impl FnOnce() -> T) -> T {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if QUIET.get() == 0 {
                usual(panic);
            }
        }));
    });
    QUIET.set(QUIET.get() + 1);
    let result = run();
    QUIET.set(QUIET.get() - 1);
    result
}
