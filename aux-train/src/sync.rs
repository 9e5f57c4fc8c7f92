//! The checkouts of a family: what is missing is cloned, what is there is brought up to date.
//! Nothing that somebody has in a folder is touched.

use std::path::Path;
use std::time::Duration;

use aux_gen::disk::checkout_place;
use aux_git::{Blobs, GitError, WorkTree};
use aux_model::{Catalog, Repo, RepoName, Rev};
use aux_nix::flake::Reference;
use serde::Serialize;

/// What became of the checkout of one repo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Synced {
    /// The repo.
    pub repo: RepoName,
    /// Where it is, relative to the registry.
    pub path: String,
    /// What was done.
    #[serde(flatten)]
    pub state: SyncState,
}

/// What was done with a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum SyncState {
    /// It was not there, and is now.
    Cloned {
        /// The commit that is checked out.
        commit: Option<Rev>,
    },
    /// It has what its remote has.
    Fresh,
    /// Its branch went forward to what its remote has.
    Forwarded {
        /// Where it was.
        from: Rev,
        /// Where it is now.
        to: Rev,
    },
    /// It has all of its remote, and commits that are not there.
    Ahead,
    /// It stays as it is.
    Left {
        /// Why.
        reason: String,
    },
    /// Its remote has nothing to say, or git refuses.
    Failed {
        /// Why.
        reason: String,
    },
}

impl SyncState {
    /// Whether the checkout is there and has all that its remote has.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        !matches!(self, Self::Left { .. } | Self::Failed { .. })
    }
}

/// Brings the checkouts of all repos, or of some, up to date. A repo that cannot be had stops
/// no other. `patience` is for each call of a remote.
pub fn sync(
    root: &Path,
    catalog: &Catalog,
    only: &[RepoName],
    blobs: Blobs,
    patience: Duration,
    progress: &dyn Fn(&RepoName),
) -> Vec<Synced> {
    let repos = catalog.layers();
    let repos = repos.filter(|repo| only.is_empty() || only.contains(&repo.name));
    let synced = repos.map(|repo| {
        progress(&repo.name);
        Synced {
            repo: repo.name.clone(),
            path: repo.path.to_string(),
            state: one(root, repo, blobs, patience),
        }
    });
    synced.collect()
}

fn one(root: &Path, repo: &Repo, blobs: Blobs, patience: Duration) -> SyncState {
    let place = match checkout_place(root, &repo.path) {
        Ok(place) => place,
        Err(error) => {
            return SyncState::Failed {
                reason: error.to_string(),
            };
        }
    };
    let branch = repo.url.git_url().and_then(|url| url.branch);
    let done = match WorkTree::at(&place) {
        Some(tree) => forward(&tree, branch.as_deref(), patience),
        None if is_free(&place) => cloned(&place, repo, branch.as_deref(), blobs, patience),
        None => Ok(SyncState::Left {
            reason:
                "there is a folder that is no git repository: move it away, and it is cloned there"
                    .to_owned(),
        }),
    };
    done.unwrap_or_else(|error| SyncState::Failed {
        reason: error.to_string().trim().to_owned(),
    })
}

/// The address that git clones from, of a flake reference or of what is an address already.
#[must_use]
pub fn address_of(url: &str) -> String {
    let is_flake = url.starts_with("github:") || url.starts_with("git+");
    let reference = Reference::read(url).filter(|_| is_flake);
    let address = reference.and_then(|reference| reference.address());
    address.unwrap_or_else(|| url.to_owned())
}

/// Clones a repository and checks out its branch, or the one that its remote has checked out.
///
/// # Errors
/// When git refuses, or the remote has nothing to say.
pub fn clone(
    address: &str,
    place: &Path,
    branch: Option<&str>,
    blobs: Blobs,
    patience: Duration,
) -> Result<WorkTree, GitError> {
    let tree = WorkTree::clone_of(address, place, blobs, patience)?;
    let head = tree.symbolic("HEAD");
    let own = head
        .as_deref()
        .and_then(|head| head.strip_prefix("refs/heads/"));
    // A repository without commits has nothing to check out.
    if let Some(branch) = branch.or(own)
        && tree
            .resolve_ref(&format!("refs/remotes/origin/{branch}"))?
            .is_some()
    {
        tree.check_out(branch)?;
    }
    Ok(tree)
}

fn cloned(
    place: &Path,
    repo: &Repo,
    branch: Option<&str>,
    blobs: Blobs,
    patience: Duration,
) -> Result<SyncState, GitError> {
    let address = Reference::read(repo.url.as_str()).and_then(|reference| reference.address());
    let Some(address) = address else {
        return Ok(SyncState::Failed {
            reason: format!("`{}` is nothing that git can clone", repo.url),
        });
    };
    let tree = clone(&address, place, branch, blobs, patience)?;
    let head = tree.symbolic("HEAD");
    let own = head.and_then(|head| head.strip_prefix("refs/heads/").map(str::to_owned));
    if let (Some(branch), Some(own)) = (branch, own)
        && branch != own
    {
        return Ok(SyncState::Left {
            reason: format!(
                "it is cloned, and its remote has no branch `{branch}`: it is on `{own}`"
            ),
        });
    }
    Ok(SyncState::Cloned {
        commit: tree.head(),
    })
}

/// Brings a branch that is checked out to where its remote has it, if that follows from it.
/// Brings a clean checkout forward to what its remote has.
///
/// # Errors
/// When git refuses.
pub fn forward(
    tree: &WorkTree,
    branch: Option<&str>,
    patience: Duration,
) -> Result<SyncState, GitError> {
    let left = |reason: &str| {
        Ok(SyncState::Left {
            reason: reason.to_owned(),
        })
    };
    if !tree.has_remote("origin") {
        return left("it has no remote `origin`");
    }
    let head = tree.symbolic("HEAD");
    let Some(own) = head
        .as_deref()
        .and_then(|head| head.strip_prefix("refs/heads/"))
    else {
        return left("it is on no branch");
    };
    if let Some(named) = branch.filter(|named| *named != own) {
        let reason = format!(
            "it is on the branch `{own}`, and is to be on `{named}`: `git switch {named}` there"
        );
        return left(&reason);
    }
    if let Some(what) = tree.under_way() {
        return left(&format!("{what} is under way"));
    }
    if tree.is_shallow()
        && let Err(error) = tree.deepen("origin", patience)
    {
        return Ok(SyncState::Failed {
            reason: error.reason(),
        });
    }
    if tree.is_shallow() {
        return left("it is a shallow clone of one that is shallow itself");
    }
    if let Err((_, reason)) = tree.fetch("origin", own, patience) {
        return Ok(SyncState::Failed { reason });
    }
    let theirs = tree.resolve_ref(&format!("refs/remotes/origin/{own}"))?;
    let (Some(from), Some(to)) = (tree.head(), theirs) else {
        return left("it has no commit yet");
    };
    if from == to {
        return Ok(SyncState::Fresh);
    }
    if tree.is_ancestor(&to, &from)? {
        return Ok(SyncState::Ahead);
    }
    if !tree.is_ancestor(&from, &to)? {
        return left("it and its remote have different commits: merge or rebase it");
    }
    let in_the_way = tree.in_the_way(&from, &to)?;
    if let Some(file) = in_the_way.first() {
        return left(&format!(
            "`{file}` has changes, or is in the way of what comes"
        ));
    }
    tree.merge_forward(&to)?;
    Ok(SyncState::Forwarded { from, to })
}

/// Whether nothing is there, or an empty folder.
fn is_free(place: &Path) -> bool {
    std::fs::read_dir(place).map_or(true, |mut entries| entries.next().is_none())
        && !place.is_file()
}
