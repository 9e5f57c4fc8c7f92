//! Graphs to draw: repos or packages, grouped by tier or repo, without the arcs
//! that follow from others.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::edge::EdgeKind;
use crate::name::RepoName;

/// A graph to draw. Nodes and arcs are in order.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Picture {
    /// What is drawn, such as `repos of auxolotl`.
    pub title: String,
    /// The nodes, by group, then by name.
    pub nodes: Vec<Node>,
    /// The arcs, by source, then by target.
    pub arcs: Vec<Arc>,
}

/// A node of a picture.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Node {
    /// Its key: a repo, or a package keyed by its repo.
    pub id: String,
    /// What to write on it.
    pub label: String,
    /// The box it stands in: a tier for repos, a repo for packages.
    pub group: String,
    /// Who answers for it.
    pub owner: String,
}

/// An arc of a picture, from who needs to what is needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
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

impl Catalog {
    /// The repos and who uses whom, grouped by tier. A use that follows from
    /// others (a uses b, b uses c, so a sees c) is left out.
    #[must_use]
    pub fn repo_graph(&self) -> Picture {
        let mut between: BTreeMap<(&RepoName, &RepoName), usize> = BTreeMap::new();
        for (package, edge) in self.edges() {
            if edge.to.repo != package.id.repo {
                *between
                    .entry((&package.id.repo, &edge.to.repo))
                    .or_default() += 1;
            }
        }
        let edges = |from, to| between.get(&(from, to)).copied().unwrap_or(0);
        let mut arcs = Vec::new();
        for repo in self.repos() {
            let uses: BTreeSet<&RepoName> = if repo.name == self.top_level().name {
                self.inputs(repo)
                    .into_iter()
                    .map(|input| &input.name)
                    .collect()
            } else {
                repo.uses.keys().collect()
            };
            for used in &uses {
                let follows = uses
                    .iter()
                    .any(|other| other != used && *other != &repo.name && self.sees(other, used));
                if !follows {
                    arcs.push(Arc {
                        from: repo.name.to_string(),
                        to: used.to_string(),
                        kind: ArcKind::Uses,
                        edges: edges(&repo.name, used),
                    });
                }
            }
            for peer in repo.peers.keys() {
                arcs.push(Arc {
                    from: repo.name.to_string(),
                    to: peer.to_string(),
                    kind: ArcKind::Peer,
                    edges: edges(&repo.name, peer),
                });
            }
        }
        arcs.sort();
        let nodes = self
            .layers()
            .map(|repo| Node {
                id: repo.name.to_string(),
                label: repo.name.to_string(),
                group: repo.tier.to_string(),
                owner: repo.sig.to_string(),
            })
            .collect();
        Picture {
            title: format!("repos of {}", self.organization().name),
            nodes,
            arcs,
        }
    }

    /// The packages and who needs whom, grouped by repo; of one repo and its
    /// neighbours if one is given.
    #[must_use]
    pub fn package_graph(&self, only: Option<&RepoName>) -> Picture {
        let mut shown = BTreeSet::new();
        let mut arcs: BTreeMap<(String, String, ArcKind), usize> = BTreeMap::new();
        for package in self.packages() {
            if only.is_none_or(|repo| *repo == package.id.repo) {
                shown.insert(&package.id);
            }
        }
        for (package, edge) in self.edges() {
            if only.is_some_and(|repo| *repo != package.id.repo && *repo != edge.to.repo) {
                continue;
            }
            shown.insert(&package.id);
            shown.insert(&edge.to);
            let kind = match edge.kind {
                EdgeKind::Build | EdgeKind::Runtime => ArcKind::Uses,
                EdgeKind::Test | EdgeKind::Optional => ArcKind::Optional,
            };
            *arcs
                .entry((package.id.to_string(), edge.to.to_string(), kind))
                .or_default() += 1;
        }
        let nodes = shown
            .into_iter()
            .filter_map(|id| self.package(id))
            .map(|package| Node {
                id: package.id.to_string(),
                label: package.id.name.to_string(),
                group: package.id.repo.to_string(),
                owner: package.owner.to_string(),
            })
            .collect();
        Picture {
            title: match only {
                Some(repo) => format!("packages of {repo}"),
                None => format!("packages of {}", self.organization().name),
            },
            nodes,
            arcs: arcs
                .into_iter()
                .map(|((from, to, kind), edges)| Arc {
                    from,
                    to,
                    kind,
                    edges,
                })
                .collect(),
        }
    }
}
