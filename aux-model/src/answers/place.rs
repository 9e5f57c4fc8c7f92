//! Where a package goes: the lowest repo that sees all it needs.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::PackageGraph;
use crate::edge::PackageId;
use crate::name::{RepoName, SigName};
use crate::repo::Repo;

/// Where a new package goes, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Placement {
    /// The repo.
    pub repo: RepoName,
    /// The rule that chose it.
    pub rule: Rule,
    /// The dependencies that stand highest: because of them it is not lower.
    pub witnesses: Vec<PackageId>,
    /// Who will own it.
    pub owner: SigName,
    /// SIGs whose packages it needs: they should hear of changes.
    pub watchers: Vec<SigName>,
    /// Other repos that see all it needs, best first.
    pub alternatives: Vec<Candidate>,
}

/// The rules of placement, in the order in which they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The one repo that holds the highest of what it needs sees all of it.
    HoldsTheHighest,
    /// No repo on that tier sees all; the lowest that does stands above.
    NextTier,
    /// No SIG's repo sees all: it is one of top-level's own.
    TopLevel,
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

/// A package that stands higher than what it needs makes it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Sinking {
    /// The package, where it is now.
    pub package: PackageId,
    /// The lowest repo that sees all it needs.
    pub to: RepoName,
}

impl PackageGraph<'_> {
    /// Where a package that needs `dependencies` goes. Repos on one tier that
    /// both see all are ordered by how much of it they hold, then by name.
    ///
    /// The rule is the one of the design of tiers: the lowest repo that sees all
    /// dependencies; else the next tier that has one; else top-level's own.
    #[must_use]
    pub fn place(&self, dependencies: &BTreeSet<PackageId>) -> Placement {
        let catalog = self.catalog();
        let mut candidates = self.candidates(dependencies);
        let best = candidates.remove(0);
        let height = |id: &PackageId| catalog.level(&id.repo).unwrap_or(0);
        let highest = dependencies.iter().map(height).max().unwrap_or(0);
        let witnesses: Vec<PackageId> = dependencies
            .iter()
            .filter(|id| height(id) == highest)
            .cloned()
            .collect();
        let rule = if best.repo == catalog.top_level().name {
            Rule::TopLevel
        } else if best.level > highest {
            Rule::NextTier
        } else {
            Rule::HoldsTheHighest
        };
        let mut watchers: BTreeSet<&SigName> = dependencies
            .iter()
            .filter_map(|id| catalog.package(id))
            .map(|package| &package.owner)
            .collect();
        let owner = catalog
            .repo(best.repo.as_str())
            .map_or(&catalog.top_level().sig, |repo| &repo.sig);
        watchers.remove(owner);
        Placement {
            rule,
            witnesses,
            owner: owner.clone(),
            watchers: watchers.into_iter().cloned().collect(),
            repo: best.repo,
            alternatives: candidates,
        }
    }

    /// Packages that could stand in a lower repo, with the lowest one. Packages
    /// of top-level and of a language's own tier alike; a repo's builders and
    /// whatever its own packages need stay with them.
    #[must_use]
    pub fn sinking(&self) -> Vec<Sinking> {
        let catalog = self.catalog();
        let mut held: BTreeMap<&PackageId, bool> = BTreeMap::new();
        for edge in self.edges() {
            if edge.kind.is_needed() && edge.from.repo == edge.to.repo {
                held.insert(edge.to, true);
            }
        }
        let mut sinking = Vec::new();
        for package in self.packages() {
            let needs: BTreeSet<PackageId> = self
                .edges_of(&package.id)
                .iter()
                .filter(|edge| edge.kind.is_needed())
                .map(|edge| edge.to.clone())
                .collect();
            // A package that needs nothing says nothing about where it belongs.
            if needs.is_empty() || held.contains_key(&package.id) {
                continue;
            }
            let place = self.place(&needs);
            let level = |repo: &RepoName| catalog.level(repo).unwrap_or(0);
            if level(&place.repo) < level(&package.id.repo) {
                sinking.push(Sinking {
                    package: package.id.clone(),
                    to: place.repo,
                });
            }
        }
        sinking
    }

    /// Every repo that sees all the packages, best first; top-level is the last.
    fn candidates(&self, dependencies: &BTreeSet<PackageId>) -> Vec<Candidate> {
        let catalog = self.catalog();
        let sees_all = |repo: &Repo| {
            dependencies
                .iter()
                .all(|id| catalog.sees(&repo.name, &id.repo))
        };
        let mut candidates: Vec<Candidate> = catalog
            .repos()
            .filter(|repo| sees_all(repo))
            .map(|repo| Candidate {
                repo: repo.name.clone(),
                level: catalog.level(&repo.name).unwrap_or(usize::MAX),
                holds: dependencies
                    .iter()
                    .filter(|id| id.repo == repo.name)
                    .count(),
            })
            .collect();
        candidates.sort_by(|a, b| {
            (a.level, std::cmp::Reverse(a.holds), &a.repo).cmp(&(
                b.level,
                std::cmp::Reverse(b.holds),
                &b.repo,
            ))
        });
        candidates
    }
}
