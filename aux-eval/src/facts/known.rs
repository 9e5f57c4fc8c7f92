//! The answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use aux_model::{AttrName, ModuleName, PackageId, RepoName, System};
use serde::{Deserialize, Serialize};

use crate::facts::option::ModuleOption;

/// What was asked about: a package, or a member of a part of a package set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A package of the flat set.
    Package(PackageId),
    /// The member of a set, by the repo that has it.
    Member(RepoName, AttrName, AttrName),
}

/// What was learnt, and of what nothing was.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The systems that were asked about, in the order of asking.
    pub systems: Vec<System>,
    /// By package or member.
    pub packages: BTreeMap<Subject, PackageFacts>,
    /// The options of modules whose options can be read, in the order of their paths.
    pub modules: BTreeMap<(RepoName, ModuleName), Vec<ModuleOption>>,
    /// Modules whose options cannot be read, and why.
    pub unread: BTreeMap<(RepoName, ModuleName), String>,
    /// Repos that are not here or somebody else's, of which nothing was asked.
    pub unasked: BTreeSet<RepoName>,
}

/// What is known of one package: its `meta`, as nixpkgs' manual has it ("Meta-attributes"), and
/// whether it evaluates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageFacts {
    /// Its version.
    pub version: Option<String>,
    /// `meta.description`.
    pub description: Option<String>,
    /// `meta.homepage`, the first if there are more.
    pub homepage: Option<String>,
    /// The licences: SPDX identifiers, or names of those that have none.
    pub licenses: Vec<String>,
    /// `meta.platforms` without `meta.badPlatforms`; none if it says nothing.
    pub platforms: Option<Vec<String>>,
    /// Whether a licence is not free.
    pub unfree: bool,
    /// `meta.knownVulnerabilities`.
    pub insecure: Vec<String>,
    /// The systems on which it does not evaluate or says that it is broken, and why.
    pub broken: BTreeMap<System, String>,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Package(id) => id.fmt(f),
            Self::Member(repo, set, name) => write!(f, "{repo}/{set}.{name}"),
        }
    }
}
