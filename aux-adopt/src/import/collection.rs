//! What the collection that a package comes from says of it, asked of Nix.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_eval::snapshot::{PackageSet, files, names};
use aux_model::{AttrName, System};
use aux_nix::language::paths::is_within;
use aux_nix::language::quote;
use aux_nix::{Limits, Nix, NixError, Question};

use crate::adopt::Places;

/// The package set that a package is taken from.
#[derive(Debug)]
pub struct Collection {
    /// Every attribute that it has.
    pub names: BTreeSet<String>,
    /// The attributes that the package's folder or file defines there.
    pub own: BTreeSet<AttrName>,
    /// What the attributes of a `packages.nix` are: whether each is a derivation.
    pub members: BTreeMap<AttrName, bool>,
    /// Whether the file gives a function that is called once more, as that of a package with many
    /// variants does.
    pub is_called_twice: bool,
}

impl Collection {
    /// Asks the set that a tree's `default.nix` gives; none if it has no value.
    ///
    /// # Errors
    /// When Nix does not run.
    pub fn of(
        nix: &Nix,
        tree: &Path,
        source: &Path,
        system: &System,
    ) -> Result<Option<Self>, NixError> {
        if !tree.join("default.nix").is_file() {
            return Ok(None);
        }
        let set = PackageSet::of_tree(tree, system, "", nix, &Limits::default())?;
        let names = names(nix, &set)?;
        if names.is_empty() {
            return Ok(None);
        }
        let mut collection = Self {
            own: own(tree, source, &files(nix, &set)?).unwrap_or_else(|| same_name(source, &names)),
            names,
            members: BTreeMap::new(),
            is_called_twice: false,
        };
        if source.join(PACKAGES).is_file() {
            collection.members = members(nix, &set, source)?;
        } else if collection.own.len() == 1 {
            collection.is_called_twice = is_called_twice(nix, &set, source)?;
        }
        Ok(Some(collection))
    }
}

/// The file of a directory that defines several attributes.
const PACKAGES: &str = "packages.nix";

/// The attribute with the name of a folder: where Nix tells of no other, the file of the call has
/// several.
fn same_name(source: &Path, names: &BTreeSet<String>) -> BTreeSet<AttrName> {
    let name = source.file_name().and_then(|name| name.to_str());
    let name = name.filter(|name| names.contains(*name));
    name.and_then(|name| name.parse().ok())
        .into_iter()
        .collect()
}

/// The attributes that a folder or a file defines; none if Nix tells of no such attribute.
fn own(
    tree: &Path,
    source: &Path,
    files: &BTreeMap<String, Option<String>>,
) -> Option<BTreeSet<AttrName>> {
    let wanted = source.strip_prefix(tree).ok()?.to_string_lossy();
    let mut places = Places::of(tree, &|name| files.contains_key(name));
    let defined = files.iter().filter_map(|(name, file)| {
        let place = places.of_attribute(name, file.as_deref());
        is_within(&place, &wanted)
            .then(|| name.parse().ok())
            .flatten()
    });
    let defined: BTreeSet<AttrName> = defined.collect();
    (!defined.is_empty()).then_some(defined)
}

/// The attributes of a `packages.nix`, as it is called in that set.
fn members(
    nix: &Nix,
    set: &PackageSet,
    source: &Path,
) -> Result<BTreeMap<AttrName, bool>, NixError> {
    let file = quote(&source.join(PACKAGES).to_string_lossy());
    let defined = format!(
        "builtins.attrNames (import (/. + {file}) {{ inherit (scope) lib config; noSysDirs = true; overlays = [ ]; }} scope scope scope)"
    );
    let answers = set.ask(nix, &[Question::new("names", defined)])?;
    let defined = answers.first().and_then(|names| names.answer.value());
    let defined: Vec<AttrName> = defined
        .and_then(|names| names.as_array())
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str()?.parse().ok())
        .collect();
    let questions: Vec<Question> = defined
        .iter()
        .map(|name| {
            let value = quote(name.as_str());
            let is_package = format!(
                "let value = scope.{value}; in builtins.isAttrs value && (value.type or null) == \"derivation\""
            );
            Question::new(name.as_str(), is_package)
        })
        .collect();
    let answers = set.ask(nix, &questions)?;
    let kinds = defined.into_iter().zip(answers);
    let kinds = kinds.map(|(name, answered)| {
        // What has no value there is something that cannot be had on this system. Sets of packages
        // are called so in nixpkgs.
        let likely = !name.as_str().ends_with("Packages");
        let is_package = answered
            .answer
            .value()
            .map_or(likely, |value| *value != false);
        (name, is_package)
    });
    Ok(kinds.collect())
}

/// Whether what `callPackage` makes of a file is a function.
fn is_called_twice(nix: &Nix, set: &PackageSet, source: &Path) -> Result<bool, NixError> {
    let file = quote(&source.to_string_lossy());
    // nixpkgs' `callPackage` makes a set of a function, so that it can be overridden.
    let called = format!(
        "let called = scope.callPackage (/. + {file}) {{ }}; in
          builtins.isFunction called || (builtins.isAttrs called && called ? __functor)"
    );
    let answers = set.ask(nix, &[Question::new("called", called)])?;
    let called = answers.first().and_then(|called| called.answer.value());
    Ok(called == Some(&true.into()))
}
