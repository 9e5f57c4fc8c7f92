//! Bytes of a repo: those that a forge sends, and those in the store.

use std::path::Path;

use aux_gen::lock::{TreeError, nar_size};
use aux_git::{Commit, GitError, WorkTree};

/// The bytes of one repo, as its last commit has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bytes {
    /// Of the archive that a forge sends: `git archive --format=tar.gz HEAD`.
    pub download: u64,
    /// In the store, as `nix path-info --size` counts them.
    pub store: u64,
}

/// A repo whose bytes cannot be counted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// git refuses.
    #[error(transparent)]
    Git(#[from] GitError),
    /// Its tree cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// The bytes of a checkout; none if it is no repository of its own with a commit.
///
/// # Errors
/// When git refuses, or the tree has no end.
pub fn bytes(folder: &Path) -> Result<Option<Bytes>, FetchError> {
    let Some((tree, head)) = committed(folder)? else {
        return Ok(None);
    };
    let mut objects = tree.objects()?;
    Ok(Some(Bytes {
        download: tree.archive_size()?,
        store: nar_size(&mut objects, &head.tree)?,
    }))
}

/// What [`bytes`] has of the download: the store takes a look at every file.
///
/// # Errors
/// When git refuses.
pub fn download(folder: &Path) -> Result<Option<u64>, FetchError> {
    let found = committed(folder)?;
    let size = found.map(|(tree, _)| tree.archive_size());
    Ok(size.transpose()?)
}

fn committed(folder: &Path) -> Result<Option<(WorkTree, Commit)>, GitError> {
    let Some(tree) = WorkTree::at(folder) else {
        return Ok(None);
    };
    tree.must_work()?;
    let head = tree.commit_of_head()?;
    Ok(head.map(|head| (tree, head)))
}
