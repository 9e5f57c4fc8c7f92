//! What differs from the last commit, and the next one.

use std::collections::BTreeMap;
use std::io::Write;

use crate::error::GitError;
use crate::index::pathspecs;
use crate::work_tree::WorkTree;

/// What differs in a work tree: two letters, of the index and of the folder, a space and the
/// path of each file.
pub(crate) const STATUS: [&str; 6] = [
    "status",
    "--porcelain=v1",
    "-z",
    "--no-renames",
    "--untracked-files=all",
    // In a submodule git would start another git, with what that is set to.
    "--ignore-submodules=dirty",
];

/// How a file differs from the last commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileChange {
    /// The last commit has no such file.
    Add,
    /// It holds something else.
    Update,
    /// It is gone.
    Remove,
    /// What is staged of it is neither what the last commit has nor what the folder has.
    Split,
}

impl FileChange {
    /// The word for it in messages.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Update => "update",
            Self::Remove => "remove",
            Self::Split => "stage in part",
        }
    }
}

impl WorkTree {
    /// The files that differ from the last commit, or that it does not have and git
    /// is not told to ignore; by path relative to the folder. What is staged makes no
    /// difference. A path that is no text is left out.
    ///
    /// # Errors
    /// When git refuses.
    pub fn changed(&self) -> Result<BTreeMap<String, FileChange>, GitError> {
        let output = self.output(&STATUS, b"")?;
        let entries = output.split(|byte| *byte == 0);
        let text = entries.filter_map(|entry| std::str::from_utf8(entry).ok());
        // Two letters, of the index and of the folder, and the path.
        let parts = text.filter_map(|entry| entry.get(..2).zip(entry.get(3..)));
        Ok(parts
            .map(|(letters, path)| {
                let change = match letters.as_bytes() {
                    [b'M' | b'A' | b'D' | b'U', b'M' | b'D' | b'A' | b'U'] => FileChange::Split,
                    [_, b'D'] | [b'D', _] => FileChange::Remove,
                    [b'?', _] | [b'A', _] | [_, b'A'] => FileChange::Add,
                    _ => FileChange::Update,
                };
                (path.to_owned(), change)
            })
            .collect())
    }

    /// Commits some files as they are in the folder, and no others, whatever is
    /// staged. Returns the name of the commit.
    ///
    /// # Errors
    /// When git or one of its hooks refuses; nothing is committed then.
    pub fn commit(
        &self,
        files: &BTreeMap<String, FileChange>,
        message: &str,
    ) -> Result<String, GitError> {
        let of_ours = |error| self.failed("commit", String::new(), Some(error));
        let mut text = tempfile::NamedTempFile::new().map_err(of_ours)?;
        text.write_all(message.as_bytes()).map_err(of_ours)?;
        let text = text.path().to_string_lossy();
        let new = files
            .iter()
            .filter(|(_, change)| **change == FileChange::Add);
        let named = ["--pathspec-from-file=-", "--pathspec-file-nul"];
        let add = ["add", "--intent-to-add"];
        self.output(
            &[&add[..], &named].concat(),
            &pathspecs(new.map(|(file, _)| file)),
        )?;
        let commit = ["commit", "--quiet", "--only", "--file", &text];
        self.output(&[&commit[..], &named].concat(), &pathspecs(files.keys()))?;
        let name = self.output(&["rev-parse", "HEAD"], b"")?;
        Ok(String::from_utf8_lossy(&name).trim().to_owned())
    }
}
