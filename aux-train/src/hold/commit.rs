//! The files of holds as a commit of the registry, so that others have them too.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use aux_git::{FileChange, WorkTree};
use aux_model::{BranchName, Rev};

use crate::error::TrainError;
use crate::hold::holds::HELD;
use crate::repository::REMOTE;

/// The title of these commits.
const TITLE: &str = "Holds of the last train";

/// Commits the holds of a registry as they are in its folder, and nothing else, whatever is staged.
/// Returns the new commit; none if git has them already.
///
/// # Errors
/// When the registry is no git repository with a branch checked out, or git refuses.
pub fn commit_holds(root: &Path) -> Result<Option<Rev>, TrainError> {
    let tree = registry(root)?;
    let folder = tree.relative(&root.join(HELD)).unwrap_or_default();
    let is_hold = |file: &str| {
        let below = file.strip_prefix(&folder);
        let name = below.and_then(|below| below.strip_prefix('/'));
        // Those of a channel have a folder of its name.
        name.is_some_and(|name| name.matches('/').count() <= 1 && name.ends_with(".json"))
    };
    let mut files: BTreeMap<String, FileChange> = tree.changed()?;
    files.retain(|file, _| is_hold(file));
    if files.is_empty() {
        return Ok(None);
    }
    if let Some(what) = tree.under_way() {
        return Err(TrainError::Registry(format!("{what} is under way in it")));
    }
    branch(&tree)?;
    let commit = tree.commit(&files, TITLE)?;
    Ok(commit.parse().ok())
}

/// Pushes the branch of the registry that is checked out, if all that its remote lacks are commits
/// of holds. Returns the commit that the remote has now; none if it had it already.
///
/// # Errors
/// When there is no such remote, it refuses, or somebody's own commits are among those.
pub fn push_holds(root: &Path, patience: Duration) -> Result<Option<Rev>, TrainError> {
    let tree = registry(root)?;
    let branch = branch(&tree)?;
    let head = tree.head().ok_or_else(|| no_branch("it has no commit"))?;
    let there = tree.resolve_remote_ref(REMOTE, &branch, patience)?;
    if there.as_ref() == Some(&head) {
        return Ok(None);
    }
    let folder = tree.relative(&root.join(HELD)).unwrap_or_default();
    let known = there
        .as_ref()
        .filter(|there| tree.commit_named(there).is_some());
    let Some(known) = known else {
        return Err(TrainError::Registry(format!(
            "`{branch}` of its remote is not here: `git pull` there, and push the holds again"
        )));
    };
    if !tree.is_ancestor(known, &head)? {
        return Err(TrainError::Registry(format!(
            "`{branch}` of its remote has commits that are not here: `git pull` there, and push the holds again"
        )));
    }
    for commit in tree.only_in(&head, &[known])? {
        if !tree.changes_only_below(&commit, &folder)? {
            return Err(TrainError::Registry(format!(
                "the commit {commit} of `{branch}` is not pushed, and changes more than holds: push it yourself first"
            )));
        }
    }
    tree.push(REMOTE, &head, &branch, patience)?;
    Ok(Some(head))
}

fn registry(root: &Path) -> Result<WorkTree, TrainError> {
    let tree = WorkTree::of(root).ok_or_else(|| no_branch("it is no git repository"))?;
    tree.must_work()?;
    Ok(tree)
}

/// The branch that is checked out.
fn branch(tree: &WorkTree) -> Result<BranchName, TrainError> {
    let head = tree.symbolic("HEAD");
    let name = head.and_then(|head| head.strip_prefix("refs/heads/")?.parse().ok());
    name.ok_or_else(|| no_branch("no branch is checked out in it"))
}

fn no_branch(why: &str) -> TrainError {
    TrainError::Registry(why.to_owned())
}
