//! What differs between two catalogs.

use std::collections::{BTreeMap, BTreeSet};

use aux_names::{AttrName, RepoName, SigName};

use crate::catalog::checked::Family;
use crate::edge::{EdgeKind, PackageId};
use crate::package::Package;
use crate::repo::Repo;

/// What one catalog has and another has not, or has in another way. It borrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct CatalogDiff {
    /// SIGs that are new.
    pub sigs_added: BTreeSet<SigName>,
    /// SIGs that are gone.
    pub sigs_removed: BTreeSet<SigName>,
    /// SIGs that are said to be something else: who leads them, how they are reached.
    pub sigs_changed: BTreeSet<SigName>,
    /// Repos that are new.
    pub repos_added: BTreeSet<RepoName>,
    /// Repos that are gone.
    pub repos_removed: BTreeSet<RepoName>,
    /// Repos that are said to be something else, but for their packages: what they use, their
    /// contract, their modules.
    pub repos_changed: BTreeSet<RepoName>,
    /// Packages and builders that are new.
    pub packages_added: BTreeSet<PackageId>,
    /// Packages and builders that are gone.
    pub packages_removed: BTreeSet<PackageId>,
    /// Packages that are in another repo now: from where, to where.
    pub packages_moved: BTreeMap<PackageId, PackageId>,
    /// Packages that are said to be something else, but for where they are.
    pub packages_changed: BTreeSet<PackageId>,
    /// Tables of the root that say something else: `organization`, `tiers`, `policy`, `ci`, `access`, `channels`,
    /// `people`, `templates`, or `renamed and removed`.
    pub settings_changed: BTreeSet<String>,
}

impl CatalogDiff {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Family {
    /// What differs from an earlier family, wherever it is written. A package of one name that left a repo and is new in
    /// another has moved.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let toml = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml"));
    /// let after = aux_model::Catalog::from_toml(&toml.replace("games = {}", "chess = {}"))?;
    /// let diff = after.diff(&catalog);
    /// assert_eq!(diff.packages_added.first().expect("one is new").to_string(), "gnome/chess");
    /// assert_eq!(diff.packages_removed.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn diff(&self, before: &Self) -> CatalogDiff {
        let sigs = |family: &Self| family.sigs.keys().cloned().collect::<BTreeSet<_>>();
        let repos = |family: &Self| family.repos.keys().cloned().collect::<BTreeSet<_>>();
        let packages = |family: &Self| -> BTreeSet<PackageId> {
            family
                .packages()
                .map(|package| package.id.clone())
                .collect()
        };
        let (sigs_now, sigs_then) = (sigs(self), sigs(before));
        let (repos_now, repos_then) = (repos(self), repos(before));
        let (now, then) = (packages(self), packages(before));
        let mut added: BTreeSet<PackageId> = now.difference(&then).cloned().collect();
        let mut removed: BTreeSet<PackageId> = then.difference(&now).cloned().collect();
        let new: BTreeMap<AttrName, PackageId> = added
            .iter()
            .map(|id| (id.name.clone(), id.clone()))
            .collect();
        let moved: BTreeMap<PackageId, PackageId> = removed
            .iter()
            .filter_map(|id| Some((id.clone(), new.get(&id.name)?.clone())))
            .collect();
        added.retain(|id| !moved.values().any(|to| to == id));
        removed.retain(|id| !moved.contains_key(id));
        let pairs = now.intersection(&then).map(|id| (id, id));
        let pairs = pairs.chain(moved.iter().map(|(from, to)| (to, from)));
        let changed = pairs.filter(|(now, then)| {
            let (now, then) = (self.package(now), before.package(then));
            now.map(said) != then.map(said)
        });
        let sigs = sigs_now.intersection(&sigs_then);
        let sigs = sigs.filter(|name| self.sigs.get(*name) != before.sigs.get(*name));
        let repos = repos_now.intersection(&repos_then);
        let repos = repos.filter(|name| {
            let said = |family: &Self| family.repos.get(*name).map(without_packages);
            said(self) != said(before)
        });
        let settings = [
            ("organization", self.organization != before.organization),
            ("tiers", self.tiers != before.tiers),
            ("policy", self.policy != before.policy),
            ("ci", self.ci != before.ci),
            ("access", self.access != before.access),
            ("channels", self.channels != before.channels),
            ("people", self.people != before.people),
            ("renamed and removed", self.former != before.former),
            ("templates", self.templates != before.templates),
        ];
        let settings = settings.into_iter().filter(|(_, differs)| *differs);
        CatalogDiff {
            sigs_changed: sigs.cloned().collect(),
            repos_changed: repos.cloned().collect(),
            settings_changed: settings.map(|(table, _)| table.to_owned()).collect(),
            sigs_added: sigs_now.difference(&sigs_then).cloned().collect(),
            sigs_removed: sigs_then.difference(&sigs_now).cloned().collect(),
            repos_added: repos_now.difference(&repos_then).cloned().collect(),
            repos_removed: repos_then.difference(&repos_now).cloned().collect(),
            packages_changed: changed.map(|(now, _)| now.clone()).collect(),
            packages_added: added,
            packages_removed: removed,
            packages_moved: moved,
        }
    }
}

/// What is said of a repo, but for its packages.
fn without_packages(repo: &Repo) -> Repo {
    Repo {
        packages: BTreeMap::new(),
        ..repo.clone()
    }
}

/// What is said of a package, but for where it is.
fn said(package: &Package) -> impl PartialEq + '_ {
    let edges: BTreeSet<(EdgeKind, &AttrName)> = package
        .edges
        .iter()
        .map(|edge| (edge.kind, &edge.attribute))
        .collect();
    (
        (&package.owner, &package.description),
        (&package.maintainers, &package.watchers),
        (&package.homepage, &package.license, &package.file),
        &package.imported,
        &package.restriction,
        (package.attributes(), &package.shape, edges),
    )
}
