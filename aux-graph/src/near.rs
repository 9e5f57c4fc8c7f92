//! The neighbourhood of some nodes.

use crate::digraph::Digraph;

/// Which nodes lead to one of `start`, or are led to by one, in at most so many
/// steps; `start` itself among them.
pub fn near(start: &[bool], arcs: &[(usize, usize)], steps: usize) -> Vec<bool> {
    let ahead = Digraph::new(start.len(), arcs.iter().copied());
    let behind = Digraph::new(start.len(), arcs.iter().map(|(from, to)| (*to, *from)));
    let mut near = start.to_vec();
    for graph in [ahead, behind] {
        let mut reached = start.to_vec();
        let mut edge: Vec<usize> = (0..start.len()).filter(|node| start[*node]).collect();
        for _ in 0..steps {
            let next: Vec<usize> = edge
                .iter()
                .flat_map(|node| graph.successors(*node))
                .filter(|node| !std::mem::replace(&mut reached[*node], true))
                .collect();
            if next.is_empty() {
                break;
            }
            for node in &next {
                near[*node] = true;
            }
            edge = next;
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(node: usize, steps: usize) -> Vec<usize> {
        // 0 -> 1 -> 2 -> 3, and 4 needs 2 too.
        let arcs = [(0, 1), (1, 2), (2, 3), (4, 2)];
        let start: Vec<bool> = (0..5).map(|other| other == node).collect();
        let near = near(&start, &arcs, steps);
        (0..5).filter(|node| near[*node]).collect()
    }

    #[test]
    fn both_ways_and_not_across() {
        assert_eq!(around(1, 0), [1]);
        assert_eq!(around(1, 1), [0, 1, 2]);
        assert_eq!(around(1, 2), [0, 1, 2, 3], "4 is needed by nothing of 1");
        assert_eq!(around(2, usize::MAX), [0, 1, 2, 3, 4]);
    }
}
