//! Policy: what an organization decided about core, about moves and about
//! repos that may use each other.

use std::collections::BTreeSet;

use aux_names::{Date, RepoName, SigName};

use crate::edge::PackageId;
use aux_problems::At;
use aux_problems::equal_but_for;
use aux_problems::word_type;

word_type! {
    /// What a move of one package costs.
    Weight {
        /// Every package costs 1: the smallest number of moves.
        Packages = "packages",
        /// A package costs 1 and 1 more for each package that needs it: the
        /// smallest number of files that somebody may have to look at.
        Dependents = "dependents",
    }
}

word_type! {
    /// What it is that a package is another derivation alone than through top-level.
    Differing {
        /// It is said, and nobody is held for it.
        Warning = "warning",
        /// `eval` fails, and a train holds the repo in which it is new.
        Error = "error",
    }
}

/// What an organization decided.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Policy {
    /// Packages that core boots from: their closure must be in core.
    pub bootstrap: BTreeSet<PackageId>,
    /// From how many SIGs of one tier on a package that they need should be in
    /// core; at least 1.
    pub fan_in: usize,
    /// Packages that no plan moves.
    pub pinned: BTreeSet<PackageId>,
    /// What a move costs.
    pub weight: Weight,
    /// What it is that a package is another derivation alone than through top-level.
    pub differing: Differing,
    /// Packages that stay in one repo, whatever else moves.
    pub together: Vec<Together>,
    /// What using a repo may cost.
    pub budget: Budget,
    /// Above how many packages of its own top-level is said to fill up.
    pub top_level_packages: usize,
    /// Pairs of repos that may use each other; every other cycle is forbidden.
    pub allowed: Vec<Allowed>,
}

/// What using one repo alone may cost; none is no limit. What is counted is the same on every machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Budget {
    /// Bytes of the archives of a repo and of all its inputs, as a forge packs them.
    pub download: Option<u64>,
    /// Thunks that Nix makes for one package of it.
    pub one: Option<u64>,
    /// Thunks that Nix makes for all that it offers.
    pub all: Option<u64>,
}

/// Packages that stay in one repo.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Together {
    /// The packages, in the order of the manifest.
    pub packages: Vec<PackageId>,
    pub(crate) at: At,
}

equal_but_for!(Together { at } by { packages });

/// Two repos that may use each other, and who answers for that.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Allowed {
    /// The two, in order of name.
    pub repos: (RepoName, RepoName),
    /// Why neither order will do.
    pub reason: String,
    /// The SIG that answers for it.
    pub owner: SigName,
    /// When somebody looks at it again.
    pub review: Date,
    pub(crate) at: At,
}

equal_but_for!(Allowed { at } by { repos, reason, owner, review });

impl Policy {
    /// The packages that stay in one repo with another one, it not among them.
    pub fn companions<'p>(&'p self, package: &'p PackageId) -> impl Iterator<Item = &'p PackageId> {
        let groups = self.together.iter();
        let groups = groups.filter(|together| together.packages.contains(package));
        let all = groups.flat_map(|together| &together.packages);
        all.filter(move |other| *other != package)
    }

    /// Whether two repos may use each other, in whichever order they are given.
    #[must_use]
    pub fn allows(&self, one: &RepoName, other: &RepoName) -> bool {
        self.allowed
            .iter()
            .any(|Allowed { repos: (a, b), .. }| (a, b) == (one, other) || (a, b) == (other, one))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            bootstrap: BTreeSet::new(),
            fan_in: 2,
            pinned: BTreeSet::new(),
            weight: Weight::Packages,
            differing: Differing::Warning,
            together: Vec::new(),
            budget: Budget::default(),
            top_level_packages: 10,
            allowed: Vec::new(),
        }
    }
}
