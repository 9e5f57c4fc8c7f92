//! Names of branches and of commits.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::printable::is_invisible;

/// Whether git can have a branch of this name: what `git check-ref-format --branch` takes
/// (git-check-ref-format(1)), without characters that nobody sees.
///
/// ```
/// assert!(aux_names::is_branch_name("release/26.11"));
/// assert!(!aux_names::is_branch_name("-x") && !aux_names::is_branch_name("a..b"));
/// ```
#[must_use]
pub fn is_branch_name(name: &str) -> bool {
    let is_component =
        |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    name.split('/').all(is_component)
        && !name.starts_with('-')
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.contains("@{")
        && !matches!(name, "@" | "HEAD")
        && !name.contains(|c: char| is_invisible(c) || " ~^:?*[\\".contains(c))
}

/// Whether a text is the full name of a commit as flakes take it: 40 hexadecimal digits
/// (`nix flake`, "Flake references").
#[must_use]
pub fn is_commit_name(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// A name of git's that a text is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GitNameError {
    /// It is no full name of a commit.
    #[error("`{}` is no name of a commit", crate::printable(.0))]
    Rev(String),
    /// It is no name of a branch.
    #[error("`{}` is no name of a branch", crate::printable(.0))]
    Branch(String),
}

/// The full name of a commit: 40 hexadecimal digits, or 64 where names are SHA-256
/// (gitglossary(7), "object name").
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rev(String);

/// The name of a branch, without `refs/heads/`: one that [`is_branch_name`] takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BranchName(String);

impl FromStr for Rev {
    type Err = GitNameError;

    fn from_str(text: &str) -> Result<Self, GitNameError> {
        let is_whole = matches!(text.len(), 40 | 64);
        if is_whole && text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(GitNameError::Rev(text.to_owned()))
        }
    }
}

impl FromStr for BranchName {
    type Err = GitNameError;

    fn from_str(text: &str) -> Result<Self, GitNameError> {
        if is_branch_name(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(GitNameError::Branch(text.to_owned()))
        }
    }
}

macro_rules! text {
    ($($name:ident),*) => {
        $(
            impl $name {
                /// The name as text.
                #[must_use]
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl TryFrom<String> for $name {
                type Error = GitNameError;

                fn try_from(text: String) -> Result<Self, GitNameError> {
                    text.parse()
                }
            }

            impl From<$name> for String {
                fn from(name: $name) -> Self {
                    name.0
                }
            }

            impl Deref for $name {
                type Target = str;

                fn deref(&self) -> &str {
                    &self.0
                }
            }

            impl PartialEq<str> for $name {
                fn eq(&self, text: &str) -> bool {
                    self.0 == text
                }
            }

            impl PartialEq<$name> for &str {
                fn eq(&self, name: &$name) -> bool {
                    *self == name.0
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.pad(&self.0)
                }
            }
        )*
    };
}

text!(Rev, BranchName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rev_is_whole_and_a_branch_is_one_that_git_can_have() {
        assert!("a".repeat(40).parse::<Rev>().is_ok() && "0".repeat(64).parse::<Rev>().is_ok());
        for text in ["", "HEAD", "abc1234", &"g".repeat(40), "--upload-pack=x"] {
            assert!(text.parse::<Rev>().is_err(), "{text}");
        }
        assert!("release/26.11".parse::<BranchName>().is_ok());
        for text in ["", "-x", "a..b", "HEAD", "a b"] {
            assert!(text.parse::<BranchName>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_name_is_refused_when_it_is_read() {
        let error = serde_json::from_str::<Rev>("\"main\"").unwrap_err();
        assert!(
            error.to_string().contains("is no name of a commit"),
            "{error}"
        );
    }
}
