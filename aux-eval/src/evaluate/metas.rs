//! What `meta` of packages says of systems and licences: nixpkgs' words, read of the packages as
//! top-level has them.

use std::collections::BTreeMap;

use aux_gen::disk::Registry;
use aux_model::{Catalog, Package, PackageId, Shape};
use aux_nix::language::quote;
use aux_nix::{Limits, Nix, NixError, Question};
use serde::Deserialize;

use crate::evaluate::clauses::of_flake;
use crate::evaluate::family::Scope;

/// What `meta` of one package says; what it does not say is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct MetaSays {
    /// `meta.platforms` without `meta.badPlatforms`, of those that are texts.
    pub platforms: Option<Vec<String>>,
    /// `meta.badPlatforms`.
    pub bad: Option<Vec<String>>,
    /// `meta.broken`.
    pub broken: Option<bool>,
    /// Whether a licence of `meta.license` is not free.
    pub unfree: Option<bool>,
    /// `meta.knownVulnerabilities`.
    pub insecure: Option<Vec<String>>,
}

/// What `meta` says, package by package, and why nothing is known of some.
#[derive(Debug, Clone, Default)]
pub struct Metas {
    /// By package.
    pub said: BTreeMap<PackageId, MetaSays>,
    /// Packages whose `meta` has no value, and why.
    pub failed: BTreeMap<PackageId, String>,
}

/// Asks for `meta` of every package of the repos that are checked out and not somebody else's.
///
/// # Errors
/// When Nix cannot be started or asked.
pub fn metas(
    registry: &Registry,
    catalog: &Catalog,
    nix: &Nix,
    system: &str,
    limits: &Limits,
) -> Result<Metas, NixError> {
    let checkouts = registry.checkouts(catalog);
    let scope = Scope::of(catalog, &checkouts, system, nix, limits)?;
    let top = catalog.top_level().name.as_str();
    let asked = catalog.packages().filter(|package| {
        let repo = catalog.repo(package.id.repo.as_str());
        repo.is_some_and(|repo| !repo.is_outside() && checkouts.contains_key(&repo.name))
    });
    let asked: Vec<(&Package, String)> = asked
        .filter_map(|package| Some((package, attribute(package)?)))
        .collect();
    let questions: Vec<Question> = asked
        .iter()
        .map(|(package, attribute)| {
            Question::new(package.id.to_string(), of_flake(top, &question(attribute)))
        })
        .collect();
    let mut metas = Metas::default();
    let answers = nix.ask(&scope.expression, &questions, &scope.limits)?;
    for ((package, _), answered) in asked.into_iter().zip(answers) {
        let id = package.id.clone();
        match answered.answer.read() {
            Ok(said) => drop(metas.said.insert(id, said)),
            Err(reason) => drop(metas.failed.insert(id, reason)),
        }
    }
    Ok(metas)
}

/// The attribute of a package that speaks for it.
fn attribute(package: &Package) -> Option<String> {
    Some(match &package.shape {
        Shape::Builder => return None,
        Shape::Single | Shape::Variants(_) => package.id.name.to_string(),
        Shape::Set(members) => members.first()?.to_string(),
    })
}

fn question(attribute: &str) -> String {
    format!(
        "let
          meta = flake.auxPackages.${{system}}.{}.meta or {{ }};
          texts = builtins.filter builtins.isString;
          list = value: if builtins.isList value then value else [ value ];
          isUnfree = license: license == \"unfree\" || !(license.free or true);
        in
        {{
          platforms = if meta ? platforms then texts meta.platforms else null;
          bad = if meta ? badPlatforms then texts meta.badPlatforms else null;
          broken = meta.broken or null;
          unfree = if meta ? license then builtins.any isUnfree (list meta.license) else null;
          insecure = meta.knownVulnerabilities or null;
        }}",
        quote(attribute)
    )
}
