//! What is given out: hits that own what they say.

use std::fmt;

use aux_model::{Handle, RepoName, SigName};
use aux_problems::word_type;

use crate::fit::Match;
use crate::index::{Entry, Name};

word_type! {
    /// What kind of thing was found.
    HitKind {
        /// A package, or one of its variants, aliases or members.
        Package = "package",
        /// A function that makes packages.
        Builder = "builder",
        /// A member of a package set.
        Member = "member",
        /// A module of NixOS, Home Manager or nix-darwin.
        Module = "module",
        /// An option that a module declares.
        Option = "option",
        /// An overlay that users may choose.
        Overlay = "overlay",
        /// A git repository with a flake.
        Repo = "repo",
        /// A special interest group.
        Sig = "sig",
        /// Somebody with a handle.
        Person = "person",
    }
}

impl HitKind {
    /// Whether it is in the package set and not in one of its sets: a package or a builder.
    #[must_use]
    pub fn is_package(self) -> bool {
        matches!(self, Self::Package | Self::Builder)
    }

    /// Whether it is something that Nix builds, or that makes what Nix builds.
    #[must_use]
    pub fn is_built(self) -> bool {
        self.is_package() || self == Self::Member
    }
}

/// One thing found. What a field does not apply to has it empty, and JSON
/// leaves it out. Shown as `REPO/NAME`, or as the name of what is in no repo
/// but its own.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// Its attribute, name or handle.
    pub name: String,
    /// A person's name in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// The attribute it is another name for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<String>,
    /// The package it is a variant, an alias or a member of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of: Option<String>,
    /// The attributes of the package's variants.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<String>,
    /// The package's other names, those of variants among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The attributes that the package defines, if it is a set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// Where it is placed; a repo is in itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo: Option<RepoName>,
    /// The SIG that answers for it; a SIG does for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<SigName>,
    /// Who looks after the package besides its owner.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub maintainers: Vec<Handle>,
    /// Who leads the SIG.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leads: Vec<Handle>,
    /// The SIGs that the person leads, then those they are a member of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sigs: Vec<SigName>,
    /// Where to reach the SIG or the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// What it is, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What to type after `nix build`, or to write into a configuration. Of a
    /// repo, and of a set, which is no attribute itself, it is the flake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How well it fits.
    pub matched: Match,
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.repo {
            Some(repo) if self.kind != HitKind::Repo => write!(f, "{repo}/{}", self.name),
            Some(_) | None => f.write_str(&self.name),
        }
    }
}

impl Hit {
    /// An entry that was found by one of its names.
    pub(crate) fn new(entry: &Entry, name: &Name<'_>, matched: Match) -> Self {
        let mut hit = Self {
            kind: entry.kind,
            name: name.text.to_owned(),
            full_name: name.full.map(str::to_owned),
            alias_of: name.alias_of.map(str::to_owned),
            part_of: entry.part_of.clone(),
            variants: Vec::new(),
            aliases: Vec::new(),
            members: Vec::new(),
            repo: entry.repo.clone(),
            owner: entry.owner.clone(),
            maintainers: entry.maintainers.clone(),
            leads: entry.leads.clone(),
            sigs: entry.sigs.clone(),
            contact: entry.contact.clone(),
            description: entry.description.clone(),
            reference: entry.reference_of(name),
            matched,
        };
        if name.is_own {
            hit.variants.clone_from(&entry.variants);
            hit.aliases.clone_from(&entry.aliases);
            hit.members.clone_from(&entry.members);
        } else {
            hit.part_of = Some(entry.name.clone());
        }
        hit
    }
}
