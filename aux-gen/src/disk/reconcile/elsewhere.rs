//! Repos that are about to be begun anew although they are there: somewhere else, or under
//! another name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aux_model::{Catalog, CheckoutPath, Repo, RepoName};
use serde::Deserialize;

use crate::disk::error::DiskError;
use crate::disk::reconcile::home::{PlannedHome, homes};
use crate::disk::reconcile::record::has_record;
use crate::disk::registry::{Registry, entries};
use crate::plan::Plan;

/// What a contract says of its repo.
#[derive(Debug, Default, Deserialize)]
struct Said {
    #[serde(default)]
    repo: String,
    #[serde(default)]
    sig: String,
    #[serde(default)]
    packages: BTreeSet<String>,
}

impl Said {
    fn read(text: &[u8]) -> Self {
        serde_json::from_slice(text).unwrap_or_default()
    }

    /// Whether it is likely the same repo under another name.
    fn is_like(&self, other: &Self) -> bool {
        self.sig == other.sig || !self.packages.is_disjoint(&other.packages)
    }
}

/// Refuses to begin a repo anew whose checkout lies beside where it is planned, or whose
/// name is another than the one that its files were generated for: the work of its
/// maintainers would be left behind, and stubs would take its place.
///
/// # Errors
/// When there is such a repo, or a folder cannot be read.
pub(super) fn must_not_lie_elsewhere(registry: &Registry, plan: &Plan) -> Result<(), DiskError> {
    let places: Vec<(PlannedHome<'_>, PathBuf)> = homes(plan)
        .into_iter()
        .filter_map(|home| Some((home, registry.root().join(home.place?.as_str()))))
        .collect();
    let new = places.iter().filter(|(_, place)| !place.exists());
    let new: BTreeMap<&str, PlannedHome<'_>> = new
        .filter_map(|(home, _)| Some((home.home.repo()?.as_str(), *home)))
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    let known: BTreeSet<&str> = places
        .iter()
        .filter_map(|(home, _)| Some(home.home.repo()?.as_str()))
        .collect();
    let places: BTreeSet<&Path> = places.iter().map(|(_, place)| place.as_path()).collect();
    let folders: BTreeSet<&Path> = places.iter().filter_map(|place| place.parent()).collect();
    for folder in folders.into_iter().filter(|folder| folder.is_dir()) {
        for found in entries(folder)? {
            if places.contains(found.as_path()) || !has_record(&found) {
                continue;
            }
            let said = std::fs::read(found.join("contract.json")).unwrap_or_default();
            let said = Said::read(&said);
            if let Some(home) = new.get(said.repo.as_str()) {
                return Err(DiskError::Elsewhere {
                    repo: said.repo,
                    planned: home.name().to_owned(),
                    found,
                });
            }
            if said.repo.is_empty() || known.contains(said.repo.as_str()) {
                continue;
            }
            for (name, home) in &new {
                if said.is_like(&planned(*home)?) {
                    return Err(DiskError::Renamed {
                        was: said.repo,
                        is: (*name).to_owned(),
                        planned: home.name().to_owned(),
                        found,
                    });
                }
            }
        }
    }
    Ok(())
}

/// A folder among the checkouts that no repo of the manifest claims.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Orphan {
    /// The folder, relative to the registry.
    pub folder: String,
    /// The repo that its files were generated for, as its contract says.
    pub was: Option<String>,
    /// Whether it was generated.
    pub is_generated: bool,
    /// The repo of the manifest that it may be under another name.
    pub is: Option<RepoName>,
}

/// The folders beside the checkouts that no repo claims: those that were generated, and those that are git
/// repositories or flakes. What was retired or forwards is claimed.
///
/// # Errors
/// When a folder cannot be read.
pub fn orphans(registry: &Registry, catalog: &Catalog) -> Result<Vec<Orphan>, DiskError> {
    let root = registry.root();
    let former = &catalog.former().repos;
    let forwards = former.iter().filter(|(_, renamed)| renamed.forwards);
    let forwards = forwards.map(|(old, _)| CheckoutPath::of_repo(old).to_string());
    let claimed: BTreeSet<PathBuf> = catalog
        .repos()
        .map(|repo| repo.path.to_string())
        .chain(forwards)
        .map(|path| root.join(path))
        .collect();
    let folders: BTreeSet<PathBuf> = claimed
        .iter()
        .filter_map(|place| Some(place.parent()?.to_owned()))
        .filter(|folder| folder != root && folder.is_dir())
        .collect();
    let mut orphans = Vec::new();
    for folder in folders {
        for found in entries(&folder)? {
            let is_repo =
                |found: &Path| found.join(".git").exists() || found.join("flake.nix").is_file();
            let is_above = claimed.iter().any(|place| place.starts_with(&found));
            let has_record = has_record(&found);
            if is_above || found.is_symlink() || !(has_record || is_repo(&found)) {
                continue;
            }
            let said = std::fs::read(found.join("contract.json")).unwrap_or_default();
            let said = Said::read(&said);
            let was = Some(said.repo.clone()).filter(|was| has_record && !was.is_empty());
            let name = found
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            let retired = was.as_deref().or(name.as_deref()).unwrap_or_default();
            if catalog.former().removed_repos.contains_key(retired) {
                continue;
            }
            orphans.push(Orphan {
                folder: found
                    .strip_prefix(root)
                    .unwrap_or(&found)
                    .display()
                    .to_string(),
                is: was.as_ref().and_then(|_| heir(catalog, root, &said)),
                was,
                is_generated: has_record,
            });
        }
    }
    Ok(orphans)
}

/// The repo that a folder may be of under another name: one that has no checkout, and has the same SIG
/// or packages.
fn heir(catalog: &Catalog, root: &Path, said: &Said) -> Option<RepoName> {
    let mut repos = catalog.repos();
    let is_heir = |repo: &&Repo| {
        let own = Said {
            repo: repo.name.to_string(),
            sig: repo.sig.to_string(),
            packages: repo.packages.keys().map(ToString::to_string).collect(),
        };
        !has_record(&root.join(repo.path.as_str())) && said.is_like(&own)
    };
    repos.find(is_heir).map(|repo| repo.name.clone())
}

/// What the contract of a repo will say.
fn planned(home: PlannedHome<'_>) -> Result<Said, DiskError> {
    let contract = home
        .files
        .iter()
        .find(|(path, _)| path.as_str() == "contract.json");
    let text = contract.map(|(_, file)| file.text.get()).transpose()?;
    Ok(Said::read(text.unwrap_or_default().as_bytes()))
}
