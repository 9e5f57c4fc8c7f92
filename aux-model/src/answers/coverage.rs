//! Standalone coverage: how much of a repo works without any repo it does not
//! see, and which missing packages cost most.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::graph::PackageGraph;
use crate::edge::PackageId;
use crate::repo::Repo;

/// What a repo can offer alone.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Coverage {
    /// How many packages and builders it has.
    pub packages: usize,
    /// How many of them need nothing outside of its view.
    pub standalone: usize,
    /// What is missing, dearest first, then by name.
    pub missing: Vec<Missing>,
}

/// A package outside of the view that packages of the repo need.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Missing {
    /// The package.
    pub package: PackageId,
    /// The repo's packages that need it, directly or through others, in order.
    /// Some may lack other packages too.
    pub cost: Vec<PackageId>,
}

impl PackageGraph<'_> {
    /// The standalone coverage of a repo, over all needed edges of the graph.
    #[must_use]
    pub fn coverage(&self, repo: &Repo) -> Coverage {
        let catalog = self.catalog();
        let packages = self.packages();
        let visible: Vec<bool> = packages
            .iter()
            .map(|package| catalog.sees(&repo.name, &package.id.repo))
            .collect();
        // Who in the view needs whom, backwards; and the edges that leave it.
        let mut needed_by: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut leaving: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (from, to) in self.needed_arcs() {
            if visible[from] && visible[to] {
                needed_by.entry(to).or_default().push(from);
            } else if visible[from] {
                leaving.entry(to).or_default().insert(from);
            }
        }
        let mut lacking = BTreeSet::new();
        let mut missing = Vec::new();
        for (package, first) in leaving {
            let mut reached = first.clone();
            let mut queue: VecDeque<usize> = first.into_iter().collect();
            while let Some(number) = queue.pop_front() {
                for user in needed_by.get(&number).into_iter().flatten() {
                    if reached.insert(*user) {
                        queue.push_back(*user);
                    }
                }
            }
            let cost: Vec<PackageId> = reached
                .iter()
                .filter(|number| packages[**number].id.repo == repo.name)
                .map(|number| packages[*number].id.clone())
                .collect();
            if !cost.is_empty() {
                lacking.extend(cost.iter().cloned());
                missing.push(Missing {
                    package: packages[package].id.clone(),
                    cost,
                });
            }
        }
        missing.sort_by(|a, b| {
            b.cost
                .len()
                .cmp(&a.cost.len())
                .then_with(|| a.package.cmp(&b.package))
        });
        Coverage {
            packages: repo.packages.len(),
            standalone: repo.packages.len() - lacking.len(),
            missing,
        }
    }
}
