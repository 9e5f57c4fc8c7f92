//! The clock of a file system: what changes from now on is at least as young as it shows.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

use crate::disk::write::replace::replace;
use crate::disk::write::state::State;

/// Nanoseconds since the epoch, by the clock of a file system.
pub(crate) type Tick = i128;

/// A tick, of seconds and nanoseconds.
pub(crate) fn tick(seconds: impl Into<Tick>, rest: impl Into<Tick>) -> Tick {
    seconds.into() * 1_000_000_000 + rest.into()
}

/// The longest wait for the clock of the file system to go on.
const PATIENCE: Duration = Duration::from_millis(100);

/// A file by which the clock of the file system is read.
const CLOCK: &str = "cache/clock";

/// What the clock of the file system shows. Nothing if the folder cannot be written.
pub(crate) fn this_tick(state: &State) -> Option<Tick> {
    let clock = state.path(CLOCK);
    replace(&clock, "").ok()?;
    let found = fs::metadata(&clock).ok()?;
    Some(tick(found.mtime(), found.mtime_nsec()))
}

/// Waits until the clock of the file system goes on, and says what it shows. Nothing if the folder
/// cannot be written.
pub(crate) fn next_tick(state: &State) -> Option<Tick> {
    let first = this_tick(state)?;
    let start = SystemTime::now();
    loop {
        let now = this_tick(state)?;
        if now > first {
            return Some(now);
        }
        if start.elapsed().map_or(true, |waited| waited > PATIENCE) {
            return None;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
