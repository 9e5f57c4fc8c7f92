//! Promotion: the branches of all repos of a train move to its candidates, or none does.
//!
//! On this machine git's own transactions are prepared in every repository before the first
//! is committed. Remotes have nothing like it: all of them are asked first whether they are
//! still where they were seen, and get the commits on the staging branch, so that what is
//! left is to move a name; whoever refuses even then is named, and asked again by whoever
//! resumes the train.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use aux_model::{Catalog, RepoName};
use serde::Serialize;

use super::start::REMOTE;
use super::state::{Phase, Pushes, Train, TrainError};
use super::stop::{push_staging, tree_of};
use crate::disk::checkpoint;
use crate::git::{Prepared, WorkTree};

/// Why a repo cannot be promoted, and so nobody is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The repo.
    pub repo: RepoName,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.repo, self.reason)
    }
}

/// What was promoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Promoted {
    /// The repos whose branches moved, with the commits that they are at.
    pub repos: Vec<(RepoName, String)>,
    /// Remotes that refused, and are to be asked again.
    pub refused: Vec<Refusal>,
}

/// One branch that is to move.
struct Going {
    repo: RepoName,
    tree: WorkTree,
    /// Where it was seen.
    from: String,
    to: String,
    /// Where that of the remote was seen; none if there is no remote to be pushed to.
    remote: Option<Option<String>>,
    /// Whether the folder has the branch checked out.
    is_checked_out: bool,
}

/// Moves the branches of all repos of a train, or finishes that.
///
/// # Errors
/// When one of them cannot be moved: then none has.
pub fn promote(
    root: &Path,
    catalog: &Catalog,
    train: &mut Train,
    patience: Duration,
) -> Result<Promoted, TrainError> {
    if train.phase == Phase::Running {
        return Err(TrainError::Phase(train.phase.sentence()));
    }
    let going = going(root, catalog, train);
    if train.phase == Phase::Ready {
        let refused = refusals(train, &going, patience)?;
        if !refused.is_empty() {
            return Err(TrainError::Refused(refused));
        }
        if train.pushes == Pushes::Yes {
            let refused = push_staging(root, catalog, train, patience)?;
            if !refused.is_empty() {
                return Err(TrainError::Refused(of(refused)));
            }
        }
    }
    if matches!(train.phase, Phase::Ready | Phase::Promoting) {
        let prepared = prepare(train, &going)?;
        train.phase = Phase::Promoting;
        train.write(root)?;
        for prepared in prepared {
            checkpoint();
            prepared.commit()?;
        }
        for one in &going {
            if one.is_checked_out {
                checkpoint();
                one.tree.follow(&one.from, &one.to)?;
            }
        }
        train.phase = Phase::Promoted;
        train.write(root)?;
    }
    let mut promoted = Promoted {
        repos: Vec::new(),
        refused: Vec::new(),
    };
    for one in &going {
        promoted.repos.push((one.repo.clone(), one.to.clone()));
        if one.remote.is_none() || train.pushes == Pushes::No {
            continue;
        }
        checkpoint();
        if let Err(reason) = push(one, &train.branch, patience) {
            promoted.refused.push(Refusal {
                repo: one.repo.clone(),
                reason,
            });
        }
    }
    if promoted.refused.is_empty() {
        train.phase = Phase::Done;
        train.write(root)?;
    }
    Ok(promoted)
}

/// The branches that are to move, in the order of the waves: what has moved names nothing
/// that has not.
fn going(root: &Path, catalog: &Catalog, train: &Train) -> Vec<Going> {
    let order = train.waves.iter().flatten().flatten();
    let moves: std::collections::BTreeMap<_, _> = train
        .moves()
        .map(|(name, member, commit)| (name, (member, commit)))
        .collect();
    let going = order.filter_map(|name| {
        let (member, commit) = moves.get(name)?;
        let tree = tree_of(root, catalog, name)?;
        let remote = tree.has_remote(REMOTE).then(|| member.remote.clone());
        Some(Going {
            repo: name.clone(),
            is_checked_out: tree.branch().as_ref() == Some(&train.branch),
            // A branch that is only on the remote begins here.
            from: member.local.clone().unwrap_or_default(),
            to: (*commit).to_owned(),
            remote,
            tree,
        })
    });
    going.collect()
}

/// Who cannot move, as far as that can be known before anything is tried.
fn refusals(
    train: &Train,
    going: &[Going],
    patience: Duration,
) -> Result<Vec<Refusal>, TrainError> {
    let branch = &train.branch;
    let head = Train::head(branch);
    let mut refused = Vec::new();
    for one in going {
        let mut refuse = |reason: String| {
            refused.push(Refusal {
                repo: one.repo.clone(),
                reason,
            });
        };
        let now = one.tree.tips(&[&head])?.remove(&head).unwrap_or_default();
        if now != one.from && now != one.to {
            refuse(format!("`{branch}` has moved since the train began"));
            continue;
        }
        if one.is_checked_out
            && now == one.from
            && let Err(error) = one.tree.can_follow(&one.from, &one.to)
        {
            refuse(format!("files of its folder are in the way: {error}"));
        }
        let Some(seen) = one.remote.as_ref().filter(|_| train.pushes == Pushes::Yes) else {
            continue;
        };
        match one.tree.remote_tip(REMOTE, branch, patience) {
            Ok(there) if there == *seen || there.as_ref() == Some(&one.to) => {}
            Ok(_) => refuse(format!(
                "`{branch}` of `{REMOTE}` has moved since the train began"
            )),
            Err(error) => refuse(format!("its remote cannot be asked: {error}")),
        }
    }
    Ok(refused)
}

/// Holds all branches that are not there yet. If that is not possible, what a run before
/// this one moved goes back, and nothing has moved.
fn prepare(train: &mut Train, going: &[Going]) -> Result<Vec<Prepared>, TrainError> {
    let head = Train::head(&train.branch);
    let mut prepared = Vec::new();
    let mut refused = Vec::new();
    for one in going {
        let now = one.tree.tips(&[&head])?.remove(&head).unwrap_or_default();
        if now == one.to {
            continue;
        }
        let_go(&one.tree, &head, &one.to)?;
        match one.tree.prepare(&head, &one.from, &one.to) {
            Ok(ready) => prepared.push(ready),
            Err(error) => refused.push(Refusal {
                repo: one.repo.clone(),
                reason: error.to_string(),
            }),
        }
    }
    if refused.is_empty() {
        return Ok(prepared);
    }
    drop(prepared);
    if train.phase == Phase::Promoting {
        for one in going {
            let now = one.tree.tips(&[&head])?.remove(&head).unwrap_or_default();
            if now != one.to || one.from == one.to {
                continue;
            }
            let from = Some(one.from.as_str()).filter(|from| !from.is_empty());
            one.tree.point(&head, Some(&one.to), from)?;
            if one.is_checked_out {
                one.tree.follow(&one.to, &one.from)?;
            }
        }
        train.phase = Phase::Ready;
    }
    Err(TrainError::Refused(refused))
}

/// Takes away the file with which a run that was ended kept others from moving a branch:
/// one that names this very commit is no one else's.
fn let_go(tree: &WorkTree, head: &str, to: &str) -> Result<(), TrainError> {
    let lock = tree.lock_of(head)?;
    let text = std::fs::read_to_string(&lock).unwrap_or_default();
    if text.trim() == to {
        crate::disk::remove(&lock)?;
    }
    Ok(())
}

fn push(one: &Going, branch: &str, patience: Duration) -> Result<(), String> {
    let there = one.tree.remote_tip(REMOTE, branch, patience);
    let there = there.map_err(|error| error.to_string())?;
    if there.as_ref() == Some(&one.to) {
        return Ok(());
    }
    let pushed = one.tree.push(REMOTE, Some(&one.to), branch, patience);
    pushed.map_err(|error| error.to_string())
}

fn of(refused: Vec<(RepoName, String)>) -> Vec<Refusal> {
    let refusals = refused.into_iter();
    refusals
        .map(|(repo, reason)| Refusal { repo, reason })
        .collect()
}
