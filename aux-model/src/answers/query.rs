//! What packages need and what needs them, as sets that can be kept.

use std::collections::{BTreeMap, BTreeSet};

use crate::answers::graph::{GraphEdge, PackageGraph};
use crate::answers::unknown::Unknown;
use crate::edge::{EdgeKind, Origin, PackageId};
use aux_graph::Digraph;

/// Which way edges are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From a package to what it needs: dependencies.
    Forward,
    /// From a package to what needs it: dependents.
    Reverse,
}

/// Which edges are followed: of some kinds and origins.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EdgeFilter {
    kinds: BTreeSet<EdgeKind>,
    origins: BTreeSet<Origin>,
}

impl EdgeFilter {
    /// Every edge.
    #[must_use]
    pub fn all() -> Self {
        Self {
            kinds: EdgeKind::ALL.iter().copied().collect(),
            origins: Origin::ALL.iter().copied().collect(),
        }
    }

    /// Edges without which a package cannot be built or run ([`EdgeKind::is_needed`]).
    #[must_use]
    pub fn needed() -> Self {
        let needed = EdgeKind::ALL.iter().filter(|kind| kind.is_needed());
        Self::all().of_kinds(needed.copied())
    }

    /// Those of these kinds only.
    #[must_use]
    pub fn of_kinds(mut self, kinds: impl IntoIterator<Item = EdgeKind>) -> Self {
        self.kinds = kinds.into_iter().collect();
        self
    }

    /// Those of these origins only.
    #[must_use]
    pub fn of_origins(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.origins = origins.into_iter().collect();
        self
    }

    /// Whether an edge is one of them.
    #[must_use]
    pub fn has(&self, edge: &GraphEdge<'_>) -> bool {
        self.kinds.contains(&edge.kind) && self.origins.contains(&edge.origin)
    }
}

/// Packages, in order of repo and name. It borrows nothing, so it can be kept.
#[derive(
    Debug,
    Clone,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct PackageSet(BTreeSet<PackageId>);

impl PackageSet {
    /// The packages, in order.
    pub fn iter(&self) -> impl Iterator<Item = &PackageId> {
        self.0.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a package is one of them.
    #[must_use]
    pub fn contains(&self, package: &PackageId) -> bool {
        self.0.contains(package)
    }

    /// Those of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.union(&other.0).cloned().collect()
    }

    /// Those of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.0.intersection(&other.0).cloned().collect()
    }

    /// Those of this one and not of the other.
    ///
    /// ```
    /// use aux_model::answers::PackageSet;
    ///
    /// let python = PackageSet::from_iter([ "python/numpy".parse()?, "python/black".parse()? ]);
    /// let used = PackageSet::from_iter([ "python/numpy".parse()?, "core/zlib".parse()? ]);
    /// let unused = python.difference(&used);
    /// assert!(unused.len() == 1 && unused.contains(&"python/black".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.0.difference(&other.0).cloned().collect()
    }
}

impl FromIterator<PackageId> for PackageSet {
    fn from_iter<I: IntoIterator<Item = PackageId>>(packages: I) -> Self {
        Self(packages.into_iter().collect())
    }
}

impl IntoIterator for PackageSet {
    type Item = PackageId;
    type IntoIter = std::collections::btree_set::IntoIter<PackageId>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl PackageGraph<'_> {
    /// What some packages need, or what needs them, directly and through others; they
    /// themselves are among it. The transitive closure of the edges of the filter.
    ///
    /// ```
    /// use aux_model::answers::{Direction, EdgeFilter};
    /// use aux_model::Catalog;
    ///
    /// # let catalog = Catalog::from_toml(r#"
    /// #     format = "1.0"
    /// #     organization = { name = "example", forge = "github:example" }
    /// #     tiers = [{ name = "core" }, { name = "top-level" }]
    /// #     people.ada = {}
    /// #     sigs.base.leads = ["ada"]
    /// #     repos.top-level = { sig = "base", tier = "top-level" }
    /// #     [repos.core]
    /// #     sig = "base"
    /// #     tier = "core"
    /// #     packages = { zlib = {}, openssl = { build = ["zlib"] }, curl = { build = ["openssl"] } }
    /// # "#)?;
    /// let graph = catalog.graph();
    /// let zlib = "core/zlib".parse()?;
    /// let dependents = graph.closure([&zlib], Direction::Reverse, &EdgeFilter::needed())?;
    /// assert_eq!(dependents.len(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the catalog has no such package.
    pub fn closure<'p>(
        &self,
        packages: impl IntoIterator<Item = &'p PackageId>,
        direction: Direction,
        filter: &EdgeFilter,
    ) -> Result<PackageSet, Unknown> {
        let arcs = self.arcs(direction, filter);
        let mut open = Vec::new();
        for package in packages {
            let number = self.number(package);
            open.push(number.ok_or_else(|| Unknown::Package(package.clone()))?);
        }
        let mut reached = BTreeSet::new();
        while let Some(at) = open.pop() {
            if reached.insert(at) {
                open.extend(arcs.successors(at));
            }
        }
        Ok(self.set(reached))
    }

    /// What one package needs or what needs it, by one edge.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// use aux_model::answers::{Direction, EdgeFilter};
    ///
    /// let graph = catalog.graph();
    /// let numpy = "python/numpy".parse()?;
    /// let users = graph.neighbours(&numpy, Direction::Reverse, &EdgeFilter::needed())?;
    /// let users: Vec<String> = users.iter().map(ToString::to_string).collect();
    /// assert_eq!(users, ["gnome/shell", "javascript/notebook"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the catalog has no such package.
    pub fn neighbours(
        &self,
        package: &PackageId,
        direction: Direction,
        filter: &EdgeFilter,
    ) -> Result<PackageSet, Unknown> {
        let number = self.number(package);
        let number = number.ok_or_else(|| Unknown::Package(package.clone()))?;
        let near = match direction {
            Direction::Forward => {
                let edges = self.edges_from(number).iter();
                edges
                    .filter(|edge| filter.has(edge))
                    .map(GraphEdge::number)
                    .collect()
            }
            Direction::Reverse => self.arcs(direction, filter).successors(number).collect(),
        };
        Ok(self.set(near))
    }

    /// Those packages of a set that nothing in it needs (forward), or that need nothing of it
    /// (reverse), by the edges of the filter.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// use aux_model::answers::{Direction, EdgeFilter};
    ///
    /// let graph = catalog.graph();
    /// let numpy = "python/numpy".parse()?;
    /// let needed = graph.closure([&numpy], Direction::Forward, &EdgeFilter::needed())?;
    /// let roots = graph.roots(&needed, Direction::Reverse, &EdgeFilter::needed());
    /// assert_eq!(roots.iter().next().expect("there is one").to_string(), "core/zlib");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn roots(&self, set: &PackageSet, direction: Direction, filter: &EdgeFilter) -> PackageSet {
        let inside: BTreeSet<usize> = set.iter().filter_map(|id| self.number(id)).collect();
        let arcs = self.arcs(direction, filter);
        let entered: BTreeSet<usize> = inside
            .iter()
            .flat_map(|from| arcs.successors(*from).filter(move |to| to != from))
            .collect();
        self.set(inside.difference(&entered).copied().collect())
    }

    /// The packages of a set in topological order: what is needed comes before what needs it.
    /// Packages of a cycle (a strongly connected component) come together, as one step; every
    /// other step has one package.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// use aux_model::answers::{Direction, EdgeFilter};
    ///
    /// let graph = catalog.graph();
    /// let numpy = "python/numpy".parse()?;
    /// let needed = graph.closure([&numpy], Direction::Forward, &EdgeFilter::needed())?;
    /// let steps = graph.topological_order(&needed, &EdgeFilter::needed());
    /// let names: Vec<&str> = steps.iter().map(|step| step[0].name.as_str()).collect();
    /// assert_eq!(names, ["zlib", "openssl", "python3", "numpy"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn topological_order(&self, set: &PackageSet, filter: &EdgeFilter) -> Vec<Vec<PackageId>> {
        let numbers: Vec<usize> = set.iter().filter_map(|id| self.number(id)).collect();
        let places: BTreeMap<usize, usize> = numbers
            .iter()
            .enumerate()
            .map(|(at, number)| (*number, at))
            .collect();
        let arcs = numbers.iter().enumerate().flat_map(|(from, number)| {
            let edges = self.edges_from(*number).iter();
            let edges = edges.filter(|edge| filter.has(edge));
            let places = &places;
            edges.filter_map(move |edge| Some((from, *places.get(&edge.number())?)))
        });
        let graph = Digraph::new(numbers.len(), arcs.collect::<Vec<_>>());
        let name = |at: usize| self.packages()[numbers[at]].id.clone();
        let steps = graph.components().into_iter().map(|mut step| {
            step.sort_unstable();
            step.into_iter().map(name).collect()
        });
        steps.collect()
    }

    fn arcs(&self, direction: Direction, filter: &EdgeFilter) -> Digraph {
        let mut arcs = Vec::new();
        for (from, _) in self.packages().iter().enumerate() {
            for edge in self.edges_from(from).iter().filter(|edge| filter.has(edge)) {
                arcs.push(match direction {
                    Direction::Forward => (from, edge.number()),
                    Direction::Reverse => (edge.number(), from),
                });
            }
        }
        Digraph::new(self.packages().len(), arcs)
    }

    fn set(&self, numbers: BTreeSet<usize>) -> PackageSet {
        let packages = numbers
            .into_iter()
            .map(|number| &self.packages()[number].id);
        packages.cloned().collect()
    }
}
