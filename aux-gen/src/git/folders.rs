//! Folders that follow a branch when it moves: what somebody has in them stays.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{GitError, WorkTree};

impl WorkTree {
    /// The folders that have a branch checked out: that of the repository, and those of
    /// other work trees of it.
    ///
    /// # Errors
    /// When git refuses.
    pub fn folders_on(&self, branch: &str) -> Result<Vec<Self>, GitError> {
        let list = self.output(&["worktree", "list", "--porcelain", "-z"], b"")?;
        let wanted = format!("branch refs/heads/{branch}");
        let mut folders = Vec::new();
        let mut at = None;
        for line in list.split(|byte| *byte == 0) {
            let line = String::from_utf8_lossy(line);
            if let Some(folder) = line.strip_prefix("worktree ") {
                at = Some(PathBuf::from(folder));
            } else if line == wanted
                && let Some(root) = at.take()
                // What is left of one that was removed is part of something else.
                && root.join(".git").exists()
            {
                folders.push(Self { root });
            }
        }
        Ok(folders)
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
    /// the first of them has not: changes, or files that git does not follow.
    ///
    /// # Errors
    /// When git does not know the commits.
    pub fn in_the_way(&self, from: &str, to: &str) -> Result<BTreeSet<String>, GitError> {
        let names = |filter: &str| -> Result<Vec<String>, GitError> {
            let differ = [
                "diff-tree",
                "-r",
                "--name-only",
                "--no-renames",
                "--ignore-submodules",
                "-z",
                filter,
            ];
            let differ = self.output(&[&differ[..], &[from, to, "--"]].concat(), b"")?;
            let files = differ
                .split(|byte| *byte == 0)
                .filter(|file| !file.is_empty());
            Ok(files
                .map(|file| String::from_utf8_lossy(file).into_owned())
                .collect())
        };
        let changed = self.changed()?;
        let mut files: BTreeSet<String> = names("--diff-filter=MDT")?
            .into_iter()
            .filter(|file| changed.contains_key(file))
            .collect();
        let tracked = self.files()?;
        for file in names("--diff-filter=A")? {
            // A file where a folder must be is as much in the way as one of the same name.
            let mut paths = Path::new(&file).ancestors();
            let stands = paths.find(|path| {
                let there = self.root.join(path).symlink_metadata();
                let is_own = *path == Path::new(&file);
                !path.as_os_str().is_empty()
                    && there.is_ok_and(|there| is_own || !there.is_dir())
                    && !tracked.contains(&*path.to_string_lossy())
            });
            let Some(path) = stands else { continue };
            let name = path.to_string_lossy().into_owned();
            // A directory is in the way for what is only there.
            let there = self.root.join(path).symlink_metadata();
            if there.is_ok_and(|there| there.is_dir()) {
                let literal = format!(":(top,literal){name}");
                let others = ["ls-files", "-z", "--others", "--", &literal];
                if self.output(&others, b"")?.is_empty() {
                    continue;
                }
            }
            files.insert(name);
        }
        Ok(files)
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
