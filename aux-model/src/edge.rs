//! Dependency edges: which package needs which, for what, and from which origin.

use std::fmt;

use aux_names::{AttrName, NameError, RepoName};

use aux_problems::At;
use aux_problems::equal_but_for;
use aux_problems::word_type;

/// A package, keyed by its repo: names are never looked at without it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId {
    /// Where it is placed.
    pub repo: RepoName,
    /// Its attribute.
    pub name: AttrName,
}

word_type! {
    /// What a package needs another for.
    EdgeKind {
        /// While it is built.
        Build = "build",
        /// While it runs.
        Runtime = "runtime",
        /// Only for its tests; a cycle of these harms nobody.
        Test = "test",
        /// If it is there: a lambda argument with a default. Such an edge may
        /// point to a higher tier and to a repo that is not part of the set.
        Optional = "optional",
        /// It asks for it by name, and may not use it: a lambda argument without a
        /// default. The package set must have the name, or a stub for it.
        Asks = "asks",
    }
}

word_type! {
    /// Where an edge is known from.
    Origin {
        /// A person, in the manifest.
        Declared = "declared",
        /// The arguments of the package's own function.
        Formals = "formals",
        /// The graph of evaluated derivations.
        Derivation = "derivation",
    }
}

/// One package needs another.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Edge {
    /// What for.
    pub kind: EdgeKind,
    /// The package needed.
    pub to: PackageId,
    /// The attribute it is asked for by: the package's own, a variant or an alias.
    pub attribute: AttrName,
    /// The origin of the edge.
    pub origin: Origin,
    /// The number of the package needed; see [`Package`](crate::Package).
    pub(crate) number: usize,
    pub(crate) at: At,
}

equal_but_for!(Edge { number, at } by { kind, to, attribute, origin });

impl EdgeKind {
    /// Whether the package cannot be built or run without the other. Only such
    /// edges count for tier order and cycles.
    #[must_use]
    pub fn is_needed(self) -> bool {
        matches!(self, Self::Build | Self::Runtime)
    }
}

impl Origin {
    /// A place that this origin names, as people read it: the hash of a
    /// derivation tells them nothing.
    ///
    /// ```
    /// # use aux_model::Origin;
    /// let derivation = "7g5giqf764p3y3zv7a8rqsy9sqqq5kw4-openssl-3.drv";
    /// assert_eq!(Origin::Derivation.shown(derivation), "drv openssl-3.drv");
    /// assert_eq!(Origin::Declared.shown("aux.toml:3:1"), "aux.toml:3:1");
    /// ```
    #[must_use]
    pub fn shown(self, place: &str) -> String {
        match self {
            Self::Declared | Self::Formals => place.to_owned(),
            Self::Derivation => {
                let name = place.split_once('-').map_or(place, |(_, name)| name);
                format!("drv {name}")
            }
        }
    }
}

impl fmt::Display for PackageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.repo, self.name)
    }
}

/// A text that names no package as `REPO/NAME`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackageIdError {
    /// There is no `/` in it.
    #[error("a package is named REPO/NAME")]
    NoRepo,
    /// One of the two names is none.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl std::str::FromStr for PackageId {
    type Err = PackageIdError;

    fn from_str(text: &str) -> Result<Self, PackageIdError> {
        let (repo, name) = text.split_once('/').ok_or(PackageIdError::NoRepo)?;
        Ok(Self {
            repo: repo.parse()?,
            name: name.parse()?,
        })
    }
}

impl<'de> serde::Deserialize<'de> for PackageId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        aux_names::read_text(from)
    }
}

impl serde::Serialize for PackageId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
