//! A package to place.

use std::collections::BTreeSet;

use aux_names::SigName;

use crate::answers::graph::PackageGraph;
use crate::edge::{EdgeKind, PackageId};

/// A package to place: one that is there already, or one to come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// The package, if it is there: then who needs it counts too.
    pub existing: Option<PackageId>,
    /// What it cannot do without.
    pub needs: BTreeSet<PackageId>,
    /// What it would use if it were there.
    pub optional: BTreeSet<PackageId>,
    /// The SIG that owns it; that of the repo where it goes if nobody is named.
    pub owner: Option<SigName>,
}

impl PackageGraph<'_> {
    /// A package that is there, as if it were to be placed anew. None if there is
    /// no such package.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let graph = catalog.graph();
    /// let wish = graph.wish_of(&"gnome/shell".parse()?).expect("it is there");
    /// assert_eq!(wish.needs.len(), 2);
    /// assert_eq!(graph.place(&wish).repo, "gnome");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn wish_of(&self, id: &PackageId) -> Option<Wish> {
        let package = self.family().package(id)?;
        let (needed, other): (Vec<_>, Vec<_>) = self
            .edges_of(id)
            .iter()
            .partition(|edge| edge.kind.is_needed());
        let optional = other.iter().filter(|edge| edge.kind == EdgeKind::Optional);
        Some(Wish {
            existing: Some(id.clone()),
            needs: needed.iter().map(|edge| edge.to.clone()).collect(),
            optional: optional.map(|edge| edge.to.clone()).collect(),
            owner: Some(package.owner.clone()),
        })
    }
}
