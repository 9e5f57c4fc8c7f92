//! A directed graph, once and for all.

use crate::source::offset_u32;

/// A directed graph over `0..nodes`, as one list of successors.
#[derive(Debug)]
pub(crate) struct Digraph {
    /// Where the successors of each node start, and where the last ones end.
    starts: Vec<u32>,
    successors: Vec<u32>,
}

impl Digraph {
    /// Arcs may repeat; their order does not matter.
    pub(crate) fn new(nodes: usize, arcs: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let arcs: Vec<(u32, u32)> = arcs
            .into_iter()
            .map(|(from, to)| (offset_u32(from), offset_u32(to)))
            .collect();
        let mut starts = vec![0; nodes + 1];
        for (from, _) in &arcs {
            starts[*from as usize + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut free = starts.clone();
        let mut successors = vec![0; arcs.len()];
        for (from, to) in arcs {
            let at = &mut free[from as usize];
            successors[*at as usize] = to;
            *at += 1;
        }
        let graph = Self { starts, successors };
        graph.sorted()
    }

    fn sorted(mut self) -> Self {
        for node in 0..self.nodes() {
            let range = self.range(node);
            self.successors[range].sort_unstable();
        }
        self
    }

    pub(crate) fn nodes(&self) -> usize {
        self.starts.len() - 1
    }

    /// In ascending order, so that ties are broken the same way every time.
    pub(crate) fn successors(&self, node: usize) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.successors[self.range(node)]
            .iter()
            .map(|next| *next as usize)
    }

    fn range(&self, node: usize) -> std::ops::Range<usize> {
        self.starts[node] as usize..self.starts[node + 1] as usize
    }
}
