//! What a change does to the packages of the family.

use serde::{Deserialize, Serialize};

use crate::output::Output;
use crate::problem::EvalFailure;

/// What a change does to the packages of the family, as top-level makes them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Impact {
    /// Whether something was looked at, and nothing fails that did not.
    pub good: bool,
    /// Repos to which it does anything.
    #[serde(default)]
    pub repos: Vec<RepoImpact>,
    /// How many packages were looked at.
    pub packages: usize,
    /// How many are what they were.
    pub same: usize,
    /// How many repos were looked at.
    pub looked_at: usize,
    /// Repos that are no git repository here, of which nothing was looked at.
    #[serde(default)]
    pub unseen: Vec<String>,
    /// Repos that do not have what is compared with, and were taken as they are.
    #[serde(default)]
    pub without_base: Vec<String>,
    /// The derivations that are to be built; null if nobody was asked.
    pub unbuilt: Option<Vec<String>>,
}

impl Output for Impact {
    const COMMAND: &'static str = "impact";
}

/// What a change does to the packages of a repo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RepoImpact {
    /// The repo.
    pub repo: String,
    /// Whether its own commit is part of the change.
    pub moves: bool,
    /// New attributes.
    #[serde(default)]
    pub added: Vec<String>,
    /// Attributes that are gone.
    #[serde(default)]
    pub removed: Vec<String>,
    /// Attributes that become another derivation.
    #[serde(default)]
    pub changed: Vec<String>,
    /// Attributes that fail and did not.
    #[serde(default)]
    pub breaks: Vec<EvalFailure>,
    /// Attributes that do not fail any more.
    #[serde(default)]
    pub mends: Vec<String>,
}
