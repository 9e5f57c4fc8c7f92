//! The DOT language of graphviz.

use std::fmt::Write;

use aux_model::visible;

use crate::drawing::{ArcKind, Diagram, Node};
use crate::parts::{groups, lines};

/// The diagram as DOT text.
///
/// # Panics
/// Never: writing to a string does not fail.
#[must_use]
pub fn dot(diagram: &Diagram) -> String {
    let mut text = String::new();
    let mut line = |indent: usize, content: &str| {
        writeln!(text, "{:indent$}{content}", "").expect("writing to a string does not fail");
    };
    line(0, &format!("digraph {} {{", quoted(diagram.title())));
    line(
        2,
        "rankdir=TB; node [shape=box, style=rounded, fontname=\"sans-serif\"];",
    );
    line(
        2,
        "edge [fontname=\"sans-serif\", fontsize=9]; compound=true;",
    );
    for (number, (group, nodes)) in groups(diagram).into_iter().enumerate() {
        let Some(group) = group else {
            for node in nodes {
                line(2, &box_of(node));
            }
            continue;
        };
        line(2, &format!("subgraph cluster_{number} {{"));
        line(
            4,
            &format!(
                "label={}; color=gray; fontname=\"sans-serif\";",
                quoted(group)
            ),
        );
        for node in nodes {
            line(4, &box_of(node));
        }
        line(2, "}");
    }
    for arc in diagram.arcs() {
        let label = match arc.edges {
            0 | 1 => String::new(),
            edges => format!("label=\"{edges}\""),
        };
        let style = match arc.kind {
            ArcKind::Uses => "",
            ArcKind::Peer => "style=dashed, constraint=false",
            ArcKind::Optional => "style=dotted",
        };
        let attributes: Vec<&str> = [label.as_str(), style]
            .into_iter()
            .filter(|attribute| !attribute.is_empty())
            .collect();
        let attributes = if attributes.is_empty() {
            String::new()
        } else {
            format!(" [{}]", attributes.join(", "))
        };
        line(
            2,
            &format!("{} -> {}{attributes};", quoted(&arc.from), quoted(&arc.to)),
        );
    }
    line(0, "}");
    text
}

fn box_of(node: &Node) -> String {
    let label: Vec<String> = lines(node).iter().map(|line| escaped(line)).collect();
    let tooltip = node.owner.as_ref().map_or_else(String::new, |owner| {
        format!(", tooltip={}", quoted(&format!("owned by {owner}")))
    });
    format!(
        "{} [label=\"{}\"{tooltip}];",
        quoted(&node.id),
        label.join("\\n")
    )
}

/// A quoted identifier; the language has no other escape than `\"`.
fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// graphviz reads references to characters as HTML does; `##[` in the log of a forge is
/// a command to its runner.
fn escaped(text: &str) -> String {
    visible(text)
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', " ")
        .replace("##", "#&#35;")
}
