//! Folders that follow a branch when it moves: what somebody has in them stays.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::directory::{git_directory_of, read_own};
use crate::error::GitError;
use crate::status::STATUS;
use crate::work_tree::WorkTree;

impl WorkTree {
    /// The folders that have a branch checked out, or are in the middle of rebasing or
    /// bisecting it: that of the repository, and those of other work trees of it.
    ///
    /// `git worktree list` names the git directory and not the folder of the first where
    /// `.git` is a file, as in submodules and after `--separate-git-dir`; so this work tree
    /// is recognized by its git directory.
    ///
    /// # Errors
    /// When git refuses, or a folder that has the branch cannot be found.
    pub fn folders_on(&self, branch: &str) -> Result<Vec<Self>, GitError> {
        let list = self.output(&["worktree", "list", "--porcelain", "-z"], b"")?;
        let common = self.common_directory().ok_or_else(|| {
            let message = "its git directory cannot be found".to_owned();
            self.failed("worktree list", message, None)
        })?;
        let own = git_directory_of(&self.root);
        let reference = format!("refs/heads/{branch}");
        let wanted = format!("branch {reference}");
        let mut folders = Vec::new();
        for (number, entry) in entries(&list).into_iter().enumerate() {
            let Some(named) = entry
                .first()
                .and_then(|line| line.strip_prefix("worktree "))
            else {
                continue;
            };
            let is = |word: &str| {
                let mut lines = entry.iter();
                lines.any(|line| line == word || line.split(' ').next() == Some(word))
            };
            // A bare repository has no files, and of one that is gone nothing is left.
            if is("bare") || is("prunable") {
                continue;
            }
            let git = match number {
                0 => Some(common.clone()),
                _ => git_directory_of(Path::new(named)),
            };
            let has = entry.contains(&wanted)
                || git.as_ref().is_some_and(|git| is_rebasing(git, &reference));
            if !has {
                continue;
            }
            // The first is the main one, whatever it is called.
            let root = if git.is_some() && git == own {
                self.root.clone()
            } else {
                PathBuf::from(named)
            };
            if git_directory_of(&root) != git || git.is_none() {
                let message = format!(
                    "the folder that has `{branch}` checked out cannot be found: git names `{named}`"
                );
                return Err(self.failed("worktree list", message, None));
            }
            folders.push(Self { root });
        }
        Ok(folders)
    }

    /// What is under way in the folder, such as a merge: it goes on from the commit that is
    /// checked out, which therefore must not move.
    #[must_use]
    pub fn under_way(&self) -> Option<&'static str> {
        let git = git_directory_of(&self.root)?;
        let begun = [
            ("MERGE_HEAD", "a merge"),
            ("CHERRY_PICK_HEAD", "a cherry-pick"),
            ("REVERT_HEAD", "a revert"),
            ("rebase-merge", "a rebase"),
            ("rebase-apply", "a rebase or `git am`"),
            ("BISECT_LOG", "a bisection"),
        ];
        let found = begun.into_iter().find(|(file, _)| git.join(file).exists());
        found.map(|(_, what)| what)
    }

    /// Whether git would bring the folder from one commit to another. It takes no account of
    /// files that it does not follow: see [`Self::in_the_way`].
    ///
    /// # Errors
    /// When it would not.
    pub fn can_follow(&self, from: &str, to: &str) -> Result<(), GitError> {
        let _changed_by_somebody = self.run(&["update-index", "-q", "--refresh"]);
        self.run(&["read-tree", "-n", "-m", "-u", from, to])
    }

    /// Brings the folder and what is staged from one commit to another; what somebody
    /// changed stays. A second time it does nothing.
    ///
    /// # Errors
    /// As [`Self::can_follow`]; nothing is changed then.
    pub fn follow(&self, from: &str, to: &str) -> Result<(), GitError> {
        let _changed_by_somebody = self.run(&["update-index", "-q", "--refresh"]);
        self.run(&["read-tree", "-m", "-u", from, to])
    }

    /// Files that differ between two commits and of which the folder has something that
    /// the first of them has not: changes, or files that git does not follow, ignored ones
    /// too, which git would overwrite. Names are bytes to git.
    ///
    /// # Errors
    /// When git does not know the commits.
    pub fn in_the_way(&self, from: &str, to: &str) -> Result<BTreeSet<String>, GitError> {
        let names = |filter: &str| -> Result<BTreeSet<Vec<u8>>, GitError> {
            let differ = [
                "diff-tree",
                "-r",
                "--name-only",
                "--no-renames",
                "--ignore-submodules",
                "-z",
                filter,
            ];
            Ok(list(
                &self.output(&[&differ[..], &[from, to, "--"]].concat(), b"")?,
            ))
        };
        // Two letters, a space and the name.
        let changed = list(&self.output(&STATUS, b"")?);
        let changed: BTreeSet<&[u8]> = changed.iter().filter_map(|entry| entry.get(3..)).collect();
        let mut files: BTreeSet<Vec<u8>> = names("--diff-filter=MDT")?
            .into_iter()
            .filter(|file| changed.contains(file.as_slice()))
            .collect();
        let tracked = list(&self.output(&["ls-files", "-z"], b"")?);
        for file in names("--diff-filter=A")? {
            let own = Path::new(OsStr::from_bytes(&file));
            // A file where a folder must be is as much in the way as one of the same name.
            let stands = own.ancestors().find(|path| {
                let there = self.root.join(path).symlink_metadata();
                !path.as_os_str().is_empty()
                    && there.is_ok_and(|there| *path == own || !there.is_dir())
                    && !tracked.contains(path.as_os_str().as_bytes())
            });
            let Some(path) = stands else { continue };
            // A directory is in the way for what is only there.
            let there = self.root.join(path);
            if there.symlink_metadata().is_ok_and(|there| there.is_dir())
                && !has_others(&there, path.as_os_str().as_bytes(), &tracked)
            {
                continue;
            }
            files.insert(path.as_os_str().as_bytes().to_owned());
        }
        let shown = files
            .iter()
            .map(|file| String::from_utf8_lossy(file).into_owned());
        Ok(shown.collect())
    }

    /// Checks a branch out; one that only `origin` has is made here and follows that.
    ///
    /// # Errors
    /// When there is none, or files are in the way.
    pub fn check_out(&self, branch: &str) -> Result<(), GitError> {
        self.run(&["checkout", "--quiet", "--no-overwrite-ignore", branch, "--"])
    }

    /// Brings the branch that is checked out, and its folder, forward to a commit that follows
    /// from it (`git merge --ff-only`). What somebody changed elsewhere stays.
    ///
    /// # Errors
    /// When it does not follow, or files are in the way; nothing is changed then.
    pub fn merge_forward(&self, commit: &str) -> Result<(), GitError> {
        let merge = ["merge", "--quiet", "--ff-only", "--no-overwrite-ignore"];
        self.run(&[&merge[..], &[commit, "--"]].concat())
    }

    /// Checks a commit out, on no branch.
    ///
    /// # Errors
    /// When git does not know it, or files are in the way.
    pub fn detach(&self, commit: &str) -> Result<(), GitError> {
        let checkout = ["checkout", "--quiet", "--no-overwrite-ignore", "--detach"];
        self.run(&[&checkout[..], &[commit, "--"]].concat())
    }
}

/// The entries of `git worktree list --porcelain -z`: lines that end with 0, and an empty
/// one after each.
fn entries(list: &[u8]) -> Vec<Vec<String>> {
    let mut entries = vec![Vec::new()];
    for line in list.split(|byte| *byte == 0) {
        match (line, entries.last_mut()) {
            ([], _) => entries.push(Vec::new()),
            (line, Some(entry)) => entry.push(String::from_utf8_lossy(line).into_owned()),
            (_, None) => {}
        }
    }
    entries
}

/// Whether a branch is being rebased or bisected in a work tree: it is not checked out
/// meanwhile, and moves in the end from where it was.
fn is_rebasing(git: &Path, reference: &str) -> bool {
    let begun = ["rebase-merge/head-name", "rebase-apply/head-name"];
    let is =
        |file: &&str| read_own(&git.join(file)).is_some_and(|name| name.trim_end() == reference);
    let branch = reference.strip_prefix("refs/heads/").unwrap_or(reference);
    let bisected = read_own(&git.join("BISECT_START"));
    begun.iter().any(is) || bisected.is_some_and(|name| name.trim_end() == branch)
}

/// What git lists with a 0 behind each.
fn list(output: &[u8]) -> BTreeSet<Vec<u8>> {
    let parts = output.split(|byte| *byte == 0);
    parts
        .filter(|part| !part.is_empty())
        .map(<[u8]>::to_vec)
        .collect()
}

/// Whether a folder has any file that git does not follow.
fn has_others(folder: &Path, name: &[u8], tracked: &BTreeSet<Vec<u8>>) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let below = [name, b"/", entry.file_name().as_bytes()].concat();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            has_others(&entry.path(), &below, tracked)
        } else {
            !tracked.contains(&below)
        }
    })
}
