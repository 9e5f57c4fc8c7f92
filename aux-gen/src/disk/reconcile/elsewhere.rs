//! Repos that are about to be begun anew although they are there: somewhere else, or under
//! another name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

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

/// What the contract of a repo will say.
fn planned(home: PlannedHome<'_>) -> Result<Said, DiskError> {
    let contract = home
        .files
        .iter()
        .find(|(path, _)| path.as_str() == "contract.json");
    let text = contract.map(|(_, file)| file.text.get()).transpose()?;
    Ok(Said::read(text.unwrap_or_default().as_bytes()))
}
