//! Why a branch of one repo cannot move, here or on its remote.

use std::fmt;

use aux_model::RepoName;
use serde::Serialize;

/// What git or a remote refused of one repo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The repo.
    pub repo: RepoName,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.repo, self.reason)
    }
}
