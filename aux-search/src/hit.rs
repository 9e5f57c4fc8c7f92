//! What is given out: hits that own what they say.

use std::fmt;

use aux_model::{AttrName, AttributeKind, Handle, Package, RepoName, Shape, SigName};
use aux_problems::word_type;

use crate::fit::Match;
use crate::thing::Name;

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
    pub alias_of: Option<AttrName>,
    /// The package it is a variant, an alias or a member of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of: Option<AttrName>,
    /// The attributes of the package's variants.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<AttrName>,
    /// The package's other names, those of variants among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<AttrName>,
    /// The attributes that the package defines, if it is a set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<AttrName>,
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
    /// Adds what is true of packages only.
    pub(crate) fn describe(&mut self, package: &Package, name: Name<'_>) {
        self.maintainers.clone_from(&package.maintainers);
        if let Some(AttributeKind::Alias(target)) = name.attribute {
            self.alias_of = Some(target);
        }
        if !name.is_own {
            self.part_of = Some(package.id.name.clone());
            return;
        }
        self.aliases.clone_from(&package.aliases);
        match &package.shape {
            Shape::Variants(variants) => {
                self.variants = variants.names.values().cloned().collect();
                let aliases = variants.aliases.values();
                self.aliases.extend(aliases.map(|(alias, _)| alias.clone()));
                self.aliases.sort();
            }
            Shape::Set(members) => self.members.clone_from(members),
            Shape::Single | Shape::Builder => {}
        }
    }
}
