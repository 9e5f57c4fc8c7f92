//! Commands about names: `rename`, `remove`, `new-repo`, `merge-sigs`, `split-sig`, `replace-person`.

use serde::{Deserialize, Serialize};

use crate::output::Output;

/// Something that has another name now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Renamed {
    /// What it is: `package`, `repo`, `sig`, `person`, `tier` or `module`.
    pub kind: String,
    /// What it was called; a package or a module as REPO/NAME.
    pub from: String,
    /// What it is called.
    pub to: String,
    /// Until when the old name is answered for; null if it is not.
    pub until: Option<String>,
    /// Files and folders that moved, relative to the registry.
    #[serde(default)]
    pub moved: Vec<MovedPath>,
    /// What is left for people to do.
    #[serde(default)]
    pub left: Vec<String>,
}

impl Output for Renamed {
    const COMMAND: &'static str = "rename";
}

/// A file or a folder that is elsewhere now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MovedPath {
    /// Where it was.
    pub from: String,
    /// Where it is.
    pub to: String,
}

/// Something that is gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Removed {
    /// What it was: `package`, `module`, `repo`, `sig` or `person`.
    pub kind: String,
    /// Its name; of a package or a module REPO/NAME.
    pub name: String,
    /// Until when it is said that it is gone; null if for good.
    pub until: Option<String>,
    /// Files that were deleted, relative to the registry.
    #[serde(default)]
    pub deleted: Vec<String>,
    /// What is left for people to do.
    #[serde(default)]
    pub left: Vec<String>,
}

impl Output for Removed {
    const COMMAND: &'static str = "remove";
}

/// A repo that was added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AddedRepo {
    /// The repo.
    pub repo: String,
    /// The SIG that runs it.
    pub sig: String,
    /// Its tier.
    pub tier: String,
    /// The first commit of the repo, in a family of git repositories.
    #[serde(default)]
    pub commit: Option<String>,
    /// The command that publishes the repo, once its forge has an empty one.
    #[serde(default)]
    pub publish: Option<String>,
}

impl Output for AddedRepo {
    const COMMAND: &'static str = "new-repo";
}

/// A SIG that became a part of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MergedSigs {
    /// The SIG that is gone.
    pub sig: String,
    /// The SIG that it became a part of.
    pub into: String,
    /// Repos that this one runs now.
    #[serde(default)]
    pub repos: Vec<String>,
    /// People who are members of it now.
    #[serde(default)]
    pub members: Vec<String>,
    /// Until when the old name is answered for; null if it is not.
    pub until: Option<String>,
}

impl Output for MergedSigs {
    const COMMAND: &'static str = "merge-sigs";
}

/// A SIG that was a part of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SplitSig {
    /// The new SIG.
    pub sig: String,
    /// The SIG that it was a part of.
    pub from: String,
    /// Its repo; null if it has none.
    pub repo: Option<String>,
    /// The packages that it owns, each as REPO/NAME.
    #[serde(default)]
    pub packages: Vec<String>,
}

impl Output for SplitSig {
    const COMMAND: &'static str = "split-sig";
}

/// A person who stands in for another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReplacedPerson {
    /// Who is gone.
    pub from: String,
    /// Who is named in their place.
    pub to: String,
}

impl Output for ReplacedPerson {
    const COMMAND: &'static str = "replace-person";
}
