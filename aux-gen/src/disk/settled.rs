//! Which folders were found to be as planned, and how they looked then: what the
//! index is to `git status`.
//!
//! A folder is remembered by one fingerprint of all that the comparison would look
//! at: what the texts are made of, and the inode, size and times of each file and
//! directory. If it is the same again, no text is made and no file is read. Who
//! changes a file changes its times; a file as young as the look at it is in doubt,
//! because a second change in the same tick of the clock would not show, and is
//! compared by content. Without this cache everything is compared by content.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::changes::Changes;
use super::compare::is_as_planned;
use super::home::{Home, homes};
use super::record::{attributes_path, base_path, hash, record_path};
use super::registry::Registry;
use super::state::State;
use super::status::FileState;
use super::texts;
use super::writer::replace;
use crate::plan::{FileKind, Plan};

/// The cache, in the state of the registry.
const FILE: &str = "cache/settled.json";

/// A file by which the clock of the file system is read.
const CLOCK: &str = "cache/clock";

/// The longest wait for the clock of the file system to go on.
const PATIENCE: Duration = Duration::from_millis(100);

/// Nanoseconds since the epoch, by the clock of a file system.
type Tick = i128;

/// The fingerprints of the folders that were as planned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settled {
    /// The program that found it: another one may plan other texts.
    program: String,
    /// By folder, relative to the registry.
    folders: BTreeMap<String, String>,
}

impl Settled {
    /// What was found last time; nothing if that was another program, or cannot be
    /// read.
    pub(super) fn read(registry: &Registry) -> Self {
        let state = State::of(registry.root());
        let text = state.and_then(|state| fs::read(state.path(FILE)).ok());
        let text = text.unwrap_or_default();
        let settled: Self = serde_json::from_slice(&text).unwrap_or_default();
        if settled.program == program() {
            settled
        } else {
            Self::default()
        }
    }

    /// Whether a folder looks as it did when it was as planned.
    pub(super) fn holds(&self, home: Home<'_>, directory: &Path) -> bool {
        self.folders.get(home.name()).is_some_and(|known| {
            look(home, directory).is_some_and(|seen| seen.fingerprint == *known)
        })
    }
}

/// Remembers which folders are as planned now that the changes are made, for the
/// next run. The registry must be held. A cache that cannot be written is none.
pub fn remember(registry: &Registry, plan: &Plan, changes: &Changes) {
    use rayon::prelude::*;
    let Ok(state) = State::make(registry.root()) else {
        return;
    };
    let old = Settled::read(registry);
    let mut folders = old.folders.clone();
    let open = changes.left_open();
    let compared: Vec<Home<'_>> = homes(plan)
        .into_iter()
        .filter(|home| !changes.settled.contains(home.name()))
        .collect();
    compared.par_iter().for_each(|home| {
        if let Ok(directory) = home.directory(registry) {
            texts::keep_planned(&state, *home, &directory);
        }
    });
    let (open, new): (Vec<Home<'_>>, Vec<Home<'_>>) = compared
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
    let new = Settled {
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

/// How a folder looks.
struct Seen {
    fingerprint: String,
    /// When the youngest of what was looked at changed.
    youngest: Tick,
}

/// Looks at all that a comparison of a folder would look at; nothing if a file that
/// is planned is missing.
fn look(home: Home<'_>, directory: &Path) -> Option<Seen> {
    let mut text = String::new();
    let mut youngest = Tick::MIN;
    let mut add = |path: &Path| {
        let found = fs::symlink_metadata(path).ok()?;
        for (seconds, rest) in [
            (found.mtime(), found.mtime_nsec()),
            (found.ctime(), found.ctime_nsec()),
        ] {
            let tick = Tick::from(seconds) * 1_000_000_000 + Tick::from(rest);
            youngest = youngest.max(tick);
            let _ = write!(text, " {tick}");
        }
        let (device, inode) = (found.dev(), found.ino());
        let (mode, size) = (found.mode(), found.size());
        let _ = writeln!(text, " {device} {inode} {mode} {size}");
        Some(())
    };
    add(directory)?;
    // A folder where nothing was ever planned has no record.
    let _none_yet = add(&record_path(directory));
    let _none_yet = add(&attributes_path(directory));
    let mut folders = BTreeSet::new();
    for (path, file) in home.files {
        // A directory shows by its times whether a file came or went.
        for (end, _) in path.as_str().match_indices('/') {
            if folders.insert(&path.as_str()[..end]) {
                add(&directory.join(&path.as_str()[..end]))?;
            }
        }
        if let FileKind::Generated { .. } = file.kind {
            add(&directory.join(path.as_str()))?;
            // Only of a file that somebody has changed.
            let _none = add(&base_path(directory, path.as_str()));
        }
    }
    for (path, file) in home.files {
        let _ = write!(text, "{path} ");
        match &file.kind {
            FileKind::Generated { hides } => {
                file.text.describe(&mut text);
                let _ = writeln!(text, " {hides:?}");
            }
            FileKind::Scaffold { unless, part_of } => {
                let _ = writeln!(text, "{unless:?} {part_of:?}");
            }
        }
    }
    Some(Seen {
        fingerprint: hash(text.as_bytes()),
        youngest,
    })
}

/// The program itself: two builds of one version may differ.
fn program() -> String {
    let file = std::env::current_exe().and_then(fs::metadata);
    let build = file.map(|found| (found.size(), found.mtime(), found.mtime_nsec()));
    format!(
        "{} {:?}",
        env!("CARGO_PKG_VERSION"),
        build.unwrap_or_default()
    )
}

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
