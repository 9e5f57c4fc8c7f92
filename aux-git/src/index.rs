//! The index of a work tree: what it has, what is announced or staged in it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::call::git;
use crate::error::GitError;
use crate::names::{EMPTY, NO_OBJECT};
use crate::work_tree::WorkTree;

/// Files named in one call.
const AT_ONCE: usize = 500;

/// Names as names, even those that git would read as patterns.
pub(crate) fn pathspecs<'p>(files: impl Iterator<Item = &'p String>) -> Vec<u8> {
    files
        .flat_map(|file| [":(top,literal)", file, "\0"])
        .flat_map(str::bytes)
        .collect()
}

impl WorkTree {
    /// Every file that git follows in the folder, by path relative to it; one that is
    /// not there any more is left out. What is no text in a path is replaced, so that
    /// there is no file of that name.
    ///
    /// # Errors
    /// When git refuses.
    pub fn files(&self) -> Result<BTreeSet<String>, GitError> {
        let output = self.output(&["ls-files", "-z"], b"")?;
        let paths = output
            .split(|byte| *byte == 0)
            .filter(|path| !path.is_empty());
        Ok(paths
            .filter(|path| match std::str::from_utf8(path) {
                Ok(path) => self.root.join(path).symlink_metadata().is_ok(),
                Err(_) => true,
            })
            .map(|path| String::from_utf8_lossy(path).into_owned())
            .collect())
    }

    /// The files below a directory that git does not follow and is not told to ignore, by
    /// path relative to the directory.
    ///
    /// # Errors
    /// When git refuses.
    pub fn others(&self, directory: &Path) -> Result<Vec<String>, GitError> {
        let place = directory.to_string_lossy();
        let list = [
            "ls-files",
            "-z",
            "--others",
            "--exclude-standard",
            "--full-name",
            "--",
        ];
        let listed = self.output(&[&list[..], &[&place]].concat(), b"")?;
        let prefix = match self.relative(directory) {
            Some(prefix) if !prefix.is_empty() => format!("{prefix}/"),
            _ => String::new(),
        };
        Ok(listed
            .split(|byte| *byte == 0)
            .map(|file| String::from_utf8_lossy(file).into_owned())
            .filter(|file| !file.is_empty())
            .map(|file| file.strip_prefix(&prefix).unwrap_or(&file).to_owned())
            .collect())
    }

    /// The files below a directory that git has in its index and leaves out of the folder,
    /// as sparse checkouts do (`git-update-index`, "Skip-worktree bit"); by path relative to
    /// the directory.
    ///
    /// # Errors
    /// When git refuses.
    pub fn skipped(&self, directory: &Path) -> Result<BTreeSet<String>, GitError> {
        let Some(prefix) = self.relative(directory) else {
            return Ok(BTreeSet::new());
        };
        let output = self.output(&["ls-files", "-t", "-z"], b"")?;
        let entries = output.split(|byte| *byte == 0);
        let text = entries.filter_map(|entry| std::str::from_utf8(entry).ok());
        let skipped = text.filter_map(|entry| entry.strip_prefix("S "));
        Ok(skipped
            .filter_map(|path| match prefix.as_str() {
                "" => Some(path),
                prefix => path.strip_prefix(prefix)?.strip_prefix('/'),
            })
            .map(str::to_owned)
            .collect())
    }

    /// Whether git follows any file below a path.
    #[must_use]
    pub fn tracks(&self, path: &Path) -> bool {
        let path = path.to_string_lossy();
        git(&self.root, &["ls-files", "--", &path], b"", &[])
            .is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
    }

    /// Whether git has something of that very path, be it a link, in its index.
    ///
    /// # Errors
    /// When git refuses.
    pub fn is_committed(&self, path: &Path) -> Result<bool, GitError> {
        let folder = path.parent().and_then(|folder| self.relative(folder));
        let (Some(folder), Some(name)) = (folder, path.file_name().and_then(OsStr::to_str)) else {
            return Ok(true);
        };
        let literal = match folder.as_str() {
            "" => format!(":(top,literal){name}"),
            folder => format!(":(top,literal){folder}/{name}"),
        };
        let listed = self.output(&["ls-files", "-z", "--", &literal], b"")?;
        Ok(!listed.is_empty())
    }

    /// Whether git is told to ignore a path.
    #[must_use]
    pub fn ignores(&self, path: &Path) -> bool {
        let path = path.to_string_lossy();
        let arguments = ["check-ignore", "--quiet", "--", &path];
        git(&self.root, &arguments, b"", &[]).is_ok_and(|output| output.status.success())
    }

    /// Renames in the index what is below a path, as `git mv` does: what is staged stays
    /// staged, what is not stays so.
    ///
    /// # Errors
    /// When git refuses.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<(), GitError> {
        let (from, to) = (self.relative(from), self.relative(to));
        let (Some(from), Some(to)) = (from, to) else {
            return Ok(());
        };
        let literal = format!(":(top,literal){from}");
        let entries = self.output(&["ls-files", "--stage", "-z", "--", &literal], b"")?;
        let mut changes = Vec::new();
        let mut has_announced = false;
        for entry in entries.split(|byte| *byte == 0) {
            let Some((head, path)) = std::str::from_utf8(entry)
                .ok()
                .and_then(|entry| entry.split_once('\t'))
            else {
                continue;
            };
            let Some(rest) = path.strip_prefix(&from) else {
                continue;
            };
            changes.extend_from_slice(format!("0 {NO_OBJECT}\t{path}\0").as_bytes());
            // A file that is only announced has no content yet.
            if head.contains(EMPTY) {
                has_announced = true;
            } else {
                changes.extend_from_slice(format!("{head}\t{to}{rest}\0").as_bytes());
            }
        }
        self.output(&["update-index", "-z", "--index-info"], &changes)?;
        if has_announced {
            self.run(&[
                "add",
                "--intent-to-add",
                "--",
                &format!(":(top,literal){to}"),
            ])?;
        }
        Ok(())
    }

    /// Takes back what is staged below a path, so that it is as in the last commit;
    /// what was only announced is forgotten.
    ///
    /// # Errors
    /// When git refuses.
    pub fn unstage(&self, path: &Path) -> Result<(), GitError> {
        let path = path.to_string_lossy();
        self.run(&["reset", "-q", "--", &path])
    }

    /// Makes new files below a path visible to flakes, which see only what git
    /// knows; their content is not staged.
    ///
    /// # Errors
    /// When git refuses.
    pub fn announce(&self, path: &Path) -> Result<(), GitError> {
        self.run(&["add", "--intent-to-add", "--", &path.to_string_lossy()])
    }

    /// Stages files as they are on the disk.
    ///
    /// # Errors
    /// When git refuses.
    pub fn stage(&self, files: &[PathBuf]) -> Result<(), GitError> {
        let files: Vec<String> = files
            .iter()
            .filter_map(|file| self.relative(file))
            .collect();
        // A command line holds only so much.
        for some in files.chunks(AT_ONCE) {
            // What a tree is read by belongs to it, whatever is ignored.
            let mut arguments = vec!["add", "--force", "--"];
            arguments.extend(some.iter().map(String::as_str));
            self.run(&arguments)?;
        }
        Ok(())
    }

    /// Makes those of the files visible to flakes that git does not know yet and is
    /// not told to ignore. Returns how many.
    ///
    /// # Errors
    /// When git refuses.
    pub fn announce_new(&self, files: &[PathBuf]) -> Result<usize, GitError> {
        let others = git(
            &self.root,
            &["ls-files", "-z", "--others", "--exclude-standard"],
            b"",
            &[],
        )
        .map_err(|error| self.failed("ls-files", String::new(), Some(error)))?;
        let others = String::from_utf8_lossy(&others.stdout).into_owned();
        let others: BTreeSet<&str> = others.split('\0').collect();
        let new: Vec<String> = files
            .iter()
            .filter_map(|file| self.relative(file))
            .filter(|file| others.contains(file.as_str()))
            .collect();
        // A command line holds only so much.
        for some in new.chunks(AT_ONCE) {
            let mut arguments = vec!["add", "--intent-to-add", "--"];
            arguments.extend(some.iter().map(String::as_str));
            self.run(&arguments)?;
        }
        Ok(new.len())
    }
}
