//! What a diagram is made of.

use std::collections::HashMap;

use aux_model::EdgeKind;

/// A graph to draw. Nodes and arcs are in order.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Diagram {
    pub(crate) title: String,
    pub(crate) nodes: Vec<Node>,
    /// The ends of each are nodes.
    pub(crate) arcs: Vec<Arc>,
    pub(crate) left_out: usize,
}

/// A node of a diagram.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Node {
    /// Its key: a tier, a SIG, a repo, or a package keyed by its repo.
    pub id: String,
    /// What to write on it.
    pub label: String,
    /// How many packages it stands for, if it stands for several things.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packages: Option<usize>,
    /// The box it stands in: a tier for repos, a repo for packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Who answers for a repo or a package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// An arc of a diagram, from who needs to what is needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[non_exhaustive]
pub struct Arc {
    /// Who needs it.
    pub from: String,
    /// What is needed.
    pub to: String,
    /// Why.
    pub kind: ArcKind,
    /// How many package edges stand behind it.
    pub edges: usize,
}

/// Why an arc is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ArcKind {
    /// A flake input, or a package that is needed.
    Uses,
    /// A repo met only in a common package set.
    Peer,
    /// A package used if it is there, or for tests only.
    Optional,
}

impl Diagram {
    pub(crate) fn new(title: String, nodes: Vec<Node>, arcs: Vec<Arc>) -> Self {
        Self {
            title,
            nodes,
            arcs,
            left_out: 0,
        }
    }

    /// What is drawn, such as `repos of auxolotl`.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The nodes: tiers from the lowest up, SIGs by name, repos in the order of
    /// their layers, packages by repo, then by name.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The arcs, by source, then by target. The ends of each are nodes.
    #[must_use]
    pub fn arcs(&self) -> &[Arc] {
        &self.arcs
    }

    /// How many arcs are not drawn because they follow from others.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The two ends of each arc as places among the nodes.
    pub(crate) fn ends(&self) -> Vec<(usize, usize)> {
        let places: HashMap<&str, usize> = self
            .nodes
            .iter()
            .enumerate()
            .map(|(place, node)| (node.id.as_str(), place))
            .collect();
        self.arcs
            .iter()
            .map(|arc| (places[arc.from.as_str()], places[arc.to.as_str()]))
            .collect()
    }
}

impl From<EdgeKind> for ArcKind {
    fn from(kind: EdgeKind) -> Self {
        match kind {
            EdgeKind::Build | EdgeKind::Runtime => Self::Uses,
            EdgeKind::Test | EdgeKind::Optional | EdgeKind::Asks => Self::Optional,
        }
    }
}

/// Equal arcs as one each, with their number: sorted by source, target and kind.
pub(crate) fn counted(
    mut arcs: Vec<(usize, usize, ArcKind)>,
) -> impl Iterator<Item = (usize, usize, ArcKind, usize)> {
    arcs.sort_unstable();
    let counted: Vec<_> = arcs
        .chunk_by(|a, b| a == b)
        .map(|equal| (equal[0].0, equal[0].1, equal[0].2, equal.len()))
        .collect();
    counted.into_iter()
}
