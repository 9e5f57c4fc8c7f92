//! Where generated files are: the registry itself, or the checkout of a repo.

use std::collections::BTreeMap;
use std::fmt;

use aux_model::{RelativePath, RepoName};
use serde::Serialize;

use crate::plan::file::PlannedFile;

/// Where generated files are. The registry sorts before its repos; in JSON it is `null`,
/// and a repo its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Home {
    /// The registry itself.
    Registry,
    /// The checkout of a repo.
    Repo(RepoName),
}

/// All files of the registry, or of one repo.
#[derive(Debug, Clone)]
pub struct HomePlan {
    /// Where a repo is checked out, relative to the registry; none for the registry.
    pub path: Option<RelativePath>,
    /// The files, by path relative to the registry or repo.
    pub files: BTreeMap<RelativePath, PlannedFile>,
}

impl Home {
    /// The repo, unless it is the registry.
    #[must_use]
    pub fn repo(&self) -> Option<&RepoName> {
        match self {
            Self::Registry => None,
            Self::Repo(name) => Some(name),
        }
    }
}

/// As in "5 files of repo `web`".
impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry => f.write_str("the registry"),
            Self::Repo(name) => write!(f, "repo `{name}`"),
        }
    }
}
