//! Many packages as one node: tiers and SIGs.

use std::collections::HashMap;

use crate::catalog::Family;
use crate::diagram::drawing::{Arc, ArcKind, Diagram, Node, counted};
use crate::package::Package;

impl Family {
    /// The tiers, lowest first, each with the number of packages placed on it.
    /// Arcs are package edges alone; those within a tier are not drawn.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// assert_eq!(catalog.tier_graph().nodes().len(), 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn tier_graph(&self) -> Diagram {
        let names = self.tiers().iter().map(|tier| tier.name.to_string());
        self.collapsed("tiers", names.collect(), |package| {
            self.level(&package.id.repo).unwrap_or(0)
        })
    }

    /// The SIGs, each with the number of packages it owns, wherever they are
    /// placed. Arcs are package edges alone; those within a SIG are not drawn.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// assert_eq!(catalog.sig_graph().nodes().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sig_graph(&self) -> Diagram {
        let names: Vec<String> = self.sigs().map(|sig| sig.name.to_string()).collect();
        let numbers: HashMap<&str, usize> =
            self.sigs().map(|sig| sig.name.as_str()).zip(0..).collect();
        self.collapsed("SIGs", names, |package| numbers[package.owner.as_str()])
    }

    fn collapsed(
        &self,
        what: &str,
        names: Vec<String>,
        number_of: impl Fn(&Package) -> usize,
    ) -> Diagram {
        let of: Vec<usize> = self.packages().map(number_of).collect();
        let mut packages = vec![0; names.len()];
        for node in &of {
            packages[*node] += 1;
        }
        let arcs = self
            .edges()
            .map(|(from, edge)| (of[from.number], of[edge.number], ArcKind::from(edge.kind)))
            .filter(|(from, to, _)| from != to)
            .collect();
        let arcs = counted(arcs)
            .map(|(from, to, kind, edges)| Arc {
                from: names[from].clone(),
                to: names[to].clone(),
                kind,
                edges,
            })
            .collect();
        let nodes = names
            .into_iter()
            .zip(packages)
            .map(|(name, packages)| Node {
                id: name.clone(),
                label: name,
                packages: Some(packages),
                group: None,
                owner: None,
            })
            .collect();
        let title = format!("{what} of {}", self.organization().name);
        Diagram::new(title, nodes, arcs)
    }
}
