//! What every form of a diagram is made of.

use std::collections::BTreeMap;

use crate::drawing::{Diagram, Node};

/// The nodes by group, those without one together; groups in the order in which
/// they first appear, which is from the lowest tier up.
pub(crate) fn groups(diagram: &Diagram) -> Vec<(Option<&str>, Vec<&Node>)> {
    let mut order = Vec::new();
    let mut groups: BTreeMap<Option<&str>, Vec<&Node>> = BTreeMap::new();
    for node in diagram.nodes() {
        let group = node.group.as_deref();
        groups
            .entry(group)
            .or_insert_with(|| {
                order.push(group);
                Vec::new()
            })
            .push(node);
    }
    order
        .into_iter()
        .filter_map(|group| Some((group, groups.remove(&group)?)))
        .collect()
}

/// What to write on a node, line by line.
pub(crate) fn lines(node: &Node) -> Vec<String> {
    let packages = node.packages.map(|packages| match packages {
        1 => "1 package".to_owned(),
        packages => format!("{packages} packages"),
    });
    std::iter::once(node.label.clone())
        .chain(packages)
        .collect()
}
