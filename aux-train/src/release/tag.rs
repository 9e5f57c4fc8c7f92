//! Tags of a release, so that users type `github:org/top-level/NAME`.

use std::path::Path;
use std::time::Duration;

use aux_gen::disk::{checkout, checkpoint};
use aux_git::WorkTree;
use aux_model::{Catalog, Repo, RepoName, Rev};
use serde::Serialize;

use crate::release::file::{Release, ReleaseError};
use crate::repository::REMOTE;

/// The tag of a release in one repo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// The repo.
    pub repo: RepoName,
    /// The commit that it names.
    pub commit: Rev,
    /// Whether it was made now; false if it was there already.
    pub is_new: bool,
    /// Whether the remote has it now; none if nobody asked for that.
    pub pushed: Option<bool>,
    /// Why the remote does not have it.
    pub reason: Option<String>,
}

/// Tags each repo of a release with its name, at its commit: all, or none if one has the tag
/// elsewhere. Repos that are somebody else's, or are not here, get none. With `push` each
/// remote gets it too, for so long; one that refuses stops no other.
///
/// # Errors
/// When a repo has the tag at another commit, or git refuses.
pub fn tag(
    root: &Path,
    catalog: &Catalog,
    release: &Release,
    push: Option<Duration>,
) -> Result<Vec<Tag>, ReleaseError> {
    let reference = format!("refs/tags/{}", release.name);
    let mut places = Vec::new();
    for (name, frozen) in &release.repos {
        let known = catalog.repo(name.as_str());
        if known.is_some_and(Repo::is_outside) {
            continue;
        }
        let Some(tree) = checkout(root, &frozen.path).and_then(|path| WorkTree::at(&path)) else {
            continue;
        };
        let there = tree.commit_named(&reference);
        if there.as_ref().is_some_and(|there| *there != frozen.commit) {
            return Err(ReleaseError::Tagged {
                name: release.name.clone(),
                repo: name.clone(),
            });
        }
        places.push((name, tree, &frozen.commit, there.is_none()));
    }
    for (_, tree, commit, is_new) in &places {
        if *is_new {
            checkpoint();
            tree.update_ref(&reference, None, Some(commit))?;
        }
    }
    let tags = places.into_iter().map(|(repo, tree, commit, is_new)| {
        let pushed = push.map(|patience| {
            if tree.has_remote(REMOTE) {
                tree.push_reference(REMOTE, commit, &reference, patience)
                    .map_err(|error| error.to_string())
            } else {
                Err(format!("it has no remote `{REMOTE}`"))
            }
        });
        Tag {
            repo: repo.clone(),
            commit: commit.clone(),
            is_new,
            pushed: pushed.as_ref().map(Result::is_ok),
            reason: pushed.and_then(Result::err),
        }
    });
    Ok(tags.collect())
}
