//! The answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

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
    /// How it stands on each system that was asked about.
    pub states: BTreeMap<System, State>,
    /// Why `meta` cannot be read, where it cannot.
    pub unread: Option<String>,
    /// The attributes that were asked for, beside its own name: variants, and what a file with several
    /// packages defines. Of members of sets it is the instance of the set.
    pub asked: Vec<String>,
}

/// How a package stands on a system. A reason begins with the attribute if it is not the package's
/// own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "reason")]
pub enum State {
    /// It evaluates.
    Evaluates,
    /// It evaluates, and the package set refuses it unless the user allows it: it or what it needs is not
    /// free, not safe, marked as broken or for other systems.
    Refused(String),
    /// It does not evaluate, or its `meta` says that it is broken.
    Broken(String),
    /// Nix gave no answer: a limit of time or memory.
    Unknown(String),
}

impl PackageFacts {
    /// The systems on which it is broken.
    pub fn broken(&self) -> impl Iterator<Item = &System> {
        let broken = self.states.iter();
        let broken = broken.filter(|(_, state)| matches!(state, State::Broken(_)));
        broken.map(|(system, _)| system)
    }
}

impl State {
    /// Why it is so; none if it evaluates.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Evaluates => None,
            Self::Refused(reason) | Self::Broken(reason) | Self::Unknown(reason) => Some(reason),
        }
    }

    fn reason_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Evaluates => None,
            Self::Refused(reason) | Self::Broken(reason) | Self::Unknown(reason) => Some(reason),
        }
    }
}

impl Facts {
    /// The same, with paths below a folder relative to it: what is published says nothing of the
    /// machine that it was asked on.
    #[must_use]
    pub fn relative_to(mut self, root: &Path) -> Self {
        let root = format!("{}/", root.display());
        let shorten = |text: &mut String| *text = text.replace(&root, "");
        for known in self.packages.values_mut() {
            known
                .states
                .values_mut()
                .filter_map(State::reason_mut)
                .for_each(shorten);
            known.unread.iter_mut().for_each(shorten);
        }
        self.unread.values_mut().for_each(shorten);
        self
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Package(id) => id.fmt(f),
            Self::Member(repo, set, name) => write!(f, "{repo}/{set}.{name}"),
        }
    }
}
