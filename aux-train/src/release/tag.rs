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

/// The tags that a release will have. Nothing is made yet.
#[derive(Debug)]
pub struct Tags<'r> {
    reference: String,
    push: Option<Duration>,
    wanted: Vec<Wanted<'r>>,
}

/// A tag that one repo will have.
#[derive(Debug)]
struct Wanted<'r> {
    repo: &'r RepoName,
    tree: WorkTree,
    commit: &'r Rev,
    is_new: bool,
}

impl<'r> Tags<'r> {
    /// Looks whether each repo of a release can be tagged with its name, at its commit. Repos
    /// that are somebody else's, or are not here, get no tag. With `push` remotes are asked, too,
    /// and have so long to answer.
    ///
    /// # Errors
    /// When a repo, or a remote that tags are pushed to, has the tag at another commit.
    pub fn of(
        root: &Path,
        catalog: &Catalog,
        release: &'r Release,
        push: Option<Duration>,
    ) -> Result<Self, ReleaseError> {
        let reference = format!("refs/tags/{}", release.name);
        let mut wanted = Vec::new();
        for (name, frozen) in &release.repos {
            let known = catalog.repo(name.as_str());
            if known.is_some_and(Repo::is_outside) {
                continue;
            }
            let Some(tree) = checkout(root, &frozen.path).and_then(|path| WorkTree::at(&path))
            else {
                continue;
            };
            let there = tree.commit_named(&reference);
            // Who does not answer is asked again when the tag is pushed.
            let remote = push.filter(|_| tree.has_remote(REMOTE)).and_then(|limit| {
                tree.resolve_remote_reference(REMOTE, &reference, limit)
                    .ok()
            });
            let is_elsewhere =
                |at: &Option<Rev>| at.as_ref().is_some_and(|at| *at != frozen.commit);
            if is_elsewhere(&there) || is_elsewhere(&remote.flatten()) {
                return Err(ReleaseError::Tagged {
                    name: release.name.clone(),
                    repo: name.clone(),
                });
            }
            wanted.push(Wanted {
                repo: name,
                tree,
                commit: &frozen.commit,
                is_new: there.is_none(),
            });
        }
        Ok(Self {
            reference,
            push,
            wanted,
        })
    }

    /// Makes the tags, and pushes them if they are to be: a remote that refuses stops no other.
    ///
    /// # Errors
    /// When git refuses to make one.
    pub fn make(self) -> Result<Vec<Tag>, ReleaseError> {
        for one in self.wanted.iter().filter(|one| one.is_new) {
            checkpoint();
            one.tree
                .update_ref(&self.reference, None, Some(one.commit))?;
        }
        let tags = self.wanted.into_iter().map(|one| {
            let pushed = self.push.map(|patience| {
                if one.tree.has_remote(REMOTE) {
                    one.tree
                        .push_reference(REMOTE, one.commit, &self.reference, patience)
                        .map_err(|error| error.to_string())
                } else {
                    Err(format!("it has no remote `{REMOTE}`"))
                }
            });
            Tag {
                repo: one.repo.clone(),
                commit: one.commit.clone(),
                is_new: one.is_new,
                pushed: pushed.as_ref().map(Result::is_ok),
                reason: pushed.and_then(Result::err),
            }
        });
        Ok(tags.collect())
    }
}
