//! Maximum flow and minimum cut, by Dinic's algorithm.
//!
//! Iterative throughout. On the unit-like networks that cuts of packages make
//! it takes O(edges * sqrt(nodes)); see the benchmarks for real sizes.

use std::collections::VecDeque;

use crate::digraph::index_u32;

/// More than any sum of finite capacities may reach.
pub const INFINITE: u64 = u64::MAX / 4;

/// A directed network. Arc `i` and its reverse `i ^ 1` stand side by side.
#[derive(Debug, Default)]
pub(crate) struct Network {
    heads: Vec<u32>,
    residual: Vec<u64>,
    /// Arcs that leave each node.
    out: Vec<Vec<u32>>,
}

impl Network {
    pub(crate) fn new(nodes: usize) -> Self {
        Self {
            heads: Vec::new(),
            residual: Vec::new(),
            out: vec![Vec::new(); nodes],
        }
    }

    /// An arc that `forward` units may pass, and `backward` units the other way.
    pub(crate) fn arc(&mut self, from: usize, to: usize, forward: u64, backward: u64) {
        let index = index_u32(self.heads.len());
        self.heads.push(index_u32(to));
        self.residual.push(forward);
        self.heads.push(index_u32(from));
        self.residual.push(backward);
        self.out[from].push(index);
        self.out[to].push(index + 1);
    }

    /// Sends as much as possible and returns how much, capped at [`INFINITE`].
    pub(crate) fn saturate(&mut self, source: usize, sink: usize) -> u64 {
        let mut total: u64 = 0;
        while let Some(levels) = self.levels(source, sink) {
            let mut next = vec![0_usize; self.out.len()];
            loop {
                let pushed = self.augment(source, sink, &levels, &mut next);
                if pushed == 0 {
                    break;
                }
                total = total.saturating_add(pushed);
                if total >= INFINITE {
                    return INFINITE;
                }
            }
        }
        total
    }

    /// After [`Self::saturate`]: the nodes that the source still reaches.
    pub(crate) fn source_side(&self, source: usize) -> Vec<bool> {
        let mut reached = vec![false; self.out.len()];
        reached[source] = true;
        let mut open = vec![source];
        while let Some(node) = open.pop() {
            for arc in &self.out[node] {
                let head = self.heads[*arc as usize] as usize;
                if self.residual[*arc as usize] > 0 && !reached[head] {
                    reached[head] = true;
                    open.push(head);
                }
            }
        }
        reached
    }

    /// Distance from the source by arcs with room; none if the sink is cut off.
    fn levels(&self, source: usize, sink: usize) -> Option<Vec<u32>> {
        let mut levels = vec![u32::MAX; self.out.len()];
        levels[source] = 0;
        let mut queue = VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            for arc in &self.out[node] {
                let head = self.heads[*arc as usize] as usize;
                if self.residual[*arc as usize] > 0 && levels[head] == u32::MAX {
                    levels[head] = levels[node] + 1;
                    queue.push_back(head);
                }
            }
        }
        (levels[sink] != u32::MAX).then_some(levels)
    }

    /// One path of rising levels from source to sink, filled up.
    fn augment(&mut self, source: usize, sink: usize, levels: &[u32], next: &mut [usize]) -> u64 {
        let mut path: Vec<u32> = Vec::new();
        let mut node = source;
        while node != sink {
            let arc = self.out[node][next[node]..].iter().position(|arc| {
                let head = self.heads[*arc as usize] as usize;
                self.residual[*arc as usize] > 0 && levels[head] == levels[node] + 1
            });
            match arc {
                Some(skipped) => {
                    next[node] += skipped;
                    let arc = self.out[node][next[node]];
                    path.push(arc);
                    node = self.heads[arc as usize] as usize;
                }
                None => {
                    next[node] = self.out[node].len();
                    let Some(back) = path.pop() else {
                        return 0;
                    };
                    node = self.heads[(back ^ 1) as usize] as usize;
                    next[node] += 1;
                }
            }
        }
        let room = path
            .iter()
            .map(|arc| self.residual[*arc as usize])
            .min()
            .unwrap_or(0);
        for arc in path {
            self.residual[arc as usize] -= room;
            let reverse = &mut self.residual[(arc ^ 1) as usize];
            *reverse = reverse.saturating_add(room);
        }
        room
    }
}
