//! The package graph across repos: declared edges and observed ones together,
//! each with its origins.

use std::collections::BTreeMap;
use std::fmt;

use aux_names::AttrName;

use crate::catalog::Family;
use crate::edge::{EdgeKind, Origin, PackageId};
use crate::package::Package;
use aux_problems::At;

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
#[derive(Debug, Clone)]
pub struct GraphEdge<'c> {
    /// Who needs it.
    pub from: &'c PackageId,
    /// What is needed.
    pub to: &'c PackageId,
    /// The attribute it is asked for by.
    pub attribute: &'c AttrName,
    /// What for.
    pub kind: EdgeKind,
    /// The origin of the edge.
    pub origin: Origin,
    place: Place<'c>,
    /// The number of the package needed.
    number: usize,
}

/// Where an edge is said to be. Most are never asked, so that it is worked out
/// when one is.
#[derive(Clone)]
enum Place<'c> {
    Written(&'c Family, At),
    Seen(String),
}

/// All packages and all edges between them.
#[derive(Debug)]
pub struct PackageGraph<'c> {
    family: &'c Family,
    packages: Vec<&'c Package>,
    edges: Vec<GraphEdge<'c>>,
    /// Of each package: its edges, as a range of `edges`.
    out: Vec<std::ops::Range<usize>>,
}

impl Family {
    /// The package graph of the declared edges alone.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let graph = catalog.graph();
    /// assert_eq!((graph.packages().len(), graph.edges().len()), (9, 9));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn graph(&self) -> PackageGraph<'_> {
        self.graph_with(&[])
    }

    /// The package graph of the declared and the observed edges. An observed
    /// edge to a name that no repo has is left out, as is one to the package
    /// itself; one that is declared too stays beside the declared one.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// use aux_model::{EdgeKind, Origin};
    /// use aux_model::answers::Observed;
    ///
    /// let seen = Observed {
    ///     from: "gnome/games".parse()?,
    ///     attribute: "zlib".parse()?,
    ///     kind: EdgeKind::Build,
    ///     origin: Origin::Formals,
    ///     place: "pkgs/by-name/ga/games/package.nix:1".to_owned(),
    /// };
    /// let graph = catalog.graph_with(&[seen]);
    /// assert_eq!(graph.edges().len(), catalog.graph().edges().len() + 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn graph_with(&self, observed: &[Observed]) -> PackageGraph<'_> {
        let packages: Vec<&Package> = self.packages().collect();
        let mut seen: BTreeMap<&PackageId, Vec<&Observed>> = BTreeMap::new();
        for edge in observed {
            seen.entry(&edge.from).or_default().push(edge);
        }
        let declared = packages.iter().map(|package| package.edges.len()).sum();
        let mut edges = Vec::with_capacity(declared);
        let mut out = Vec::with_capacity(packages.len());
        for package in &packages {
            let first = edges.len();
            for edge in &package.edges {
                edges.push(GraphEdge {
                    from: &package.id,
                    to: &edge.to,
                    attribute: &edge.attribute,
                    kind: edge.kind,
                    origin: edge.origin,
                    place: Place::Written(self, edge.at),
                    number: edge.number,
                });
            }
            for observed in seen.get(&package.id).into_iter().flatten() {
                let found = self.attributes.get_key_value(&observed.attribute);
                let Some((attribute, found)) = found else {
                    continue;
                };
                if found.package != package.id {
                    edges.push(GraphEdge {
                        from: &package.id,
                        to: &found.package,
                        attribute,
                        kind: observed.kind,
                        origin: observed.origin,
                        place: Place::Seen(observed.place.clone()),
                        number: found.number,
                    });
                }
            }
            // Numbers are in the order of packages.
            edges[first..].sort_by(|a, b| {
                (a.number, a.kind, a.origin)
                    .cmp(&(b.number, b.kind, b.origin))
                    .then_with(|| a.place().cmp(&b.place()))
            });
            out.push(first..edges.len());
        }
        PackageGraph {
            family: self,
            packages,
            edges,
            out,
        }
    }
}

impl<'c> PackageGraph<'c> {
    /// The catalog that the graph is of.
    #[must_use]
    pub fn family(&self) -> &'c Family {
        self.family
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
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let graph = catalog.graph();
    /// let edges = graph.edges_of(&"javascript/notebook".parse()?);
    /// let needed: Vec<String> = edges.iter().map(|edge| edge.to.to_string()).collect();
    /// assert_eq!(needed, ["javascript/node", "python/numpy"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn edges_of(&self, id: &PackageId) -> &[GraphEdge<'c>] {
        self.number(id)
            .map_or(&[], |number| self.edges_from(number))
    }

    pub(crate) fn number(&self, id: &PackageId) -> Option<usize> {
        self.family.package(id).map(|package| package.number)
    }

    pub(crate) fn edges_from(&self, number: usize) -> &[GraphEdge<'c>] {
        &self.edges[self.out[number].clone()]
    }

    /// Needed edges between packages, as numbers.
    pub(crate) fn needed_arcs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.out.iter().enumerate().flat_map(|(from, out)| {
            self.edges[out.clone()]
                .iter()
                .filter(|edge| edge.kind.is_needed())
                .map(move |edge| (from, edge.number))
        })
    }
}

impl GraphEdge<'_> {
    /// Where it is said, if that is known.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        match &self.place {
            Place::Written(family, at) => family.locate(*at).map(|place| place.to_string()),
            Place::Seen(place) => Some(place.clone()),
        }
    }

    /// The number of the package needed.
    pub(crate) fn number(&self) -> usize {
        self.number
    }
}

impl PartialEq for GraphEdge<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.from, self.to, self.attribute) == (other.from, other.to, other.attribute)
            && (self.kind, self.origin) == (other.kind, other.origin)
            && self.place() == other.place()
    }
}

impl Eq for GraphEdge<'_> {}

impl fmt::Debug for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The catalog would be the whole model.
            Self::Written(_, at) => at.fmt(f),
            Self::Seen(place) => place.fmt(f),
        }
    }
}

impl fmt::Display for GraphEdge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} -> {} ({}, {}",
            self.from, self.to, self.kind, self.origin
        )?;
        if let Some(place) = self.place() {
            write!(f, ", {}", self.origin.shown(&place))?;
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
        out.serialize_field("attribute", self.attribute)?;
        out.serialize_field("kind", &self.kind)?;
        out.serialize_field("origin", &self.origin)?;
        out.serialize_field("place", &self.place())?;
        out.end()
    }
}
