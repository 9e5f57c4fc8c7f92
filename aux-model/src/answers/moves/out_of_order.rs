//! Repos among which the order of tiers does not hold, and for which no other
//! order can.

use std::collections::{BTreeMap, BTreeSet};

use aux_names::RepoName;

use crate::answers::graph::{GraphEdge, PackageGraph};
use aux_graph::Digraph;

impl<'c> PackageGraph<'c> {
    /// Every set of repos that only moves can put in order: the strongly
    /// connected components of uses and needs, where each tier needs the
    /// ones below it. Repos that are peers of one tier, and pairs that the policy
    /// allows, need no order between them. By first name.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// assert!(catalog.graph().out_of_order().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn out_of_order(&self) -> Vec<BTreeSet<RepoName>> {
        let catalog = self.family();
        let repos: Vec<&RepoName> = catalog.repos().map(|repo| &repo.name).collect();
        let numbers: BTreeMap<&RepoName, usize> = repos
            .iter()
            .enumerate()
            .map(|(number, name)| (*name, number))
            .collect();
        let tier = |level: usize| repos.len() + level;
        let mut arcs: BTreeSet<(usize, usize)> = BTreeSet::new();
        for repo in catalog.repos() {
            for other in repo.uses.keys().chain(repo.peers.keys()) {
                self.constrain(&repo.name, other, &numbers, &mut arcs);
            }
            // A tier stands for all repos on it and below.
            let level = catalog.level(&repo.name).unwrap_or(0);
            arcs.insert((tier(level), numbers[&repo.name]));
            if level > 0 {
                arcs.insert((numbers[&repo.name], tier(level - 1)));
            }
        }
        arcs.extend((1..catalog.tiers().len()).map(|level| (tier(level), tier(level - 1))));
        for edge in self.edges().iter().filter(|edge| edge.kind.is_needed()) {
            self.constrain(&edge.from.repo, &edge.to.repo, &numbers, &mut arcs);
        }
        Digraph::new(repos.len() + catalog.tiers().len(), arcs)
            .cyclic_components()
            .into_iter()
            .map(|component| {
                let repos = component.iter().filter_map(|number| repos.get(*number));
                repos.copied().cloned().collect()
            })
            .collect()
    }

    /// The edges from these repos up to a higher tier that the policy does not allow: those
    /// that a plan has to end.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let all = catalog.repos().map(|repo| repo.name.clone()).collect();
    /// assert!(catalog.graph().upward_edges(&all).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn upward_edges(&self, repos: &BTreeSet<RepoName>) -> Vec<&GraphEdge<'c>> {
        let catalog = self.family();
        let is_upward = |edge: &&GraphEdge<'c>| {
            let (from, to) = (&edge.from.repo, &edge.to.repo);
            edge.kind.is_needed()
                && repos.contains(from)
                && catalog.level(from) < catalog.level(to)
                && !catalog.policy().allows(from, to)
        };
        self.edges().iter().filter(is_upward).collect()
    }

    /// Adds that `to` must not come after `from`, unless nobody minds.
    fn constrain(
        &self,
        from: &RepoName,
        to: &RepoName,
        numbers: &BTreeMap<&RepoName, usize>,
        arcs: &mut BTreeSet<(usize, usize)>,
    ) {
        if let (Some(low), Some(high)) = (numbers.get(from), numbers.get(to))
            && low != high
            && self.needs_order(from, to)
        {
            arcs.insert((*low, *high));
        }
    }

    /// Whether one repo needing another is a matter of their order.
    pub(crate) fn needs_order(&self, from: &RepoName, to: &RepoName) -> bool {
        let catalog = self.family();
        let repo = catalog.repo(from.as_str());
        let is_peer =
            repo.is_some_and(|repo| repo.peers.contains_key(to) && !repo.uses.contains_key(to));
        let upwards = catalog.level(from) < catalog.level(to);
        !catalog.policy().allows(from, to) && (upwards || !is_peer)
    }
}
