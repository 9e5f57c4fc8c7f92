//! What to evaluate, and how.

use crate::evaluate::report::Resolution;
use aux_model::RepoName;
use aux_model::System;
use aux_nix::Limits;
use std::collections::BTreeSet;

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
