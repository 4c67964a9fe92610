//! Stacks for statements: parsing, binding and dropping a deeply nested one recurse.

use super::error::{SfError, SfResult};
use std::cell::Cell;

/// A stack that the deepest accepted nesting fits into. Only what is touched is used.
pub const BYTES: usize = 256 << 20;

thread_local! {
    static DEEP: Cell<bool> = const { Cell::new(false) };
}

/// Says that this thread was started with a stack of [`BYTES`]; for a runtime's `on_thread_start`.
pub fn this_thread_is_deep() {
    DEEP.set(true);
}

/// Runs `f` on a stack of [`BYTES`]: here, where this thread has one, else on a thread of its own. A panic goes on in the
/// caller.
///
/// # Errors
/// What `f` refuses; internal where no thread can be started.
pub fn deep<T: Send>(f: impl FnOnce() -> SfResult<T> + Send) -> SfResult<T> {
    if DEEP.get() {
        return f();
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("statement".into()).stack_size(BYTES);
        match thread.spawn_scoped(scope, || {
            this_thread_is_deep();
            f()
        }) {
            Ok(running) => running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(e) => Err(SfError::internal(format!("no thread for a statement: {e}"))),
        }
    })
}
