//! Paths inside the registry: relative, with `/`, never out of it, and never into
//! what git keeps for itself.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use crate::printable::is_invisible;

/// A relative path of plain components, joined by `/`. It cannot leave the
/// folder it is relative to, whatever that folder holds, and none of its components
/// is a git directory on any file system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct RelativePath(String);

/// So that maps by path can be asked with a text.
impl Borrow<str> for RelativePath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Why a text is not such a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RelativePathError {
    /// Nothing was written.
    #[error("a path cannot be empty")]
    Empty,
    /// It starts at the root of the file system.
    #[error("an absolute path would leave the registry")]
    Absolute,
    /// A component is `..`.
    #[error("`..` would leave the registry")]
    Parent,
    /// A component is empty or `.`.
    #[error("a path has no empty component and no `.`")]
    Component,
    /// A backslash, a colon, a control character or one that cannot be seen.
    #[error("a path cannot contain `{}`", crate::printable(&.0.to_string()))]
    Character(char),
    /// A component that git, on some file system, takes for its own directory.
    #[error("`{}` is git's own directory", crate::printable(.0))]
    Git(String),
    /// A component is longer than any file system takes.
    #[error("a name in a path has at most {MAX_COMPONENT} bytes, this one has {0}")]
    TooLong(usize),
}

/// The longest name of a file, in bytes (`NAME_MAX` of Linux; others have no more).
const MAX_COMPONENT: usize = 255;

impl RelativePath {
    /// The path as text, with `/` between components.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This path with `tail` below it.
    ///
    /// # Errors
    /// When `tail` is not a relative path itself.
    pub fn join(&self, tail: &str) -> Result<Self, RelativePathError> {
        let tail: Self = tail.parse()?;
        Ok(Self(format!("{}/{}", self.0, tail.0)))
    }
}

impl FromStr for RelativePath {
    type Err = RelativePathError;

    fn from_str(text: &str) -> Result<Self, RelativePathError> {
        if text.is_empty() {
            return Err(RelativePathError::Empty);
        }
        if text.starts_with('/') {
            return Err(RelativePathError::Absolute);
        }
        // First, since it may be written with characters that cannot be seen.
        if let Some(git) = text.split('/').find(|part| is_git_directory(part)) {
            return Err(RelativePathError::Git(git.to_owned()));
        }
        if let Some(bad) = text
            .chars()
            .find(|c| is_invisible(*c) || matches!(c, '\\' | ':'))
        {
            return Err(RelativePathError::Character(bad));
        }
        for part in text.split('/') {
            match part {
                ".." => return Err(RelativePathError::Parent),
                "" | "." => return Err(RelativePathError::Component),
                long if long.len() > MAX_COMPONENT => {
                    return Err(RelativePathError::TooLong(long.len()));
                }
                _ => {}
            }
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a name means `.git` on some file system. The rules are those by which git
/// refuses a path in its index (`verify_path`, `is_ntfs_dotgit` and `is_hfs_dotgit`):
/// case does not count, NTFS drops dots and spaces at the end, what stands behind `:`
/// or `\`, and has the short name `git~1`; HFS+ drops characters that cannot be seen.
#[must_use]
pub fn is_git_directory(name: &str) -> bool {
    let seen: String = name.chars().filter(|c| !is_ignorable(*c)).collect();
    let end = seen.find(['\\', ':']).unwrap_or(seen.len());
    let stem = seen[..end].trim_end_matches(['.', ' ']);
    stem.eq_ignore_ascii_case(".git") || stem.eq_ignore_ascii_case("git~1")
}

/// Characters that HFS+ drops from names (git's `next_hfs_char`).
fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leaves_its_folder() {
        for bad in [
            "",
            "/etc",
            "..",
            "a/../b",
            "a//b",
            "a/",
            "./a",
            "a\\b",
            "c:a",
            "a\0",
            "a\u{202e}b",
        ] {
            assert!(bad.parse::<RelativePath>().is_err(), "{bad:?}");
        }
        assert!("a".repeat(256).parse::<RelativePath>().is_err());
        for good in [
            "repos/python",
            ".github/CODEOWNERS",
            "git/x",
            ".gitignore",
            "a/.gitmodules",
            "git~10",
            "digit~1",
        ] {
            assert!(good.parse::<RelativePath>().is_ok(), "{good}");
        }
    }

    #[test]
    fn no_path_is_in_gits_directory_on_any_file_system() {
        for bad in [
            ".git",
            ".GIT/hooks",
            "repos/.Git",
            ".git.",
            ".git ",
            ".git . .",
            "git~1",
            "GIT~1/config",
            ".g\u{200c}it",
            "\u{feff}.git",
            ".git:x",
            ".git::$INDEX_ALLOCATION",
            ".git\\hooks",
        ] {
            let error = bad.parse::<RelativePath>().unwrap_err();
            assert!(
                matches!(error, RelativePathError::Git(_)),
                "{bad:?}: {error}"
            );
        }
    }
}
