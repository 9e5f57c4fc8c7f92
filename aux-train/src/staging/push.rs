//! Staging branches on their remotes.

use std::path::Path;
use std::time::Duration;

use aux_gen::disk::checkpoint;
use aux_git::WorkTree;
use aux_model::{Catalog, Repo, RepoName, Rev};

use crate::error::TrainError;
use crate::refusal::Refusal;
use crate::repository::{REMOTE, tree_of};
use crate::request::Pushes;
use crate::start::made_by_trains;
use crate::state::Train;
use crate::wiring::References;

/// Pushes the candidates of a train that is to. Returns what a remote refused.
///
/// # Errors
/// When the disk or git itself cannot be used.
pub fn push_candidates(
    root: &Path,
    catalog: &Catalog,
    train: &mut Train,
    patience: Duration,
) -> Result<Vec<Refusal>, TrainError> {
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
pub(crate) fn push_staging(
    root: &Path,
    catalog: &Catalog,
    train: &mut Train,
    patience: Duration,
) -> Result<Vec<Refusal>, TrainError> {
    let mut refused = Vec::new();
    let references = References::of(catalog);
    let order: Vec<RepoName> = train.waves.iter().flatten().flatten().cloned().collect();
    for name in order {
        if catalog.repo(name.as_str()).is_some_and(Repo::is_outside) {
            continue;
        }
        // What is published is nobody's to take away, whatever is called staging.
        if *train.branch_of(&name) == *train.staging {
            continue;
        }
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
        let known: Vec<Rev> = known.into_iter().flatten().cloned().collect();
        let one = Staged {
            tree: &tree,
            branch: &train.staging,
            references: &references,
            known: known.iter().map(Rev::as_str).collect(),
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
            Err(reason) => refused.push(Refusal { repo: name, reason }),
        }
    }
    Ok(refused)
}

/// The staging branch of one remote.
pub(crate) struct Staged<'s> {
    tree: &'s WorkTree,
    branch: &'s str,
    references: &'s References,
    /// Commits of which nothing can be lost.
    known: Vec<&'s str>,
    /// What an earlier train brought there.
    before: Option<&'s str>,
    patience: Duration,
}

impl Staged<'_> {
    /// Makes it be at a commit, or not be. What trains made and is in the way goes.
    pub(crate) fn push(&self, wanted: Option<&str>) -> Result<Result<(), String>, TrainError> {
        let (tree, branch) = (self.tree, self.branch);
        let there = match tree.resolve_remote_ref(REMOTE, branch, self.patience) {
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
            let is_ancestor = match wanted {
                Some(wanted) => tree.is_ancestor(there, wanted)?,
                None => false,
            };
            let known: Vec<&str> = self.known.iter().copied().chain(wanted).collect();
            let is_ours = self.before == Some(there.as_str());
            if !is_ancestor && !is_ours && !made_by_trains(tree, there, &known, self.references)? {
                return Ok(Err(format!(
                    "`{branch}` there has commits that no train made: merge or delete it there, or name another with `--staging`"
                )));
            }
            checkpoint();
            if !is_ancestor
                && let Err(error) = tree.delete_remote_branch(REMOTE, there, branch, self.patience)
            {
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
