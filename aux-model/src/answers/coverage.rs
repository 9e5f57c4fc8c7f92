//! Standalone coverage: how much of a repo works without any repo it does not
//! see, and which missing packages cost most.

use std::collections::{BTreeMap, BTreeSet};

use aux_names::RepoName;

use crate::answers::graph::PackageGraph;
use crate::answers::unknown::Unknown;
use crate::edge::PackageId;
use crate::repo::Repo;
use aux_graph::Digraph;

/// What a repo can offer alone.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Coverage {
    /// How many packages and builders it has.
    pub packages: usize,
    /// How many of them need nothing outside of its view.
    pub standalone: usize,
    /// What is missing, dearest first, then by name.
    pub missing: Vec<Missing>,
    /// How many members of package sets it has, by what the manifest declares.
    pub members: usize,
    /// How many of them it can offer.
    pub standalone_members: usize,
    /// The others by SET.NAME, each with what is missing: REPO/NAME or REPO/SET.NAME.
    pub members_missing: BTreeMap<String, String>,
}

/// A package outside of the view that packages of the repo need.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Missing {
    /// The package.
    pub package: PackageId,
    /// The repo's packages that need it, directly or through others, in order.
    /// Some may lack other packages too.
    pub cost: Vec<PackageId>,
}

impl PackageGraph<'_> {
    /// The standalone coverage of a repo, over all needed edges of the graph.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let coverage = catalog.graph().coverage(&"javascript".parse()?)?;
    /// // `notebook` needs numpy, which the repo meets in a common package set only.
    /// assert_eq!((coverage.packages, coverage.standalone), (2, 1));
    /// assert_eq!(coverage.missing[0].package.to_string(), "python/numpy");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the catalog of the graph has no such repo.
    pub fn coverage(&self, name: &RepoName) -> Result<Coverage, Unknown> {
        let repo = self.family().repo(name.as_str());
        let repo = repo.ok_or_else(|| Unknown::Repo(name.clone()))?;
        Ok(self.coverage_of(repo))
    }

    fn coverage_of(&self, repo: &Repo) -> Coverage {
        let packages = self.packages();
        let mut repos = self.family().inputs(repo);
        repos.push(repo);
        repos.sort_by(|a, b| a.name.cmp(&b.name));
        // The packages in the view, by number, and so in ascending order.
        let view: Vec<usize> = repos
            .iter()
            .flat_map(|repo| repo.packages.values())
            .map(|package| package.number)
            .collect();
        // Which package in the view needs which, backwards; and the edges that leave it.
        let mut needed_by = Vec::new();
        let mut leaving = Vec::new();
        for (from, number) in view.iter().enumerate() {
            let edges = self.edges_from(*number).iter();
            for edge in edges.filter(|edge| edge.kind.is_needed()) {
                match view.binary_search(&edge.number()) {
                    Ok(to) => needed_by.push((to, from)),
                    Err(_) => leaving.push((edge.number(), from)),
                }
            }
        }
        let needed_by = Digraph::new(view.len(), needed_by);
        leaving.sort_unstable();
        let mut lacking = BTreeSet::new();
        let mut missing = Vec::new();
        // The missing package whose search met each one last.
        let mut met = vec![usize::MAX; view.len()];
        for edges in leaving.chunk_by(|a, b| a.0 == b.0) {
            let package = edges[0].0;
            let mut reached = Vec::new();
            let mut open: Vec<usize> = edges.iter().map(|(_, from)| *from).collect();
            while let Some(at) = open.pop() {
                if std::mem::replace(&mut met[at], package) != package {
                    reached.push(view[at]);
                    open.extend(needed_by.successors(at));
                }
            }
            reached.retain(|number| packages[*number].id.repo == repo.name);
            reached.sort_unstable();
            if !reached.is_empty() {
                missing.push(Missing {
                    package: packages[package].id.clone(),
                    cost: reached
                        .iter()
                        .map(|number| packages[*number].id.clone())
                        .collect(),
                });
                lacking.extend(reached);
            }
        }
        missing.sort_by(|a, b| {
            b.cost
                .len()
                .cmp(&a.cost.len())
                .then_with(|| a.package.cmp(&b.package))
        });
        let members = repo.members().count();
        let left_out = self.family().members_left_out(repo).into_iter();
        let members_missing: BTreeMap<String, String> = left_out
            .flat_map(|(set, missing)| {
                let missing = missing.into_iter();
                missing.map(move |(member, lacking)| (format!("{set}.{member}"), lacking))
            })
            .collect();
        Coverage {
            members,
            standalone_members: if repo.is_flake() {
                members - members_missing.len()
            } else {
                0
            },
            members_missing,
            packages: repo.packages.len(),
            // Only a flake offers anything alone.
            standalone: if repo.is_flake() {
                repo.packages.len() - lacking.len()
            } else {
                0
            },
            missing,
        }
    }
}
