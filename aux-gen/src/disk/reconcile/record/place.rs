//! Where the record of a repo lies, and the texts beside it.

use std::path::{Path, PathBuf};

use crate::disk::error::DiskError;
use crate::disk::write::{Folder, plain};
use crate::marker::{MARKER, RECORD};

/// The record itself, in its folder.
const FILE: &str = "record";

/// What git is told of the files in the record's folder, in it.
const ATTRIBUTES: &str = ".gitattributes";

/// Texts as they were written, of files that people have changed, in the record's folder.
const BASE: &str = "base";

/// What git is told of the record: its lines go together, and nobody reads it in a diff.
pub(crate) fn attributes() -> String {
    format!("# {MARKER}\n* text eol=lf linguist-generated -diff\n/{FILE} merge=union\n")
}

/// What lies in the record's folder as the text that a file was written with, whatever it is.
pub(crate) fn copy_there(repo: &Path, path: &str) -> Option<String> {
    let text = read_own(repo, &base_path(repo, path)).ok()??;
    String::from_utf8(text).ok().map(plain)
}

/// What a file of the record's folder holds; nothing if it is not there.
pub(super) fn read_own(repo: &Path, path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    if !repo.is_dir() {
        return Ok(None);
    }
    let below = path.strip_prefix(repo).unwrap_or(path);
    let folder = below.parent().unwrap_or(Path::new(""));
    let Some(folder) = Folder::open(repo)?.below(folder)? else {
        return Ok(None);
    };
    folder.read(below.file_name().unwrap_or_default())
}

/// Where the record of a repo lies.
pub(crate) fn record_path(repo: &Path) -> PathBuf {
    repo.join(RECORD).join(FILE)
}

/// Whether a folder has a record, of this format or an older one.
pub(crate) fn has_record(repo: &Path) -> bool {
    record_path(repo).is_file() || super::path_before(repo).is_file()
}

/// Where the attributes of the record of a repo lie.
pub(crate) fn attributes_path(repo: &Path) -> PathBuf {
    repo.join(RECORD).join(ATTRIBUTES)
}

/// Where the text lies that a file of a repo was written with, if somebody has changed it.
pub(crate) fn base_path(repo: &Path, path: &str) -> PathBuf {
    repo.join(RECORD).join(BASE).join(path)
}

/// Where the record of an older program lies.
pub(in crate::disk::reconcile) fn path_before(repo: &Path) -> PathBuf {
    repo.join(RECORD).join("record.json")
}
