//! Where a repository keeps what is git's own, found without starting git.

use std::path::{Path, PathBuf};

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

/// The git directory of a work tree with that root, and the one that all work trees of its
/// repository share: the same but for a linked work tree. None if there is no repository.
#[must_use]
pub fn git_directories(root: &Path) -> Option<(PathBuf, PathBuf)> {
    let git = git_directory_of(root)?;
    let common = common_of(&git)?;
    Some((git, common))
}

/// The git directory of a work tree with that root; none if it is none.
#[must_use]
pub(crate) fn git_directory_of(root: &Path) -> Option<PathBuf> {
    let own = root.join(".git");
    let git = if own.is_dir() {
        own
    } else {
        let text = read_own(&own)?;
        root.join(one_line(text.strip_prefix("gitdir: ")?))
    };
    git.join("HEAD").symlink_metadata().ok()?;
    git.canonicalize().ok()
}

/// The git directory that all work trees of a repository share, by that of one of them; none
/// if it is not where that one says.
pub(super) fn common_of(git: &Path) -> Option<PathBuf> {
    match read_own(&git.join("commondir")) {
        Some(common) => git.join(one_line(&common)).canonicalize().ok(),
        None => Some(git.to_owned()),
    }
}

/// The most bytes of a file of git's own that is read here: such files hold a line, or a few
/// settings.
const LONGEST: u64 = 16 << 20;

/// The text of one of git's own files; none if there is none. What is no regular file is not
/// opened: a pipe never ends.
pub(super) fn read_own(path: &Path) -> Option<String> {
    let found = std::fs::metadata(path).ok()?;
    if !found.is_file() || found.len() > LONGEST {
        return None;
    }
    std::fs::read_to_string(path).ok()
}

/// A text without the line end behind it, as git reads such files.
fn one_line(text: &str) -> &str {
    text.trim_end_matches(['\n', '\r'])
}

/// Files of a repository that git opens without a look at what they are: a pipe among them
/// would keep it waiting for ever.
const OPENED: [&str; 18] = [
    ".git",
    ".git/BISECT_START",
    ".git/HEAD",
    ".git/MERGE_HEAD",
    ".git/commondir",
    ".git/config",
    ".git/config.worktree",
    ".git/description",
    ".git/index",
    ".git/info/attributes",
    ".git/info/exclude",
    ".git/info/grafts",
    ".git/info/sparse-checkout",
    ".git/objects/info/alternates",
    ".git/packed-refs",
    ".git/shallow",
    ".gitattributes",
    ".gitignore",
];

/// The first file that git would open, and that is neither a file nor a directory.
pub(super) fn odd_file(root: &Path) -> Option<PathBuf> {
    let git = git_directory_of(root);
    let all = OPENED
        .iter()
        .map(|name| match (name.strip_prefix(".git/"), &git) {
            (Some(own), Some(git)) => git.join(own),
            _ => root.join(name),
        });
    let mut all = all.filter(|path| {
        std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
    });
    all.next()
}
