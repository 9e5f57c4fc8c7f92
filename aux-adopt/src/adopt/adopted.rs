//! A repo as it was read.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{AttrName, FlakeRef, Layout, RepoName, Wiring};
use aux_nix::flake::FlakeText;

use crate::adopt::entry::Entry;
use crate::adopt::owners::Owners;
use crate::adopt::requirements::RepoRequirements;

/// A repo that is to be adopted.
#[derive(Debug)]
pub struct Adopted {
    /// Its name: that of its directory.
    pub name: RepoName,
    /// Its directory, relative to the registry.
    pub path: String,
    /// Where its remote `origin` says that it is; none if it has none, or one on this machine.
    pub url: Option<FlakeRef>,
    pub(super) flake: FlakeText,
    pub(super) wiring: Wiring,
    /// What others have of it.
    pub(super) form: Form,
    pub(crate) owners: Owners,
    /// Whether it has by-name directories.
    pub(super) discovers: bool,
    /// Attributes of its by-name directories that define several.
    pub(crate) sets: BTreeMap<AttrName, BTreeSet<AttrName>>,
    /// Attributes of such directories that are functions, or sets of packages.
    pub(crate) makers: BTreeMap<AttrName, BTreeSet<AttrName>>,
    /// By-name directories with one package each.
    pub(crate) singles: BTreeSet<AttrName>,
    /// Which of those are functions, or sets of packages.
    pub(crate) builders: BTreeSet<AttrName>,
    /// People who own single packages, by package.
    pub(crate) maintainers: BTreeMap<AttrName, BTreeSet<String>>,
    /// The directory of each package that has one.
    pub(crate) directories: BTreeMap<AttrName, String>,
    /// Attributes that two by-name directories define, each with both.
    pub(crate) twice: BTreeSet<(AttrName, AttrName, String)>,
    /// Parts of the text of sets whose names are computed.
    pub(super) computed: BTreeMap<AttrName, Vec<String>>,
    /// What it requires of other repos.
    pub(super) wants: RepoRequirements,
    /// The attributes of its package set, whatever they are; none if Nix was not asked.
    pub(super) names: BTreeSet<String>,
    /// Packages that its flake offers without a by-name tree.
    pub(super) offered: BTreeSet<AttrName>,
    /// Its CODEOWNERS file, if it has one.
    pub(super) place_of_owners: Option<&'static str>,
    /// Whether Nix could say which packages its flake offers.
    pub(super) has_packages: bool,
    /// Attributes of its package set that are defined elsewhere than in by-name directories.
    pub(crate) elsewhere: BTreeMap<AttrName, Elsewhere>,
    /// Why attributes that Nix sees are no part of the family.
    pub(super) exceptions: BTreeMap<String, String>,
    /// Attributes that Nix sees in what it offers: its package set, the outputs of its flake, the
    /// names of its overlay. None if Nix was not asked, or could not say.
    pub(super) seen: Option<BTreeSet<String>>,
    /// Sets of its package set that ask to be looked into (`recurseForDerivations`), each with how
    /// many attributes it has: they come with the set.
    pub(super) nested: BTreeMap<String, usize>,
    /// The attributes that it adds to core's set, if it is imported.
    pub(super) defined: BTreeSet<String>,
    /// Repos without a flake whose packages it asks for: no input says so.
    pub(super) stands_on: BTreeSet<RepoName>,
    /// How its packages lie, by folder or file.
    pub(super) layout: BTreeMap<String, Layout>,
    /// What was not understood, but for what is computed.
    pub(super) notes: Vec<Note>,
}

/// What others have of a repo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// A flake.
    Flake,
    /// A plain tree, of which a file is imported.
    Imported(Entry),
    /// A plain tree in which nothing can be imported.
    Tree,
}

/// An attribute that is defined elsewhere than in a by-name directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    /// The file that defines it, or the directory that holds nothing else.
    pub(crate) file: String,
    /// What it is.
    pub(crate) kind: ElsewhereKind,
}

impl Elsewhere {
    /// A file of it: rules are about directories, or all files of a kind.
    pub(super) fn a_file(&self) -> String {
        if self.file.ends_with(".nix") {
            self.file.clone()
        } else {
            format!("{}/default.nix", self.file)
        }
    }
}

/// What an attribute is that is defined elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ElsewhereKind {
    /// A derivation.
    Package,
    /// A function, or a set.
    Builder,
}

/// Something about a repo that the manifest does not say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Note {
    /// The repo.
    pub repo: RepoName,
    /// The file it is about, relative to the repo; none if it is about the whole.
    pub file: Option<String>,
    /// What it is.
    pub message: String,
}
