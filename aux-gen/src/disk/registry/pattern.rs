//! The patterns of `include`: paths in which `*` stands for any characters of
//! one folder's or file's name. As in a shell, it does not match a leading dot.

use std::fs;
use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};

use crate::disk::error::DiskError;
use crate::disk::registry::text::entries;

/// The files below `root` that a pattern matches, by path relative to it, sorted.
/// A link that leads nowhere is among them: reading it is an error.
pub(super) fn files(root: &Path, pattern: &str) -> Result<Vec<String>, DiskError> {
    let mut found = vec![String::new()];
    for part in pattern.split('/') {
        let mut next = Vec::new();
        let part = Part::of(part);
        for path in found {
            below(root, &path, &part, &mut next)?;
        }
        found = next;
    }
    found.retain(|path| !root.join(path).is_dir());
    found.sort();
    Ok(found)
}

/// Whether a pattern matches a path.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    pattern.split('/').all(|part| {
        parts
            .next()
            .is_some_and(|name| Part::of(part).matches(name))
    }) && parts.next().is_none()
}

/// What lies in a folder and has a name that fits one part of a pattern.
fn below(
    root: &Path,
    path: &str,
    part: &Part<'_>,
    found: &mut Vec<String>,
) -> Result<(), DiskError> {
    let join = |name: &str| match path {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    };
    let folder = root.join(path);
    if part.glob.is_none() {
        if fs::symlink_metadata(folder.join(part.text)).is_ok() {
            found.push(join(part.text));
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

/// One part of a pattern, between slashes.
struct Part<'p> {
    text: &'p str,
    /// None if it is a name.
    glob: Option<GlobMatcher>,
}

impl<'p> Part<'p> {
    fn of(text: &'p str) -> Self {
        // `*` is the only character with a meaning; the others are escaped.
        let pieces: Vec<String> = text.split('*').map(globset::escape).collect();
        let glob = || GlobBuilder::new(&pieces.join("*")).build().ok();
        Self {
            text,
            glob: (pieces.len() > 1)
                .then(glob)
                .flatten()
                .map(|glob| glob.compile_matcher()),
        }
    }

    fn matches(&self, name: &str) -> bool {
        match &self.glob {
            Some(_) if self.text.starts_with('*') && name.starts_with('.') => false,
            Some(glob) => glob.is_match(name),
            None => self.text == name,
        }
    }
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

    #[test]
    fn a_star_stays_within_one_name_and_leaves_hidden_files_alone() {
        for (pattern, path, fits) in [
            ("sigs/*.toml", "sigs/a.toml", true),
            ("sigs/*.toml", "sigs/.toml", false),
            ("sigs/*.toml", "sigs/.a.toml", false),
            ("sigs/*.toml", "sigs/a/b.toml", false),
            ("sigs/*.toml", "sigs/a.toml.bak", false),
            ("repos/*/aux.toml", "repos/core/aux.toml", true),
            ("repos/*/aux.toml", "repos/aux.toml", false),
            ("a*b*c", "abbc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("core.toml", "core.toml", true),
        ] {
            assert_eq!(matches(pattern, path), fits, "{pattern} {path}");
        }
    }
}
