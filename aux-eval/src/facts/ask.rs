//! Asks for everything, system by system.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use aux_gen::disk::Registry;
use aux_model::{Catalog, RepoName, System};
use aux_nix::{Limits, Nix, NixError};

use crate::evaluate::family::Scope;
use crate::facts::known::Facts;
use crate::facts::{options, packages};

/// Asks for what is known of every package, member and module of the repos that are checked out and
/// not somebody else's, on each of the systems.
///
/// # Errors
/// When Nix cannot be started or asked.
pub fn facts(
    registry: &Registry,
    catalog: &Catalog,
    nix: &Nix,
    systems: &[System],
    limits: &Limits,
) -> Result<Facts, NixError> {
    let checkouts = registry.checkouts(catalog);
    let mut facts = Facts {
        systems: systems.to_vec(),
        unasked: unasked(catalog, &checkouts),
        ..Facts::default()
    };
    let repos: BTreeMap<_, _> = catalog
        .repos()
        .filter(|repo| !facts.unasked.contains(&repo.name))
        .map(|repo| (&repo.name, repo))
        .collect();
    for system in systems {
        let scope = Scope::of(catalog, &checkouts, system.as_str(), nix, limits)?;
        packages::ask(catalog, &repos, nix, &scope, system, &mut facts)?;
        // What a module declares is the same on every system, but for its defaults.
        if Some(system) == systems.first() {
            options::ask(catalog, &repos, nix, &scope, &checkouts, &mut facts)?;
        }
    }
    Ok(facts)
}

/// Repos that are not asked: they are not checked out, or are somebody else's.
pub(super) fn unasked(
    catalog: &Catalog,
    checkouts: &BTreeMap<RepoName, PathBuf>,
) -> BTreeSet<RepoName> {
    let repos = catalog.repos();
    repos
        .filter(|repo| repo.is_outside() || !checkouts.contains_key(&repo.name))
        .map(|repo| repo.name.clone())
        .collect()
}
