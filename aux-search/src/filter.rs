//! Which hits are wanted.

use std::collections::BTreeSet;

use aux_model::{RepoName, SigName, System, TierName};

use crate::hit::HitKind;
use crate::index::Entry;

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
    /// The tier of its repo.
    pub tiers: BTreeSet<TierName>,
    /// A system that it is for; with [`is_broken`](Self::is_broken), one on which it does not work.
    pub systems: BTreeSet<System>,
    /// One of its licences, in any case.
    pub licenses: BTreeSet<String>,
    /// Whether it is known not to work; none if that does not matter.
    pub is_broken: Option<bool>,
    /// Whether its licence is not free; none if that does not matter.
    pub is_unfree: Option<bool>,
}

impl HitFilter {
    /// Whether every hit is wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn lets_through(&self, entry: &Entry) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&entry.kind))
            && allows(&self.repos, entry.repo.as_ref())
            && allows(&self.owners, entry.owner.as_ref())
            && allows(&self.tiers, entry.tier.as_ref())
            && self.allows_licenses(entry)
            && self.allows_systems(entry)
            && self.is_unfree.is_none_or(|is| entry.unfree == is)
    }

    fn allows_licenses(&self, entry: &Entry) -> bool {
        let is_wanted = |license: &String| {
            let mut wanted = self.licenses.iter();
            wanted.any(|wanted| wanted.eq_ignore_ascii_case(license))
        };
        self.licenses.is_empty() || entry.licenses.iter().any(is_wanted)
    }

    /// Only what is built is for a system: of SIGs or modules there is nothing to say.
    fn allows_systems(&self, entry: &Entry) -> bool {
        let is_asked = |system: &System| self.systems.is_empty() || self.systems.contains(system);
        let is_built = entry.kind.is_built();
        let is_for = match &entry.systems {
            Some(systems) => systems.iter().any(is_asked),
            None => true,
        };
        let is_broken = entry.broken.iter().any(is_asked);
        (self.systems.is_empty() || (is_built && is_for))
            && self.is_broken.is_none_or(|is| is_built && is_broken == is)
    }
}

fn allows<T: Ord>(wanted: &BTreeSet<T>, value: Option<&T>) -> bool {
    wanted.is_empty() || value.is_some_and(|value| wanted.contains(value))
}
