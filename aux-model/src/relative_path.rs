//! Paths inside the registry: relative, with `/`, and never out of it.

use std::fmt;
use std::str::FromStr;

use crate::name::RepoName;

/// A relative path of plain components, joined by `/`. It cannot leave the
/// folder it is relative to, whatever that folder holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct RelativePath(String);

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
    /// A backslash, a colon or a control character.
    #[error("a path cannot contain `{}`", crate::printable(&.0.to_string()))]
    Character(char),
}

impl RelativePath {
    /// The path as text, with `/` between components.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where a repo is checked out unless the manifest says otherwise.
    pub(crate) fn of_repo(repo: &RepoName) -> Self {
        Self(format!("repos/{repo}"))
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
        if let Some(bad) = text
            .chars()
            .find(|c| c.is_control() || matches!(c, '\\' | ':'))
        {
            return Err(RelativePathError::Character(bad));
        }
        for part in text.split('/') {
            match part {
                ".." => return Err(RelativePathError::Parent),
                "" | "." => return Err(RelativePathError::Component),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leaves_its_folder() {
        for bad in [
            "", "/etc", "..", "a/../b", "a//b", "a/", "./a", "a\\b", "c:a", "a\0",
        ] {
            assert!(bad.parse::<RelativePath>().is_err(), "{bad:?}");
        }
        assert!("repos/python".parse::<RelativePath>().is_ok());
    }
}
