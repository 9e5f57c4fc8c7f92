//! What remotes know of a promotion.

use std::path::Path;
use std::time::Duration;

use aux_git::WorkTree;
use aux_model::{Catalog, RepoName, Rev};

use crate::error::TrainError;
use crate::repository::{REMOTE, repository};
use crate::state::{Outcome, Train};

/// A commit that is to be public.
pub(crate) struct Public {
    pub(crate) repo: RepoName,
    tree: WorkTree,
    commit: Rev,
    /// Where the branch of the remote was seen.
    pub(crate) seen: Option<Rev>,
    /// Whether the train made the commit, so that the branch may not be elsewhere.
    pub(crate) is_new: bool,
}

/// Everything that the new locks name, and that remotes are to have: what moves, what stays
/// and what is held, in the order of the waves.
pub(crate) fn public(root: &Path, catalog: &Catalog, train: &Train) -> Vec<Public> {
    let order = train.waves.iter().flatten().flatten();
    let public = order.filter_map(|name| {
        let member = train.repos.get(name)?;
        let outcome = member.outcome.as_ref()?;
        // Nothing of ours goes to a repo that is somebody else's.
        let repo = catalog
            .repo(name.as_str())
            .filter(|repo| !repo.is_outside());
        let tree = repository(root, repo?)?;
        tree.has_remote(REMOTE).then_some(())?;
        Some(Public {
            repo: name.clone(),
            commit: outcome.commit()?.clone(),
            seen: member.remote.clone(),
            is_new: matches!(outcome, Outcome::Moves { .. }),
            tree,
        })
    });
    public.collect()
}

impl Public {
    pub(crate) fn stands(&self, branch: &str, patience: Duration) -> Result<Stands, TrainError> {
        let tree = &self.tree;
        let there = match tree.resolve_remote_ref(REMOTE, branch, patience) {
            Ok(there) => there,
            Err(error) => {
                // What it had when it was last heard of it still has.
                let had = match &self.seen {
                    Some(seen) => has(tree, seen, &self.commit)?,
                    None => false,
                };
                return Ok(if had && !self.is_new {
                    Stands::There
                } else {
                    Stands::Unknown(error.to_string())
                });
            }
        };
        let Some(there) = there else {
            return Ok(match self.seen {
                None => Stands::Behind(None),
                Some(_) => Stands::Apart,
            });
        };
        if tree.commit_named(&there).is_none()
            && let Err(error) = tree.fetch_only(REMOTE, branch, patience)
        {
            return Ok(Stands::Unknown(error.to_string()));
        }
        Ok(if has(tree, &there, &self.commit)? {
            Stands::There
        } else if has(tree, &self.commit, &there)? {
            Stands::Behind(Some(there))
        } else {
            Stands::Apart
        })
    }
}

/// Makes a commit public; whether it was not.
pub(crate) fn push(one: &Public, branch: &str, patience: Duration) -> Result<bool, String> {
    let stands = one.stands(branch, patience);
    match stands.map_err(|error| error.to_string())? {
        Stands::There => Ok(false),
        Stands::Behind(_) => {
            let pushed = one.tree.push(REMOTE, &one.commit, branch, patience);
            pushed.map(|()| true).map_err(|error| error.to_string())
        }
        Stands::Apart => Err(format!("`{branch}` of `{REMOTE}` has other commits")),
        Stands::Unknown(error) => Err(error),
    }
}

/// How a remote stands to what it is to have.
pub(crate) enum Stands {
    /// It has it.
    There,
    /// It can take it; where its branch is.
    Behind(Option<Rev>),
    /// It has something else.
    Apart,
    /// It does not answer.
    Unknown(String),
}

/// Whether a commit that may not be here has another.
pub(crate) fn has(tree: &WorkTree, newer: &str, older: &str) -> Result<bool, TrainError> {
    Ok(tree.commit_named(newer).is_some() && tree.is_ancestor(older, newer)?)
}
