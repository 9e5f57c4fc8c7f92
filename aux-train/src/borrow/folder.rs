//! A folder of a commit, file by file.

use std::collections::BTreeMap;

use aux_git::{Objects, TreeEntryKind, WorkTree};

use crate::borrow::error::BorrowError;

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedFile {
    /// Its bytes.
    pub content: Vec<u8>,
    /// Whether it may be run.
    pub is_executable: bool,
}

/// A folder of a commit.
pub(crate) struct Folder {
    pub(crate) files: BTreeMap<String, CopiedFile>,
    /// The name of its tree.
    pub(crate) tree: String,
}

/// The files below a folder of a commit; none if there is no such folder.
pub(crate) fn files_at(
    tree: &WorkTree,
    commit: &str,
    path: &str,
) -> Result<Option<Folder>, BorrowError> {
    tree.complete(commit)?;
    let mut objects = tree.objects()?;
    let Some((TreeEntryKind::Directory, at)) = entry_at(&mut objects, commit, path)? else {
        return Ok(None);
    };
    let files = copied(&mut objects, &at)?;
    Ok(Some(Folder { files, tree: at }))
}

/// What a commit has at a path, and the object; none if it has nothing there.
pub(super) fn entry_at(
    objects: &mut Objects,
    commit: &str,
    path: &str,
) -> Result<Option<(TreeEntryKind, String)>, BorrowError> {
    let mut at = (TreeEntryKind::Directory, objects.commit(commit)?.tree);
    for name in path.split('/') {
        match at.0 {
            TreeEntryKind::Directory => {}
            TreeEntryKind::File | TreeEntryKind::Executable => return Ok(None),
            // What is behind it is somewhere else.
            TreeEntryKind::Link | TreeEntryKind::Repository => return Ok(Some(at)),
        }
        let entries = objects.tree(&at.1)?;
        let below = entries
            .into_iter()
            .find(|entry| entry.name == name.as_bytes());
        let Some(below) = below else {
            return Ok(None);
        };
        at = (below.kind, below.object);
    }
    Ok(Some(at))
}

fn copied(objects: &mut Objects, tree: &str) -> Result<BTreeMap<String, CopiedFile>, BorrowError> {
    let mut files = BTreeMap::new();
    for entry in objects.files_below(tree)? {
        let file = String::from_utf8(entry.name).map_err(|error| {
            BorrowError::Name(String::from_utf8_lossy(error.as_bytes()).into_owned())
        })?;
        let to = match entry.kind {
            TreeEntryKind::Link => {
                let to = objects.blob(&entry.object)?;
                String::from_utf8_lossy(&to).into_owned()
            }
            TreeEntryKind::Repository => "another repository".to_owned(),
            TreeEntryKind::Directory | TreeEntryKind::File | TreeEntryKind::Executable => {
                let copied = CopiedFile {
                    content: objects.blob(&entry.object)?,
                    is_executable: entry.kind == TreeEntryKind::Executable,
                };
                files.insert(file, copied);
                continue;
            }
        };
        return Err(BorrowError::LeadsOut { file, to });
    }
    Ok(files)
}
