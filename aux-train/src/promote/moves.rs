//! The branches that are to move, and what keeps them from it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use aux_git::WorkTree;
use aux_model::{Catalog, Repo, RepoName, Rev};

use crate::error::TrainError;
use crate::promote::remotes::{Public, Stands};
use crate::refusal::Refusal;
use crate::repository::{REMOTE, tree_of};
use crate::state::Train;

/// One branch that is to move.
pub(crate) struct BranchMove {
    pub(crate) repo: RepoName,
    pub(crate) tree: WorkTree,
    /// Where it was seen; none for a branch that is only on the remote, and begins here.
    pub(crate) from: Option<Rev>,
    pub(crate) to: Rev,
    /// The folders that have the branch checked out.
    pub(crate) folders: Vec<WorkTree>,
}

/// The branches that are to move, in the order of the waves: what has moved names nothing
/// that has not.
pub(crate) fn going(
    root: &Path,
    catalog: &Catalog,
    train: &Train,
) -> Result<Vec<BranchMove>, TrainError> {
    let order = train.waves.iter().flatten().flatten();
    let moves: BTreeMap<_, _> = train
        .moves()
        .map(|(name, member, commit)| (name, (member, commit)))
        .collect();
    let (mut going, mut refused) = (Vec::new(), Vec::new());
    for name in order {
        let Some((member, commit)) = moves.get(name) else {
            continue;
        };
        let tree = tree_of(root, catalog, name);
        let Some(tree) = tree.filter(|tree| tree.commit_named(commit).is_some()) else {
            refused.push(Refusal {
                repo: name.clone(),
                reason: "its checkout does not have the candidate any more".to_owned(),
            });
            continue;
        };
        if member.local.as_ref() == Some(*commit) {
            continue;
        }
        // The checkout of somebody else's repo goes along with the branches without a channel, and only
        // forward.
        if catalog.repo(name.as_str()).is_some_and(Repo::is_outside) {
            let is_behind = match &member.local {
                Some(local) => tree.is_ancestor(local, commit)?,
                None => false,
            };
            if train.channel.is_some() || !is_behind {
                continue;
            }
        }
        let folders = match tree.folders_on(train.branch_of(name)) {
            Ok(folders) => folders,
            Err(error) => {
                refused.push(Refusal {
                    repo: name.clone(),
                    reason: error.reason(),
                });
                continue;
            }
        };
        going.push(BranchMove {
            repo: name.clone(),
            folders,
            from: member.local.clone(),
            to: (*commit).clone(),
            tree,
        });
    }
    if refused.is_empty() {
        Ok(going)
    } else {
        Err(TrainError::Refused(refused))
    }
}

/// Each branch that is held costs a process with three pipes.
pub(crate) fn allow_many_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If that is not allowed, there may be enough all the same.
    let _not_allowed = setrlimit(Resource::Nofile, limit);
}

/// Who cannot move here, as far as that can be known before anything is tried.
pub(crate) fn refusals(train: &Train, going: &[BranchMove]) -> Result<Vec<Refusal>, TrainError> {
    let mut refused = Vec::new();
    for one in going {
        let branch = train.branch_of(&one.repo);
        let head = Train::head(branch);
        let mut refuse = |reason: String| {
            refused.push(Refusal {
                repo: one.repo.clone(),
                reason,
            });
        };
        let now = one.tree.resolve_ref(&head)?;
        if now != one.from && now.as_ref() != Some(&one.to) {
            refuse(format!("`{branch}` has moved since the train began"));
            continue;
        }
        let busy = one.folders.iter().find_map(|folder| {
            let what = folder.under_way()?;
            Some(format!(
                "{what} is under way in `{}`",
                folder.root().display()
            ))
        });
        if let Some(busy) = busy.filter(|_| now == one.from) {
            refuse(busy);
            continue;
        }
        for folder in &one.folders {
            let Some(from) = one.from.as_ref().filter(|_| now == one.from) else {
                continue;
            };
            let files = folder.in_the_way(from, &one.to)?;
            if !files.is_empty() {
                refuse(format!(
                    "what is not committed is in the way: {}",
                    files.into_iter().collect::<Vec<_>>().join(", ")
                ));
            } else if let Err(error) = folder.can_follow(from, &one.to) {
                refuse(error.to_string());
            }
        }
    }
    Ok(refused)
}

/// Remotes that would not take what they are to have.
pub(crate) fn closed(
    train: &Train,
    public: &[Public],
    patience: Duration,
) -> Result<Vec<Refusal>, TrainError> {
    let mut refused = Vec::new();
    for one in public {
        let branch = train.branch_of(&one.repo);
        let mut refuse = |reason: String| {
            refused.push(Refusal {
                repo: one.repo.clone(),
                reason,
            });
        };
        match one.stands(branch, patience)? {
            Stands::There => {}
            Stands::Behind(there) if !one.is_new || there == one.seen => {}
            Stands::Behind(_) | Stands::Apart => refuse(format!(
                "`{branch}` of `{REMOTE}` has moved since the train began"
            )),
            Stands::Unknown(error) => refuse(format!("its remote cannot be asked: {error}")),
        }
    }
    Ok(refused)
}
