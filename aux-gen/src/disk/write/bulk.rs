//! Many files below one folder, written by several threads: each is replaced by rename, and no link
//! below the folder is followed. For what is made anew at every run and for nothing that a
//! transaction has to hold together.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::io::Errno;

use crate::disk::error::DiskError;
use crate::disk::write::folder::{Clobber, Folder};

/// How names of files that are not whole yet start and end.
const PREFIX: &str = ".aux-gen-bulk-";

/// See [`PREFIX`].
const SUFFIX: &str = ".tmp";

/// A folder that many files are written to.
#[derive(Debug)]
pub struct BulkWriter {
    root: Folder,
    /// The next name of a file that is not whole yet.
    next: AtomicU64,
}

impl BulkWriter {
    /// A writer for a folder. Nobody else may write there by this type at the same time: hold its
    /// lock ([`acquire_lock`](crate::disk::acquire_lock)).
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn new(root: &Path) -> Result<Self, DiskError> {
        Ok(Self {
            root: Folder::open(root)?,
            next: AtomicU64::new(0),
        })
    }

    /// Removes what a run that was ended has left in a folder: files that were not whole.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sweep(&self, folder: &str) -> Result<(), DiskError> {
        let Some(folder) = self.root.below(Path::new(folder))? else {
            return Ok(());
        };
        let path = folder.path_of(OsStr::new(""));
        let entries = std::fs::read_dir(&path).map_err(|error| DiskError::read(&path, error))?;
        for entry in entries.flatten() {
            let name = entry.file_name();
            let text = name.to_string_lossy();
            if text.starts_with(PREFIX) && text.ends_with(SUFFIX) {
                folder.remove(&name)?;
            }
        }
        Ok(())
    }

    /// What a file holds; nothing if there is none.
    ///
    /// # Errors
    /// When something else stands there or on the way, such as a link, or the disk refuses.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, DiskError> {
        let path = Path::new(path);
        let parent = path.parent().unwrap_or(Path::new(""));
        match self.root.below(parent)? {
            Some(folder) => folder.read(path.file_name().unwrap_or_default()),
            None => Ok(None),
        }
    }

    /// Gives a file another text. `before` is what it held when it was read, nothing if there must
    /// be none.
    ///
    /// # Errors
    /// When it holds something else by now, or the disk refuses: the file is then as it was.
    pub fn replace(&self, path: &str, before: Option<&[u8]>, text: &[u8]) -> Result<(), DiskError> {
        let path = Path::new(path);
        let name = path.file_name().unwrap_or_default();
        let parent = path.parent().unwrap_or(Path::new(""));
        let folder = self.root.make_below(parent)?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let waiting = OsString::from(format!("{PREFIX}{number}{SUFFIX}"));
        let failed = |error| DiskError::write(&folder.path_of(&waiting), error);
        let changed = || DiskError::Changed {
            path: folder.path_of(name),
        };
        // One that an ended run has left is nobody's: the lock is ours.
        folder.remove(&waiting)?;
        let mut file = folder.create(&waiting).map_err(failed)?;
        file.write_all(text).map_err(failed)?;
        drop(file);
        let clobber = match before {
            Some(_) => Clobber::Exchange,
            None => Clobber::Never,
        };
        match folder.rename(&waiting, &folder, name, clobber) {
            Ok(()) => {}
            Err(Errno::EXIST | Errno::NOENT) => {
                folder.remove(&waiting)?;
                return Err(changed());
            }
            Err(error) => return Err(failed(error.into())),
        }
        let Some(before) = before else {
            return Ok(());
        };
        // What came out is looked at when nobody can save over it any more. Nothing comes out on a
        // file system that cannot exchange two names.
        let out = folder.read(&waiting)?;
        if out.is_some_and(|out| out != before) {
            let back = folder.rename(&waiting, &folder, name, Clobber::Exchange);
            back.map_err(|error| failed(error.into()))?;
            folder.remove(&waiting)?;
            return Err(changed());
        }
        folder.remove(&waiting)
    }

    /// Removes a file; one that is not there is removed already. Folders that are empty then go, too.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remove(&self, path: &str) -> Result<(), DiskError> {
        let path = Path::new(path);
        let parent = path.parent().unwrap_or(Path::new(""));
        if let Some(folder) = self.root.below(parent)? {
            folder.remove(path.file_name().unwrap_or_default())?;
        }
        for empty in path.ancestors().skip(1) {
            let (Some(name), Some(above)) = (empty.file_name(), empty.parent()) else {
                break;
            };
            match self.root.below(above)? {
                Some(above) if above.remove_empty(name) => {}
                _ => break,
            }
        }
        Ok(())
    }
}
