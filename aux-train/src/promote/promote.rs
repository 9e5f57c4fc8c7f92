//! Promotion: the branches of all repos of a train move to its candidates, or none does.
//!
//! On this machine git's own transactions are prepared in every repository before the first
//! is committed. Remotes have nothing like it: all of them are asked first whether they are
//! still where they were seen, and get the commits on the staging branch, so that what is
//! left is to update a ref; a remote that refuses even then is named, and asked again when
//! the train is resumed.

use std::path::Path;
use std::time::Duration;

use aux_gen::disk::checkpoint;
use aux_git::{Prepared, WorkTree};
use aux_model::{Catalog, RepoName, Rev};
use serde::Serialize;

use crate::error::TrainError;
use crate::promote::moves::{BranchMove, allow_many_files, closed, going, refusals};
use crate::promote::remotes::{has, public, push};
use crate::refusal::Refusal;
use crate::request::Pushes;
use crate::staging::push_staging;
use crate::state::{Phase, Train};

/// What was promoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Promoted {
    /// The repos whose branches moved, with the commits that they are at.
    pub repos: Vec<(RepoName, Rev)>,
    /// The repos whose remotes moved.
    pub pushed: Vec<RepoName>,
    /// Remotes that refused, and are to be asked again.
    pub refused: Vec<Refusal>,
}

/// Moves the branches of all repos of a train, or finishes that. A train that is done goes to
/// remotes that do not have it yet, if it is to be pushed now.
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
    train.must_fit(catalog)?;
    allow_many_files();
    let going = going(root, catalog, train)?;
    let public = match train.pushes {
        Pushes::Yes => public(root, catalog, train),
        Pushes::No => Vec::new(),
    };
    if train.phase == Phase::Ready {
        let mut refused = refusals(train, &going)?;
        refused.extend(closed(train, &public, patience)?);
        if !refused.is_empty() {
            return Err(TrainError::Refused(refused));
        }
        if train.pushes == Pushes::Yes {
            let mut refused = push_staging(root, catalog, train, patience)?;
            // What only should go away is in nobody's way.
            refused.retain(|one| train.repos[&one.repo].staging.is_some());
            if !refused.is_empty() {
                return Err(TrainError::Refused(refused));
            }
        }
    }
    let mut promoted = Promoted {
        repos: Vec::new(),
        pushed: Vec::new(),
        refused: Vec::new(),
    };
    if matches!(train.phase, Phase::Ready | Phase::Promoting) {
        let prepared = prepare(root, train, &going)?;
        train.phase = Phase::Promoting;
        train.write(root)?;
        for prepared in prepared {
            checkpoint();
            prepared.commit()?;
        }
        for one in &going {
            promoted.repos.push((one.repo.clone(), one.to.clone()));
            for folder in &one.folders {
                checkpoint();
                let Some(from) = &one.from else { continue };
                if let Err(error) = folder.follow(from, &one.to) {
                    promoted.refused.push(Refusal {
                        repo: one.repo.clone(),
                        reason: format!(
                            "its branch has moved, and `{}` did not follow: {error}",
                            folder.root().display()
                        ),
                    });
                }
            }
        }
        if !promoted.refused.is_empty() {
            return Ok(promoted);
        }
        train.phase = Phase::Promoted;
        train.write(root)?;
    }
    for one in &public {
        checkpoint();
        match push(one, train.branch_of(&one.repo), patience) {
            Ok(true) => promoted.pushed.push(one.repo.clone()),
            Ok(false) => {}
            Err(reason) => {
                promoted.refused.push(Refusal {
                    repo: one.repo.clone(),
                    reason,
                });
                // Those that come after may name what is not public now.
                break;
            }
        }
    }
    if promoted.refused.is_empty() && train.phase != Phase::Done {
        train.phase = Phase::Done;
        train.write(root)?;
    }
    Ok(promoted)
}

/// Holds all branches that are not there yet. If that is not possible, what a run before
/// this one moved goes back, and nothing has moved.
fn prepare(
    root: &Path,
    train: &mut Train,
    going: &[BranchMove],
) -> Result<Vec<Prepared>, TrainError> {
    let mut prepared = Vec::new();
    let mut refused = Vec::new();
    for one in going {
        let head = Train::head(train.branch_of(&one.repo));
        // Somebody may have gone on from there since.
        if let Some(now) = one.tree.resolve_ref(&head)?
            && (now == one.to || has(&one.tree, &now, &one.to)?)
        {
            continue;
        }
        release_branches(&one.tree, &head, &one.to)?;
        match one.tree.prepare(&head, one.from.as_deref(), &one.to) {
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
            let head = Train::head(train.branch_of(&one.repo));
            let now = one.tree.resolve_ref(&head)?;
            if now.as_ref() != Some(&one.to) || one.from == now {
                continue;
            }
            let from = one.from.as_deref();
            one.tree.update_ref(&head, Some(&one.to), from)?;
            for folder in one.folders.iter().filter(|_| from.is_some()) {
                folder.follow(&one.to, from.unwrap_or_default())?;
            }
        }
        train.phase = Phase::Ready;
        train.write(root)?;
    }
    Err(TrainError::Refused(refused))
}

/// Takes away the files with which a run that was ended kept others from moving a branch: a
/// lock that names this very commit is no one else's, and then that of `HEAD` is of the same
/// process.
fn release_branches(tree: &WorkTree, head: &str, to: &str) -> Result<(), TrainError> {
    let lock = tree.lock_of(head)?;
    let text = std::fs::read_to_string(&lock).unwrap_or_default();
    if text.trim() == to {
        aux_gen::disk::remove(&tree.lock_of("HEAD")?)?;
        aux_gen::disk::remove(&lock)?;
    }
    Ok(())
}
