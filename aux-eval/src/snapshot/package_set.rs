//! A package set, wherever it comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aux_gen::disk::Registry;
use aux_model::{Catalog, RepoName, System};
use aux_nix::language::quote;
use aux_nix::{Limits, Nix, NixError, Question};
use serde_json::Value;

use crate::evaluate::family;

/// Sets within sets are followed no deeper than this.
pub(crate) const DEPTH: usize = 4;

/// A package set to look at.
#[derive(Debug, Clone)]
pub struct PackageSet {
    /// An expression whose value is the set.
    pub(crate) expression: String,
    /// All that may be read.
    pub(crate) limits: Limits,
    /// Left out of places.
    pub(crate) root: String,
    /// The path within it that was asked for.
    pub(crate) attribute: String,
}

/// How to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// How many Nix processes may run at once; each evaluates the set anew.
    pub jobs: usize,
    /// Whether sets that ask for it (`recurseForDerivations`) are looked into.
    pub nested: Nested,
}

/// Whether sets within a set are looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nested {
    /// They are named as what they are.
    Named,
    /// Those that ask for it are looked into.
    Followed,
}

impl PackageSet {
    /// The set that a directory holds: what its `default.nix` is when called with
    /// `system`, an empty `config` and no overlays, as far as it takes them; without
    /// one, the `legacyPackages` or `packages` of a flake without inputs. `attribute`
    /// is a path within it, such as `python3Packages`; empty for all of it.
    #[must_use]
    pub fn of_tree(root: &Path, system: &System, attribute: &str, limits: Limits) -> Self {
        let set = tree_set(root, system, "[ ]");
        Self {
            expression: format!("({set}){}", within(attribute)),
            limits: limits.allowing(root),
            root: format!("{}/", root.display()),
            attribute: attribute.to_owned(),
        }
    }

    /// The `packages` of one flake among others that may be its inputs, by name;
    /// `attribute` is a path within them, empty for all.
    #[must_use]
    pub fn of_flake(
        name: &RepoName,
        among: &BTreeMap<RepoName, PathBuf>,
        system: &System,
        attribute: &str,
        limits: Limits,
    ) -> Self {
        let packages = format!("flake.packages.${{system}}{}", within(attribute));
        Self::over_flake(name, among, system, &packages, attribute, limits)
    }

    /// The outputs of one flake among others that may be its inputs, by name.
    #[must_use]
    pub fn of_outputs(
        name: &RepoName,
        among: &BTreeMap<RepoName, PathBuf>,
        system: &System,
        limits: Limits,
    ) -> Self {
        let outputs = "{ inherit flake system; }";
        Self::over_flake(name, among, system, outputs, "", limits)
    }

    /// What an expression over `flake` and `system` gives.
    fn over_flake(
        name: &RepoName,
        among: &BTreeMap<RepoName, PathBuf>,
        system: &System,
        body: &str,
        attribute: &str,
        mut limits: Limits,
    ) -> Self {
        let scope = family::bare(among, system.as_str()).replace("@ALONE@", "");
        limits.allowed_paths.extend(among.values().cloned());
        let flake = quote(name.as_str());
        let root = among
            .get(name)
            .map_or(String::new(), |root| format!("{}/", root.display()));
        Self {
            expression: format!(
                "let family = {scope}; inherit (family) system; flake = family.flakes.{flake}; in {body}"
            ),
            limits,
            root,
            attribute: attribute.to_owned(),
        }
    }

    /// All packages of a family as top-level puts them together.
    #[must_use]
    pub fn of_family(
        registry: &Registry,
        catalog: &Catalog,
        system: &System,
        mut limits: Limits,
    ) -> Self {
        let checkouts = registry.checkouts(catalog);
        let scope = family::scope(catalog, &checkouts, system.as_str());
        limits.allowed_paths.extend(checkouts.into_values());
        let top = quote(catalog.top_level().name.as_str());
        Self {
            expression: format!(
                "let family = {scope}; in family.flakes.{top}.auxPackages.${{family.system}}"
            ),
            limits,
            root: format!("{}/", registry.root().display()),
            attribute: String::new(),
        }
    }

    /// The set at a path within this one, such as `pkgsStatic`; empty for all of it.
    #[must_use]
    pub fn within(mut self, attribute: &str) -> Self {
        if !attribute.is_empty() {
            self.expression = format!("({}){}", self.expression, within(attribute));
            self.attribute = attribute.to_owned();
        }
        self
    }
}

impl PackageSet {
    /// Asks questions about the set, which is `scope` in them.
    pub fn ask(
        &self,
        nix: &Nix,
        questions: &[Question],
    ) -> Result<Vec<aux_nix::Answered>, NixError> {
        nix.ask(&self.expression, questions, &self.limits)
    }
}

/// The expression for the set that a directory holds, with `overlays` as far as it
/// takes them.
pub fn tree_set(root: &Path, system: &System, overlays: &str) -> String {
    let path = quote(&root.to_string_lossy());
    let system = quote(system.as_str());
    let set = if root.join("default.nix").is_file() {
        format!(
            "value = import root; set = if builtins.isFunction value then value (builtins.intersectAttrs (builtins.functionArgs value) {{ inherit system; config = {{ }}; overlays = {overlays}; }}) else value;"
        )
    } else {
        "flake = import (root + \"/flake.nix\"); self = flake.outputs { inherit self; } // { outPath = root; }; set = self.legacyPackages.${system} or self.packages.${system};".to_owned()
    };
    format!("let root = /. + {path}; system = {system}; {set} in set")
}

/// `a.b` as a selection, each part quoted.
fn within(attribute: &str) -> String {
    let parts = attribute.split('.').filter(|part| !part.is_empty());
    parts.map(|part| format!(".{}", quote(part))).collect()
}

/// The attributes of a set; none if it has no value.
///
/// # Errors
/// When Nix cannot be started or asked.
pub fn names(nix: &Nix, set: &PackageSet) -> Result<BTreeSet<String>, NixError> {
    let names = Question::new("names", "builtins.attrNames scope");
    let answers = set.ask(nix, &[names])?;
    let names = answers.first().and_then(|names| names.answer.value());
    Ok(names.map(texts).unwrap_or_default().into_iter().collect())
}

/// Who maintains each of the named attributes, as `meta.maintainers` says: accounts on
/// GitHub, or names for those without one. Attributes that do not say so, or have no
/// value, are left out.
///
/// # Errors
/// When Nix cannot be started or asked.
pub fn maintainers(
    nix: &Nix,
    set: &PackageSet,
    attributes: &[&str],
) -> Result<BTreeMap<String, Vec<String>>, NixError> {
    let questions: Vec<Question> = attributes
        .iter()
        .map(|name| {
            let value = quote(name);
            let expression = format!(
                "map (person: person.github or person.name or \"\") (scope.{value}.meta.maintainers or [ ])"
            );
            Question::new(*name, expression)
        })
        .collect();
    let answers = set.ask(nix, &questions)?.into_iter();
    Ok(answers
        .filter_map(|answered| {
            let mut people = texts(answered.answer.value()?);
            people.retain(|person| !person.is_empty());
            (!people.is_empty()).then_some((answered.key, people))
        })
        .collect())
}

pub(crate) fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}
