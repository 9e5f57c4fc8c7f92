//! Staging branches: where the candidates of a train live, and how it is dropped.

use std::path::Path;
use std::time::Duration;

use aux_model::{Catalog, RepoName};

use super::start::{REMOTE, checkout};
use super::state::{Outcome, Phase, Pushes, Train, TrainError};
use crate::disk::checkpoint;
use crate::git::WorkTree;

/// Makes the staging branch of every repo that has an outcome say so: the candidate of one
/// that moves, and none of any other.
///
/// # Errors
/// When somebody else moved such a branch meanwhile, or git refuses.
pub(super) fn stage(root: &Path, catalog: &Catalog, train: &mut Train) -> Result<(), TrainError> {
    let staging = Train::head(&train.staging);
    let mut has_changed = false;
    for (name, member) in &mut train.repos {
        let wanted = match &member.outcome {
            Some(Outcome::Moves { commit, .. }) => Some(commit.as_str()),
            Some(Outcome::Unchanged { .. } | Outcome::Held { .. }) => None,
            None => continue,
        };
        if member.staging.as_deref() == wanted {
            continue;
        }
        let Some(tree) = tree_of(root, catalog, name) else {
            continue;
        };
        let now = tree.tips(&[&staging])?.remove(&staging);
        if now.as_deref() != wanted {
            checkpoint();
            tree.point(&staging, member.staging.as_deref(), wanted)?;
        }
        member.staging = wanted.map(str::to_owned);
        has_changed = true;
    }
    if has_changed {
        train.write(root)?;
    }
    Ok(())
}

/// Pushes the candidates of a train that is to. Returns what a remote refused.
///
/// # Errors
/// When the disk or git itself cannot be used.
pub fn push_candidates(
    root: &Path,
    catalog: &Catalog,
    train: &mut Train,
    patience: Duration,
) -> Result<Vec<(RepoName, String)>, TrainError> {
    match train.pushes {
        Pushes::Yes => push_staging(root, catalog, train, patience),
        Pushes::No => Ok(Vec::new()),
    }
}

/// Pushes the staging branches, in the order of the waves. What an earlier train pushed and
/// is in the way is taken away first; nothing of anybody else's is. Returns what a remote
/// refused.
///
/// # Errors
/// When the disk or git itself cannot be used.
pub(super) fn push_staging(
    root: &Path,
    catalog: &Catalog,
    train: &mut Train,
    patience: Duration,
) -> Result<Vec<(RepoName, String)>, TrainError> {
    let mut refused = Vec::new();
    let order: Vec<RepoName> = train.waves.iter().flatten().flatten().cloned().collect();
    for name in order {
        let member = &train.repos[&name];
        let (before, wanted) = (member.pushed.clone(), member.staging.clone());
        if before.is_none() && wanted.is_none() {
            continue;
        }
        let Some(tree) = tree_of(root, catalog, &name).filter(|tree| tree.has_remote(REMOTE))
        else {
            continue;
        };
        // Written down before it is done, so that nobody takes it for somebody else's.
        if wanted.is_some() && before != wanted {
            set_pushed(train, &name, wanted.clone());
            train.write(root)?;
        }
        let pushed = push_one(&tree, train, before.as_deref(), wanted.as_deref(), patience)?;
        match pushed {
            Ok(()) if wanted.is_none() => {
                set_pushed(train, &name, None);
                train.write(root)?;
            }
            Ok(()) => {}
            Err(reason) => refused.push((name, reason)),
        }
    }
    Ok(refused)
}

fn set_pushed(train: &mut Train, name: &RepoName, commit: Option<String>) {
    if let Some(member) = train.repos.get_mut(name) {
        member.pushed = commit;
    }
}

fn push_one(
    tree: &WorkTree,
    train: &Train,
    before: Option<&str>,
    wanted: Option<&str>,
    patience: Duration,
) -> Result<Result<(), String>, TrainError> {
    let branch = &train.staging;
    let there = match tree.remote_tip(REMOTE, branch, patience) {
        Ok(there) => there,
        Err(error) => return Ok(Err(error.to_string())),
    };
    if there.as_deref() == wanted {
        return Ok(Ok(()));
    }
    if let Some(there) = &there {
        let is_before = match wanted {
            Some(wanted) => tree.commit_named(there).is_some() && tree.is_before(there, wanted)?,
            None => false,
        };
        if !is_before && Some(there.as_str()) != before {
            let message = format!("`{branch}` there has commits that no train made");
            return Ok(Err(message));
        }
        checkpoint();
        if !is_before && let Err(error) = tree.push(REMOTE, None, branch, patience) {
            return Ok(Err(error.to_string()));
        }
    }
    let Some(wanted) = wanted else {
        return Ok(Ok(()));
    };
    checkpoint();
    let pushed = tree.push(REMOTE, Some(wanted), branch, patience);
    Ok(pushed.map_err(|error| error.to_string()))
}

/// Drops a train: its staging branches go, here and where they were pushed. Returns what a
/// remote refused; the train is dropped all the same.
///
/// # Errors
/// When branches have moved already, or git refuses.
pub fn abort(
    root: &Path,
    catalog: &Catalog,
    mut train: Train,
    patience: Duration,
) -> Result<Vec<(RepoName, String)>, TrainError> {
    if matches!(train.phase, Phase::Promoting | Phase::Promoted) {
        return Err(TrainError::Phase(train.phase.sentence()));
    }
    for member in train.repos.values_mut() {
        // As if nothing had moved.
        if let Some(commit) = member.base.clone() {
            member.outcome = Some(Outcome::Unchanged { commit });
        }
    }
    stage(root, catalog, &mut train)?;
    let refused = push_staging(root, catalog, &mut train, patience)?;
    train.forget(root)?;
    Ok(refused)
}

/// The repository of a repo, if there is one.
pub(super) fn tree_of(root: &Path, catalog: &Catalog, name: &RepoName) -> Option<WorkTree> {
    WorkTree::at(&checkout(root, catalog.repo(name.as_str())?))
}
