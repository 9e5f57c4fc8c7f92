//! Many packages as one node: tiers and SIGs.

use std::collections::HashMap;

use aux_model::{Family, Package, PackageId};

use crate::drawing::{Arc, ArcKind, Diagram, Node, counted};

impl Diagram {
    /// The tiers, lowest first, each with the number of packages placed on it.
    /// Arcs are package edges alone; those within a tier are not drawn.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../aux-model/doc/family.toml")))?;
    /// assert_eq!(aux_diagram::Diagram::of_tiers(&catalog).nodes().len(), 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_tiers(family: &Family) -> Self {
        let names = family.tiers().iter().map(|tier| tier.name.to_string());
        Self::collapsed(family, "tiers", names.collect(), |package| {
            family.level(&package.id.repo).unwrap_or(0)
        })
    }

    /// The SIGs, each with the number of packages it owns, wherever they are
    /// placed. Arcs are package edges alone; those within a SIG are not drawn.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../aux-model/doc/family.toml")))?;
    /// assert_eq!(aux_diagram::Diagram::of_sigs(&catalog).nodes().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_sigs(family: &Family) -> Self {
        let names: Vec<String> = family.sigs().map(|sig| sig.name.to_string()).collect();
        let sigs = family.sigs().map(|sig| sig.name.as_str());
        let numbers: HashMap<&str, usize> = sigs.zip(0..).collect();
        Self::collapsed(family, "SIGs", names, |package| {
            numbers[package.owner.as_str()]
        })
    }

    fn collapsed(
        family: &Family,
        what: &str,
        names: Vec<String>,
        number_of: impl Fn(&Package) -> usize,
    ) -> Self {
        let of: HashMap<&PackageId, usize> = family
            .packages()
            .map(|package| (&package.id, number_of(package)))
            .collect();
        let mut packages = vec![0; names.len()];
        for node in of.values() {
            packages[*node] += 1;
        }
        let arcs = family
            .edges()
            .map(|(from, edge)| (of[&from.id], of[&edge.to], ArcKind::from(edge.kind)))
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
        let title = format!("{what} of {}", family.organization().name);
        Self::new(title, nodes, arcs)
    }
}
