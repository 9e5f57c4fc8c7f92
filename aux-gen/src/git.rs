//! The one place that starts git for the user's repositories.
//!
//! git only ever stages what was just moved: nothing is committed, stashed or
//! reset. Without git, or outside of its repositories, all of it does nothing.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Files named in one call.
const AT_ONCE: usize = 500;

/// Words of a call that are shown when it fails.
const SHOWN: usize = 6;

/// A git work tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkTree {
    root: PathBuf,
}

/// git refused.
#[derive(Debug, thiserror::Error)]
#[error("`git {command}` failed in `{}`: {message}", .directory.display())]
pub struct GitError {
    command: String,
    directory: PathBuf,
    message: String,
    source: Option<io::Error>,
}

impl WorkTree {
    /// The work tree that holds a directory, or will hold one of that path; none
    /// if there is none.
    #[must_use]
    pub fn of(directory: &Path) -> Option<Self> {
        let mut folders = directory.ancestors();
        let root = folders.find(|folder| folder.join(".git").exists())?;
        Some(Self {
            root: root.to_owned(),
        })
    }

    /// Whether git follows any file below a path.
    #[must_use]
    pub fn tracks(&self, path: &Path) -> bool {
        let path = path.to_string_lossy();
        git(&self.root, &["ls-files", "--", &path])
            .is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
    }

    /// Stages all that is below a path.
    ///
    /// # Errors
    /// When git refuses.
    pub fn stage(&self, path: &Path) -> Result<(), GitError> {
        self.run(&["add", "--", &path.to_string_lossy()])
    }

    /// Stages that what was below a path is gone.
    ///
    /// # Errors
    /// When git refuses.
    pub fn forget(&self, path: &Path) -> Result<(), GitError> {
        let path = path.to_string_lossy();
        self.run(&["rm", "--cached", "-r", "-q", "--", &path])
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

    /// Makes those of the files visible to flakes that git does not know yet and is
    /// not told to ignore. Returns how many.
    ///
    /// # Errors
    /// When git refuses.
    pub fn announce_new(&self, files: &[PathBuf]) -> Result<usize, GitError> {
        let others = git(
            &self.root,
            &["ls-files", "-z", "--others", "--exclude-standard"],
        )
        .map_err(|error| self.failed("ls-files", String::new(), Some(error)))?;
        let others = String::from_utf8_lossy(&others.stdout).into_owned();
        let others: BTreeSet<&str> = others.split('\0').collect();
        let new: Vec<&str> = files
            .iter()
            .filter_map(|file| file.strip_prefix(&self.root).ok()?.to_str())
            .filter(|file| others.contains(file))
            .collect();
        // A command line holds only so much.
        for some in new.chunks(AT_ONCE) {
            let mut arguments = vec!["add", "--intent-to-add", "--"];
            arguments.extend(some);
            self.run(&arguments)?;
        }
        Ok(new.len())
    }

    fn failed(&self, command: &str, message: String, source: Option<io::Error>) -> GitError {
        GitError {
            command: command.to_owned(),
            directory: self.root.clone(),
            message,
            source,
        }
    }

    fn run(&self, arguments: &[&str]) -> Result<(), GitError> {
        let command = arguments
            .iter()
            .take(SHOWN)
            .copied()
            .collect::<Vec<_>>()
            .join(" ");
        let output = git(&self.root, arguments).map_err(|error| {
            self.failed(&command, "it cannot be started".to_owned(), Some(error))
        })?;
        if output.status.success() {
            return Ok(());
        }
        let message = String::from_utf8_lossy(&output.stderr);
        Err(self.failed(&command, message.trim_end().to_owned(), None))
    }
}

fn git(directory: &Path, arguments: &[&str]) -> io::Result<Output> {
    #[expect(clippy::disallowed_methods, reason = "the one place that starts git")]
    let mut command = Command::new("git");
    // Inside a git hook these would lead away from the directory.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    command
        .arg("-C")
        .arg(directory)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
}
