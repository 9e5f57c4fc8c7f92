//! Mermaid, which forges draw inside Markdown.

use std::collections::BTreeMap;
use std::fmt::Write;

use aux_model::visible;

use crate::drawing::{ArcKind, Diagram, Node};
use crate::parts::{groups, lines};

/// The diagram as Mermaid text.
///
/// # Panics
/// Never: writing to a string does not fail.
#[must_use]
pub fn mermaid(diagram: &Diagram) -> String {
    let mut text = String::from("flowchart TB\n");
    let mut line = |indent: usize, content: &str| {
        writeln!(text, "{:indent$}{content}", "").expect("writing to a string does not fail");
    };
    // Words such as `end` are keywords, so nodes have numbers for names.
    let numbers: BTreeMap<&str, usize> = diagram
        .nodes()
        .iter()
        .enumerate()
        .map(|(number, node)| (node.id.as_str(), number))
        .collect();
    for (number, (group, nodes)) in groups(diagram).into_iter().enumerate() {
        let box_of = |node: &Node| {
            let label: Vec<String> = lines(node).iter().map(|line| escaped(line)).collect();
            format!(
                "n{}[\"{}\"]",
                numbers[node.id.as_str()],
                label.join("<br/>")
            )
        };
        let Some(group) = group else {
            for node in nodes {
                line(2, &box_of(node));
            }
            continue;
        };
        line(2, &format!("subgraph g{number}[\"{}\"]", escaped(group)));
        for node in nodes {
            line(4, &box_of(node));
        }
        line(2, "end");
    }
    for arc in diagram.arcs() {
        let (Some(from), Some(to)) = (numbers.get(arc.from.as_str()), numbers.get(arc.to.as_str()))
        else {
            continue;
        };
        let label = match arc.edges {
            0 | 1 => String::new(),
            edges => format!("|{edges}|"),
        };
        let arrow = match arc.kind {
            ArcKind::Uses => "-->",
            ArcKind::Peer | ArcKind::Optional => "-.->",
        };
        line(2, &format!("n{from} {arrow}{label} n{to}"));
    }
    text
}

fn escaped(text: &str) -> String {
    visible(text)
        .replace('#', "#35;")
        .replace('"', "#quot;")
        .replace('\n', " ")
}
