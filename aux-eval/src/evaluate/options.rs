//! What to evaluate, and how.

use std::collections::BTreeSet;

use aux_model::{RepoName, System};
use aux_nix::Limits;

use crate::evaluate::report::Resolution;

/// What to evaluate, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The repos to look at; all if empty.
    pub repos: BTreeSet<RepoName>,
    /// The system to evaluate for.
    pub system: System,
    /// How inputs are resolved.
    pub resolution: Resolution,
    /// How many Nix processes may run at once.
    pub jobs: usize,
    /// Time and memory; the paths that may be read are added here.
    pub limits: Limits,
}
