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

use serde::{Deserialize, Serialize};

use crate::disk::reconcile::home::PlannedHome;
use crate::disk::reconcile::record::{attributes_path, base_path, record_path};
use crate::disk::registry::Registry;
use crate::disk::write::State;
use crate::hash::hash;
use crate::plan::FileKind;

/// The cache, in the state of the registry.
pub(super) const FILE: &str = "cache/settled.json";

/// Nanoseconds since the epoch, by the clock of a file system.
pub(crate) type Tick = i128;

/// The fingerprints of the folders that were as planned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FreshnessCache {
    /// The program that found it: another one may plan other texts.
    pub(super) program: String,
    /// By folder, relative to the registry.
    pub(crate) folders: BTreeMap<String, String>,
}

impl FreshnessCache {
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
    pub(super) fn holds(&self, home: PlannedHome<'_>, directory: &Path) -> bool {
        self.folders.get(home.name()).is_some_and(|known| {
            look(home, directory).is_some_and(|seen| seen.fingerprint == *known)
        })
    }
}

/// How a folder looks.
pub(super) struct Seen {
    pub(crate) fingerprint: String,
    /// When the youngest of what was looked at changed.
    pub(crate) youngest: Tick,
}

/// Looks at all that a comparison of a folder would look at; nothing if a file that
/// is planned is missing.
pub(crate) fn look(home: PlannedHome<'_>, directory: &Path) -> Option<Seen> {
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
pub(crate) fn program() -> String {
    let file = std::env::current_exe().and_then(fs::metadata);
    let build = file.map(|found| (found.size(), found.mtime(), found.mtime_nsec()));
    format!(
        "{} {:?}",
        env!("CARGO_PKG_VERSION"),
        build.unwrap_or_default()
    )
}
