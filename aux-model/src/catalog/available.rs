//! For which systems packages can be had, and from which users are kept: what they need counts, too.

use std::collections::{BTreeMap, HashMap};

use crate::availability::Availability;
use crate::catalog::checked::Family;
use crate::edge::PackageId;

/// Works out what follows from restrictions: from those of a package itself, and of all that it needs while it is
/// built and run. Packages that can be had everywhere are not in it.
///
/// Each step makes some package available for less, and there are only so many systems, so it ends.
pub(crate) fn availability(family: &Family) -> BTreeMap<PackageId, Availability> {
    let restricted = family
        .packages()
        .filter(|package| !package.restriction.is_empty());
    let mut known: BTreeMap<PackageId, Availability> = restricted
        .map(|package| {
            let own = Availability {
                systems: package.restriction.systems.clone(),
                withheld: package
                    .restriction
                    .is_withheld()
                    .then(|| package.id.clone()),
            };
            (package.id.clone(), own)
        })
        .collect();
    if known.is_empty() {
        return known;
    }
    let mut users: HashMap<&PackageId, Vec<&PackageId>> = HashMap::new();
    for (package, edge) in family.edges().filter(|(_, edge)| edge.kind.is_needed()) {
        users.entry(&edge.to).or_default().push(&package.id);
    }
    let mut open: Vec<PackageId> = known.keys().cloned().collect();
    while let Some(id) = open.pop() {
        let needed = known[&id].clone();
        for user in users.get(&id).into_iter().flatten() {
            let own = known.entry((*user).clone()).or_default();
            if own.narrow(&needed) {
                open.push((*user).clone());
            }
        }
    }
    known
}

impl Family {
    /// For which systems a package can be had, and whether users are kept from it or from something that it
    /// needs.
    ///
    /// ```
    /// # let toml = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml"));
    /// # let toml = toml.replace("zlib = {}", "zlib = { unfree = true }");
    /// # let catalog = aux_model::Catalog::from_toml(&toml)?;
    /// let openssl = catalog.availability(&"core/openssl".parse()?);
    /// assert_eq!(openssl.withheld.expect("it needs zlib").to_string(), "core/zlib");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn availability(&self, package: &PackageId) -> Availability {
        self.available.get(package).cloned().unwrap_or_default()
    }
}
