//! What stands where a file is planned.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use aux_model::RelativePath;

use crate::disk::error::DiskError;

/// The bytes of a file, or nothing if there is none.
pub(crate) fn read_file(path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    if !is_file(path)? {
        return Ok(None);
    }
    fs::read(path)
        .map(Some)
        .map_err(|error| DiskError::read(path, error))
}

/// Whether there is a file: not whatever else may stand where one is planned.
pub(crate) fn is_file(path: &Path) -> Result<bool, DiskError> {
    let what = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(DiskError::read(path, error)),
        Ok(found) if found.is_dir() => "a directory",
        Ok(found) if found.is_symlink() => "a symbolic link",
        // A pipe would never end, nor would some devices.
        Ok(found) if !found.is_file() => "no file",
        Ok(_) => return Ok(true),
    };
    Err(DiskError::InTheWay {
        path: path.to_owned(),
        what,
    })
}

/// Every folder on the way to a file is a folder of its own, or not there yet: a
/// link could lead out of the repo. The starting folder may be a link.
pub(crate) fn must_be_directories(start: &Path, path: &RelativePath) -> Result<(), DiskError> {
    DirGuard::default().must_be_directories(start, path)
}

/// As [`must_be_directories`], for many files below one folder: none of those on
/// their ways is looked at twice.
#[derive(Debug, Default)]
pub(crate) struct DirGuard {
    /// Those that are folders of their own.
    directories: BTreeSet<String>,
}

impl DirGuard {
    pub(crate) fn must_be_directories(
        &mut self,
        start: &Path,
        path: &RelativePath,
    ) -> Result<(), DiskError> {
        for (end, _) in path.as_str().match_indices('/') {
            let way = &path.as_str()[..end];
            if self.directories.contains(way) {
                continue;
            }
            let folder = start.join(way);
            let what = match fs::symlink_metadata(&folder) {
                Ok(found) if found.is_dir() => {
                    self.directories.insert(way.to_owned());
                    continue;
                }
                Ok(found) if found.is_symlink() => "a symbolic link",
                Ok(_) => "a file",
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(DiskError::read(&folder, error)),
            };
            return Err(DiskError::InTheWay { path: folder, what });
        }
        Ok(())
    }
}
