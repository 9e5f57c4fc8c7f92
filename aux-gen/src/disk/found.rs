//! What stands where a file is planned.

use std::fs;
use std::io;
use std::path::Path;

use aux_model::RelativePath;

use super::error::DiskError;

/// Whether a text has a place where `resolve --merge` or git put two texts.
pub(super) fn has_conflict_markers(text: &str) -> bool {
    let starts = |marker: &str| text.lines().any(|line| line.starts_with(marker));
    starts("<<<<<<< ") && starts(">>>>>>> ")
}

/// The bytes of a file, or nothing if there is none.
pub(super) fn read_file(path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(DiskError::read(path, error)),
        Ok(found) if found.is_dir() => {
            return Err(DiskError::InTheWay {
                path: path.to_owned(),
                what: "a directory",
            });
        }
        Ok(found) if found.is_symlink() => {
            return Err(DiskError::InTheWay {
                path: path.to_owned(),
                what: "a symbolic link",
            });
        }
        Ok(_) => {}
    }
    fs::read(path)
        .map(Some)
        .map_err(|error| DiskError::read(path, error))
}

/// Every folder on the way to a file is a folder of its own, or not there yet: a
/// link could lead out of the repo. The starting folder may be a link.
pub(super) fn must_be_directories(start: &Path, path: &RelativePath) -> Result<(), DiskError> {
    let mut folder = start.to_owned();
    let mut parts: Vec<&str> = path.as_str().split('/').collect();
    parts.pop();
    for part in parts {
        folder.push(part);
        let what = match fs::symlink_metadata(&folder) {
            Ok(found) if found.is_dir() => continue,
            Ok(found) if found.is_symlink() => "a symbolic link",
            Ok(_) => "a file",
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(DiskError::read(&folder, error)),
        };
        return Err(DiskError::InTheWay { path: folder, what });
    }
    Ok(())
}
