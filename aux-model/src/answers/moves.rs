//! The fewest packages to move so that nothing needs anything above it.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{GraphEdge, PackageGraph};
use crate::edge::PackageId;
use crate::graph::{Price, Relevelled, relevel};
use crate::name::RepoName;
use crate::policy::Weight;

/// Packages to move, and how good that is.
#[derive(Debug, Clone, serde::Serialize)]
#[non_exhaustive]
pub struct MovePlan {
    /// The order that holds afterwards: nothing needs anything of a later repo.
    pub order: Vec<RepoName>,
    /// The moves, in order of package.
    pub moves: Vec<Move>,
    /// The sum of the weights of what moves.
    pub price: u64,
    /// No plan is cheaper than this, whatever the order of repos within a tier.
    pub bound: u64,
}

/// One package changes its repo.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Move {
    /// The package, where it is now.
    pub package: PackageId,
    /// Where it goes.
    pub to: RepoName,
    /// Its weight.
    pub price: u64,
    /// An edge that would point upwards if it stayed.
    pub because: Option<String>,
}

impl MovePlan {
    /// Whether no plan is cheaper: the bound is reached.
    #[must_use]
    pub fn is_smallest(&self) -> bool {
        self.price == self.bound
    }
}

/// Up to this many orders are tried one by one; the best of all is then exact.
const ORDERS: usize = 720;

impl<'c> PackageGraph<'c> {
    /// The cheapest set of packages to move so that, among `repos`, every needed
    /// edge points to the same repo or to one earlier in some order that agrees
    /// with the tiers. `pinned` packages stay. None if they alone make it
    /// impossible.
    ///
    /// For a given order the plan is exact: a minimum cut. Where the order of
    /// repos within a tier is free, all orders are tried if there are few;
    /// otherwise the order is a good one, and `bound` says how good.
    #[must_use]
    pub fn move_plan(
        &self,
        repos: &BTreeSet<RepoName>,
        pinned: &BTreeSet<PackageId>,
        weight: Weight,
    ) -> Option<MovePlan> {
        let problem = Problem::of(self, repos, pinned, weight);
        let groups = problem.groups();
        let (order, solved, bound) = match orders(&groups) {
            Some(all) => {
                let (order, solved) = all
                    .into_iter()
                    .filter_map(|order| {
                        let solved = problem.solve(&order)?;
                        Some((order, solved))
                    })
                    .min_by_key(|(_, solved)| solved.price)?;
                let bound = solved.price;
                (order, solved, bound)
            }
            None => {
                let order = problem.good_order(&groups);
                let solved = problem.solve(&order)?;
                (order, solved, problem.bound(&groups))
            }
        };
        Some(problem.plan(&order, &solved, bound))
    }
}

/// The packages of some repos and the needed edges between them.
struct Problem<'g, 'c> {
    graph: &'g PackageGraph<'c>,
    repos: Vec<&'g RepoName>,
    /// Numbers of the packages in the graph, and of their repos in `repos`.
    packages: Vec<(usize, usize)>,
    prices: Vec<Price>,
    /// Needed edges, by positions in `packages`.
    arcs: Vec<(usize, usize)>,
}

impl<'g, 'c> Problem<'g, 'c> {
    fn of(
        graph: &'g PackageGraph<'c>,
        repos: &'g BTreeSet<RepoName>,
        pinned: &BTreeSet<PackageId>,
        weight: Weight,
    ) -> Self {
        let repos: Vec<&RepoName> = repos.iter().collect();
        let numbers: BTreeMap<&RepoName, usize> = repos
            .iter()
            .enumerate()
            .map(|(number, repo)| (*repo, number))
            .collect();
        let mut positions = BTreeMap::new();
        let mut packages = Vec::new();
        for (number, package) in graph.packages().iter().enumerate() {
            if let Some(repo) = numbers.get(&package.id.repo) {
                positions.insert(number, packages.len());
                packages.push((number, *repo));
            }
        }
        let mut dependents = vec![0_u64; packages.len()];
        let mut arcs = Vec::new();
        for (from, to) in graph.needed_arcs() {
            if let Some(to) = positions.get(&to) {
                dependents[*to] += 1;
                if let Some(from) = positions.get(&from) {
                    arcs.push((*from, *to));
                }
            }
        }
        arcs.sort_unstable();
        arcs.dedup();
        let prices = packages
            .iter()
            .zip(&dependents)
            .map(|((number, _), dependents)| {
                if pinned.contains(&graph.packages()[*number].id) {
                    return Price::Pinned;
                }
                Price::Weight(match weight {
                    Weight::Packages => 1,
                    Weight::Dependents => 1 + dependents,
                })
            })
            .collect();
        Self {
            graph,
            repos,
            packages,
            prices,
            arcs,
        }
    }

    /// The repos by tier, lowest first.
    fn groups(&self) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, repo) in self.repos.iter().enumerate() {
            let level = self.graph.catalog().level(repo).unwrap_or(usize::MAX);
            groups.entry(level).or_default().push(number);
        }
        groups.into_values().collect()
    }

    /// The height of each repo in an order.
    fn heights(order: &[usize]) -> Vec<usize> {
        let mut heights = vec![0; order.len()];
        for (height, repo) in order.iter().enumerate() {
            heights[*repo] = height;
        }
        heights
    }

    /// The cheapest moves for one order of the repos: a minimum cut.
    fn solve(&self, order: &[usize]) -> Option<Relevelled> {
        let heights = Self::heights(order);
        let nodes: Vec<(usize, Price)> = self
            .packages
            .iter()
            .zip(&self.prices)
            .map(|((_, repo), price)| (heights[*repo], *price))
            .collect();
        relevel(order.len(), &nodes, self.arcs.iter().copied())
    }

    /// The moves of a solution, each with an edge that says why.
    fn plan(&self, order: &[usize], solved: &Relevelled, bound: u64) -> MovePlan {
        let heights = Self::heights(order);
        let upward = self.upward_edges(&heights);
        let moves = solved
            .levels
            .iter()
            .enumerate()
            .filter(|(position, new)| heights[self.packages[*position].1] != **new)
            .map(|(position, new)| {
                let package = self.graph.packages()[self.packages[position].0];
                Move {
                    package: package.id.clone(),
                    to: self.repos[order[*new]].clone(),
                    price: match self.prices[position] {
                        Price::Weight(weight) => weight,
                        Price::Pinned => 0,
                    },
                    because: upward.get(&package.id).map(ToString::to_string),
                }
            })
            .collect();
        MovePlan {
            order: order.iter().map(|repo| self.repos[*repo].clone()).collect(),
            moves,
            price: solved.price,
            bound,
        }
    }

    /// For each package, the first edge of it or to it that points upwards.
    fn upward_edges(&self, heights: &[usize]) -> BTreeMap<&'g PackageId, &'g GraphEdge<'c>> {
        let height: BTreeMap<&RepoName, usize> = self
            .repos
            .iter()
            .zip(heights)
            .map(|(repo, height)| (*repo, *height))
            .collect();
        let mut upward = BTreeMap::new();
        for edge in self
            .graph
            .edges()
            .iter()
            .filter(|edge| edge.kind.is_needed())
        {
            if let (Some(from), Some(to)) = (height.get(&edge.from.repo), height.get(&edge.to.repo))
                && from < to
            {
                upward.entry(edge.from).or_insert(edge);
                upward.entry(edge.to).or_insert(edge);
            }
        }
        upward
    }

    /// For many repos on one tier: whoever is needed by more than it needs comes
    /// first (Eades, Lin and Smyth 1993), by number of packages that would move.
    fn good_order(&self, groups: &[Vec<usize>]) -> Vec<usize> {
        let mut order = Vec::new();
        for group in groups {
            let mut left: BTreeSet<usize> = group.iter().copied().collect();
            let mut weight: BTreeMap<(usize, usize), u64> = BTreeMap::new();
            for (from, to) in &self.arcs {
                let (from, to) = (self.packages[*from].1, self.packages[*to].1);
                if from != to && left.contains(&from) && left.contains(&to) {
                    *weight.entry((from, to)).or_default() += 1;
                }
            }
            let (mut first, mut last) = (Vec::new(), Vec::new());
            while !left.is_empty() {
                let sum = |repo: usize, outgoing: bool| -> u64 {
                    weight
                        .iter()
                        .filter(|((from, to), _)| {
                            let (own, other) = if outgoing { (from, to) } else { (to, from) };
                            *own == repo && left.contains(other)
                        })
                        .map(|(_, edges)| edges)
                        .sum()
                };
                let needs_nothing = left.iter().copied().find(|repo| sum(*repo, true) == 0);
                let not_needed = left.iter().copied().find(|repo| sum(*repo, false) == 0);
                let next = if let Some(repo) = needs_nothing {
                    first.push(repo);
                    repo
                } else if let Some(repo) = not_needed {
                    last.push(repo);
                    repo
                } else {
                    let score =
                        |repo: usize| i128::from(sum(repo, false)) - i128::from(sum(repo, true));
                    let Some(repo) = left.iter().copied().max_by_key(|repo| score(*repo)) else {
                        break;
                    };
                    first.push(repo);
                    repo
                };
                left.remove(&next);
            }
            order.extend(first);
            order.extend(last.into_iter().rev());
        }
        order
    }

    /// For each pair of repos one of the two orders holds in the end. The pairs
    /// taken share no repo, so what they cost at least adds up.
    fn bound(&self, groups: &[Vec<usize>]) -> u64 {
        let mut bound = 0;
        for group in groups {
            let mut pairs = Vec::new();
            for (at, a) in group.iter().enumerate() {
                for b in &group[at + 1..] {
                    let cost = self.pair(*a, *b).min(self.pair(*b, *a));
                    if cost > 0 {
                        pairs.push((std::cmp::Reverse(cost), *a, *b));
                    }
                }
            }
            pairs.sort_unstable();
            let mut taken = BTreeSet::new();
            for (std::cmp::Reverse(cost), a, b) in pairs {
                if !taken.contains(&a) && !taken.contains(&b) {
                    taken.extend([a, b]);
                    bound += cost;
                }
            }
        }
        bound
    }

    /// What has to move, at least, for nothing of `lower` to need anything of
    /// `upper`: of each edge one end, a minimum vertex cover of a bipartite
    /// graph, and so a cut of two levels over the direct edges.
    fn pair(&self, lower: usize, upper: usize) -> u64 {
        let mut nodes = Vec::new();
        let mut position = BTreeMap::new();
        let mut arcs = Vec::new();
        for (from, to) in &self.arcs {
            if self.packages[*from].1 == lower && self.packages[*to].1 == upper {
                let mut node = |package: usize, level: usize| {
                    *position.entry(package).or_insert_with(|| {
                        nodes.push((level, self.prices[package]));
                        nodes.len() - 1
                    })
                };
                let arc = (node(*from, 0), node(*to, 1));
                arcs.push(arc);
            }
        }
        relevel(2, &nodes, arcs).map_or(u64::MAX / 4, |solved| solved.price)
    }
}

/// Every order of the repos that agrees with the tiers, if there are few enough.
fn orders(groups: &[Vec<usize>]) -> Option<Vec<Vec<usize>>> {
    let mut count: usize = 1;
    for group in groups {
        for factor in 2..=group.len() {
            count = count.checked_mul(factor).filter(|count| *count <= ORDERS)?;
        }
    }
    let mut orders = vec![Vec::new()];
    for group in groups {
        let permutations = permutations(group);
        orders = orders
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                permutations.iter().map(move |permutation| {
                    let mut order = order.clone();
                    order.extend(permutation);
                    order
                })
            })
            .collect();
    }
    Some(orders)
}

fn permutations(items: &[usize]) -> Vec<Vec<usize>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    items
        .iter()
        .flat_map(|first| {
            let rest: Vec<usize> = items.iter().copied().filter(|item| item != first).collect();
            permutations(&rest).into_iter().map(move |mut order| {
                order.insert(0, *first);
                order
            })
        })
        .collect()
}
