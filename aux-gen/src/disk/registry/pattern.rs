//! The files of a folder that the patterns of `include` match.

use std::fs;
use std::path::Path;

use aux_model::{IncludePart, IncludePattern};

use crate::disk::error::DiskError;
use crate::disk::registry::text::entries;

/// The files below `root` that a pattern matches, by path relative to it, sorted.
/// A link that leads nowhere is among them: reading it is an error.
pub(super) fn files(root: &Path, pattern: &str) -> Result<Vec<String>, DiskError> {
    let mut found = vec![String::new()];
    for part in IncludePattern::new(pattern).parts() {
        let mut next = Vec::new();
        for path in found {
            below(root, &path, part, &mut next)?;
        }
        found = next;
    }
    found.retain(|path| !root.join(path).is_dir());
    found.sort();
    Ok(found)
}

/// What lies in a folder and has a name that fits one part of a pattern.
fn below(
    root: &Path,
    path: &str,
    part: &IncludePart,
    found: &mut Vec<String>,
) -> Result<(), DiskError> {
    let join = |name: &str| match path {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    };
    let folder = root.join(path);
    if let Some(name) = part.name() {
        if fs::symlink_metadata(folder.join(name)).is_ok() {
            found.push(join(name));
        }
    } else if folder.is_dir() {
        for entry in entries(&folder)? {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            if part.matches(&name) {
                found.push(join(&name));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;
    use crate::disk::create;

    #[test]
    fn a_name_that_is_no_text_is_found_and_not_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let name = OsStr::from_bytes(b"\xff.toml");
        create(&root.path().join(name), "").unwrap();
        assert_eq!(files(root.path(), "*.toml").unwrap(), ["\u{fffd}.toml"]);
    }
}
