//! What has to change in a manifest so that plans hold.

use std::collections::{BTreeMap, BTreeSet};

use aux_names::RepoName;

use crate::answers::graph::PackageGraph;
use crate::answers::moves::{MovePlan, Peers};
use crate::catalog::below;
use crate::edge::PackageId;

/// Packages that change their repo, and what the repos then say of each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Rearrangement {
    /// Where each package that moves goes.
    pub moves: BTreeMap<PackageId, RepoName>,
    /// Repos that become flake inputs of a repo.
    pub uses: BTreeMap<RepoName, BTreeSet<RepoName>>,
    /// Repos that become peers of a repo.
    pub peers: BTreeMap<RepoName, BTreeSet<RepoName>>,
    /// Repos that a repo no longer uses and that are no longer its peers.
    pub dropped: BTreeMap<RepoName, BTreeSet<RepoName>>,
}

impl Rearrangement {
    /// The move of one package alone.
    ///
    /// ```
    /// use aux_model::answers::Rearrangement;
    ///
    /// let change = Rearrangement::of_move("python/black".parse()?, "core".parse()?);
    /// assert_eq!(change.moves.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_move(package: PackageId, to: RepoName) -> Self {
        Self {
            moves: BTreeMap::from([(package, to)]),
            ..Self::default()
        }
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl PackageGraph<'_> {
    /// What has to change so that the plans hold and every needed edge is one
    /// that its repo may have. Within a plan, a later repo uses an earlier one;
    /// elsewhere a repo that used who had a package uses who has it now, and a
    /// peer stays a peer unless the plan ends them. Uses that the manifest lacks are
    /// added as well.
    ///
    /// The plans are of repos that share none. If they are all the
    /// [out_of_order](Self::out_of_order), no cycle of uses is left, because uses
    /// stay in the order of the components.
    #[must_use]
    pub fn rearrangement(&self, plans: &[MovePlan]) -> Rearrangement {
        let moves: BTreeMap<PackageId, RepoName> = plans
            .iter()
            .flat_map(|plan| &plan.moves)
            .map(|step| (step.package.clone(), step.to.clone()))
            .collect();
        let mut changes = Rearrangement {
            dropped: self.against_the_order(plans),
            ..Rearrangement::default()
        };
        let seen = self.seen_without(&changes.dropped);
        let place = |id: &PackageId| moves.get(id).unwrap_or(&id.repo).clone();
        let ending = plans.iter().filter(|plan| plan.peers == Peers::End);
        let ending: BTreeMap<&RepoName, usize> = ending
            .enumerate()
            .flat_map(|(number, plan)| plan.order.iter().map(move |repo| (repo, number)))
            .collect();
        for edge in self.edges().iter().filter(|edge| edge.kind.is_needed()) {
            let (from, to) = (place(edge.from), place(edge.to));
            if from == to {
                continue;
            }
            let peers_end = ending.contains_key(&from) && ending.get(&from) == ending.get(&to);
            if seen.get(&from).is_some_and(|seen| seen.contains(&to)) {
                continue;
            }
            let relation = if peers_end || self.needs_order(&edge.from.repo, &edge.to.repo) {
                &mut changes.uses
            } else {
                &mut changes.peers
            };
            relation.entry(from).or_default().insert(to);
        }
        self.simplify(&mut changes);
        changes.moves = moves;
        changes
    }

    /// Uses and peers that point from an earlier repo of a plan to a later one, as
    /// far as their order matters.
    fn against_the_order(&self, plans: &[MovePlan]) -> BTreeMap<RepoName, BTreeSet<RepoName>> {
        let mut dropped: BTreeMap<RepoName, BTreeSet<RepoName>> = BTreeMap::new();
        for plan in plans {
            for (height, name) in plan.order.iter().enumerate() {
                let later = &plan.order[height + 1..];
                if let Some(repo) = self.family().repo(name.as_str()) {
                    let named = repo.uses.keys().chain(repo.peers.keys());
                    let named = named.filter(|other| {
                        let peers_end = plan.peers == Peers::End;
                        later.contains(other) && (peers_end || self.needs_order(name, other))
                    });
                    for other in named {
                        let dropped = dropped.entry(name.clone()).or_default();
                        dropped.insert(other.clone());
                    }
                }
            }
        }
        dropped
    }

    /// What each repo sees once some uses are gone.
    fn seen_without(
        &self,
        dropped: &BTreeMap<RepoName, BTreeSet<RepoName>>,
    ) -> BTreeMap<RepoName, BTreeSet<RepoName>> {
        let catalog = self.family();
        let is_dropped = |from: &RepoName, to: &RepoName| {
            dropped
                .get(from)
                .is_some_and(|dropped| dropped.contains(to))
        };
        let mut all = BTreeMap::new();
        for start in catalog.repos() {
            let mut seen = below(catalog, &start.name, |from, to| !is_dropped(from, to));
            if start.name == catalog.top_level().name {
                seen.extend(catalog.repos().map(|repo| repo.name.clone()));
            }
            all.insert(start.name.clone(), seen);
        }
        all
    }

    /// A peer that stays one is not added, one that becomes a use is dropped as
    /// a peer, and a used repo is no peer.
    fn simplify(&self, changes: &mut Rearrangement) {
        for (name, uses) in &changes.uses {
            let Some(repo) = self.family().repo(name.as_str()) else {
                continue;
            };
            let peers = repo.peers.keys().filter(|peer| uses.contains(*peer));
            let peers: BTreeSet<RepoName> = peers.cloned().collect();
            if !peers.is_empty() {
                changes
                    .dropped
                    .entry(name.clone())
                    .or_default()
                    .extend(peers);
            }
        }
        for (name, peers) in &mut changes.peers {
            let uses = changes.uses.get(name);
            let known = self.family().repo(name.as_str()).map(|repo| &repo.peers);
            peers.retain(|peer| {
                !uses.is_some_and(|uses| uses.contains(peer))
                    && !known.is_some_and(|known| known.contains_key(peer))
            });
        }
        changes.peers.retain(|_, peers| !peers.is_empty());
    }
}
