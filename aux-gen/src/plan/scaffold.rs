//! Scaffolds: what a maintainer starts from. Each evaluates and builds as it is.

use std::collections::BTreeMap;

use aux_model::{
    AttrName, Catalog, EdgeKind, Member, Module, Needed, Package, PackageSet, Shape, VariantName,
};
use serde::Serialize;

use crate::render::Context;

/// The builder that scaffolds use, if the family has it.
const STDENV: &str = "stdenv";

/// The file of one derivation, one variant, one member of a set or one builder.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Piece {
    #[serde(skip)]
    template: &'static str,
    name: String,
    full_name: String,
    version: String,
    description: Option<String>,
    homepage: Option<String>,
    arguments: Vec<Argument>,
    /// The arguments that are packages and always there.
    inputs: Vec<String>,
}

#[derive(Serialize)]
struct Argument {
    name: String,
    optional: bool,
}

impl Piece {
    /// `package.nix` of a package or a builder.
    pub(super) fn package(catalog: &Catalog, package: &Package) -> Self {
        Self::new(catalog, package, package.id.name.as_str(), "0.1.0")
    }

    /// The file of one variant; its version is the variant.
    pub(super) fn variant(catalog: &Catalog, package: &Package, variant: &VariantName) -> Self {
        Self::new(catalog, package, package.id.name.as_str(), variant.as_str())
    }

    /// The file of one member of a hand-written set.
    pub(super) fn member(catalog: &Catalog, package: &Package, member: &AttrName) -> Self {
        Self::new(catalog, package, member.as_str(), "0.1.0")
    }

    /// `package.nix` of a member of a package set.
    pub(super) fn of_set(catalog: &Catalog, set: &PackageSet, member: &Member) -> Self {
        let has_stdenv = !catalog.core().is_generated() || catalog.attribute(STDENV).is_some();
        let mut arguments: BTreeMap<&str, bool> = BTreeMap::new();
        let mut inputs: Vec<String> = Vec::new();
        for edge in &member.edges {
            let name = match &edge.to {
                Needed::Member(_, name) | Needed::Package(_, name) => name.as_str(),
            };
            let optional = edge.kind == EdgeKind::Optional;
            let known = arguments.entry(name).or_insert(optional);
            *known &= optional;
            if edge.kind.is_needed() && !inputs.iter().any(|input| input == name) {
                inputs.push(name.to_owned());
            }
        }
        if set.instances.values().any(Option::is_some) {
            arguments.insert(set.argument.as_str(), false);
            inputs.push(set.argument.to_string());
        }
        inputs.sort();
        Self {
            template: if has_stdenv {
                "scaffold/package.nix"
            } else {
                "scaffold/plain-package.nix"
            },
            name: member.name.to_string(),
            full_name: format!("{}-0.1.0", member.name),
            version: "0.1.0".to_owned(),
            description: member.description.clone(),
            homepage: None,
            arguments: arguments
                .into_iter()
                .map(|(name, optional)| Argument {
                    name: name.to_owned(),
                    optional,
                })
                .collect(),
            inputs,
        }
    }

    fn new(catalog: &Catalog, package: &Package, name: &str, version: &str) -> Self {
        let core = catalog.core();
        let is_stdenv = is_stdenv(catalog, package);
        // A hand-written core has one; a generated one if its manifest names it.
        let has_stdenv = !core.is_generated() || catalog.attribute(STDENV).is_some();
        let mut arguments: BTreeMap<&str, bool> = BTreeMap::new();
        let mut inputs: Vec<String> = Vec::new();
        for edge in &package.edges {
            let optional = edge.kind == EdgeKind::Optional;
            let attribute = edge.attribute.as_str();
            if attribute == STDENV || matches!(edge.kind, EdgeKind::Test | EdgeKind::Asks) {
                continue;
            }
            let is_builder = catalog
                .package(&edge.to)
                .is_some_and(|package| package.shape == Shape::Builder);
            if !optional && !is_builder && !inputs.iter().any(|input| input == attribute) {
                inputs.push(attribute.to_owned());
            }
            *arguments.entry(attribute).or_insert(optional) &= optional;
        }
        inputs.sort();
        Self {
            template: match (&package.shape, is_stdenv, has_stdenv) {
                (Shape::Builder, true, _) => "scaffold/stdenv.nix",
                (Shape::Builder, _, true) => "scaffold/builder.nix",
                (Shape::Builder, _, false) => "scaffold/plain-builder.nix",
                (_, _, true) => "scaffold/package.nix",
                (_, _, false) => "scaffold/plain-package.nix",
            },
            full_name: format!("{name}-{version}"),
            name: name.to_owned(),
            version: version.to_owned(),
            description: package.description.clone(),
            homepage: package.homepage.clone(),
            arguments: arguments
                .into_iter()
                .map(|(name, optional)| Argument {
                    name: name.to_owned(),
                    optional,
                })
                .collect(),
            inputs,
        }
    }
}

impl Context for Piece {
    fn template(&self) -> &'static str {
        self.template
    }
}

/// Whether a package is core's standard environment.
pub(super) fn is_stdenv(catalog: &Catalog, package: &Package) -> bool {
    package.shape == Shape::Builder
        && package.id.name == STDENV
        && package.id.repo == catalog.core().name
}

/// The script that core's standard environment builds with.
#[derive(Serialize)]
pub(super) struct Setup {}

impl Context for Setup {
    fn template(&self) -> &'static str {
        "scaffold/setup.sh"
    }
}

/// A hand-written `packages.nix`.
#[derive(Serialize)]
pub(super) struct Set {
    members: Vec<String>,
}

impl Set {
    pub(super) fn of(members: &[AttrName]) -> Self {
        Self {
            members: members.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Context for Set {
    fn template(&self) -> &'static str {
        "scaffold/set.nix"
    }
}

/// A module.
#[derive(Serialize)]
pub(super) struct ModuleFile {
    option: String,
    name: String,
}

impl ModuleFile {
    pub(super) fn of(module: &Module) -> Self {
        Self {
            option: format!("services.{}", module.name),
            // `mkEnableOption` writes "Whether to enable NAME.".
            name: module.name.to_string(),
        }
    }
}

impl Context for ModuleFile {
    fn template(&self) -> &'static str {
        "scaffold/module.nix"
    }
}

/// An overlay.
#[derive(Serialize)]
pub(super) struct OverlayFile {}

impl Context for OverlayFile {
    fn template(&self) -> &'static str {
        "scaffold/overlay.nix"
    }
}

/// `lib/default.nix` of core.
#[derive(Serialize)]
pub(super) struct Lib {}

impl Context for Lib {
    fn template(&self) -> &'static str {
        "scaffold/lib.nix"
    }
}
