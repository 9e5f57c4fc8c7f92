//! The git repository of a repo, and how its commits are named in locks.

use std::collections::BTreeMap;
use std::path::Path;

use aux_gen::disk::{State, checkout};
use aux_gen::lock::{LOCK, LockFile};
use aux_git::{Commit, GitError, WorkTree};
use aux_model::{Catalog, Repo, RepoName, Rev};
use aux_nix::Nix;

use crate::error::TrainError;

/// The remote that a repo comes from.
pub(super) const REMOTE: &str = "origin";

/// Where git notes what the remote has of a branch.
pub(super) fn tracking(branch: &str) -> String {
    format!("refs/remotes/{REMOTE}/{branch}")
}

/// Where a branch is that may be here and on the remote.
pub(super) enum Tip {
    /// Nowhere.
    None,
    /// At a commit: the one that has the other in its history.
    At(Rev),
    /// At different ones here and on the remote.
    Apart,
}

impl Tip {
    /// The one of two commits of a branch to which the other can be fast-forwarded.
    pub(super) fn of(
        tree: &WorkTree,
        local: Option<Rev>,
        remote: Option<Rev>,
    ) -> Result<Self, GitError> {
        Ok(match (local, remote) {
            (Some(local), Some(remote)) if tree.is_ancestor(&local, &remote)? => Self::At(remote),
            (Some(local), Some(remote)) if tree.is_ancestor(&remote, &local)? => Self::At(local),
            (Some(_), Some(_)) => Self::Apart,
            (local, remote) => local.or(remote).map_or(Self::None, Self::At),
        })
    }
}

/// Nix with a memory for what it fetched, in the state of a registry: a repo at a commit is
/// the same path of the store in each run.
pub(super) fn remembering(nix: &Nix, root: &Path) -> Nix {
    match State::make(root) {
        Ok(state) => nix.clone().remembering_fetches(state.path("cache/fetched")),
        Err(_) => nix.clone(),
    }
}

/// The repository of a repo's checkout; none if there is none.
pub(super) fn repository(root: &Path, repo: &Repo) -> Option<WorkTree> {
    WorkTree::at(&checkout(root, &repo.path)?)
}

/// The repositories of all repos that have one.
pub(super) fn repositories(root: &Path, catalog: &Catalog) -> BTreeMap<RepoName, WorkTree> {
    let repos = catalog.repos();
    repos
        .filter_map(|repo| Some((repo.name.clone(), repository(root, repo)?)))
        .collect()
}

/// A commit as it will be on a branch.
pub(super) fn on(branch: &str, commit: Commit) -> Commit {
    Commit {
        branch: Some(branch.to_owned()),
        ..commit
    }
}

/// The repository of a repo, if there is one.
pub(super) fn tree_of(root: &Path, catalog: &Catalog, name: &RepoName) -> Option<WorkTree> {
    repository(root, catalog.repo(name.as_str())?)
}

/// The lock of a repo in a commit; none if it has none that can be read.
pub(super) fn lock_of(tree: &WorkTree, commit: &str) -> Result<Option<LockFile>, TrainError> {
    let text = tree.text_at(commit, LOCK)?;
    Ok(text.and_then(|text| LockFile::read(&text).ok()))
}

/// The title of the commits that trains make.
pub(super) const TITLE: &str = "Update the repos that this one uses";
