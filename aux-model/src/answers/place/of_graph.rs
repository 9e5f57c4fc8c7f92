//! The question, asked of a graph.

use crate::answers::graph::PackageGraph;
use crate::answers::place::placement::Placement;
use crate::answers::place::placer::Placer;
use crate::answers::place::wish::Wish;

impl PackageGraph<'_> {
    /// Where a package goes. It must see all it needs, and all who need it must
    /// see it. Core has what it boots from and what the SIGs of a tier share, as
    /// the policy says; else its owner's repo if that is possible; else the lowest
    /// repo, or the next tier that has one, or top-level. Repos on one tier are
    /// ordered by how much of what it needs they hold, then by name.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// use std::collections::BTreeSet;
    /// use aux_model::answers::Wish;
    ///
    /// let wish = Wish {
    ///     needs: BTreeSet::from(["gnome/shell".parse()?, "core/zlib".parse()?]),
    ///     ..Wish::default()
    /// };
    /// assert_eq!(catalog.graph().place(&wish).repo, "gnome");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn place(&self, wish: &Wish) -> Placement {
        Placer::new(self).place(wish)
    }
}
