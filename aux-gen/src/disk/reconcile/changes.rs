//! What would have to change for the disk to be as planned.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use aux_model::RelativePath;

use crate::disk::error::DiskError;
use crate::disk::reconcile::kept::Kept;
use crate::disk::reconcile::status::FileStatus;
use crate::plan::Home;

/// What would have to change for the disk to be as planned.
#[derive(Debug, Default)]
pub struct Changes {
    /// Per registry and repo; one where nothing changes is not here.
    pub homes: BTreeMap<Home, HomeChanges>,
    /// Files that are left alone although the plan has something else for them.
    pub kept: Vec<Kept>,
    /// Every generated file that is not simply as planned, in order.
    pub states: Vec<FileStatus>,
    /// Repos, or the registry itself, that could not be compared and are left as they are.
    pub left: Vec<LeftHome>,
    /// Folders, relative to the registry, that look as they did when they were as
    /// planned, and so were not compared again.
    pub(super) settled: BTreeSet<String>,
}

/// A repo, or the registry itself, that is left as it is since it cannot be compared.
#[derive(Debug)]
pub struct LeftHome {
    /// Which of them.
    pub home: Home,
    /// Its folder, relative to the registry; empty for the registry.
    pub folder: String,
    /// Why.
    pub error: DiskError,
}

/// What would have to change in one repo, or in the registry itself.
#[derive(Debug, Clone)]
pub struct HomeChanges {
    /// Where it is.
    pub(super) directory: PathBuf,
    /// The changes, in order of path.
    pub changes: Vec<Change>,
    /// What changes in the record's folder, by path relative to the repo: the texts of files,
    /// none for those that go.
    pub(super) own: BTreeMap<PathBuf, Option<String>>,
    /// How many files the record had before.
    pub(super) recorded: usize,
}

/// One file to write or to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file, relative to its repo.
    pub path: RelativePath,
    /// The file, relative to the registry.
    pub file: String,
    /// What happens to it.
    pub kind: ChangeKind,
    /// Its text before; empty if it is new.
    pub before: String,
    /// Its text after; empty if it goes.
    pub after: String,
}

/// What happens to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// It is new.
    Create,
    /// It was generated and is replaced.
    Update,
    /// Somebody changed it, and what is new goes well with that.
    Merge,
    /// It was generated, nobody changed it, and the model has it no more.
    Remove,
}

/// A run that would remove more of a repo than this many files, and more than this
/// part of all it wrote there, is refused: it is more often a mistake than meant.
const REMOVALS: usize = 3;
/// See [`REMOVALS`]: one in so many.
const PART: usize = 4;

impl Changes {
    /// Refuses to remove a large part of any repo.
    ///
    /// # Errors
    /// When a repo would lose more than 3 files and more than a quarter of those
    /// that were generated in it.
    pub fn must_not_lose_much(&self) -> Result<(), DiskError> {
        for (home, changes) in &self.homes {
            let removed = changes.changes.iter();
            let removed = removed
                .filter(|change| change.kind == ChangeKind::Remove)
                .count();
            if removed > REMOVALS && removed * PART > changes.recorded {
                return Err(DiskError::MassLoss {
                    home: home.clone(),
                    removed,
                    recorded: changes.recorded,
                });
            }
        }
        Ok(())
    }

    /// Whether the disk is as planned, but for files that are kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Every change with where it is; the registry's own come first.
    pub fn iter(&self) -> impl Iterator<Item = (&Home, &Change)> {
        let homes = self.homes.iter();
        homes.flat_map(|(home, changes)| changes.changes.iter().map(move |change| (home, change)))
    }
}
