//! `forge`: what the forge has against what the manifest says.

use serde::{Deserialize, Serialize};

use crate::output::Output;

/// What there is to do on the forge, or what was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForgeChanges {
    /// The organization that was asked about.
    pub organization: String,
    /// The API that was asked.
    pub api: String,
    /// Whether changes were made; else they are only said.
    pub applied: bool,
    /// How many repositories were compared.
    pub repositories: usize,
    /// How many teams were compared.
    pub teams: usize,
    /// How many branches were compared.
    pub branches: usize,
    /// The changes, in the order in which they are made.
    #[serde(default)]
    pub changes: Vec<ForgeChange>,
    /// What was not looked at, and what the forge has that the manifest does not.
    #[serde(default)]
    pub left: Vec<String>,
}

impl Output for ForgeChanges {
    const COMMAND: &'static str = "forge";
}

/// One change on the forge.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForgeChange {
    /// What it is: `create-repository`, `describe`, `create-team`, `set-permission`, `add-member`,
    /// `remove-member`, `grant`, `revoke`, `create-label`, `protect` or `archive`.
    pub change: String,
    /// Whether it takes something from somebody: only `--allow-removals` does that.
    pub removal: bool,
    /// What became of it: `planned`, `done`, `refused` by the forge, or `kept` as it was.
    pub state: String,
    /// The repository that it is about.
    pub repository: Option<String>,
    /// The team that it is about.
    pub team: Option<String>,
    /// The account that it is about.
    pub person: Option<String>,
    /// The branch that it is about.
    pub branch: Option<String>,
    /// The label that it is about.
    pub label: Option<String>,
    /// What the team may do.
    pub permission: Option<String>,
    /// What it could do before.
    pub before: Option<String>,
    /// What the forge said of a refusal.
    pub message: Option<String>,
}
