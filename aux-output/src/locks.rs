//! Commands about locks: `lock`, `who-locks`, `overrides`.

use serde::{Deserialize, Serialize};

use crate::output::Output;
use crate::problem::NamedFailure;

/// The locks of all repos.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Locked {
    /// Whether locks were written.
    pub written: bool,
    /// Repo by repo.
    #[serde(default)]
    pub repos: Vec<LockedRepo>,
    /// Repos that could not be locked.
    #[serde(default)]
    pub failed: Vec<NamedFailure>,
}

impl Output for Locked {
    const COMMAND: &'static str = "lock";
}

/// The lock of one repo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LockedRepo {
    /// The repo.
    pub repo: String,
    /// `fresh`, `stale`, `new`, `without`, `failed` or `held`.
    pub state: String,
    /// Its inputs that are repos of the family.
    #[serde(default)]
    pub inputs: Vec<LockedInput>,
    /// Repos that its lock has more than once.
    #[serde(default)]
    pub copies: Vec<Copies>,
}

/// An input of a repo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LockedInput {
    /// The repo that is the input.
    pub repo: String,
    /// The commit that is locked.
    pub locked: Option<String>,
    /// The newest commit.
    pub now: Option<String>,
}

/// Copies of one repo in a lock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Copies {
    /// The repo.
    pub repo: String,
    /// The nodes of the lock.
    #[serde(default)]
    pub nodes: Vec<String>,
}

/// Who locks which version of a repo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lockers {
    /// The repo asked about.
    pub repo: String,
    /// The versions in the locks of the others.
    #[serde(default)]
    pub versions: Vec<LockedVersion>,
    /// Repos that use it and have no lock.
    #[serde(default)]
    pub without_lock: Vec<String>,
}

impl Output for Lockers {
    const COMMAND: &'static str = "who-locks";
}

/// One version of the repo in one lock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LockedVersion {
    /// Whose lock it is.
    pub repo: String,
    /// The node of the lock.
    pub node: String,
    /// The inputs through which it comes first.
    #[serde(default)]
    pub path: Vec<String>,
    /// The commit.
    pub rev: String,
    /// How many commits it is behind the checkout; null if the checkout does not know it.
    pub behind: Option<u64>,
}

/// Flags that make Nix use the checkouts as inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Overrides {
    /// The flags, word by word.
    #[serde(default)]
    pub flags: Vec<String>,
}

impl Output for Overrides {
    const COMMAND: &'static str = "overrides";
}
