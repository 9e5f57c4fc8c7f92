//! The files of a commit as a folder, as git's objects have them: no attribute, filter or line
//! end of anybody's checkout changes them.

use std::ffi::OsStr;
use std::fs::{OpenOptions, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::{fs, io};

use crate::error::GitError;
use crate::objects::{Objects, TreeEntry, TreeEntryKind};
use crate::work_tree::WorkTree;

/// The most files and folders that are written: trees that name each other many times over
/// could have more than any disk.
const MOST: usize = 1_000_000;

impl WorkTree {
    /// Writes what a revision has below a path to an empty folder. The work tree and its
    /// index stay as they are. Returns whether it has such a path.
    ///
    /// # Errors
    /// When git does not know the revision, or an object is missing, or the disk refuses.
    pub fn export(&self, revision: &str, path: &str, to: &Path) -> Result<bool, GitError> {
        let commit = self.commit_of(revision)?;
        let mut objects = self.objects()?;
        let mut tree = commit.tree;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let entries = objects.tree(&tree)?.into_iter();
            let mut folders = entries.filter(|entry| entry.kind == TreeEntryKind::Directory);
            let Some(found) = folders.find(|entry| entry.name == part.as_bytes()) else {
                return Ok(false);
            };
            tree = found.object;
        }
        let mut left = MOST;
        self.write_tree(&mut objects, &tree, to, &mut left)?;
        Ok(true)
    }

    fn write_tree(
        &self,
        objects: &mut Objects,
        tree: &str,
        to: &Path,
        left: &mut usize,
    ) -> Result<(), GitError> {
        for entry in objects.tree(tree)? {
            *left = left.checked_sub(1).ok_or_else(|| {
                let message = format!("the commit has more than {MOST} files and folders");
                self.failed("cat-file", message, None)
            })?;
            let path = to.join(OsStr::from_bytes(&entry.name));
            let name = String::from_utf8_lossy(&entry.name).into_owned();
            let failed = |error: io::Error| {
                let message = match error.kind() {
                    io::ErrorKind::AlreadyExists => {
                        format!("the commit has two entries `{name}` in one folder")
                    }
                    _ => format!("the entry `{name}` of the commit cannot be written: {error}"),
                };
                self.failed("cat-file", message, Some(error))
            };
            if !is_plain(&entry.name) {
                let message = format!("the commit has an entry `{name}`, which no folder can have");
                return Err(self.failed("cat-file", message, None));
            }
            match entry.kind {
                // Nothing is followed: a tree may name a link and a folder alike.
                TreeEntryKind::Directory => {
                    fs::create_dir(&path).map_err(failed)?;
                    self.write_tree(objects, &entry.object, &path, left)?;
                }
                TreeEntryKind::Repository => fs::create_dir(&path).map_err(failed)?,
                TreeEntryKind::Link => {
                    let target = objects.blob(&entry.object)?;
                    symlink(OsStr::from_bytes(&target), &path).map_err(failed)?;
                }
                TreeEntryKind::File | TreeEntryKind::Executable => {
                    self.write_file(objects, &entry, &path, &failed)?;
                }
            }
        }
        Ok(())
    }

    fn write_file(
        &self,
        objects: &mut Objects,
        entry: &TreeEntry,
        path: &Path,
        failed: &dyn Fn(io::Error) -> GitError,
    ) -> Result<(), GitError> {
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        let mut file = file.map_err(failed)?;
        let mut written = Ok(());
        objects.blob_reader(&entry.object)?.each(|some| {
            if written.is_ok() {
                written = io::Write::write_all(&mut file, some);
            }
        })?;
        written.map_err(failed)?;
        if entry.kind == TreeEntryKind::Executable {
            let mode = Permissions::from_mode(0o755);
            file.set_permissions(mode).map_err(failed)?;
        }
        Ok(())
    }
}

/// Whether a name is one of a file in its folder, and not git's own.
fn is_plain(name: &[u8]) -> bool {
    let text = String::from_utf8_lossy(name);
    !name.is_empty() && name != b"." && name != b".." && !aux_model::is_git_directory(&text)
}
