//! Where a package belongs, and why.

use aux_names::{RepoName, SigName};

use crate::edge::PackageId;

/// Where a package goes, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Placement {
    /// Where it stands now; none for one to come.
    pub stands: Option<RepoName>,
    /// Where it goes.
    pub repo: RepoName,
    /// The rule that chose it.
    pub rule: Rule,
    /// The dependencies that stand highest: because of them it is not lower. All of
    /// them if only top-level sees them together.
    pub witnesses: Vec<PackageId>,
    /// Packages that need it: because of them it is not higher, or in core.
    pub users: Vec<PackageId>,
    /// Packages that need it and would not see it there: somebody has to give way.
    pub against: Vec<PackageId>,
    /// Who will own it.
    pub owner: SigName,
    /// SIGs that should hear of changes: they own what it needs, or run the repo.
    pub watchers: Vec<SigName>,
    /// Other repos that see all it needs, and that all who need it see, best first.
    pub alternatives: Vec<Candidate>,
    /// What it would use if it were there and the repo does not see, each with
    /// the repo where a variant that has it would go.
    pub variants: Vec<VariantPlace>,
}

/// The rules of placement, in the order in which they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Core boots from it.
    Bootstrap,
    /// Packages need it that would not see it where it would go otherwise.
    NeededBelow,
    /// As many SIGs of one tier need it as the policy says; so core has it.
    Shared,
    /// A repo that its owner runs sees all it needs.
    OwnersRepo,
    /// The lowest repo that sees all it needs holds the highest of it.
    HoldsTheHighest,
    /// No repo on that tier sees all; the lowest that does stands above.
    NextTier,
    /// No SIG's repo sees all: it is one of top-level's own.
    TopLevel,
    /// It needs nothing but core, which has it not by right, and no SIG's repo is nearer than
    /// another: it is one of top-level's own until a SIG owns it.
    NobodysYet,
}

/// A repo that sees all that a package needs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Candidate {
    /// The repo.
    pub repo: RepoName,
    /// The height of its tier.
    pub level: usize,
    /// How many of the needed packages it holds itself.
    pub holds: usize,
}

/// Where a variant with one more dependency would go.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct VariantPlace {
    /// The dependency.
    pub with: PackageId,
    /// The lowest repo that sees it and all the rest.
    pub repo: RepoName,
}
