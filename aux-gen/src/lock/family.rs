//! The locks of a whole family: from core up, so that each repo locks what the repos below it
//! have become in the same run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aux_git::{Commit, FileChange, GitError, WorkTree};
use aux_model::{Catalog, Repo, RepoName, Rev};
use aux_nix::flake::{FlakeInputs, Reference};
use serde::Serialize;

use crate::disk::{DiskError, read_text, replace_below};
use crate::lock::checkouts::{Checkouts, PinError};
use crate::lock::file::{LOCK, LockFile};
use crate::lock::resolve::lock;

/// What is to be locked, and how.
#[derive(Debug)]
pub struct FamilyLock<'f> {
    /// The family.
    pub catalog: &'f Catalog,
    /// Where its repos are checked out; those that are not are passed over.
    pub places: &'f BTreeMap<RepoName, PathBuf>,
    /// The repos to lock; all if there are none.
    pub only: &'f [RepoName],
    /// Repos that an update train holds, and the commits at which they were good. They keep
    /// their locks unless [only](Self::only) names them, and others lock the good commit.
    pub held: &'f BTreeMap<RepoName, Option<Commit>>,
    /// What is written.
    pub writes: Writes,
}

/// What is written when a lock is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// Nothing.
    Nothing,
    /// The lock.
    Files,
    /// The lock, and a commit of it, which others lock in the same run.
    Commits,
}

/// What became of one repo's lock.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RepoLock {
    /// The repo.
    pub repo: RepoName,
    /// How its lock stands.
    pub state: LockState,
    /// Repos of the family that it locks: the commit, and the one that it has now.
    pub inputs: Vec<LockedRepo>,
    /// Repos of which its lock holds more than one version.
    pub copies: Vec<Copies>,
    /// Why it cannot be locked, if that is its state.
    #[serde(skip)]
    pub error: Option<PinError>,
}

/// How a lock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LockState {
    /// It is as it should be.
    Fresh,
    /// It was, or would be, written.
    Stale,
    /// It was, or would be, made.
    New,
    /// It has no inputs, and so no lock.
    Without,
    /// It cannot be locked.
    Failed,
    /// An update holds it: it stays as it is, and others keep the version that was good.
    Held,
}

/// One repo that another locks.
#[derive(Debug, Serialize)]
pub struct LockedRepo {
    /// The repo.
    pub repo: RepoName,
    /// The commit that is locked; none if none is.
    pub locked: Option<Rev>,
    /// The commit that would be; none if the input is gone.
    pub now: Option<Rev>,
}

/// A repo of which a lock holds several nodes.
#[derive(Debug, Serialize)]
pub struct Copies {
    /// The repo.
    pub repo: RepoName,
    /// The names of the nodes.
    pub nodes: Vec<String>,
}

/// A lock that was written and cannot be committed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommitLockError {
    /// The folder is part of another repository, or of none.
    #[error("`{}` is no git repository of its own", .path.display())]
    NoRepository {
        /// The checkout.
        path: PathBuf,
    },
    /// Git refuses.
    #[error("the lock in `{}` cannot be committed", .path.display())]
    Git {
        /// The checkout.
        path: PathBuf,
        /// Why.
        source: GitError,
    },
}

/// Locks every repo, from core up. A repo that cannot be locked is named, and the others go on.
///
/// # Errors
/// When a lock cannot be committed; it is written by then.
pub fn lock_family(
    family: &FamilyLock<'_>,
    checkouts: &mut Checkouts,
) -> Result<Vec<RepoLock>, CommitLockError> {
    for (name, commit) in family.held {
        if let (Some(repo), Some(commit)) = (family.catalog.repo(name.as_str()), commit) {
            checkouts.set(&repo.url.to_string(), Some(commit.clone()));
        }
    }
    let names = names(family.catalog);
    let mut locks = Vec::new();
    let mut locked = BTreeSet::new();
    for repo in order(family.catalog) {
        let Some(path) = family.places.get(&repo.name) else {
            continue;
        };
        let is_named = family.only.contains(&repo.name);
        if !family.only.is_empty() && !is_named {
            continue;
        }
        if family.held.contains_key(&repo.name) && !is_named {
            locks.push(RepoLock::without_inputs(repo, LockState::Held, None));
            continue;
        }
        let turned = family.turn_back(repo, path, &locked, checkouts);
        let lock = family
            .one((repo, path), &names, checkouts)
            .unwrap_or_else(|error| RepoLock::without_inputs(repo, LockState::Failed, Some(error)));
        for url in turned {
            checkouts.set(&url, None);
        }
        locked.insert(&repo.name);
        if family.writes == Writes::Commits && lock.is_stale() {
            commit(path, lock.state)?;
            // What is checked out is another commit now.
            checkouts.set(&repo.url.to_string(), None);
        }
        locks.push(lock);
    }
    Ok(locks)
}

/// The order of layers, in which a repo comes after those that it uses. top-level uses all.
fn order(catalog: &Catalog) -> impl Iterator<Item = &Repo> {
    let top = catalog.top_level();
    let others = catalog.layers().filter(|repo| repo.name != top.name);
    others.chain([top])
}

/// The repos by the key of the references that mean them.
fn names(catalog: &Catalog) -> BTreeMap<String, &RepoName> {
    let repos = catalog.repos();
    repos
        .filter_map(|repo| Some((Reference::read(&repo.url.to_string())?.key(), &repo.name)))
        .collect()
}

impl FamilyLock<'_> {
    /// Of an allowed cycle, the first repo keeps what it has locked of those that come after it as
    /// long as nothing but their locks is new: each lock is a commit, and they would follow each
    /// other for ever. The URLs of those repos.
    fn turn_back(
        &self,
        repo: &Repo,
        path: &Path,
        locked: &BTreeSet<&RepoName>,
        checkouts: &mut Checkouts,
    ) -> Vec<String> {
        let inputs = self.catalog.inputs(repo).into_iter();
        let after = inputs.filter(|input| {
            let is_cyclic = self.catalog.sees(&input.name, &repo.name);
            is_cyclic && !locked.contains(&input.name) && !self.held.contains_key(&input.name)
        });
        let after: Vec<&Repo> = after.collect();
        if after.is_empty() {
            return Vec::new();
        }
        let Some(lock) = read_text(&path.join(LOCK))
            .ok()
            .and_then(|text| LockFile::read(&text).ok())
        else {
            return Vec::new();
        };
        let mut turned = Vec::new();
        for input in after {
            let tree = self
                .places
                .get(&input.name)
                .and_then(|path| WorkTree::at(path));
            // What git cannot read is told of where it is locked.
            let Some((tree, Ok(Some(head)))) = tree.map(|tree| {
                let head = tree.commit_of_head();
                (tree, head)
            }) else {
                continue;
            };
            let kept = lock.kept(&input.name, &tree, &head.name);
            if let Ok(Some(kept)) = kept
                && let Ok(kept) = tree.commit_of(&kept)
            {
                let url = input.url.to_string();
                let branch = head.branch;
                checkouts.set(&url, Some(Commit { branch, ..kept }));
                turned.push(url);
            }
        }
        turned
    }

    fn one(
        &self,
        (repo, path): (&Repo, &Path),
        names: &BTreeMap<String, &RepoName>,
        checkouts: &mut Checkouts,
    ) -> Result<RepoLock, PinError> {
        let unreadable = |error: DiskError| PinError::Unreadable(error.to_string());
        if !repo.is_flake() {
            return Ok(RepoLock::without_inputs(repo, LockState::Without, None));
        }
        let text = read_text(&path.join("flake.nix")).map_err(unreadable)?;
        let inputs = FlakeInputs::read(&text).map_err(|error| PinError::Flake {
            path: path.to_owned(),
            error,
        })?;
        let file = path.join(LOCK);
        let before = file.is_file().then(|| read_text(&file)).transpose();
        let before = before.map_err(unreadable)?;
        let old = before.as_deref().map(LockFile::read).transpose();
        let old = old.map_err(|error| PinError::Lock {
            path: path.to_owned(),
            error,
        })?;
        let new = lock(&inputs, old.as_ref(), checkouts)?;
        let text = new.text();
        let state = match &before {
            // Without inputs Nix makes no lock.
            None if inputs.0.is_empty() => LockState::Without,
            None => LockState::New,
            Some(before) if *before == text => LockState::Fresh,
            Some(_) => LockState::Stale,
        };
        let lock = RepoLock {
            repo: repo.name.clone(),
            state,
            inputs: known(self.catalog, old.as_ref(), &new),
            copies: copies(names, &new),
            error: None,
        };
        if self.writes != Writes::Nothing && lock.is_stale() {
            let old = before.as_deref().map(str::as_bytes);
            replace_below(path, &file, old, &text).map_err(unreadable)?;
        }
        Ok(lock)
    }
}

impl RepoLock {
    fn without_inputs(repo: &Repo, state: LockState, error: Option<PinError>) -> Self {
        Self {
            repo: repo.name.clone(),
            state,
            inputs: Vec::new(),
            copies: Vec::new(),
            error,
        }
    }

    /// Whether the lock is not as it should be, or was not before it was written.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        matches!(self.state, LockState::Stale | LockState::New)
    }
}

/// What the root of a lock has of the repos of the family.
fn known(catalog: &Catalog, old: Option<&LockFile>, new: &LockFile) -> Vec<LockedRepo> {
    let names = new.nodes[&new.root].inputs.keys();
    let repos = names.filter_map(|name| catalog.repo(name));
    repos
        .map(|repo| LockedRepo {
            repo: repo.name.clone(),
            locked: old.and_then(|old| old.rev(repo.name.as_str())),
            now: new.rev(repo.name.as_str()),
        })
        .collect()
}

/// Repos of which a lock has several nodes.
fn copies(names: &BTreeMap<String, &RepoName>, lock: &LockFile) -> Vec<Copies> {
    let mut nodes: BTreeMap<&RepoName, Vec<String>> = BTreeMap::new();
    for (key, node) in &lock.nodes {
        let Some(original) = &node.original else {
            continue;
        };
        let attributes = original.clone();
        if let Some(repo) = names.get(&Reference { attributes }.key()) {
            nodes.entry(repo).or_default().push(key.clone());
        }
    }
    nodes
        .into_iter()
        .filter(|(_, nodes)| nodes.len() > 1)
        .map(|(repo, nodes)| Copies {
            repo: repo.clone(),
            nodes,
        })
        .collect()
}

fn commit(path: &Path, state: LockState) -> Result<(), CommitLockError> {
    let path = path.to_owned();
    let Some(tree) = WorkTree::at(&path) else {
        return Err(CommitLockError::NoRepository { path });
    };
    let change = match state {
        LockState::New => FileChange::Add,
        _ => FileChange::Update,
    };
    let files = BTreeMap::from([(LOCK.to_owned(), change)]);
    tree.commit(&files, "Lock the repos that this one uses\n")
        .map_err(|source| CommitLockError::Git { path, source })
        .map(drop)
}
