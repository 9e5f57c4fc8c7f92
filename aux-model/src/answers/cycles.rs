//! Cycles: which repos and packages need each other both ways, and by what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aux_names::RepoName;

use crate::answers::graph::{GraphEdge, PackageGraph};
use crate::edge::PackageId;
use aux_graph::Digraph;

/// Repos that need each other both ways, through flake inputs or packages.
#[derive(Debug, Clone, serde::Serialize, PartialEq)]
#[non_exhaustive]
pub struct RepoCycle<'g, 'c> {
    /// All repos of the strongly connected component, in order of name.
    pub repos: Vec<RepoName>,
    /// A shortest cycle: each needs the next, the last needs the first.
    pub shortest: Vec<RepoName>,
    /// Every pair of the component of which one needs the other.
    pub arcs: Vec<RepoArc<'g, 'c>>,
}

/// One repo of a cycle needs another.
#[derive(Debug, Clone, serde::Serialize, PartialEq)]
#[non_exhaustive]
pub struct RepoArc<'g, 'c> {
    /// Who needs.
    pub from: RepoName,
    /// Who is needed.
    pub to: RepoName,
    /// What the manifest says of the two.
    pub relation: Relation,
    /// The package edges that are the reason; none if only `uses` has it.
    pub edges: Vec<&'g GraphEdge<'c>>,
    /// Edges for tests and arguments with a default: they could simply go.
    pub could_go: Vec<&'g GraphEdge<'c>>,
}

/// What the manifest says of one repo needing another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// It is a flake input.
    Uses,
    /// It is a flake input, and the policy allows that the other uses it too.
    Allowed,
    /// It is part of the view through others.
    Through,
    /// It is met in a common package set only.
    Peer,
    /// Nothing.
    Undeclared,
}

/// Packages that need each other in a cycle: nothing can build them.
#[derive(Debug, Clone, serde::Serialize, PartialEq)]
#[non_exhaustive]
pub struct PackageCycle<'g, 'c> {
    /// All packages of the strongly connected component, in order.
    pub packages: Vec<PackageId>,
    /// The edges of a shortest cycle.
    pub shortest: Vec<&'g GraphEdge<'c>>,
}

impl RepoCycle<'_, '_> {
    /// Whether every way round passes peers or a pair that the policy allows: then
    /// nothing is wrong, and the price is what the repos cannot offer alone.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        let used = self
            .arcs
            .iter()
            .filter(|arc| arc.relation == Relation::Uses);
        let numbers: BTreeMap<&RepoName, usize> = self
            .repos
            .iter()
            .enumerate()
            .map(|(number, repo)| (repo, number))
            .collect();
        let graph = Digraph::new(
            self.repos.len(),
            used.map(|arc| (numbers[&arc.from], numbers[&arc.to])),
        );
        self.arcs
            .iter()
            .all(|arc| arc.relation != Relation::Undeclared)
            && graph.cyclic_components().is_empty()
    }
}

impl<'c> PackageGraph<'c> {
    /// Every cycle of repos, by first name.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// assert!(catalog.graph().repo_cycles().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn repo_cycles(&self) -> Vec<RepoCycle<'_, 'c>> {
        let catalog = self.family();
        let names: Vec<&RepoName> = catalog.repos().map(|repo| &repo.name).collect();
        let index: HashMap<&RepoName, usize> = names
            .iter()
            .enumerate()
            .map(|(number, name)| (*name, number))
            .collect();
        let mut between: BTreeMap<(usize, usize), Vec<&GraphEdge<'c>>> = BTreeMap::new();
        for edge in self.edges() {
            if edge.from.repo != edge.to.repo {
                let pair = (index[&edge.from.repo], index[&edge.to.repo]);
                between.entry(pair).or_default().push(edge);
            }
        }
        let mut arcs: BTreeSet<(usize, usize)> = between
            .iter()
            .filter(|(_, edges)| edges.iter().any(|edge| edge.kind.is_needed()))
            .map(|(pair, _)| *pair)
            .collect();
        for repo in catalog.repos() {
            for used in repo.uses.keys().filter(|used| **used != repo.name) {
                if let Some(to) = index.get(used) {
                    arcs.insert((index[&repo.name], *to));
                }
            }
        }
        let graph = Digraph::new(names.len(), arcs.iter().copied());
        graph
            .cyclic_components()
            .into_iter()
            .map(|component| {
                let inside: BTreeSet<usize> = component.iter().copied().collect();
                let shortest = graph.shortest_cycle(&component);
                let repo_arcs = arcs
                    .iter()
                    .filter(|(from, to)| inside.contains(from) && inside.contains(to))
                    .map(|pair| self.repo_arc(names[pair.0], names[pair.1], between.get(pair)))
                    .collect();
                RepoCycle {
                    repos: component
                        .iter()
                        .map(|number| names[*number].clone())
                        .collect(),
                    shortest: shortest
                        .iter()
                        .map(|number| names[*number].clone())
                        .collect(),
                    arcs: repo_arcs,
                }
            })
            .collect()
    }

    fn repo_arc<'g>(
        &'g self,
        from: &RepoName,
        to: &RepoName,
        edges: Option<&Vec<&'g GraphEdge<'c>>>,
    ) -> RepoArc<'g, 'c> {
        let catalog = self.family();
        let (needed, could_go) = edges
            .into_iter()
            .flatten()
            .copied()
            .partition(|edge| edge.kind.is_needed());
        let repo = catalog.repo(from.as_str());
        let uses = repo.is_some_and(|repo| repo.uses.contains_key(to));
        let peer = repo.is_some_and(|repo| repo.peers.contains_key(to));
        RepoArc {
            from: from.clone(),
            to: to.clone(),
            relation: if uses && catalog.policy().allows(from, to) {
                Relation::Allowed
            } else if uses {
                Relation::Uses
            } else if peer {
                Relation::Peer
            } else if catalog.sees(from, to) {
                Relation::Through
            } else {
                Relation::Undeclared
            },
            edges: needed,
            could_go,
        }
    }

    /// Every cycle of packages over needed edges, by first name.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// assert!(catalog.graph().package_cycles().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn package_cycles(&self) -> Vec<PackageCycle<'_, 'c>> {
        let packages = self.packages();
        let graph = Digraph::new(packages.len(), self.needed_arcs());
        graph
            .cyclic_components()
            .into_iter()
            .map(|component| {
                let cycle = graph.shortest_cycle(&component);
                let shortest = cycle
                    .iter()
                    .zip(cycle.iter().cycle().skip(1))
                    .filter_map(|(from, to)| {
                        let to = &packages[*to].id;
                        self.edges_from(*from)
                            .iter()
                            .find(|edge| edge.kind.is_needed() && edge.to == to)
                    })
                    .collect();
                PackageCycle {
                    packages: component
                        .iter()
                        .map(|number| packages[*number].id.clone())
                        .collect(),
                    shortest,
                }
            })
            .collect()
    }
}
