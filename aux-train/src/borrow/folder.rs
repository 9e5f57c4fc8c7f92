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
    let mut files = BTreeMap::new();
    collect(&mut objects, &at, &mut files)?;
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

fn collect(
    objects: &mut Objects,
    tree: &str,
    files: &mut BTreeMap<String, CopiedFile>,
) -> Result<(), BorrowError> {
    let mut open = vec![(tree.to_owned(), String::new())];
    while let Some((tree, below)) = open.pop() {
        for entry in objects.tree(&tree)? {
            let Ok(own) = std::str::from_utf8(&entry.name) else {
                let name = String::from_utf8_lossy(&entry.name);
                return Err(BorrowError::Name(format!("{below}{name}")));
            };
            let name = format!("{below}{own}");
            match entry.kind {
                TreeEntryKind::Directory => open.push((entry.object, format!("{name}/"))),
                TreeEntryKind::File | TreeEntryKind::Executable => {
                    let file = CopiedFile {
                        content: objects.blob(&entry.object)?,
                        is_executable: entry.kind == TreeEntryKind::Executable,
                    };
                    files.insert(name, file);
                }
                TreeEntryKind::Link => {
                    let to = objects.blob(&entry.object)?;
                    return Err(BorrowError::LeadsOut {
                        file: name,
                        to: String::from_utf8_lossy(&to).into_owned(),
                    });
                }
                TreeEntryKind::Repository => {
                    return Err(BorrowError::LeadsOut {
                        file: name,
                        to: "another repository".to_owned(),
                    });
                }
            }
        }
    }
    Ok(())
}
