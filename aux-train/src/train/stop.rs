//! Staging branches: where the candidates of a train live, and how it is dropped.

use std::path::Path;
use std::time::Duration;

use aux_model::{Catalog, RepoName};

use super::error::TrainError;
use super::start::{REMOTE, made_by_trains, repository};
use super::state::{Member, Outcome, Phase, Pushes, Train};
use aux_gen::disk::checkpoint;
use aux_git::WorkTree;

/// Makes the staging branch of every repo that has an outcome say so: the candidate of one
/// that moves, and none of any other. Returns the repos whose branch git does not let go
/// there, and what it says: somebody else moved it meanwhile, has it checked out, or holds
/// a lock.
///
/// # Errors
/// When the train cannot be written down.
pub(super) fn stage(
    root: &Path,
    catalog: &Catalog,
    train: &mut Train,
) -> Result<Vec<(RepoName, String)>, TrainError> {
    let mut has_changed = false;
    let mut refused = Vec::new();
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
        let seen = member.staging.as_deref();
        match point(&tree, &train.staging, seen, wanted) {
            Ok(()) => {
                member.staging = wanted.map(str::to_owned);
                has_changed = true;
            }
            Err(error) => refused.push((name.clone(), error.reason())),
        }
    }
    if has_changed {
        train.write(root)?;
    }
    Ok(refused)
}

fn point(
    tree: &WorkTree,
    branch: &str,
    seen: Option<&str>,
    wanted: Option<&str>,
) -> Result<(), TrainError> {
    let reference = Train::head(branch);
    if tree.tip(&reference)?.as_deref() != wanted {
        must_be_nobodys(tree, branch)?;
        checkpoint();
        tree.point(&reference, seen, wanted)?;
    }
    Ok(())
}

/// A branch that somebody has checked out is not to be moved away from under them.
pub(super) fn must_be_nobodys(tree: &WorkTree, branch: &str) -> Result<(), TrainError> {
    match tree.folders_on(branch)?.first() {
        Some(folder) => Err(TrainError::StagingInUse {
            branch: branch.to_owned(),
            folder: folder.root().to_owned(),
        }),
        None => Ok(()),
    }
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
        let member = &train.repos[&name];
        let known = [&member.base, &member.local, &member.remote, &member.good];
        let known: Vec<String> = known.into_iter().flatten().cloned().collect();
        let one = Staged {
            tree: &tree,
            branch: &train.staging,
            known: known.iter().map(String::as_str).collect(),
            before: before.as_deref(),
            patience,
        };
        match one.push(wanted.as_deref())? {
            Ok(()) if before != wanted => {
                if let Some(member) = train.repos.get_mut(&name) {
                    member.pushed = wanted;
                }
                train.write(root)?;
            }
            Ok(()) => {}
            Err(reason) => refused.push((name, reason)),
        }
    }
    Ok(refused)
}

/// The staging branch of one remote.
struct Staged<'s> {
    tree: &'s WorkTree,
    branch: &'s str,
    /// Commits of which nothing can be lost.
    known: Vec<&'s str>,
    /// What an earlier train brought there.
    before: Option<&'s str>,
    patience: Duration,
}

impl Staged<'_> {
    /// Makes it be at a commit, or not be. What trains made and is in the way goes.
    fn push(&self, wanted: Option<&str>) -> Result<Result<(), String>, TrainError> {
        let (tree, branch) = (self.tree, self.branch);
        let there = match tree.remote_tip(REMOTE, branch, self.patience) {
            Ok(there) => there,
            Err(error) => return Ok(Err(error.to_string())),
        };
        if there.as_deref() == wanted {
            return Ok(Ok(()));
        }
        if let Some(there) = &there {
            if tree.commit_named(there).is_none()
                && let Err(error) = tree.fetch_only(REMOTE, branch, self.patience)
            {
                return Ok(Err(error.to_string()));
            }
            let is_before = match wanted {
                Some(wanted) => tree.is_before(there, wanted)?,
                None => false,
            };
            let known: Vec<&str> = self.known.iter().copied().chain(wanted).collect();
            let is_ours = self.before == Some(there.as_str());
            if !is_before && !is_ours && !made_by_trains(tree, there, &known)? {
                return Ok(Err(format!(
                    "`{branch}` there has commits that no train made: merge or delete it there, or name another with `--staging`"
                )));
            }
            checkpoint();
            if !is_before && let Err(error) = tree.unpush(REMOTE, there, branch, self.patience) {
                return Ok(Err(error.to_string()));
            }
        }
        let Some(wanted) = wanted else {
            return Ok(Ok(()));
        };
        checkpoint();
        let pushed = tree.push(REMOTE, wanted, branch, self.patience);
        Ok(pushed.map_err(|error| error.to_string()))
    }
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
    // Where all branches have moved, only remotes are left, and they can wait.
    if matches!(train.phase, Phase::Promoting | Phase::Done) {
        return Err(TrainError::Phase(train.phase.sentence()));
    }
    clear(root, catalog, &mut train, patience)
}

/// Takes a train's staging branches away, and forgets it.
///
/// # Errors
/// When git refuses.
pub fn clear(
    root: &Path,
    catalog: &Catalog,
    train: &mut Train,
    patience: Duration,
) -> Result<Vec<(RepoName, String)>, TrainError> {
    let refused = unstage(root, catalog, train, patience)?;
    train.forget(root)?;
    Ok(refused)
}

/// Takes a train's staging branches away; what it says stays.
///
/// # Errors
/// When git refuses.
pub fn unstage(
    root: &Path,
    catalog: &Catalog,
    train: &mut Train,
    patience: Duration,
) -> Result<Vec<(RepoName, String)>, TrainError> {
    let still = |member: &mut Member| {
        // As if nothing had moved.
        let base = member.base.clone();
        let still = base.map(|commit| Outcome::Unchanged { commit });
        std::mem::replace(&mut member.outcome, still)
    };
    let outcomes: Vec<_> = train.repos.values_mut().map(still).collect();
    let kept = stage(root, catalog, train)?.pop();
    let refused = match &kept {
        Some(_) => Vec::new(),
        None => push_staging(root, catalog, train, patience)?,
    };
    for (member, outcome) in train.repos.values_mut().zip(outcomes) {
        member.outcome = outcome;
    }
    train.write(root)?;
    match kept {
        Some((repo, reason)) => Err(TrainError::Unusable { repo, reason }),
        None => Ok(refused),
    }
}

/// The repository of a repo, if there is one.
pub(super) fn tree_of(root: &Path, catalog: &Catalog, name: &RepoName) -> Option<WorkTree> {
    repository(root, catalog.repo(name.as_str())?)
}
