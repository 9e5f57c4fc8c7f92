//! Notes which folders are as planned, once a run has ended.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

use crate::disk::reconcile::changes::Changes;
use crate::disk::reconcile::compare::is_as_planned;
use crate::disk::reconcile::freshness::{FILE, FreshnessCache, Tick, look, program};
use crate::disk::reconcile::home::{PlannedHome, homes};
use crate::disk::reconcile::status::FileState;
use crate::disk::reconcile::texts;
use crate::disk::registry::Registry;
use crate::disk::write::{State, replace};
use crate::plan::Plan;

/// Remembers which folders are as planned now that the changes are made, for the
/// next run. The caller holds the lock of the registry. A cache that cannot be written is none.
pub fn remember(registry: &Registry, plan: &Plan, changes: &Changes) {
    use rayon::prelude::*;
    let Ok(state) = State::make(registry.root()) else {
        return;
    };
    let old = FreshnessCache::read(registry);
    let mut folders = old.folders.clone();
    let open = changes.left_open();
    let compared: Vec<PlannedHome<'_>> = homes(plan)
        .into_iter()
        .filter(|home| !changes.settled.contains(home.name()))
        .collect();
    compared.par_iter().for_each(|home| {
        if let Ok(directory) = home.directory(registry) {
            texts::keep_planned(&state, *home, &directory);
        }
    });
    let (open, new): (Vec<PlannedHome<'_>>, Vec<PlannedHome<'_>>) = compared
        .into_iter()
        .partition(|home| open.contains(home.name()));
    for home in open {
        folders.remove(home.name());
    }
    let now = if new.is_empty() {
        None
    } else {
        let Some(now) = next_tick(&state) else {
            return;
        };
        Some(now)
    };
    let seen: Vec<_> = new
        .par_iter()
        .map(|home| {
            // What changes while this looks is younger than `now`, what changed before
            // shows by its content.
            let directory = home.directory(registry).ok()?;
            let is_settled = is_as_planned(registry.root(), directory.clone(), *home).ok()?;
            let seen = look(*home, &directory).filter(|_| is_settled);
            seen.filter(|seen| Some(seen.youngest) < now)
        })
        .collect();
    for (home, seen) in new.into_iter().zip(seen) {
        match seen {
            Some(seen) => folders.insert(home.name().to_owned(), seen.fingerprint),
            None => folders.remove(home.name()),
        };
    }
    let new = FreshnessCache {
        program: program(),
        folders,
    };
    if new.folders != old.folders {
        let text = serde_json::to_string(&new).expect("fingerprints have only text keys");
        let _works_without = replace(&state.path(FILE), &text);
    }
}

impl Changes {
    /// The folders that are not simply as planned once the changes are made.
    fn left_open(&self) -> BTreeSet<&str> {
        let is_open = |state| {
            !matches!(
                state,
                FileState::New | FileState::Stale | FileState::HalfMerged | FileState::Surplus
            )
        };
        let open = self.states.iter().filter(|status| is_open(status.state));
        open.map(|status| {
            let folder = status.file.strip_suffix(status.path.as_str());
            folder.unwrap_or_default().trim_end_matches('/')
        })
        .collect()
    }
}

/// The longest wait for the clock of the file system to go on.
const PATIENCE: Duration = Duration::from_millis(100);

/// A file by which the clock of the file system is read.
const CLOCK: &str = "cache/clock";

/// Waits until the clock of the file system goes on, and says what it shows: what
/// changes from now on is at least as young. Nothing if the folder cannot be
/// written.
fn next_tick(state: &State) -> Option<Tick> {
    let clock = state.path(CLOCK);
    let tick = || {
        replace(&clock, "").ok()?;
        let found = fs::metadata(&clock).ok()?;
        Some(Tick::from(found.mtime()) * 1_000_000_000 + Tick::from(found.mtime_nsec()))
    };
    let first = tick()?;
    let start = SystemTime::now();
    loop {
        let now = tick()?;
        if now > first {
            return Some(now);
        }
        if start.elapsed().map_or(true, |waited| waited > PATIENCE) {
            return None;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
