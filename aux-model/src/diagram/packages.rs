//! Packages and their dependency edges.

use aux_names::RepoName;

use crate::catalog::Family;
use crate::diagram::drawing::{Arc, ArcKind, Diagram, Node, counted};
use crate::package::Package;

impl Family {
    /// The packages and their dependency edges, grouped by repo; of one repo and its
    /// neighbours if one is given.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// assert_eq!(catalog.package_graph(None).nodes().len(), 9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn package_graph(&self, only: Option<&RepoName>) -> Diagram {
        let packages: Vec<&Package> = self.packages().collect();
        let is_asked = |package: &Package| only.is_none_or(|repo| *repo == package.id.repo);
        let mut shown: Vec<bool> = packages.iter().map(|package| is_asked(package)).collect();
        let mut arcs = Vec::new();
        for (from, edge) in self.edges() {
            if is_asked(from) || is_asked(packages[edge.number]) {
                shown[from.number] = true;
                shown[edge.number] = true;
                arcs.push((from.number, edge.number, ArcKind::from(edge.kind)));
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
            None => format!("packages of {}", self.organization().name),
        };
        Diagram::new(title, nodes, arcs)
    }
}
