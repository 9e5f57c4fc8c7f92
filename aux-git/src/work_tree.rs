//! A git work tree, and how it is asked.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::call::{SHOWN, git};
use crate::directory::{common_of, git_directory_of, read_own};
use crate::error::GitError;
use crate::quiet::unusable;

/// A git work tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkTree {
    pub(crate) root: PathBuf,
}

impl WorkTree {
    /// The work tree that holds a directory, or will hold one of that path; none
    /// if there is none.
    #[must_use]
    pub fn of(directory: &Path) -> Option<Self> {
        // A link may lead into another repository than the one it is in.
        let there = directory
            .ancestors()
            .find_map(|folder| folder.canonicalize().ok())?;
        let mut folders = there.ancestors();
        let root = folders.find(|folder| folder.join(".git").exists())?;
        Some(Self {
            root: root.to_owned(),
        })
    }

    /// The work tree of a folder that is a repository of its own; none if it is not.
    #[must_use]
    pub fn at(folder: &Path) -> Option<Self> {
        Self::of(folder).filter(|tree| tree.root == folder)
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path relative to the folder; none if it is not in it, or no text. Links on
    /// the way to what is there are followed.
    #[must_use]
    pub fn relative(&self, path: &Path) -> Option<String> {
        let there = path.ancestors().find(|folder| folder.exists())?;
        let below = path.strip_prefix(there).ok()?;
        let real = there.canonicalize().ok()?.join(below);
        let relative = real.strip_prefix(&self.root).ok()?.to_str()?;
        Some(relative.trim_end_matches('/').to_owned())
    }

    /// Whether git works with the repository at all: not if it belongs to somebody else, or
    /// its files are damaged.
    ///
    /// # Errors
    /// What git says of it.
    pub fn must_work(&self) -> Result<(), GitError> {
        let prefix = self.output(&["rev-parse", "--show-prefix"], b"")?;
        if !prefix.trim_ascii().is_empty() {
            let message = "it is part of another repository".to_owned();
            return Err(self.failed("rev-parse", message, None));
        }
        match unusable(&self.root) {
            Some(message) => Err(self.failed("config", message, None)),
            None => Ok(()),
        }
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Result<(), GitError> {
        self.output(arguments, b"").map(drop)
    }

    /// What git prints when it is given an input.
    pub(crate) fn output(&self, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, GitError> {
        self.heard(arguments, git(&self.root, arguments, input, &[]))
    }

    pub(crate) fn heard(
        &self,
        arguments: &[&str],
        answer: io::Result<Output>,
    ) -> Result<Vec<u8>, GitError> {
        let command = arguments
            .iter()
            .take(SHOWN)
            .copied()
            .collect::<Vec<_>>()
            .join(" ");
        let output = answer.map_err(|error| {
            self.failed(&command, "it cannot be started".to_owned(), Some(error))
        })?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let message = String::from_utf8_lossy(&output.stderr);
        Err(self.failed(&command, message.trim_end().to_owned(), None))
    }

    pub(crate) fn failed(
        &self,
        command: &str,
        message: String,
        source: Option<io::Error>,
    ) -> GitError {
        GitError {
            command: command.to_owned(),
            directory: self.root.clone(),
            message,
            source,
        }
    }
}

impl WorkTree {
    /// The git directory that all work trees of the repository share; none if there is none.
    pub fn common_directory(&self) -> Option<PathBuf> {
        common_of(&git_directory_of(self.root())?)
    }

    /// Whether attributes of files stand in the git directory, or its configuration names
    /// others: they are no part of any commit (`gitattributes`).
    pub fn has_own_attributes(&self) -> bool {
        let Some(common) = self.common_directory() else {
            return true;
        };
        let own = git_directory_of(self.root());
        let mut folders = own.into_iter().chain([common.clone()]);
        folders.any(|folder| folder.join("info/attributes").symlink_metadata().is_ok())
            || read_own(&common.join("config"))
                .is_none_or(|text| text.to_lowercase().contains("attributesfile"))
    }
}
