//! Where a repo is checked out.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use crate::name::RepoName;
use crate::relative_path::{RelativePath, RelativePathError};

/// The folder of a repo's checkout, relative to the registry: a [`RelativePath`] that is
/// none of the registry's own files and folders, and that no shell takes for an option.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct CheckoutPath(RelativePath);

/// Files and folders that a registry has for itself: the manifest, what is generated in
/// it, holds and releases, and what git and forges read there.
const OWN: [&str; 13] = [
    ".forgejo",
    ".gitattributes",
    ".gitea",
    ".github",
    ".gitignore",
    ".gitmodules",
    "aux.toml",
    "ci",
    "holds",
    "hydra",
    "index",
    "releases",
    "sigs",
];

/// How names of the program's own folders start.
const STATE: &str = ".aux-gen";

/// Why a text is no such path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckoutPathError {
    /// It is no path inside the registry.
    #[error(transparent)]
    Path(#[from] RelativePathError),
    /// It is, or is in, something that the registry has for itself.
    #[error("`{0}` is the registry's own")]
    Own(String),
    /// A name in it would be an option of a command, or `cd -`.
    #[error("a name in the path of a checkout cannot start with `-`")]
    Dash,
    /// A name in it ends with a dot or a space, which Windows drops.
    #[error("a name in the path of a checkout cannot end with a dot or a space")]
    End,
}

impl CheckoutPath {
    /// Where a repo is checked out unless the manifest says otherwise.
    #[must_use]
    pub fn of_repo(repo: &RepoName) -> Self {
        let path = format!("repos/{repo}").parse();
        Self(path.expect("the name of a repo is an identifier"))
    }

    /// The path inside the registry.
    #[must_use]
    pub fn as_path(&self) -> &RelativePath {
        &self.0
    }
}

impl Deref for CheckoutPath {
    type Target = RelativePath;

    fn deref(&self) -> &RelativePath {
        &self.0
    }
}

impl FromStr for CheckoutPath {
    type Err = CheckoutPathError;

    fn from_str(text: &str) -> Result<Self, CheckoutPathError> {
        let path: RelativePath = text.parse()?;
        let first = text.split('/').next().unwrap_or_default();
        if OWN.iter().any(|own| own.eq_ignore_ascii_case(first)) {
            return Err(CheckoutPathError::Own(first.to_owned()));
        }
        for part in text.split('/') {
            let start = part.get(..STATE.len());
            if start.is_some_and(|start| start.eq_ignore_ascii_case(STATE)) {
                return Err(CheckoutPathError::Own(part.to_owned()));
            }
            if part.starts_with('-') {
                return Err(CheckoutPathError::Dash);
            }
            if part.ends_with(['.', ' ']) {
                return Err(CheckoutPathError::End);
            }
        }
        Ok(Self(path))
    }
}

impl fmt::Display for CheckoutPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_is_nothing_that_the_registry_git_or_a_shell_takes_for_theirs() {
        for bad in [
            ".git",
            "repos/.GIT",
            "git~1",
            ".aux-gen",
            ".aux-gen/staged",
            ".AUX-GEN",
            "repos/.aux-gen-x",
            "sigs",
            "Sigs/python",
            "ci",
            "holds/x",
            "releases",
            "hydra",
            ".github",
            ".gitea/x",
            ".Forgejo",
            "aux.toml",
            "AUX.TOML/x",
            ".gitmodules",
            "-",
            "-rf",
            "repos/-x",
            "repos/x.",
            "repos/x ",
            "../x",
        ] {
            assert!(bad.parse::<CheckoutPath>().is_err(), "{bad:?}");
        }
        for good in [
            "repos/python",
            "python",
            "x/ci",
            "repos/sigs",
            "a b/c",
            "sigs2",
        ] {
            assert!(good.parse::<CheckoutPath>().is_ok(), "{good:?}");
        }
    }
}
