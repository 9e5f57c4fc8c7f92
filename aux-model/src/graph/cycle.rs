//! Strongly connected components, and the shortest cycle in one.

use std::collections::VecDeque;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// A directed graph over `0..nodes`.
#[derive(Debug)]
pub(crate) struct Digraph {
    graph: DiGraph<(), (), u32>,
}

/// A shortest cycle: each node has an arc to the next, the last to the first.
type Shortest = Vec<usize>;

/// What the search from one node found, and how many nodes it looked at.
struct Search {
    cycle: Option<Shortest>,
    visits: usize,
}

/// See [`Digraph::shortest_cycle`]; about a second of work.
const MOST_VISITS: usize = 5_000_000;

impl Digraph {
    /// Arcs may repeat; order of arcs decides ties and nothing else.
    pub(crate) fn new(nodes: usize, arcs: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut graph = DiGraph::with_capacity(nodes, 0);
        for _ in 0..nodes {
            graph.add_node(());
        }
        for (from, to) in arcs {
            graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), ());
        }
        Self { graph }
    }

    /// The components in which a cycle exists, each sorted, in order of their
    /// first node.
    pub(crate) fn cyclic_components(&self) -> Vec<Vec<usize>> {
        let mut components: Vec<Vec<usize>> = kosaraju_scc(&self.graph)
            .into_iter()
            .filter(|component| {
                component.len() > 1
                    || component
                        .first()
                        .is_some_and(|node| self.graph.contains_edge(*node, *node))
            })
            .map(|component| {
                let mut nodes: Vec<usize> = component.into_iter().map(NodeIndex::index).collect();
                nodes.sort_unstable();
                nodes
            })
            .collect();
        components.sort_unstable();
        components
    }

    /// The shortest cycle inside a component, starting at its smallest node: a
    /// breadth-first search from each node, cut off at the length of the best
    /// cycle known so far. Exact but for components so large and cycles so long
    /// that it would take minutes; there the search stops at [`MOST_VISITS`].
    pub(crate) fn shortest_cycle(&self, component: &[usize]) -> Shortest {
        let mut inside = vec![false; self.graph.node_count()];
        for node in component {
            inside[*node] = true;
        }
        let mut best: Option<Shortest> = None;
        let mut visits = 0;
        let mut parent: Vec<Option<usize>> = vec![None; self.graph.node_count()];
        for start in component {
            let limit = best.as_ref().map_or(usize::MAX, Vec::len);
            let search = self.cycle_through(*start, limit, &inside, &mut parent);
            visits += search.visits;
            best = search.cycle.or(best);
            if best.is_some() && visits > MOST_VISITS {
                break;
            }
        }
        best.unwrap_or_default()
    }

    /// The shortest cycle through `start` of fewer than `limit` nodes. `parent`
    /// is scratch space, left as it was found.
    fn cycle_through(
        &self,
        start: usize,
        limit: usize,
        inside: &[bool],
        parent: &mut [Option<usize>],
    ) -> Search {
        let mut visited = vec![start];
        let mut queue = VecDeque::from([(start, 1_usize)]);
        let mut last = None;
        'search: while let Some((node, length)) = queue.pop_front() {
            if length >= limit {
                break;
            }
            for next in self.successors(node) {
                if next == start {
                    last = Some(node);
                    break 'search;
                }
                if inside[next] && parent[next].is_none() {
                    parent[next] = Some(node);
                    visited.push(next);
                    queue.push_back((next, length + 1));
                }
            }
        }
        let cycle = last.map(|last| {
            let mut cycle = vec![last];
            let mut node = last;
            while node != start {
                node = parent[node].expect("every visited node but the start has a parent");
                cycle.push(node);
            }
            cycle.reverse();
            cycle
        });
        for node in &visited {
            parent[*node] = None;
        }
        Search {
            cycle,
            visits: visited.len(),
        }
    }

    /// In ascending order, so that ties are broken the same way every time.
    fn successors(&self, node: usize) -> Vec<usize> {
        let mut next: Vec<usize> = self
            .graph
            .neighbors(NodeIndex::new(node))
            .map(NodeIndex::index)
            .collect();
        next.sort_unstable();
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_shorter_of_two_cycles_is_found() {
        let graph = Digraph::new(5, [(0, 1), (1, 2), (2, 3), (3, 0), (2, 4), (4, 2)]);
        let components = graph.cyclic_components();
        assert_eq!(components, [vec![0, 1, 2, 3, 4]]);
        assert_eq!(graph.shortest_cycle(&components[0]), [2, 4]);
    }

    #[test]
    fn a_long_chain_does_not_overflow_the_stack() {
        let graph = Digraph::new(300_000, (1..300_000).map(|node| (node - 1, node)));
        assert!(graph.cyclic_components().is_empty());
    }

    #[test]
    fn one_long_circle_is_not_walked_from_each_of_its_nodes() {
        let count = 100_000;
        let graph = Digraph::new(count, (0..count).map(|node| (node, (node + 1) % count)));
        let components = graph.cyclic_components();
        assert_eq!(graph.shortest_cycle(&components[0]).len(), count);
    }

    proptest! {
        /// Against brute force: the length of the shortest closed walk, from
        /// powers of the adjacency matrix.
        #[test]
        fn the_cycle_found_is_a_cycle_and_none_is_shorter(
            arcs in proptest::collection::vec((0..7_usize, 0..7_usize), 0..25)
        ) {
            let graph = Digraph::new(7, arcs.iter().copied());
            let mut reach = vec![[false; 7]; 7];
            for (from, row) in reach.iter_mut().enumerate() {
                row[from] = true;
            }
            let mut girth = None;
            for length in 1..=7 {
                reach = reach
                    .iter()
                    .map(|row| {
                        let mut next = [false; 7];
                        for (from, to) in &arcs {
                            next[*to] |= row[*from];
                        }
                        next
                    })
                    .collect();
                if girth.is_none() && (0..7).any(|node| reach[node][node]) {
                    girth = Some(length);
                }
            }
            let shortest = graph
                .cyclic_components()
                .iter()
                .map(|component| graph.shortest_cycle(component))
                .min_by_key(Vec::len);
            prop_assert_eq!(shortest.as_ref().map(Vec::len), girth);
            if let Some(cycle) = shortest {
                for (index, node) in cycle.iter().enumerate() {
                    let next = cycle[(index + 1) % cycle.len()];
                    prop_assert!(arcs.contains(&(*node, next)));
                }
            }
        }
    }
}
