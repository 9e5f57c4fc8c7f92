//! Transitive reduction: arcs that follow from others.
//!
//! A component is one node. The components are walked from those that need
//! nothing upwards, each with a search over arcs that are known to stay, so that
//! memory is linear. Time is not, in the worst case: see [`MOST_STEPS`]. petgraph
//! keeps the whole closure, which is gigabytes where a chain is long.

use std::collections::BTreeSet;

use crate::digraph::Digraph;

/// After so many arcs walked the rest is left as it is; some seconds of work.
/// A family of 63,000 packages takes less than a hundredth of it.
const MOST_STEPS: usize = 1_000_000_000;

/// Which arcs stay.
#[derive(Debug)]
pub struct Reduction {
    /// The component of each node.
    component: Vec<usize>,
    /// For each component those that it needs, without what follows.
    kept: Vec<Vec<usize>>,
    /// Components that one asks for optionally and needs anyway.
    implied: BTreeSet<(usize, usize)>,
    complete: bool,
}

/// Reduces the needed arcs, and drops optional ones whose target is needed
/// anyway; optional arcs make nothing follow.
pub fn reduce(
    nodes: usize,
    needed: impl Iterator<Item = (usize, usize)>,
    optional: impl Iterator<Item = (usize, usize)>,
) -> Reduction {
    reduce_within(nodes, needed, optional, MOST_STEPS)
}

fn reduce_within(
    nodes: usize,
    needed: impl Iterator<Item = (usize, usize)>,
    optional: impl Iterator<Item = (usize, usize)>,
    mut steps: usize,
) -> Reduction {
    let needed = Digraph::new(nodes, needed);
    let optional = Digraph::new(nodes, optional);
    let members = needed.components();
    let mut component = vec![0; nodes];
    for (number, members) in members.iter().enumerate() {
        for node in members {
            component[*node] = number;
        }
    }
    // A node has a higher number than the nodes it needs (topological order), so the nearest come first.
    let targets = |graph: &Digraph, from: usize| -> Vec<usize> {
        let successors = members[from]
            .iter()
            .flat_map(|node| graph.successors(*node))
            .map(|next| component[next])
            .filter(|next| *next != from);
        let targets: BTreeSet<usize> = successors.collect();
        targets.into_iter().rev().collect()
    };
    let mut kept: Vec<Vec<usize>> = Vec::with_capacity(members.len());
    let mut implied = BTreeSet::new();
    let mut complete = true;
    // The last component whose search met this one.
    let mut met = vec![usize::MAX; members.len()];
    for from in 0..members.len() {
        let direct = targets(&needed, from);
        if steps == 0 {
            complete = false;
            kept.push(direct);
            continue;
        }
        let asked = targets(&optional, from);
        let farthest = [direct.last(), asked.last()].into_iter().flatten().min();
        let mut stay = Vec::new();
        for to in &direct {
            if met[*to] == from {
                continue;
            }
            stay.push(*to);
            met[*to] = from;
            let mut open = vec![*to];
            while let Some(at) = open.pop() {
                // Numbers only fall, so nothing asked for lies behind the farthest.
                let ahead = kept[at].iter().take_while(|next| Some(*next) >= farthest);
                for next in ahead {
                    steps = steps.saturating_sub(1);
                    if met[*next] != from {
                        met[*next] = from;
                        open.push(*next);
                    }
                }
            }
        }
        let met_anyway = asked.into_iter().filter(|to| met[*to] == from);
        implied.extend(met_anyway.map(|to| (from, to)));
        kept.push(stay);
    }
    Reduction {
        component,
        kept,
        implied,
        complete,
    }
}

impl Reduction {
    /// Whether a needed arc stays.
    pub fn keeps_needed(&self, from: usize, to: usize) -> bool {
        let (from, to) = (self.component[from], self.component[to]);
        // Each list falls.
        from == to || self.kept[from].binary_search_by(|at| to.cmp(at)).is_ok()
    }

    /// Whether an optional arc stays.
    pub fn keeps_optional(&self, from: usize, to: usize) -> bool {
        let pair = (self.component[from], self.component[to]);
        !self.implied.contains(&pair)
    }

    /// Whether every arc was looked at.
    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NODES: usize = 8;

    /// Which node reaches which in one step or more.
    fn closure(arcs: &[(usize, usize)]) -> [[bool; NODES]; NODES] {
        let mut reach = [[false; NODES]; NODES];
        for (from, to) in arcs {
            reach[*from][*to] = true;
        }
        for over in 0..NODES {
            for from in 0..NODES {
                for to in 0..NODES {
                    reach[from][to] |= reach[from][over] && reach[over][to];
                }
            }
        }
        reach
    }

    fn kept(arcs: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let reduction = reduce(NODES, arcs.iter().copied(), std::iter::empty());
        assert!(reduction.is_complete());
        let kept = arcs.iter().copied();
        kept.filter(|(from, to)| reduction.keeps_needed(*from, *to))
            .collect()
    }

    #[test]
    fn a_long_way_makes_the_short_cut_follow() {
        assert_eq!(
            kept(&[(0, 1), (0, 2), (0, 3), (1, 2), (2, 3)]),
            [(0, 1), (1, 2), (2, 3)]
        );
    }

    #[test]
    fn the_arcs_of_a_cycle_stay() {
        let cycle = [(0, 1), (1, 2), (2, 0), (1, 0)];
        assert_eq!(kept(&cycle), cycle);
    }

    #[test]
    fn what_took_too_long_stays_and_is_told() {
        let count = 100;
        let chain = (1..count).map(|node| (node - 1, node));
        let arcs: Vec<(usize, usize)> = chain.chain((0..count).map(|node| (node, count))).collect();
        let reduced = |steps| reduce_within(count + 1, arcs.iter().copied(), [].into_iter(), steps);
        let all = |reduction: &Reduction| {
            let kept = arcs
                .iter()
                .filter(|(from, to)| reduction.keeps_needed(*from, *to));
            kept.count()
        };
        let complete = reduced(usize::MAX);
        assert!(complete.is_complete());
        assert_eq!(all(&complete), count);
        let stopped = reduced(50);
        assert!(!stopped.is_complete());
        assert!(
            all(&stopped) > count,
            "more than need be, and none is missing"
        );
    }

    proptest! {
        /// Against brute force: every node that reached another still does, no arc
        /// between components is superfluous, and optional arcs go exactly if a
        /// way of needed ones leads out of the cycle to the same place.
        #[test]
        fn nothing_is_lost_and_nothing_is_superfluous(
            needed in proptest::collection::vec((0..NODES, 0..NODES), 0..20),
            optional in proptest::collection::vec((0..NODES, 0..NODES), 0..5),
        ) {
            let reach = closure(&needed);
            let left = kept(&needed);
            prop_assert_eq!(closure(&left), reach);
            let together = |a: usize, b: usize| a == b || reach[a][b] && reach[b][a];
            for (from, to) in &left {
                if together(*from, *to) {
                    continue;
                }
                // Without all arcs between the two cycles, the way is gone.
                let others: Vec<(usize, usize)> = needed
                    .iter()
                    .copied()
                    .filter(|(a, b)| !(together(*a, *from) && together(*b, *to)))
                    .collect();
                prop_assert!(!closure(&others)[*from][*to], "{from} -> {to} follows");
            }
            let reduction = reduce(NODES, needed.iter().copied(), optional.iter().copied());
            for (from, to) in optional {
                let goes = reach[from][to] && !together(from, to);
                prop_assert_eq!(reduction.keeps_optional(from, to), !goes, "{} {}", from, to);
            }
        }
    }
}
