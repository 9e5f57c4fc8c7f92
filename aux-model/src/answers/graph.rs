//! The package graph across repos: declared edges and observed ones together,
//! each with who says so.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::catalog::Catalog;
use crate::edge::{EdgeKind, Origin, PackageId};
use crate::name::AttrName;
use crate::package::Package;

/// An edge that somebody saw outside of the manifest: in the arguments of a
/// package's function, or in the graph of evaluated derivations.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Observed {
    /// Who needs it.
    pub from: PackageId,
    /// The attribute it asks for.
    pub attribute: AttrName,
    /// Build, or optional for an argument with a default.
    pub kind: EdgeKind,
    /// Formals or derivation.
    pub origin: Origin,
    /// Where it was seen: a file and line, or the file name of a derivation.
    pub place: String,
}

/// An edge of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GraphEdge<'c> {
    /// Who needs it.
    pub from: &'c PackageId,
    /// What is needed.
    pub to: &'c PackageId,
    /// The attribute it is asked for by.
    pub attribute: AttrName,
    /// What for.
    pub kind: EdgeKind,
    /// Who says so.
    pub origin: Origin,
    /// Where it says so, if that is known.
    pub place: Option<String>,
}

/// All packages and all edges between them.
#[derive(Debug)]
pub struct PackageGraph<'c> {
    catalog: &'c Catalog,
    packages: Vec<&'c Package>,
    index: HashMap<&'c PackageId, usize>,
    edges: Vec<GraphEdge<'c>>,
    /// Of each package: its edges, as a range of `edges`.
    out: Vec<std::ops::Range<usize>>,
}

impl Catalog {
    /// The package graph of the declared edges alone.
    #[must_use]
    pub fn graph(&self) -> PackageGraph<'_> {
        self.graph_with(&[])
    }

    /// The package graph of the declared and the observed edges. An observed
    /// edge to a name that no repo has is left out, as is one to the package
    /// itself; one that is declared too stays beside the declared one.
    #[must_use]
    pub fn graph_with(&self, observed: &[Observed]) -> PackageGraph<'_> {
        let packages: Vec<&Package> = self.packages().collect();
        let index: HashMap<&PackageId, usize> = packages
            .iter()
            .enumerate()
            .map(|(at, package)| (&package.id, at))
            .collect();
        let mut seen: BTreeMap<&PackageId, Vec<&Observed>> = BTreeMap::new();
        for edge in observed {
            seen.entry(&edge.from).or_default().push(edge);
        }
        let mut edges = Vec::new();
        let mut out = Vec::with_capacity(packages.len());
        for package in &packages {
            let first = edges.len();
            for edge in &package.edges {
                edges.push(GraphEdge {
                    from: &package.id,
                    to: &edge.to,
                    attribute: edge.attribute.clone(),
                    kind: edge.kind,
                    origin: edge.origin,
                    place: self.location_of(edge).map(|location| location.to_string()),
                });
            }
            for observed in seen.get(&package.id).into_iter().flatten() {
                let Some(found) = self.attributes.get(&observed.attribute) else {
                    continue;
                };
                if found.package != package.id {
                    edges.push(GraphEdge {
                        from: &package.id,
                        to: &found.package,
                        attribute: observed.attribute.clone(),
                        kind: observed.kind,
                        origin: observed.origin,
                        place: Some(observed.place.clone()),
                    });
                }
            }
            edges[first..].sort_by(|a, b| {
                (a.to, a.kind, a.origin, &a.place).cmp(&(b.to, b.kind, b.origin, &b.place))
            });
            out.push(first..edges.len());
        }
        PackageGraph {
            catalog: self,
            packages,
            index,
            edges,
            out,
        }
    }
}

impl<'c> PackageGraph<'c> {
    /// The catalog that the graph is of.
    #[must_use]
    pub fn catalog(&self) -> &'c Catalog {
        self.catalog
    }

    /// All packages, by repo, then by name.
    #[must_use]
    pub fn packages(&self) -> &[&'c Package] {
        &self.packages
    }

    /// All edges, by who has them.
    #[must_use]
    pub fn edges(&self) -> &[GraphEdge<'c>] {
        &self.edges
    }

    /// The edges of one package.
    #[must_use]
    pub fn edges_of(&self, id: &PackageId) -> &[GraphEdge<'c>] {
        self.index
            .get(id)
            .map_or(&[], |at| &self.edges[self.out[*at].clone()])
    }

    pub(crate) fn number(&self, id: &PackageId) -> Option<usize> {
        self.index.get(id).copied()
    }

    pub(crate) fn edges_from(&self, number: usize) -> &[GraphEdge<'c>] {
        &self.edges[self.out[number].clone()]
    }

    /// Needed edges between packages, as numbers.
    pub(crate) fn needed_arcs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.edges
            .iter()
            .filter(|edge| edge.kind.is_needed())
            .filter_map(|edge| Some((self.number(edge.from)?, self.number(edge.to)?)))
    }
}

impl fmt::Display for GraphEdge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} -> {} ({}, {}",
            self.from, self.to, self.kind, self.origin
        )?;
        if let Some(place) = &self.place {
            write!(f, ", {}", self.origin.shown(place))?;
        }
        f.write_str(")")
    }
}

impl serde::Serialize for GraphEdge<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = to.serialize_struct("GraphEdge", 6)?;
        out.serialize_field("from", self.from)?;
        out.serialize_field("to", self.to)?;
        out.serialize_field("attribute", &self.attribute)?;
        out.serialize_field("kind", &self.kind)?;
        out.serialize_field("origin", &self.origin)?;
        out.serialize_field("place", &self.place)?;
        out.end()
    }
}
