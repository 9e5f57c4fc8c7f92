//! What a split is to make.

use std::collections::{BTreeMap, BTreeSet};

use aux_adopt::ready::Readiness;
use aux_adopt::split::{Alone, Assignment, Evidence, Monorepo, PackageSets, Relations, Rules};
use aux_eval::snapshot::Snapshot;
use aux_model::{RepoName, Wiring};

impl Plan {
    /// Whether the tree stands over a core that is somebody else's.
    pub(crate) fn is_over_core(&self) -> bool {
        self.monorepo.set().is_over_core()
    }
}

/// What was found out about a split.
pub(crate) struct Plan {
    pub(crate) monorepo: Monorepo,
    pub(crate) rules: Rules,
    pub(crate) assignment: Assignment,
    /// The package sets of which rules name members.
    pub(crate) sets: PackageSets,
    pub(crate) relations: Relations,
    pub(crate) readiness: Readiness,
    pub(crate) wiring: Wiring,
    /// The repo of what no rule moves: core, or the tree itself if that stands over one.
    pub(crate) rest: RepoName,
    /// Attributes of the tree that the core has too that it stands over.
    pub(crate) of_core: BTreeSet<String>,
    pub(crate) evidence: Evidence,
    pub(crate) measured: Measured,
}

/// What Nix and git say of it; empty where they are not there.
#[derive(Default)]
pub(crate) struct Measured {
    /// What every attribute of the tree evaluates to.
    pub(crate) snapshot: Option<Snapshot>,
    /// What each repo offers alone; none is core.
    pub(crate) alone: BTreeMap<Option<RepoName>, Alone>,
    /// Bytes to download for each repo on its own, and for the tree as it is.
    pub(crate) download: Option<Download>,
}

/// Bytes of the archives that a forge sends.
pub(crate) struct Download {
    pub(crate) tree: u64,
    pub(crate) repos: BTreeMap<Option<RepoName>, u64>,
}
