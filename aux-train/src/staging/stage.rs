//! Staging branches: where the candidates of a train live, and how it is dropped.

use std::path::Path;

use aux_gen::disk::checkpoint;
use aux_git::WorkTree;
use aux_model::{Catalog, Rev};

use crate::error::TrainError;
use crate::refusal::Refusal;
use crate::repository::tree_of;
use crate::state::{Outcome, Train};

/// Makes the staging branch of every repo that has an outcome name it: the candidate of one
/// that moves, and none of any other. Returns the repos whose branch git does not let go
/// there, and what it says: somebody else moved it meanwhile, has it checked out, or holds
/// a lock.
///
/// # Errors
/// When the train cannot be written down.
pub(crate) fn stage(
    root: &Path,
    catalog: &Catalog,
    train: &mut Train,
) -> Result<Vec<Refusal>, TrainError> {
    let mut has_changed = false;
    let mut refused = Vec::new();
    for (name, member) in &mut train.repos {
        let wanted = match &member.outcome {
            Some(Outcome::Moves { commit, .. }) => Some(commit),
            Some(Outcome::Unchanged { .. } | Outcome::Held { .. }) => None,
            None => continue,
        };
        if member.staging.as_ref() == wanted {
            continue;
        }
        let Some(tree) = tree_of(root, catalog, name) else {
            continue;
        };
        let seen = member.staging.as_deref();
        match update_staging(&tree, &train.staging, seen, wanted.map(Rev::as_str)) {
            Ok(()) => {
                member.staging = wanted.cloned();
                has_changed = true;
            }
            Err(error) => refused.push(Refusal {
                repo: name.clone(),
                reason: error.reason(),
            }),
        }
    }
    if has_changed {
        train.write(root)?;
    }
    Ok(refused)
}

fn update_staging(
    tree: &WorkTree,
    branch: &str,
    seen: Option<&str>,
    wanted: Option<&str>,
) -> Result<(), TrainError> {
    let reference = Train::head(branch);
    if tree.resolve_ref(&reference)?.as_deref() != wanted {
        must_be_nobodys(tree, branch)?;
        checkpoint();
        tree.update_ref(&reference, seen, wanted)?;
    }
    Ok(())
}

/// A branch that somebody has checked out is not to be moved away from under them.
pub(crate) fn must_be_nobodys(tree: &WorkTree, branch: &str) -> Result<(), TrainError> {
    match tree.folders_on(branch)?.first() {
        Some(folder) => Err(TrainError::StagingInUse {
            branch: branch.to_owned(),
            folder: folder.root().to_owned(),
        }),
        None => Ok(()),
    }
}
