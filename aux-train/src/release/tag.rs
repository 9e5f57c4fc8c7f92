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

/// The tags that a release would have: repo, its repository, the commit, and whether the tag is
/// new there.
type Wanted<'r> = Vec<(&'r RepoName, WorkTree, &'r Rev, bool)>;

/// Whether a release can be tagged: no repo, and with `push` no remote, has the tag elsewhere.
///
/// # Errors
/// When one has, or git refuses.
pub fn must_be_taggable(
    root: &Path,
    catalog: &Catalog,
    release: &Release,
    push: Option<Duration>,
) -> Result<(), ReleaseError> {
    wanted(root, catalog, release, push).map(drop)
}

fn wanted<'r>(
    root: &Path,
    catalog: &Catalog,
    release: &'r Release,
    push: Option<Duration>,
) -> Result<Wanted<'r>, ReleaseError> {
    let reference = reference(release);
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
        // Who does not answer is asked again when the tag is pushed.
        let remote = push.filter(|_| tree.has_remote(REMOTE)).and_then(|limit| {
            tree.resolve_remote_reference(REMOTE, &reference, limit)
                .ok()
        });
        let is_elsewhere = |at: &Option<Rev>| at.as_ref().is_some_and(|at| *at != frozen.commit);
        if is_elsewhere(&there) || is_elsewhere(&remote.flatten()) {
            return Err(ReleaseError::Tagged {
                name: release.name.clone(),
                repo: name.clone(),
            });
        }
        places.push((name, tree, &frozen.commit, there.is_none()));
    }
    Ok(places)
}

fn reference(release: &Release) -> String {
    format!("refs/tags/{}", release.name)
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
    let reference = reference(release);
    let places = wanted(root, catalog, release, push)?;
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
