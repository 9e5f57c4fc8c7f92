//! Packages: attributes, placed in one repo and owned by one SIG.

use std::collections::BTreeMap;

use aux_names::{AttrName, Handle, RelativePath, Rev, SigName, VariantName};

use crate::availability::Restriction;
use crate::edge::{Edge, PackageId};
use aux_problems::At;
use aux_problems::equal_but_for;

/// Something placed in one repo's by-name directory: a package, its variants,
/// a package set or a builder.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Package {
    /// Where it is placed, and its attribute.
    pub id: PackageId,
    /// The SIG that answers for it; need not be the one that runs the repo.
    pub owner: SigName,
    /// One sentence on what it is.
    pub description: Option<String>,
    /// Its project's page.
    pub homepage: Option<String>,
    /// Its licence, as an SPDX expression or in words.
    pub license: Option<String>,
    /// Who looks after it besides the owning SIG.
    pub maintainers: Vec<Handle>,
    /// SIGs that are asked about its changes besides the owner: those whose packages it needs, or who
    /// could have had it.
    pub watchers: Vec<SigName>,
    /// Other attributes for the same thing, sorted.
    pub aliases: Vec<AttrName>,
    /// Attributes of a hand-written `packages.nix` that are no packages: functions that
    /// make some, and sets of them, such as `llvmPackages`. Sorted.
    pub builders: Vec<AttrName>,
    /// For which systems it is, and whether users are kept from it.
    pub restriction: Restriction,
    /// What its directory holds.
    pub shape: Shape,
    /// Where it was copied from; none if it was made here, or nobody knows.
    pub imported: Option<Box<Imported>>,
    /// Where it is defined, relative to its repo, if that is not its by-name directory: a file,
    /// or a directory of its own. Only repos that are written by hand have such packages.
    pub file: Option<RelativePath>,
    /// Where its directory stands, if that is another shard than its name says.
    pub(crate) misplaced: Option<String>,
    /// What it needs, sorted by kind and target.
    pub edges: Vec<Edge>,
    /// Its place among all packages of the catalog, so that a walk over edges
    /// need not look up names.
    pub(crate) number: usize,
    pub(crate) at: At,
}

/// Where a package was copied from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Imported {
    /// The address of the repository; none if it had none but a folder.
    pub from: Option<String>,
    /// The commit.
    pub rev: Rev,
    /// The file or directory there.
    pub path: RelativePath,
    /// What came along from elsewhere in that repository, sorted.
    pub with: Vec<RelativePath>,
}

equal_but_for!(Package { number, at } by { id, owner, description, homepage, license, maintainers, watchers, aliases, builders, restriction, shape, imported, file, misplaced, edges });

/// What a by-name directory holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Shape {
    /// One `package.nix`: a function that `callPackage` calls.
    Single,
    /// One `package.nix` whose result is a function, such as `buildPythonPackage`.
    Builder,
    /// Several implementations side by side.
    Variants(Box<Variants>),
    /// A `packages.nix` written by hand, and the attributes it defines.
    Set(Vec<AttrName>),
}

/// Several implementations of one package, such as Node.js 18, 20 and 22.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Variants {
    /// Each variant and its attribute, such as `18` and `nodejs_18`.
    pub names: BTreeMap<VariantName, AttrName>,
    /// Names for variants, such as `lts`: the alias, its attribute, its variant.
    pub aliases: BTreeMap<VariantName, (AttrName, VariantName)>,
    /// The variant that the package's own attribute means.
    pub default: VariantName,
    /// The attribute that the package's own attribute points to: the one of the
    /// default variant, or of the alias named as default.
    pub default_attribute: AttrName,
}

/// What an attribute of the package set is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeKind {
    /// A derivation of its own.
    Derivation,
    /// A function that makes derivations, or a set of them.
    Builder,
    /// Another name for the attribute given.
    Alias(AttrName),
}

/// An attribute of the package set and the package that defines it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Attribute {
    /// The package.
    pub package: PackageId,
    /// What it is.
    pub kind: AttributeKind,
    /// The package's number.
    pub(crate) number: usize,
}

equal_but_for!(Attribute { number } by { package, kind });

impl Package {
    /// Every attribute that this package defines, in order of name.
    #[must_use]
    pub fn attributes(&self) -> BTreeMap<AttrName, AttributeKind> {
        let mut attributes = BTreeMap::new();
        self.each_attribute(|name, kind| {
            attributes.insert(name.clone(), kind);
        });
        attributes
    }

    /// Every attribute that this package defines; its own name first.
    pub fn each_attribute<'p>(&'p self, mut define: impl FnMut(&'p AttrName, AttributeKind)) {
        let name = &self.id.name;
        match &self.shape {
            Shape::Single => define(name, AttributeKind::Derivation),
            Shape::Builder => define(name, AttributeKind::Builder),
            Shape::Set(members) => {
                for member in members {
                    define(member, AttributeKind::Derivation);
                }
            }
            Shape::Variants(variants) => {
                define(
                    name,
                    AttributeKind::Alias(variants.default_attribute.clone()),
                );
                for attribute in variants.names.values() {
                    define(attribute, AttributeKind::Derivation);
                }
                for (attribute, variant) in variants.aliases.values() {
                    if let Some(target) = variants.names.get(variant) {
                        define(attribute, AttributeKind::Alias(target.clone()));
                    }
                }
            }
        }
        for builder in &self.builders {
            define(builder, AttributeKind::Builder);
        }
        for alias in &self.aliases {
            define(alias, AttributeKind::Alias(name.clone()));
        }
    }

    /// Where the directory stands below the repo, such as
    /// `pkgs/by-name/op/openssl` (RFC 140); another shard if its tree has it there. Of one that
    /// is defined elsewhere: what [`file`](Self::file) says, or the directory of that file.
    #[must_use]
    pub fn directory(&self) -> String {
        match (&self.file, &self.misplaced) {
            (Some(file), _) if self.has_own_directory() => file.to_string(),
            (Some(file), _) => match file.as_str().rsplit_once('/') {
                Some((directory, _)) => directory.to_owned(),
                None => ".".to_owned(),
            },
            (None, Some(misplaced)) => misplaced.clone(),
            (None, None) => self.id.name.directory(),
        }
    }

    /// Whether [`Self::directory`] holds nothing else.
    #[must_use]
    pub fn has_own_directory(&self) -> bool {
        let file = self.file.as_ref();
        !file.is_some_and(|file| file.as_str().ends_with(".nix"))
    }
}
