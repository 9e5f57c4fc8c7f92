//! What an earlier run worked out of trees and commits: neither ever changes.

use std::collections::BTreeMap;
use std::path::Path;

use aux_git::{GitError, ObjectPool, Objects, WorkTree};
use serde::{Deserialize, Serialize};

use crate::disk::{State, replace};
use crate::lock::attributes::Archiver;
use crate::lock::nar::{NarHash, TreeError, TreeListing};

/// The file, in the state of the registry.
const FILE: &str = "cache/objects.json";

/// Commits that are looked at one by one before git is asked to count.
const STEPS: usize = 64;

/// So many entries are kept whether they were of use or not.
const KEPT: usize = 20_000;

/// What is known of objects by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockCache {
    /// What is known of a tree.
    trees: BTreeMap<String, KnownTree>,
    /// The hashes of archives of commits, by who makes them and the commit; what an archive has
    /// follows from the commit alone where it is portable.
    #[serde(default)]
    archives: BTreeMap<String, NarHash>,
    /// How many commits one and those before it are.
    counts: BTreeMap<String, u64>,
    #[serde(skip)]
    is_new: bool,
}

/// What is known of a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KnownTree {
    /// The hash of its files as git has them.
    pub(super) hash: NarHash,
    /// Whether it says what git is to make of its files in an archive.
    pub(super) has_attributes: bool,
}

impl LockCache {
    /// What the last run in a registry knew; nothing if that cannot be read.
    #[must_use]
    pub fn read(root: &Path) -> Self {
        let text = State::of(root).and_then(|state| std::fs::read(state.path(FILE)).ok());
        serde_json::from_slice(&text.unwrap_or_default()).unwrap_or_default()
    }

    /// Remembers it for the next run. A cache that cannot be written is none.
    pub fn write(&self, root: &Path) {
        if !self.is_new {
            return;
        }
        let text = if self.trees.len() + self.archives.len() + self.counts.len() > KEPT {
            serde_json::to_string(&Self::default())
        } else {
            serde_json::to_string(self)
        };
        let text = text.expect("names of objects are texts");
        if let Ok(state) = State::make(root) {
            let _not_written = replace(&state.path(FILE), text);
        }
    }

    /// A tree as git has it.
    pub(super) fn tree(
        &mut self,
        tree: &str,
        objects: &mut Objects,
    ) -> Result<KnownTree, TreeError> {
        if let Some(known) = self.trees.get(tree) {
            return Ok(known.clone());
        }
        let listing = TreeListing::read(objects, tree)?;
        let known = KnownTree {
            hash: NarHash::of_listing(&listing, objects)?,
            has_attributes: listing.has_attributes(),
        };
        self.trees.insert(tree.to_owned(), known.clone());
        self.is_new = true;
        Ok(known)
    }

    /// The hash of an archive that was made before.
    pub(super) fn archive(&self, archiver: Archiver, commit: &str) -> Option<&NarHash> {
        self.archives.get(&archive_key(archiver, commit))
    }

    /// Remembers the hash of an archive.
    pub(super) fn know_archive(&mut self, archiver: Archiver, commit: &str, hash: NarHash) {
        self.archives.insert(archive_key(archiver, commit), hash);
        self.is_new = true;
    }

    /// How many commits one and those before it are, in a repository that is not shallow.
    pub(super) fn count(
        &mut self,
        commit: &str,
        tree: &WorkTree,
        objects: &mut ObjectPool,
    ) -> Result<u64, GitError> {
        if let Some(count) = self.counts.get(commit) {
            return Ok(*count);
        }
        let count = match self.counted(commit, objects.of(tree)?)? {
            Some(count) => count,
            None => objects.shadow(tree)?.count(commit)?,
        };
        self.counts.insert(commit.to_owned(), count);
        self.is_new = true;
        Ok(count)
    }

    /// Counts back to a commit that is known, or to the first, along a line without merges.
    fn counted(&self, commit: &str, objects: &mut Objects) -> Result<Option<u64>, GitError> {
        let mut at = commit.to_owned();
        for steps in 0..STEPS {
            if let Some(known) = self.counts.get(&at) {
                return Ok(Some(known + steps as u64));
            }
            let mut parents = objects.commit(&at)?.parents.into_iter();
            match (parents.next(), parents.next()) {
                (None, _) => return Ok(Some(steps as u64 + 1)),
                (Some(parent), None) => at = parent,
                (Some(_), Some(_)) => return Ok(None),
            }
        }
        Ok(None)
    }
}

fn archive_key(archiver: Archiver, commit: &str) -> String {
    match archiver {
        Archiver::User => format!("user {commit}"),
        Archiver::Forge => format!("forge {commit}"),
    }
}
