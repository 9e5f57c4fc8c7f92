//! Why a branch cannot move.

use std::fmt;

use aux_model::RepoName;
use serde::Serialize;

/// Why a repo cannot be promoted, and so nobody is.
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
