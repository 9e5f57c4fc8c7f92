//! A diagram without the arcs that follow from others.

use aux_graph::reduce;

use crate::drawing::{ArcKind, Diagram};

impl Diagram {
    /// Leaves out what follows from arcs of what is used: a use that a longer
    /// way of uses leads to (a uses b, b uses c, so a has c), and an optional
    /// arc that any way of uses leads to. What stands in a cycle counts as one,
    /// whose own arcs stay, and so do all arcs of peers.
    ///
    /// Returns false if the graph was so large and so tangled that not all arcs
    /// were looked at. Then more are drawn than need be, and none is missing.
    pub fn reduce(&mut self) -> bool {
        let ends = self.ends();
        let of_kind = |kind: ArcKind| {
            self.arcs
                .iter()
                .zip(&ends)
                .filter(move |(arc, _)| arc.kind == kind)
                .map(|(_, ends)| *ends)
        };
        let reduction = reduce(
            self.nodes.len(),
            of_kind(ArcKind::Uses),
            of_kind(ArcKind::Optional),
        );
        let before = self.arcs.len();
        let mut ends = ends.into_iter();
        self.arcs.retain(|arc| {
            let Some((from, to)) = ends.next() else {
                return true;
            };
            match arc.kind {
                ArcKind::Uses => reduction.keeps_needed(from, to),
                ArcKind::Optional => reduction.keeps_optional(from, to),
                ArcKind::Peer => true,
            }
        });
        self.left_out += before - self.arcs.len();
        reduction.is_complete()
    }
}
