//! Trees of commits as folders, each written once.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;

use aux_gen::disk::DiskError;
use aux_git::WorkTree;
use aux_process::ScratchFolder;

use crate::commits::error::CommitsError;

/// Trees of commits as folders, each written once.
pub(crate) struct Scratch {
    pub(super) folder: ScratchFolder,
    pub(super) written: Mutex<BTreeSet<String>>,
}

impl Scratch {
    pub(crate) fn folder_of(&self, tree: &WorkTree, commit: &str) -> Result<PathBuf, CommitsError> {
        let folder = self.folder.path().join(commit);
        let mut written = self.written.lock().expect("nobody panics while writing");
        if !written.contains(commit) {
            std::fs::create_dir_all(&folder).map_err(|source| DiskError::Write {
                path: folder.clone(),
                source,
            })?;
            tree.export(commit, "", &folder)?;
            written.insert(commit.to_owned());
        }
        Ok(folder)
    }

    /// A text without the folders that nobody will find any more: paths below a repo stay.
    pub(crate) fn without_folder(&self, text: &str) -> String {
        let folder = format!("{}/", self.folder.path().display());
        let mut parts = text.split(&folder);
        let mut shown = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            // The commit, and a slash.
            let rest = part.split_once('/').map_or(part, |(_, rest)| rest);
            shown.push_str(rest);
        }
        shown
    }
}
