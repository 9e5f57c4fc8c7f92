//! Strongly connected components, and the shortest cycle in one.

use std::collections::VecDeque;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::digraph::Digraph;

/// A shortest cycle: each node has an arc to the next, the last to the first.
pub type Shortest = Vec<usize>;

/// What the search from one node found, and how many nodes it looked at.
struct Search {
    cycle: Option<Shortest>,
    visits: usize,
}

/// See [`Digraph::shortest_cycle`]; about a second of work.
const MOST_VISITS: usize = 5_000_000;

impl Digraph {
    /// The components in which a cycle exists, each sorted, in order of their
    /// first node.
    pub fn cyclic_components(&self) -> Vec<Vec<usize>> {
        let left = self.behind_cycles();
        let mut components: Vec<Vec<usize>> = self
            .inside(&left)
            .components()
            .into_iter()
            .map(|component| component.iter().map(|at| left[*at]).collect())
            .filter(|nodes: &Vec<usize>| match nodes.as_slice() {
                [only] => self.successors(*only).any(|next| next == *only),
                _ => true,
            })
            .collect();
        components.sort_unstable();
        components
    }

    /// The strongly connected components, each sorted; a component that needs another
    /// comes after it.
    pub fn components(&self) -> Vec<Vec<usize>> {
        let mut graph = DiGraph::<(), ()>::with_capacity(self.nodes(), 0);
        for _ in 0..self.nodes() {
            graph.add_node(());
        }
        for node in 0..self.nodes() {
            for next in self.successors(node) {
                graph.add_edge(NodeIndex::new(node), NodeIndex::new(next), ());
            }
        }
        kosaraju_scc(&graph)
            .into_iter()
            .map(|component| {
                let mut nodes: Vec<usize> = component.into_iter().map(NodeIndex::index).collect();
                nodes.sort_unstable();
                nodes
            })
            .collect()
    }

    /// The nodes of cycles and whatever cycles lead to, in order: what is left
    /// when nodes that nobody needs are taken away for as long as there are any.
    /// Of real families that is a small part.
    fn behind_cycles(&self) -> Vec<usize> {
        let mut needed = vec![0_usize; self.nodes()];
        for node in 0..self.nodes() {
            for next in self.successors(node) {
                needed[next] += 1;
            }
        }
        let mut free: Vec<usize> = (0..self.nodes())
            .filter(|node| needed[*node] == 0)
            .collect();
        while let Some(node) = free.pop() {
            for next in self.successors(node) {
                needed[next] -= 1;
                if needed[next] == 0 {
                    free.push(next);
                }
            }
        }
        (0..self.nodes()).filter(|node| needed[*node] > 0).collect()
    }

    /// The shortest cycle inside a component, starting at its smallest node: a
    /// breadth-first search from each node, cut off at the length of the best
    /// cycle known so far. Exact but for components so large and cycles so long
    /// that it would take minutes; there the search stops at five million visits.
    pub fn shortest_cycle(&self, component: &[usize]) -> Shortest {
        let inside = self.inside(component);
        let mut best: Option<Shortest> = None;
        let mut visits = 0;
        let mut parent: Vec<Option<usize>> = vec![None; inside.nodes()];
        for start in 0..inside.nodes() {
            let limit = best.as_ref().map_or(usize::MAX, Vec::len);
            let search = inside.cycle_through(start, limit, &mut parent);
            visits += search.visits;
            best = search.cycle.or(best);
            if best.is_some() && visits > MOST_VISITS {
                break;
            }
        }
        let cycle = best.unwrap_or_default();
        cycle.into_iter().map(|node| component[node]).collect()
    }

    /// The graph of some nodes alone, in ascending order: each is known by its
    /// place among them.
    fn inside(&self, nodes: &[usize]) -> Self {
        let arcs = nodes.iter().enumerate().flat_map(|(at, node)| {
            self.successors(*node)
                .filter_map(move |next| Some((at, nodes.binary_search(&next).ok()?)))
        });
        Self::new(nodes.len(), arcs)
    }

    /// The shortest cycle through `start` of fewer than `limit` nodes. `parent`
    /// is scratch space, left as it was found.
    fn cycle_through(&self, start: usize, limit: usize, parent: &mut [Option<usize>]) -> Search {
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
                if parent[next].is_none() {
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
    fn one_long_cycle_is_not_walked_from_each_of_its_nodes() {
        let count = 100_000;
        let graph = Digraph::new(count, (0..count).map(|node| (node, (node + 1) % count)));
        let components = graph.cyclic_components();
        assert_eq!(graph.shortest_cycle(&components[0]).len(), count);
    }

    #[test]
    fn small_cycles_are_not_paid_for_with_the_whole_graph() {
        let count = 100_000;
        let graph = Digraph::new(count, (0..count).map(|node| (node, node ^ 1)));
        let components = graph.cyclic_components();
        assert_eq!(components.len(), count / 2);
        for (number, component) in components.iter().enumerate() {
            assert_eq!(
                graph.shortest_cycle(component),
                [2 * number, 2 * number + 1]
            );
        }
    }

    proptest! {
        /// Against brute force: nodes of one component reach each other, by the
        /// transitive closure of Floyd and Warshall.
        #[test]
        fn the_components_are_the_nodes_that_reach_themselves(
            arcs in proptest::collection::vec((0..9_usize, 0..9_usize), 0..25)
        ) {
            let mut reach = [[false; 9]; 9];
            for (from, to) in &arcs {
                reach[*from][*to] = true;
            }
            for over in 0..9 {
                for from in 0..9 {
                    for to in 0..9 {
                        reach[from][to] |= reach[from][over] && reach[over][to];
                    }
                }
            }
            let mut expected: Vec<Vec<usize>> = (0..9)
                .filter(|node| reach[*node][*node])
                .map(|node| {
                    (0..9)
                        .filter(|other| reach[node][*other] && reach[*other][node])
                        .collect()
                })
                .collect();
            expected.sort();
            expected.dedup();
            let graph = Digraph::new(9, arcs);
            prop_assert_eq!(graph.cyclic_components(), expected);
        }

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
