//! Where a repository keeps what is git's own, found without starting git.

use std::path::{Path, PathBuf};

use super::WorkTree;

/// The git directory of the repository that a folder is in, and the path of the folder
/// below its work tree; none if it is in no repository.
///
/// A `.git` that is a file says where the directory is: in submodules, linked work trees
/// and after `git init --separate-git-dir` (`gitrepository-layout`, ".git"). That of a
/// linked work tree is its own, below `worktrees` of the common one.
#[must_use]
pub fn git_directory(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let folder = folder.canonicalize().ok()?;
    let (root, git) = folder
        .ancestors()
        .find_map(|root| Some((root, git_directory_of(root)?)))?;
    let below = folder.strip_prefix(root).ok()?.to_owned();
    Some((git, below))
}

impl WorkTree {
    /// The git directory that all work trees of the repository share; none if there is none.
    pub(crate) fn common_directory(&self) -> Option<PathBuf> {
        let own = git_directory_of(self.root())?;
        match std::fs::read_to_string(own.join("commondir")) {
            Ok(common) => own.join(common.trim_end()).canonicalize().ok(),
            Err(_) => Some(own),
        }
    }
}

/// The git directory of a work tree with that root; none if it is none.
#[must_use]
pub(crate) fn git_directory_of(root: &Path) -> Option<PathBuf> {
    let own = root.join(".git");
    let git = if own.is_dir() {
        own
    } else {
        let text = std::fs::read_to_string(&own).ok()?;
        let named = text
            .strip_prefix("gitdir: ")?
            .trim_end_matches(['\n', '\r']);
        root.join(named)
    };
    git.join("HEAD").symlink_metadata().ok()?;
    git.canonicalize().ok()
}
