//! One side against the other: what must cross for nothing below to need
//! anything above.

use std::collections::BTreeSet;

use aux_names::RepoName;

use crate::answers::graph::PackageGraph;
use crate::edge::PackageId;
use crate::policy::Weight;
use aux_graph::{INFINITE, relevel};

/// The cheapest set of packages that must cross between two sides.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Cut {
    /// Packages from above that the lower side gets, in order.
    pub down: Vec<PackageId>,
    /// Packages that leave the lower side, in order.
    pub up: Vec<PackageId>,
    /// The sum of their weights; no set is cheaper.
    pub price: u64,
}

impl PackageGraph<'_> {
    /// The cheapest set of packages to move so that nothing in the repos of
    /// `lower` needs anything of the other repos: a minimum cut, exact. `pinned`
    /// packages stay. None if they alone make it impossible.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// use std::collections::BTreeSet;
    /// use aux_model::Weight;
    ///
    /// let lower = BTreeSet::from(["core".parse()?, "javascript".parse()?]);
    /// let cut = catalog.graph().cut(&lower, &BTreeSet::new(), Weight::Packages);
    /// // Either `numpy` comes down or `notebook` goes up.
    /// assert_eq!(cut.expect("nothing is pinned").price, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn cut(
        &self,
        lower: &BTreeSet<RepoName>,
        pinned: &BTreeSet<PackageId>,
        weight: Weight,
    ) -> Option<Cut> {
        let packages = self.packages();
        let level: Vec<usize> = packages
            .iter()
            .map(|package| usize::from(!lower.contains(&package.id.repo)))
            .collect();
        let mut price: Vec<u64> = packages
            .iter()
            .map(|package| {
                if pinned.contains(&package.id) {
                    INFINITE
                } else {
                    1
                }
            })
            .collect();
        let mut arcs: Vec<(usize, usize)> = self.needed_arcs().collect();
        arcs.sort_unstable();
        arcs.dedup();
        if weight == Weight::Dependents {
            for (_, to) in &arcs {
                price[*to] = price[*to].saturating_add(1).min(INFINITE);
            }
        }
        let cost = |package: usize, side: usize| {
            if side == level[package] {
                0
            } else {
                price[package]
            }
        };
        let solved = relevel(2, packages.len(), cost, arcs, |_, _| true)?;
        let moved = |from: usize| -> Vec<PackageId> {
            let sides = level.iter().zip(&solved.levels);
            let crossing = sides.map(|(before, after)| *before == from && *after != from);
            let moved = packages
                .iter()
                .zip(crossing)
                .filter(|(_, crosses)| *crosses);
            moved.map(|(package, _)| package.id.clone()).collect()
        };
        Some(Cut {
            down: moved(1),
            up: moved(0),
            price: solved.price,
        })
    }
}
