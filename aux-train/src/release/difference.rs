//! What changed between two releases, package by package, as top-level makes them.

use std::collections::BTreeMap;
use std::path::Path;

use aux_eval::commits::{Commits, Contracts, FamilyPackage, Memory, Versions};
use aux_git::WorkTree;
use aux_model::{Catalog, RepoName, Rev};
use aux_nix::{Limits, Nix};
use serde::Serialize;
use serde_json::Value;

use crate::release::file::{Release, ReleaseError};
use crate::repository::repositories;

/// What changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// Repos at another commit: what it was and is.
    pub repos: BTreeMap<RepoName, (Option<Rev>, Option<Rev>)>,
    /// Packages that changed in any way, by attribute.
    pub packages: BTreeMap<String, PackageChange>,
    /// How many packages are the same derivation in both.
    pub same: usize,
}

/// What became of one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum PackageChange {
    /// It is new.
    Added {
        /// It.
        now: Package,
    },
    /// It is gone.
    Removed {
        /// As it was.
        was: Package,
    },
    /// It is another derivation.
    Changed {
        /// As it was.
        was: Package,
        /// As it is.
        now: Package,
    },
}

/// A package in one release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Package {
    /// The repo that owns it.
    pub repo: RepoName,
    /// Its name with its version.
    pub name: Option<String>,
    /// The path of its derivation; none if it does not evaluate.
    pub drv_path: Option<String>,
    /// Why it does not evaluate.
    pub failure: Option<String>,
}

/// Compares two releases by evaluating both.
///
/// # Errors
/// When a commit of one is not here, or Nix cannot be started.
pub fn difference(
    root: &Path,
    catalog: &Catalog,
    (before, after): (&Release, &Release),
    nix: &Nix,
    system: &str,
    limits: &Limits,
) -> Result<Difference, ReleaseError> {
    let trees = repositories(root, catalog);
    let contracts = Contracts::new(catalog, &trees);
    let memory = Memory::default();
    let commits = Commits::new(&contracts, nix, system, limits, &memory)?;
    let packages = |release: &Release| -> Result<BTreeMap<String, Package>, ReleaseError> {
        let versions = versions(release, &trees)?;
        let everything = commits.everything(&versions)?.into_iter();
        Ok(everything
            .map(|FamilyPackage { repo, name, answer }| {
                let text = |value: &Value, key: &str| value[key].as_str().map(str::to_owned);
                let package = match answer {
                    Ok(value) => Package {
                        repo,
                        name: text(&value, "name"),
                        drv_path: text(&value, "drvPath"),
                        failure: None,
                    },
                    Err(found) => Package {
                        repo,
                        name: None,
                        drv_path: None,
                        failure: Some(found.reason),
                    },
                };
                (name, package)
            })
            .collect())
    };
    let (mut was, now) = (packages(before)?, packages(after)?);
    let mut difference = Difference::default();
    for (attribute, now) in now {
        let change = match was.remove(&attribute) {
            None => PackageChange::Added { now },
            Some(was) if was.drv_path == now.drv_path && was.repo == now.repo => {
                difference.same += 1;
                continue;
            }
            Some(was) => PackageChange::Changed { was, now },
        };
        difference.packages.insert(attribute, change);
    }
    for (attribute, was) in was {
        let removed = PackageChange::Removed { was };
        difference.packages.insert(attribute, removed);
    }
    for repo in before.repos.keys().chain(after.repos.keys()) {
        let commit = |release: &Release| {
            let frozen = release.repos.get(repo);
            frozen.map(|frozen| frozen.commit.clone())
        };
        let pair = (commit(before), commit(after));
        if pair.0 != pair.1 {
            difference.repos.insert(repo.clone(), pair);
        }
    }
    Ok(difference)
}

/// The commits of a release, all of which must be here.
fn versions(
    release: &Release,
    trees: &BTreeMap<RepoName, WorkTree>,
) -> Result<Versions, ReleaseError> {
    let mut missing = Vec::new();
    let mut versions = Versions::new();
    for (repo, frozen) in &release.repos {
        let known = trees
            .get(repo)
            .and_then(|tree| tree.commit_named(&frozen.commit));
        match known {
            Some(commit) => {
                versions.insert(repo.clone(), commit);
            }
            None => missing.push(repo.clone()),
        }
    }
    if missing.is_empty() {
        Ok(versions)
    } else {
        Err(ReleaseError::Missing(missing))
    }
}
