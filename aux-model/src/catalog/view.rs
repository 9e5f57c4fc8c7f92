//! What one repo sees: its inputs, its layers, and what it cannot offer alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aux_names::{AttrName, Date, RepoName};

use crate::catalog::checked::Family;
use crate::edge::{Edge, EdgeKind, PackageId};
use crate::package::{AttributeKind, Package, Shape};
use crate::repo::{Moved, Repo};

/// The standalone view of one repo: core, the repos it uses, what those use,
/// and itself, in one fixpoint.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct View<'c> {
    /// The repo.
    pub repo: &'c Repo,
    /// Its flake inputs in the order of their layers, core first, itself not
    /// among them. For top-level: every other repo.
    pub inputs: Vec<&'c Repo>,
    /// Names that its packages need and that a repo other than core owns: each
    /// gets a stub that names the owner where the owner is not part of the set.
    /// A name that is only asked for with a default gets none.
    pub foreign: BTreeMap<AttrName, &'c RepoName>,
    /// Its own packages that the view cannot evaluate, and why.
    pub left_out: BTreeMap<AttrName, LeftOut>,
    /// Attributes that it had and another repo has now.
    pub moved: BTreeMap<AttrName, MovedAttribute<'c>>,
    /// Attributes of it that have another name now.
    pub renamed: BTreeMap<AttrName, RenamedAttribute<'c>>,
}

/// An attribute that has another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RenamedAttribute<'c> {
    /// What it is called now.
    pub to: &'c AttrName,
    /// From this day on the old name need not be answered for.
    pub until: Date,
    /// Whether the repo can offer it: it is a derivation, and the view has all it needs.
    pub offered: bool,
}

/// An attribute that went to another repo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MovedAttribute<'c> {
    /// Where it is now.
    pub to: &'c RepoName,
    /// From this day on the old repo need not answer for it.
    pub until: Date,
    /// Whether the old repo can still offer it: it is a derivation, and the view
    /// has all it needs.
    pub offered: bool,
}

/// Why a package is not part of its repo's standalone packages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct LeftOut {
    /// The chain from the package's own dependency to the one that is missing;
    /// a package that lacks it itself has a chain of one.
    pub chain: Vec<PackageId>,
}

impl LeftOut {
    /// The package that no repo of the view has.
    #[must_use]
    pub fn missing(&self) -> &PackageId {
        self.chain
            .last()
            .expect("a chain has at least the missing package")
    }
}

impl Family {
    /// The standalone view of a repo.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let javascript = catalog.repo("javascript").expect("it is there");
    /// let view = catalog.view(javascript);
    /// assert_eq!(view.inputs.len(), 1);
    /// assert_eq!(view.left_out["notebook"].missing().to_string(), "python/numpy");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn view<'c>(&'c self, repo: &'c Repo) -> View<'c> {
        let inputs = self.inputs(repo);
        let mut visible: BTreeSet<&RepoName> = inputs.iter().map(|input| &input.name).collect();
        visible.insert(&repo.name);
        View {
            repo,
            foreign: self.foreign(repo),
            left_out: self.left_out(repo, &visible),
            moved: self.moved(repo, &visible),
            renamed: self.renamed(repo, &visible),
            inputs,
        }
    }

    /// The flake inputs of a repo: every repo it uses, directly or through
    /// another, in the order of their layers. top-level has all others.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let gnome = catalog.repo("gnome").expect("it is there");
    /// let inputs: Vec<&str> = catalog.inputs(gnome).iter().map(|repo| repo.name.as_str()).collect();
    /// assert_eq!(inputs, ["core", "python"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn inputs(&self, repo: &Repo) -> Vec<&Repo> {
        let below = self.below.get(&repo.name);
        let is_top = self.top_level.as_ref() == Some(&repo.name);
        self.layer_order
            .iter()
            .filter(|name| **name != repo.name)
            .filter(|name| is_top || below.is_some_and(|below| below.contains(*name)))
            .filter_map(|name| self.repos.get(name))
            .collect()
    }

    /// The same repos as [`inputs`](Self::inputs), in order of name: for many repos that is a walk over what
    /// each has, where the order of layers is one over all repos.
    pub fn inputs_by_name<'c>(&'c self, repo: &'c Repo) -> impl Iterator<Item = &'c Repo> {
        let is_top = self.top_level.as_ref() == Some(&repo.name);
        let all = is_top.then(|| self.repos.keys().filter(|name| **name != repo.name));
        let below = self.below.get(&repo.name).filter(|_| !is_top);
        let names = all.into_iter().flatten().chain(below.into_iter().flatten());
        names.filter_map(|name| self.repos.get(name))
    }

    /// All repos in the order of their layers: tier by tier, and a repo
    /// comes before those that use it.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let layers: Vec<&str> = catalog.layers().map(|repo| repo.name.as_str()).collect();
    /// assert_eq!(layers, ["core", "javascript", "python", "gnome", "top-level"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn layers(&self) -> impl Iterator<Item = &Repo> {
        self.layer_order
            .iter()
            .filter_map(|name| self.repos.get(name))
    }

    /// Whether `repo` sees `other` in its standalone view.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// assert!(catalog.sees(&"gnome".parse()?, &"python".parse()?));
    /// assert!(!catalog.sees(&"javascript".parse()?, &"python".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sees(&self, repo: &RepoName, other: &RepoName) -> bool {
        repo == other
            || self.top_level.as_ref() == Some(repo)
            || self
                .below
                .get(repo)
                .is_some_and(|below| below.contains(other))
    }

    fn foreign<'c>(&'c self, repo: &'c Repo) -> BTreeMap<AttrName, &'c RepoName> {
        let mut foreign = BTreeMap::new();
        for package in repo.packages.values() {
            for edge in &package.edges {
                let owner = &edge.to.repo;
                let always_there = Some(owner) == self.core.as_ref() || *owner == repo.name;
                let is_copied = repo.borrows(&edge.to);
                if edge.kind != EdgeKind::Optional && !always_there && !is_copied {
                    foreign.insert(edge.attribute.clone(), owner);
                }
            }
        }
        // A copy needs what the package needs.
        for (name, borrowed) in &repo.borrowed {
            let owner = self.repos.get(&borrowed.from);
            let package = owner.and_then(|owner| owner.packages.get(name));
            for edge in package.into_iter().flat_map(|package| &package.edges) {
                let owner = &edge.to.repo;
                let always_there = Some(owner) == self.core.as_ref() || *owner == repo.name;
                if edge.kind != EdgeKind::Optional && !always_there && !repo.borrows(&edge.to) {
                    foreign.insert(edge.attribute.clone(), owner);
                }
            }
        }
        // Who asks here for what has moved is told where it is. A stub takes the
        // place of a default, so a name that is asked for with one gets none.
        let by_default: BTreeSet<&AttrName> = repo
            .packages
            .values()
            .flat_map(|package| &package.edges)
            .filter(|edge| edge.kind == EdgeKind::Optional)
            .map(|edge| &edge.attribute)
            .collect();
        for (attribute, _, moved) in self.moved_attributes(repo) {
            if Some(&moved.to) != self.core.as_ref() && !by_default.contains(&attribute) {
                foreign.insert(attribute, &moved.to);
            }
        }
        foreign
    }

    fn moved<'c>(
        &'c self,
        repo: &'c Repo,
        visible: &BTreeSet<&RepoName>,
    ) -> BTreeMap<AttrName, MovedAttribute<'c>> {
        let mut known = HashMap::new();
        let mut attributes = BTreeMap::new();
        for (attribute, package, moved) in self.moved_attributes(repo) {
            let is_seen = visible.contains(&moved.to)
                && self
                    .first_missing(&package.id, visible, &mut known)
                    .is_none();
            let kind = self.attributes.get(&attribute).map(|found| &found.kind);
            let moved = MovedAttribute {
                to: &moved.to,
                until: moved.until,
                offered: is_seen && kind.is_some_and(|kind| *kind != AttributeKind::Builder),
            };
            attributes.insert(attribute, moved);
        }
        attributes
    }

    fn renamed<'c>(
        &'c self,
        repo: &'c Repo,
        visible: &BTreeSet<&RepoName>,
    ) -> BTreeMap<AttrName, RenamedAttribute<'c>> {
        let mut known = HashMap::new();
        let mut attributes = BTreeMap::new();
        for (old, to, until) in self.renamed_attributes(repo) {
            let Some(found) = self.attributes.get(to) else {
                continue;
            };
            let is_seen = visible.contains(&found.package.repo)
                && self
                    .first_missing(&found.package, visible, &mut known)
                    .is_none();
            let renamed = RenamedAttribute {
                to,
                until,
                offered: is_seen && found.kind != AttributeKind::Builder,
            };
            attributes.insert(old, renamed);
        }
        attributes
    }

    /// Every attribute that had another name in a repo: the old one and the new one. The variants of
    /// a package are called after it, and so were those that it had.
    pub(crate) fn renamed_attributes<'c>(
        &'c self,
        repo: &'c Repo,
    ) -> impl Iterator<Item = (AttrName, &'c AttrName, Date)> {
        repo.former.renamed.iter().flat_map(|(old, renamed)| {
            let package = self.attributes.get(&renamed.to);
            let package = package.and_then(|found| self.package(&found.package));
            let variants = package.filter(|package| package.id.name == renamed.to);
            let variants = variants.and_then(|package| match &package.shape {
                Shape::Variants(variants) => Some(variants),
                Shape::Single | Shape::Builder | Shape::Set(_) => None,
            });
            let variants = variants.into_iter().flat_map(move |variants| {
                let names = variants.names.values();
                let aliases = variants.aliases.values().map(|(attribute, _)| attribute);
                names.chain(aliases).filter_map(move |attribute| {
                    let variant = attribute.as_str().strip_prefix(renamed.to.as_str())?;
                    let old = format!("{old}{variant}").parse().ok()?;
                    Some((old, attribute, renamed.until))
                })
            });
            [(old.clone(), &renamed.to, renamed.until)]
                .into_iter()
                .chain(variants)
        })
    }

    /// Every attribute of every package that went from a repo to another.
    fn moved_attributes<'c>(
        &'c self,
        repo: &'c Repo,
    ) -> impl Iterator<Item = (AttrName, &'c Package, &'c Moved)> {
        repo.moved.iter().flat_map(|(name, moved)| {
            let target = self.repos.get(&moved.to);
            let package = target.and_then(|target| target.packages.get(name));
            package.into_iter().flat_map(move |package| {
                let attributes = package.attributes().into_keys();
                attributes.map(move |attribute| (attribute, package, moved))
            })
        })
    }

    /// Walks needed edges from each package of the repo until one leaves the view.
    fn left_out(&self, repo: &Repo, visible: &BTreeSet<&RepoName>) -> BTreeMap<AttrName, LeftOut> {
        let mut known: HashMap<&PackageId, Option<LeftOut>> = HashMap::new();
        let mut left_out = BTreeMap::new();
        for package in repo.packages.values() {
            if let Some(reason) = self.first_missing(&package.id, visible, &mut known) {
                left_out.insert(package.id.name.clone(), reason);
            }
        }
        left_out
    }

    /// Depth first without recursion: chains may be as long as there are
    /// packages. Needed edges have no cycles in a checked catalog; in one that
    /// is still being checked, a package that is being visited counts as whole.
    pub(crate) fn first_missing<'c>(
        &'c self,
        start: &'c PackageId,
        visible: &BTreeSet<&RepoName>,
        known: &mut HashMap<&'c PackageId, Option<LeftOut>>,
    ) -> Option<LeftOut> {
        let mut stack: Vec<(&PackageId, std::slice::Iter<'c, Edge>)> = Vec::new();
        let mut enter = Some(start);
        loop {
            if let Some(id) = enter.take().filter(|id| !known.contains_key(id)) {
                known.insert(id, None);
                let edges = self.package(id).map_or(&[][..], |package| &package.edges);
                stack.push((id, edges.iter()));
            }
            let Some((id, edges)) = stack.last_mut() else {
                return known.get(start).cloned().flatten();
            };
            let id = *id;
            let Some(edge) = edges.find(|edge| edge.kind.is_needed()) else {
                stack.pop();
                // The packages that wait for this one can be decided now.
                if let (Some(Some(reason)), Some((waiting, _))) = (known.get(id), stack.last()) {
                    let mut chain = vec![id.clone()];
                    chain.extend(reason.chain.iter().cloned());
                    known.insert(waiting, Some(LeftOut { chain }));
                }
                continue;
            };
            let is_copied = self
                .repos
                .get(&id.repo)
                .is_some_and(|repo| repo.borrows(&edge.to));
            if !visible.contains(&edge.to.repo) && !is_copied {
                known.insert(
                    id,
                    Some(LeftOut {
                        chain: vec![edge.to.clone()],
                    }),
                );
                *edges = [].iter();
            } else if let Some(Some(reason)) = known.get(&edge.to) {
                let mut chain = vec![edge.to.clone()];
                chain.extend(reason.chain.iter().cloned());
                known.insert(id, Some(LeftOut { chain }));
                *edges = [].iter();
            } else {
                enter = Some(&edge.to);
            }
        }
    }

    /// What every attribute of a repo is, in order of name.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// assert_eq!(catalog.attributes_of(catalog.core()).len(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn attributes_of(&self, repo: &Repo) -> BTreeMap<AttrName, AttributeKind> {
        repo.packages
            .values()
            .flat_map(crate::package::Package::attributes)
            .collect()
    }
}
