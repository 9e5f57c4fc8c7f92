//! Which packages may go where, at which price.

use std::collections::{BTreeMap, BTreeSet};

use aux_names::RepoName;

use crate::answers::graph::{GraphEdge, PackageGraph};
use crate::answers::moves::plan::{Move, MovePlan, Peers};
use crate::edge::PackageId;
use crate::policy::Weight;
use aux_graph::{INFINITE, Relevelled, relevel};

/// The packages of some repos and the needed edges between them.
pub(super) struct Problem<'g, 'c> {
    graph: &'g PackageGraph<'c>,
    pub(super) repos: Vec<Place<'g>>,
    pub(super) packages: Vec<Candidate>,
    pub(super) arcs: Vec<Need>,
    peers: Peers,
}

/// A needed edge, by positions in `packages`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Need {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Whether the order of the two repos matters, and not their tiers only.
    pub(super) is_strict: bool,
}

/// A repo that packages may leave and enter.
pub(super) struct Place<'g> {
    name: &'g RepoName,
    tier: usize,
    is_open: bool,
}

/// A package that may move.
pub(super) struct Candidate {
    /// In the graph.
    number: usize,
    /// Its repo, in `repos`.
    pub(super) repo: usize,
    /// What a move costs; [`INFINITE`] if it stays.
    pub(super) price: u64,
    /// The tiers on which nothing outside is put out of order.
    lowest: usize,
    highest: usize,
}

impl<'g, 'c> Problem<'g, 'c> {
    pub(super) fn of(
        graph: &'g PackageGraph<'c>,
        repos: &'g BTreeSet<RepoName>,
        pinned: &BTreeSet<PackageId>,
        weight: Weight,
        peers: Peers,
    ) -> Self {
        let catalog = graph.family();
        let tier = |repo: &RepoName| catalog.level(repo).unwrap_or(usize::MAX);
        let repos: Vec<Place<'_>> = repos
            .iter()
            .map(|name| Place {
                name,
                tier: tier(name),
                is_open: catalog
                    .repo(name.as_str())
                    .is_some_and(crate::repo::Repo::is_generated),
            })
            .collect();
        let numbers: BTreeMap<&RepoName, usize> = repos
            .iter()
            .enumerate()
            .map(|(number, repo)| (repo.name, number))
            .collect();
        let mut positions = vec![None; graph.packages().len()];
        let mut packages = Vec::new();
        for (number, package) in graph.packages().iter().enumerate() {
            if let Some(repo) = numbers.get(&package.id.repo) {
                positions[number] = Some(packages.len());
                let stays = pinned.contains(&package.id) || !repos[*repo].is_open;
                packages.push(Candidate {
                    number,
                    repo: *repo,
                    price: if stays { INFINITE } else { 1 },
                    lowest: 0,
                    highest: usize::MAX,
                });
            }
        }
        let mut arcs = Vec::new();
        for (from, to) in graph.needed_arcs() {
            let outside = |number: usize| tier(&graph.packages()[number].id.repo);
            if let Some(to) = positions[to] {
                let package = &mut packages[to];
                if weight == Weight::Dependents && package.price < INFINITE {
                    package.price += 1;
                }
                match positions[from] {
                    Some(from) => {
                        let ends = [from, to].map(|end| &repos[packages[end].repo]);
                        let is_strict =
                            peers == Peers::End || graph.needs_order(ends[0].name, ends[1].name);
                        if !is_strict && ends[0].tier < ends[1].tier {
                            // An allowed pair across tiers: it stays as it is.
                            packages[from].price = INFINITE;
                            packages[to].price = INFINITE;
                        } else {
                            arcs.push(Need {
                                from,
                                to,
                                is_strict,
                            });
                        }
                    }
                    None => package.highest = package.highest.min(outside(from)),
                }
            } else if let Some(from) = positions[from] {
                let package = &mut packages[from];
                package.lowest = package.lowest.max(outside(to));
            }
        }
        arcs.sort_unstable();
        arcs.dedup();
        Self {
            graph,
            repos,
            packages,
            arcs,
            peers,
        }
    }

    /// The repos by tier, lowest first.
    pub(super) fn groups(&self) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, repo) in self.repos.iter().enumerate() {
            groups.entry(repo.tier).or_default().push(number);
        }
        groups.into_values().collect()
    }

    /// The cheapest moves for one order of the repos: a minimum cut.
    pub(super) fn solve(&self, order: &[usize]) -> Option<Relevelled> {
        let cost = |position: usize, height: usize| {
            let package: &Candidate = &self.packages[position];
            let target = order[height];
            let place = &self.repos[target];
            let fits = (package.lowest..=package.highest).contains(&place.tier);
            if target == package.repo {
                0
            } else if fits && place.is_open {
                package.price
            } else {
                INFINITE
            }
        };
        let arcs = self.arcs.iter().map(|need| (need.from, need.to));
        let binds = |number: usize, height: usize| {
            let (below, above) = (order[height], order[height + 1]);
            self.arcs[number].is_strict || self.repos[below].tier < self.repos[above].tier
        };
        relevel(order.len(), self.packages.len(), cost, arcs, binds)
    }

    /// The moves of a solution, each with an edge that says why.
    pub(super) fn plan(&self, order: &[usize], solved: &Relevelled, bound: u64) -> MovePlan {
        let upward = self.upward_edges(order);
        let moves = self
            .packages
            .iter()
            .zip(&solved.levels)
            .filter(|(package, height)| order[**height] != package.repo)
            .map(|(candidate, height)| {
                let package = self.graph.packages()[candidate.number];
                Move {
                    package: package.id.clone(),
                    to: self.repos[order[*height]].name.clone(),
                    price: candidate.price,
                    because: upward.get(&package.id).map(ToString::to_string),
                }
            })
            .collect();
        MovePlan {
            order: order
                .iter()
                .map(|repo| self.repos[*repo].name.clone())
                .collect(),
            moves,
            price: solved.price,
            bound,
            peers: self.peers,
        }
    }

    /// For each package, the first edge of it or to it that points upwards.
    fn upward_edges(&self, order: &[usize]) -> BTreeMap<&'g PackageId, &'g GraphEdge<'c>> {
        let height: BTreeMap<&RepoName, usize> = order
            .iter()
            .enumerate()
            .map(|(height, repo)| (self.repos[*repo].name, height))
            .collect();
        let mut upward = BTreeMap::new();
        let needed = self.graph.edges().iter();
        for edge in needed.filter(|edge| edge.kind.is_needed()) {
            if let (Some(from), Some(to)) = (height.get(&edge.from.repo), height.get(&edge.to.repo))
                && from < to
            {
                upward.entry(edge.from).or_insert(edge);
                upward.entry(edge.to).or_insert(edge);
            }
        }
        upward
    }
}
