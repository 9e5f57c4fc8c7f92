//! Texts and folders, as they are read.

use std::fs;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::disk::error::DiskError;
use crate::disk::registry::looks::Looks;

/// What a directory holds, sorted.
pub fn entries(directory: &Path) -> Result<Vec<PathBuf>, DiskError> {
    let read = |error| DiskError::read(directory, error);
    let mut entries = fs::read_dir(directory)
        .map_err(read)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(read))
        .collect::<Result<Vec<_>, _>>()?;
    entries.sort();
    Ok(entries)
}

/// The directories in a directory, sorted, noting what was looked at. What a link leads to is one, too.
pub(super) fn directories(directory: &Path, looks: &mut Looks) -> Result<Vec<PathBuf>, DiskError> {
    let read = |error| DiskError::read(directory, error);
    looks.at(directory);
    let mut directories = Vec::new();
    for entry in fs::read_dir(directory).map_err(read)? {
        let entry = entry.map_err(read)?;
        let kind = entry.file_type().map_err(read)?;
        let path = entry.path();
        if kind.is_symlink() {
            looks.at(&path);
        }
        if kind.is_dir() || kind.is_symlink() && path.is_dir() {
            directories.push(path);
        }
    }
    directories.sort();
    Ok(directories)
}

/// Bytes of a text that is read: a sparse file takes no room on the disk, and all of the
/// memory.
const LONGEST: u64 = 64 << 20;

/// The text of a file.
///
/// # Errors
/// When it cannot be read, is no file, or no text, or is larger than 64 MiB.
pub fn read_text(path: &Path) -> Result<String, DiskError> {
    let read = |error| DiskError::read(path, error);
    let no_file = || DiskError::InTheWay {
        path: path.to_owned(),
        what: "no file",
    };
    let found = fs::metadata(path).map_err(read)?;
    // A pipe would never end, nor would some devices.
    if !found.is_file() {
        return Err(no_file());
    }
    if found.len() > LONGEST {
        return Err(DiskError::TooLarge {
            path: path.to_owned(),
            size: found.len(),
            most: LONGEST,
        });
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(read)?;
    file.take(LONGEST).read_to_end(&mut bytes).map_err(read)?;
    // What the system says of itself, as in `/proc`, has no size.
    if found.len() == 0 && !bytes.is_empty() {
        return Err(no_file());
    }
    String::from_utf8(bytes).map_err(|_| DiskError::NotText {
        path: path.to_owned(),
    })
}
