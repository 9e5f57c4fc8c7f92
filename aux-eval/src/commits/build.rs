//! Building packages of commits.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aux_model::{BuildScope, Repo, RepoName};
use aux_nix::{AS_IT_IS, BuildFailure, Buildable};

use crate::commits::contracts::Versions;
use crate::commits::error::CommitsError;
use crate::commits::evaluator::{Commits, OwnOutput};
use crate::commits::view::View;

/// What became of the builds of a repo.
#[derive(Debug, Default)]
pub struct Builds {
    /// The paths of outputs that are there now.
    pub outputs: BTreeSet<String>,
    /// Packages that were not built, by attribute.
    pub failed: BTreeMap<String, BuildFailure>,
}

impl Commits<'_> {
    /// The packages of a repo that are to be built of some commits: all, or those that are
    /// another derivation than with earlier commits.
    ///
    /// # Errors
    /// As [`Commits::alone`].
    pub fn to_build(
        &self,
        scope: BuildScope,
        repo: &Repo,
        before: &Versions,
        versions: &Versions,
    ) -> Result<BTreeSet<String>, CommitsError> {
        let now = match scope {
            BuildScope::Nothing => return Ok(BTreeSet::new()),
            BuildScope::Changed | BuildScope::All => self.alone(repo, versions)?,
        };
        if scope == BuildScope::All {
            return Ok(names(&now));
        }
        let was = self.alone(repo, before)?;
        if was.asked == now.asked {
            return Ok(changed(&was, &now));
        }
        let was = self.alone_once(repo, before)?;
        let now = self.alone_once(repo, versions)?;
        Ok(changed(&was, &now))
    }

    /// Builds packages of a repo in its own view, or has them from substituters, for `time` at
    /// most.
    ///
    /// # Errors
    /// When Nix cannot be run.
    pub fn build(
        &self,
        repo: &Repo,
        names: &BTreeSet<String>,
        versions: &Versions,
        time: Duration,
    ) -> Result<Builds, CommitsError> {
        // What the repo does not have there, or has no derivation, is not asked for.
        let there = self::names(&self.alone(repo, versions)?);
        let names: BTreeSet<String> = names.intersection(&there).cloned().collect();
        if names.is_empty() {
            return Ok(Builds::default());
        }
        let wanted = match self.buildable(repo, &names, versions)? {
            Ok(wanted) => wanted,
            Err(failure) => {
                let failed = names.iter().map(|name| (name.clone(), failure.clone()));
                return Ok(Builds {
                    failed: failed.collect(),
                    ..Builds::default()
                });
            }
        };
        let failed = self.nix.build(&wanted, time)?;
        let built = wanted
            .into_iter()
            .filter(|(name, _)| !failed.contains_key(name));
        Ok(Builds {
            outputs: built.flat_map(|(_, built)| built.outputs).collect(),
            failed,
        })
    }

    /// The derivations that Nix would build to have some packages of top-level: those of the
    /// packages, and all that they need and nobody has. `time` is for asking substituters.
    ///
    /// # Errors
    /// When Nix cannot be run, or refuses.
    pub fn unbuilt(
        &self,
        names: &BTreeSet<String>,
        versions: &Versions,
        time: Duration,
    ) -> Result<BTreeSet<String>, CommitsError> {
        let Some((flake, pins)) = self.top_level_at(versions) else {
            return Ok(BTreeSet::new());
        };
        let set = format!("legacyPackages.{}", self.system);
        let wanted = self
            .nix
            .buildable_at(&flake, (&set, AS_IT_IS), names, &pins, self.limits)?;
        let wanted = wanted.unwrap_or_default();
        let drvs = wanted.values().map(|one| one.drv_path.as_str());
        Ok(self.nix.to_build(drvs, time)?)
    }

    /// The packages of a repo and of those that it uses, by the path of their derivation.
    ///
    /// # Errors
    /// As [`Commits::alone`].
    pub fn who_is(
        &self,
        drv_path: &str,
        repo: &Repo,
        versions: &Versions,
    ) -> Result<Option<(RepoName, String)>, CommitsError> {
        for repo in self.inputs(repo) {
            let view = self.alone(repo, versions)?;
            let mut derivations = view.derivations();
            if let Some((name, _)) = derivations.find(|(_, path)| *path == drv_path) {
                return Ok(Some((repo.name.clone(), name.to_owned())));
            }
        }
        Ok(None)
    }

    /// The derivations of packages of a repo, in the store.
    fn buildable(
        &self,
        repo: &Repo,
        names: &BTreeSet<String>,
        versions: &Versions,
    ) -> Result<Result<BTreeMap<String, Buildable>, BuildFailure>, CommitsError> {
        let Some(OwnOutput { output, packages }) = self.own_output(repo) else {
            return Ok(Ok(BTreeMap::new()));
        };
        let Some((flake, pins)) = self.pinned(repo, self.catalog.inputs(repo), versions) else {
            return Ok(Ok(BTreeMap::new()));
        };
        let set = (output.as_str(), packages.as_str());
        let found = self
            .nix
            .buildable_at(&flake, set, names, &pins, self.limits)?;
        Ok(found.map_err(|failure| BuildFailure {
            culprit: None,
            reason: failure.reason,
            log: Vec::new(),
        }))
    }
}

fn names(view: &View) -> BTreeSet<String> {
    view.derivations()
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The packages that are another derivation now, or that there were not.
fn changed(was: &View, now: &View) -> BTreeSet<String> {
    let was: BTreeMap<&str, &str> = was.derivations().collect();
    let changed = now
        .derivations()
        .filter(|(name, path)| was.get(name) != Some(path));
    changed.map(|(name, _)| name.to_owned()).collect()
}
