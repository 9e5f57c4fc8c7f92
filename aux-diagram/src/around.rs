//! A part of a diagram: some nodes and their neighbours.

use std::collections::BTreeSet;

use aux_graph::near;

use crate::drawing::Diagram;

impl Diagram {
    /// Keeps the nodes of which these are the keys, whatever leads to them and
    /// whatever they lead to in at most so many steps, and all arcs between
    /// those. `what` says in the title what they are. To be asked for before
    /// arcs are left out, which would make ways longer.
    pub fn keep_around(&mut self, what: &str, centre: &BTreeSet<String>, steps: usize) {
        let start: Vec<bool> = self
            .nodes
            .iter()
            .map(|node| centre.contains(&node.id))
            .collect();
        let ends = self.ends();
        let kept = near(&start, &ends, steps);
        let mut ends = ends.into_iter();
        self.arcs
            .retain(|_| ends.next().is_some_and(|(from, to)| kept[from] && kept[to]));
        let mut kept = kept.into_iter();
        self.nodes.retain(|_| kept.next().unwrap_or(false));
        self.title = format!("{}, around {what}", self.title);
    }
}
