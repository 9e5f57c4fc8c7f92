//! Packages and their dependency edges.

use std::collections::HashMap;

use aux_model::{Family, Package, PackageId, RepoName};

use crate::drawing::{Arc, ArcKind, Diagram, Node, counted};

impl Diagram {
    /// The packages and their dependency edges, grouped by repo; of one repo and its
    /// neighbours if one is given.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../aux-model/doc/family.toml")))?;
    /// assert_eq!(aux_diagram::Diagram::of_packages(&catalog, None).nodes().len(), 9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_packages(family: &Family, only: Option<&RepoName>) -> Self {
        let packages: Vec<&Package> = family.packages().collect();
        let is_asked = |package: &Package| only.is_none_or(|repo| *repo == package.id.repo);
        let mut shown: Vec<bool> = packages.iter().map(|package| is_asked(package)).collect();
        let numbers = packages.iter().map(|package| &package.id).zip(0..);
        let numbers: HashMap<&PackageId, usize> = numbers.collect();
        let mut arcs = Vec::new();
        for (from, edge) in family.edges() {
            let (from, to) = (numbers[&from.id], numbers[&edge.to]);
            if is_asked(packages[from]) || is_asked(packages[to]) {
                shown[from] = true;
                shown[to] = true;
                arcs.push((from, to, ArcKind::from(edge.kind)));
            }
        }
        let ids: Vec<String> = packages
            .iter()
            .map(|package| package.id.to_string())
            .collect();
        let arcs = counted(arcs)
            .map(|(from, to, kind, edges)| Arc {
                from: ids[from].clone(),
                to: ids[to].clone(),
                kind,
                edges,
            })
            .collect();
        let nodes = packages
            .into_iter()
            .zip(ids)
            .zip(shown)
            .filter(|(_, shown)| *shown)
            .map(|((package, id), _)| Node {
                id,
                label: package.id.name.to_string(),
                packages: None,
                group: Some(package.id.repo.to_string()),
                owner: Some(package.owner.to_string()),
            })
            .collect();
        let title = match only {
            Some(repo) => format!("packages of {repo}"),
            None => format!("packages of {}", family.organization().name),
        };
        Self::new(title, nodes, arcs)
    }
}
