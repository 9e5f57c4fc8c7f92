//! The order of repos within a tier, where it is free.

use std::collections::{BTreeMap, BTreeSet};

use crate::answers::moves::problem::{Need, Problem};
use aux_graph::{INFINITE, relevel};

/// Up to this many orders are tried one by one; the best of all is then exact.
const ORDERS: usize = 720;

/// Every order of the repos that agrees with the tiers, if there are few enough.
pub(super) fn all(groups: &[Vec<usize>]) -> Option<Vec<Vec<usize>>> {
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

impl Problem<'_, '_> {
    /// For many repos on one tier: a repo that more repos need than it needs comes
    /// first (Eades, Lin and Smyth 1993), by number of edges between packages.
    pub(super) fn good_order(&self, groups: &[Vec<usize>]) -> Vec<usize> {
        let mut between: BTreeMap<(usize, usize), i64> = BTreeMap::new();
        for Need { from, to, .. } in self.arcs.iter().filter(|need| need.is_strict) {
            let (from, to) = (self.packages[*from].repo, self.packages[*to].repo);
            if from != to {
                *between.entry((from, to)).or_default() += 1;
            }
        }
        groups
            .iter()
            .flat_map(|group| good_order_of(group, &between))
            .collect()
    }

    /// For each pair of repos one of the two orders holds in the end. The pairs
    /// taken share no repo, so what they cost at least adds up.
    pub(super) fn bound(&self, groups: &[Vec<usize>]) -> u64 {
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
        for Need { from, to, .. } in self.arcs.iter().filter(|need| need.is_strict) {
            if self.packages[*from].repo == lower && self.packages[*to].repo == upper {
                let mut node = |package: usize, level: usize| {
                    *position.entry(package).or_insert_with(|| {
                        nodes.push((level, self.packages[package].price));
                        nodes.len() - 1
                    })
                };
                let arc = (node(*from, 0), node(*to, 1));
                arcs.push(arc);
            }
        }
        let cost = |node: usize, level: usize| {
            let (own, price) = nodes[node];
            if level == own { 0 } else { price }
        };
        relevel(2, nodes.len(), cost, arcs, |_, _| true).map_or(INFINITE, |solved| solved.price)
    }
}

/// One tier: a repo that needs none of those left comes first, one that none of them
/// needs last, and else the one that is needed most over what it needs.
fn good_order_of(group: &[usize], between: &BTreeMap<(usize, usize), i64>) -> Vec<usize> {
    let members: BTreeSet<usize> = group.iter().copied().collect();
    let mut needs: BTreeMap<usize, BTreeMap<usize, i64>> = BTreeMap::new();
    let mut needed: BTreeMap<usize, BTreeMap<usize, i64>> = BTreeMap::new();
    for ((from, to), edges) in between {
        if members.contains(from) && members.contains(to) {
            needs.entry(*from).or_default().insert(*to, *edges);
            needed.entry(*to).or_default().insert(*from, *edges);
        }
    }
    let mut left = members;
    let (mut first, mut last) = (Vec::new(), Vec::new());
    while !left.is_empty() {
        let sum = |of: &BTreeMap<usize, BTreeMap<usize, i64>>, repo: usize| -> i64 {
            of.get(&repo).map_or(0, |others| others.values().sum())
        };
        let needs_nothing = left.iter().copied().find(|repo| sum(&needs, *repo) == 0);
        let not_needed = left.iter().copied().find(|repo| sum(&needed, *repo) == 0);
        let most_needed = left
            .iter()
            .copied()
            .max_by_key(|repo| sum(&needed, *repo) - sum(&needs, *repo));
        let (list, repo) = match (needs_nothing, not_needed, most_needed) {
            (Some(repo), _, _) => (&mut first, repo),
            (None, Some(repo), _) => (&mut last, repo),
            (None, None, Some(repo)) => (&mut first, repo),
            (None, None, None) => break,
        };
        list.push(repo);
        left.remove(&repo);
        for others in needs.values_mut().chain(needed.values_mut()) {
            others.remove(&repo);
        }
    }
    first.extend(last.into_iter().rev());
    first
}
