//! What an update is asked to do.

use std::time::Duration;

use aux_model::{BranchName, BuildScope, Catalog, RepoName, System};
use aux_nix::flake::LockFormat;
use serde::{Deserialize, Serialize};

/// What a train is to do.
#[derive(Debug, Clone)]
pub struct UpdateRequest {
    /// The branch that moves, in every repo.
    pub branch: BranchName,
    /// The branch that has the candidates.
    pub staging: BranchName,
    /// The branch of a change set: repos that have it start from there, and nothing else
    /// moves but what follows. None for an update.
    pub change: Option<BranchName>,
    /// The family as the channel follows it, from which its repos take new commits
    /// ([`Catalog::followed`]); none for a train that only moves locks.
    pub followed: Option<Catalog>,
    /// The only inputs that move; all if there is none.
    pub inputs: Vec<RepoName>,
    /// The system to evaluate for.
    pub system: System,
    /// Whether candidates are pushed.
    pub pushes: Pushes,
    /// What is built before a commit is taken.
    pub build: BuildScope,
    /// The store, such as `file:///var/cache`, that what was built is copied to.
    pub copy_to: Option<String>,
    /// As which Nix locks are written.
    pub format: LockFormat,
    /// How long a remote may take to answer; none to ask no remote at all.
    pub patience: Option<Duration>,
}

/// Whether remotes learn of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pushes {
    /// No.
    No,
    /// Yes.
    Yes,
}
