//! Places at which a test may end the program, to see what a killed run leaves behind.

/// A moment between two changes of the disk. With the feature `end-at` the process is
/// aborted here if the variable `AUX_GEN_END_AT` is the number of checkpoints passed
/// before; without it, as in every installed program, nothing happens.
pub fn checkpoint() {
    #[cfg(feature = "end-at")]
    end_if_asked();
}

#[cfg(feature = "end-at")]
fn end_if_asked() {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    static END: OnceLock<Option<u64>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);
    let end = END.get_or_init(|| std::env::var("AUX_GEN_END_AT").ok()?.parse().ok());
    if end.is_some_and(|end| PASSED.fetch_add(1, Ordering::Relaxed) >= end) {
        std::process::abort();
    }
}
