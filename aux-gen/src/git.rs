//! The one place that starts git for the user's repositories.
//!
//! git only ever stages what was just moved: nothing is committed, stashed or
//! reset. Without git, or outside of its repositories, all of it does nothing.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A git work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// if there is none, or no git.
    #[must_use]
    pub fn of(directory: &Path) -> Option<Self> {
        let there = directory.ancestors().find(|folder| folder.is_dir())?;
        let output = git(there, &["rev-parse", "--show-toplevel"]).ok()?;
        let root = output.status.success().then_some(output.stdout)?;
        let root = String::from_utf8(root).ok()?;
        Some(Self {
            root: PathBuf::from(root.trim_end_matches('\n')),
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

    fn run(&self, arguments: &[&str]) -> Result<(), GitError> {
        let failed = |message: String, source| GitError {
            command: arguments.join(" "),
            directory: self.root.clone(),
            message,
            source,
        };
        let output = git(&self.root, arguments)
            .map_err(|error| failed("it cannot be started".to_owned(), Some(error)))?;
        if output.status.success() {
            return Ok(());
        }
        let message = String::from_utf8_lossy(&output.stderr);
        Err(failed(message.trim_end().to_owned(), None))
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
