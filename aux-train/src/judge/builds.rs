//! Builds: whether what evaluates can be built as well.

use std::collections::{BTreeMap, BTreeSet};

use aux_eval::commits::{Builds, Versions};
use aux_model::{BuildScope, Repo, RepoName};
use aux_nix::BuildFailure;

use super::verdicts::Verdicts;
use crate::error::TrainError;
use crate::hold::{Broken, Hold, HoldKind};
use crate::proposed::Proposed;
use crate::state::Outcome;

/// What became of a step whose repos were built.
#[derive(Default)]
pub(crate) struct Built {
    /// The repos that are held; none if all are good.
    pub(crate) held: BTreeMap<RepoName, Outcome>,
    /// Packages that are not built, and were not before.
    pub(crate) failing: Vec<String>,
    /// The paths of what is there now.
    pub(crate) outputs: BTreeSet<String>,
}

impl Verdicts<'_, '_> {
    /// Builds what a train is to build of the repos of a step.
    pub(crate) fn judge_builds(
        &self,
        step: &Proposed<'_>,
        chosen: &Versions,
    ) -> Result<Built, TrainError> {
        let mut all = Built::default();
        let scope = self.train.build;
        if scope == BuildScope::Nothing {
            all.held = self.still_unbuilt(step);
            return Ok(all);
        }
        let mut versions = chosen.clone();
        for (repo, commit) in &step.repos {
            versions.insert(repo.name.clone(), commit.clone());
        }
        for (repo, commit) in &step.repos {
            if self.is_settled(repo, commit) || repo.name == self.catalog.top_level().name {
                continue;
            }
            let before = match &self.train.repos[&repo.name].good {
                Some(good) => self.judge.locked(repo, good)?,
                None => Versions::new(),
            };
            let names = self.judge.to_build(scope, repo, &before, &versions)?;
            if names.is_empty() {
                continue;
            }
            let Builds {
                outputs,
                mut failed,
            } = self.judge.build(repo, &names, &versions, self.build_time)?;
            all.outputs.extend(outputs);
            if failed.is_empty() {
                continue;
            }
            let again: BTreeSet<String> = failed.keys().cloned().collect();
            let earlier = self.judge.build(repo, &again, &before, self.build_time)?;
            for (name, earlier) in earlier.failed {
                // That there was no time, or no builder, says nothing of the package.
                if earlier.culprit.is_some() && failed.remove(&name).is_some() {
                    all.failing.push(name);
                }
            }
            if !failed.is_empty() {
                let hold = self.unbuilt(repo, &versions, failed)?;
                all.held.insert(repo.name.clone(), self.held(repo, hold));
            }
        }
        if !all.held.is_empty() {
            all.held = self.all_of(&step.members(), all.held);
        }
        Ok(all)
    }

    /// Repos that an earlier train held because they are not built, at the same commits: a train
    /// that builds nothing cannot know better.
    fn still_unbuilt(&self, step: &Proposed<'_>) -> BTreeMap<RepoName, Outcome> {
        let held = step.repos.iter().filter_map(|(repo, _)| {
            let known = self.holds.held.get(&repo.name)?;
            let base = &self.train.repos[&repo.name].base;
            let is_same = known.kind == HoldKind::Build && known.refused == *base;
            is_same.then(|| (repo.name.clone(), self.held(repo, known.clone())))
        });
        let held: BTreeMap<RepoName, Outcome> = held.collect();
        if held.is_empty() {
            return held;
        }
        self.all_of(&step.members(), held)
    }

    /// A hold for packages that are not built.
    fn unbuilt(
        &self,
        repo: &Repo,
        versions: &Versions,
        failed: BTreeMap<String, BuildFailure>,
    ) -> Result<Hold, TrainError> {
        let (mut broken, mut because_of) = (Vec::new(), None);
        for (name, failure) in failed {
            let mut reason = failure.reason;
            if let Some(culprit) = &failure.culprit
                && let Some((owner, package)) = self.judge.who_is(culprit, repo, versions)?
                && (&owner, &package) != (&repo.name, &name)
            {
                reason = format!("it needs `{owner}/{package}`: {reason}");
                if owner != repo.name {
                    because_of = Some(owner);
                }
            }
            broken.push(Broken {
                attribute: Some(name),
                reason,
                place: None,
                log: failure.log,
            });
        }
        let mut hold = self.hold_of(repo, HoldKind::Build, broken);
        hold.because_of = because_of;
        Ok(hold)
    }
}
