//! What a scan found.

use std::collections::BTreeSet;

use aux_model::answers::Observed;
use aux_model::{AttrName, EdgeKind, Origin, PackageId};
use serde::Serialize;

use crate::scan::derivations::{Evaluated, SameAs, Unevaluated, Unseen};
use crate::scan::members::ScannedMembers;

/// What a scan found, in order of package.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ScanReport {
    /// How derivations were found, if they were looked at.
    pub evaluated: Option<Evaluated>,
    /// Every two packages of which one needs the other, and the origins of that.
    pub pairs: Vec<Pair>,
    /// Edges that files and derivations have: evidence for the package graph.
    pub observed: Vec<Observed>,
    /// Edges that the manifest lacks.
    pub lacking: Vec<Lacking>,
    /// Edges that the manifest has and nothing else shows.
    pub surplus: Vec<Surplus>,
    /// What files ask for and derivations are not built from. Nothing is wrong
    /// with it.
    pub unused: Vec<Unused>,
    /// Names asked for that no repo has.
    pub unresolved: Vec<Unresolved>,
    /// Files that could not be read as a package's function.
    pub unread: Vec<Unread>,
    /// Attributes that are no derivations.
    pub failed: Vec<Unevaluated>,
    /// Repos of which nothing was evaluated.
    pub unseen: Vec<Unseen>,
    /// Packages whose derivation is another's too.
    pub same: Vec<SameAs>,
    /// What members of package sets ask for; derivations are not looked at for those.
    pub members: ScannedMembers,
}

/// Two packages of which one needs the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Who needs it.
    pub from: PackageId,
    /// What is needed.
    pub to: PackageId,
    /// The origins of the edge.
    pub origins: BTreeSet<Origin>,
    /// Why the manifest need not say so, if only derivations do.
    pub explained: Option<Explained>,
}

/// Why an input that nobody asks for needs no saying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Explained {
    /// It comes along with what the package asks for.
    Through {
        /// The attributes that bring it along, the nearest first: builders that the
        /// package asks for, or `stdenv`.
        attributes: Vec<AttrName>,
    },
    /// It only fetches sources, of which a hash says what they are.
    Fetching,
}

/// An edge that the manifest lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lacking {
    /// Who needs it.
    pub package: PackageId,
    /// The attribute needed.
    pub attribute: AttrName,
    /// The package that has it.
    pub to: PackageId,
    /// `build`, or `optional` for an argument with a default.
    pub kind: EdgeKind,
    /// The origins of the edge.
    pub origins: BTreeSet<Origin>,
    /// File and line; the derivation, if no file shows it.
    pub place: String,
}

/// An edge that the manifest has and nothing else shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Surplus {
    /// Who is said to need it.
    pub package: PackageId,
    /// The attribute.
    pub attribute: AttrName,
    /// What for, as declared.
    pub kind: EdgeKind,
    /// Who would show it and does not.
    pub refuted_by: BTreeSet<Origin>,
    /// Where the manifest says so.
    pub place: Option<String>,
}

/// What a file asks for without a default, and what is not used to build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unused {
    /// Who asks for it.
    pub package: PackageId,
    /// The attribute asked for.
    pub attribute: AttrName,
    /// The package that has it.
    pub to: PackageId,
    /// File and line.
    pub place: String,
}

/// A name that no repo has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unresolved {
    /// Who asks for it.
    pub package: PackageId,
    /// The name.
    pub name: String,
    /// File and line.
    pub place: String,
    /// The nearest attributes, keyed by the repo that owns them.
    pub nearest: Vec<String>,
}

/// A file that is no package's function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// Whose it is.
    pub package: PackageId,
    /// The file, relative to the registry.
    pub file: String,
    /// Why not.
    pub reason: String,
}

impl ScanReport {
    /// How many things somebody should look at, edges that the manifest lacks
    /// aside.
    #[must_use]
    pub fn problems(&self) -> usize {
        let of_packages =
            self.surplus.len() + self.unresolved.len() + self.unread.len() + self.failed.len();
        of_packages + self.members.problems()
    }
}
