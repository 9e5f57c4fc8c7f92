//! Repos and their uses.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{Family, RepoName};

use crate::drawing::{Arc, ArcKind, Diagram, Node};

impl Diagram {
    /// The repos and their uses, grouped by tier.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../aux-model/doc/family.toml")))?;
    /// assert_eq!(aux_diagram::Diagram::of_repos(&catalog).nodes().len(), 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_repos(family: &Family) -> Self {
        let mut between: BTreeMap<(&RepoName, &RepoName), usize> = BTreeMap::new();
        for (package, edge) in family.edges() {
            if edge.to.repo != package.id.repo {
                *between
                    .entry((&package.id.repo, &edge.to.repo))
                    .or_default() += 1;
            }
        }
        let arc = |from: &RepoName, to: &RepoName, kind: ArcKind| Arc {
            from: from.to_string(),
            to: to.to_string(),
            kind,
            edges: between.get(&(from, to)).copied().unwrap_or(0),
        };
        let mut arcs = Vec::new();
        for repo in family.repos() {
            let uses: BTreeSet<&RepoName> = if repo.name == family.top_level().name {
                family
                    .inputs(repo)
                    .into_iter()
                    .map(|input| &input.name)
                    .collect()
            } else {
                repo.uses.keys().collect()
            };
            arcs.extend(
                uses.into_iter()
                    .map(|used| arc(&repo.name, used, ArcKind::Uses)),
            );
            arcs.extend(
                repo.peers
                    .keys()
                    .map(|peer| arc(&repo.name, peer, ArcKind::Peer)),
            );
        }
        arcs.sort();
        let nodes = family
            .layers()
            .map(|repo| Node {
                id: repo.name.to_string(),
                label: repo.name.to_string(),
                packages: None,
                group: Some(repo.tier.to_string()),
                owner: Some(repo.sig.to_string()),
            })
            .collect();
        Self::new(
            format!("repos of {}", family.organization().name),
            nodes,
            arcs,
        )
    }
}
