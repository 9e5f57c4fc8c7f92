//! Which hits are wanted.

use std::collections::BTreeSet;

use aux_model::{RepoName, SigName};

use crate::hit::HitKind;
use crate::thing::Thing;

/// Which hits are wanted: of each set that is not empty, a hit must have one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HitFilter {
    /// What it is.
    pub kinds: BTreeSet<HitKind>,
    /// The repo it is placed in, or is.
    pub repos: BTreeSet<RepoName>,
    /// The SIG that answers for it, or that it is.
    pub owners: BTreeSet<SigName>,
}

impl HitFilter {
    /// Whether every hit is wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty() && self.repos.is_empty() && self.owners.is_empty()
    }

    pub(crate) fn lets_through(&self, thing: Thing<'_>) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&thing.kind()))
            && allows(&self.repos, thing.repo())
            && allows(&self.owners, thing.owner())
    }
}

fn allows<T: Ord>(wanted: &BTreeSet<T>, value: Option<&T>) -> bool {
    wanted.is_empty() || value.is_some_and(|value| wanted.contains(value))
}
