//! The files of a directory that are somebody's work.

use std::collections::BTreeSet;
use std::path::Path;

use aux_git::WorkTree;

use crate::disk::error::DiskError;
use crate::disk::registry::by_name::name_of;
use crate::disk::registry::text::entries;

/// Every file of a directory, by path below it: those that git follows, or all where
/// it is no git repository of its own. A link is a file, wherever it leads.
///
/// # Errors
/// When a directory cannot be read, or git refuses.
pub fn files_of(root: &Path) -> Result<BTreeSet<String>, DiskError> {
    match WorkTree::at(root) {
        Some(tree) => Ok(tree.files()?),
        None => {
            let mut files = BTreeSet::new();
            walk(root, "", &mut files)?;
            Ok(files)
        }
    }
}

fn walk(folder: &Path, path: &str, files: &mut BTreeSet<String>) -> Result<(), DiskError> {
    for entry in entries(folder)? {
        let name = name_of(&entry);
        let below = format!("{path}{name}");
        if name == ".git" {
            continue;
        }
        if entry.is_dir() && !entry.is_symlink() {
            walk(&entry, &format!("{below}/"), files)?;
        } else {
            files.insert(below);
        }
    }
    Ok(())
}
