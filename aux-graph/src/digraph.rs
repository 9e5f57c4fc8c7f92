//! A directed graph, once and for all.

/// A directed graph over `0..nodes`, as one list of successors.
#[derive(Debug)]
pub struct Digraph {
    /// Where the successors of each node start, and where the last ones end.
    starts: Vec<u32>,
    successors: Vec<u32>,
}

impl Digraph {
    /// A graph with so many nodes. Arcs may repeat; their order does not matter.
    ///
    /// # Panics
    /// When an arc names a node that there is not.
    #[must_use]
    pub fn new(nodes: usize, arcs: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let arcs: Vec<(u32, u32)> = arcs
            .into_iter()
            .map(|(from, to)| (index_u32(from), index_u32(to)))
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

    /// How many nodes there are.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.starts.len() - 1
    }

    /// In ascending order, so that ties are broken the same way every time.
    #[must_use]
    pub fn successors(&self, node: usize) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.successors[self.range(node)]
            .iter()
            .map(|next| *next as usize)
    }

    fn range(&self, node: usize) -> std::ops::Range<usize> {
        self.starts[node] as usize..self.starts[node + 1] as usize
    }
}

/// Indices are 32 bits wide; a graph with more nodes than that fits into no memory.
pub(crate) fn index_u32(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
