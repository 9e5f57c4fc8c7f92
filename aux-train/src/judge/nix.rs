//! The judge of a train: real Nix on commits of real repositories. Behind a trait, so that what
//! follows from its answers can be tried without either.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aux_eval::EvalFailure;
use aux_eval::commits::{Builds, Commits, Versions, View};
use aux_model::{BuildScope, Repo, RepoName, Rev};
use aux_nix::Failure;

use crate::error::TrainError;
use crate::repository::lock_of;

/// The view of a repo that a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The repo and what it uses.
    Alone,
    /// Everything, as top-level puts it together.
    Together,
}

/// What a train asks about commits of repos.
pub(crate) trait Judge: Sync {
    /// What fails of a repo alone, with some commits of what it uses: in one question if
    /// nothing does.
    fn alone(&self, repo: &Repo, versions: &Versions) -> Result<Vec<EvalFailure>, TrainError>;

    /// As [`Judge::alone`], package by package at once: for what is expected to fail.
    fn alone_once(&self, repo: &Repo, versions: &Versions) -> Result<Vec<EvalFailure>, TrainError>;

    /// What fails of repos as parts of top-level.
    fn together(
        &self,
        repos: &[&Repo],
        versions: &Versions,
    ) -> Result<BTreeMap<RepoName, Vec<EvalFailure>>, TrainError>;

    /// As [`Judge::together`], package by package at once.
    fn together_once(
        &self,
        repos: &[&Repo],
        versions: &Versions,
    ) -> Result<BTreeMap<RepoName, Vec<EvalFailure>>, TrainError>;

    /// What fails of some attributes of a repo, alone or as parts of top-level.
    fn some_of(
        &self,
        view: Seen,
        repo: &Repo,
        attributes: &BTreeSet<Option<String>>,
        versions: &Versions,
    ) -> Result<Vec<EvalFailure>, TrainError>;

    /// The packages of a repo that are to be built.
    fn to_build(
        &self,
        scope: BuildScope,
        repo: &Repo,
        before: &Versions,
        versions: &Versions,
    ) -> Result<BTreeSet<String>, TrainError>;

    /// Builds packages of a repo, for `time` at most.
    fn build(
        &self,
        repo: &Repo,
        names: &BTreeSet<String>,
        versions: &Versions,
        time: Duration,
    ) -> Result<Builds, TrainError>;

    /// Whose package a derivation is: of a repo, or of one that it uses.
    fn who_is(
        &self,
        drv_path: &str,
        repo: &Repo,
        versions: &Versions,
    ) -> Result<Option<(RepoName, String)>, TrainError>;

    /// The packages of a repo that are another derivation alone than through top-level.
    fn differing(&self, repo: &Repo, versions: &Versions) -> Result<BTreeSet<String>, TrainError>;

    /// Why top-level as a whole has no value; none if it has one.
    fn whole(&self, versions: &Versions) -> Result<Option<Failure>, TrainError>;

    /// The commits of a repo after one and up to another, oldest first, with their titles.
    fn commits_between(
        &self,
        repo: &RepoName,
        from: &Rev,
        to: &Rev,
    ) -> Result<Vec<(Rev, String)>, TrainError>;

    /// A commit of a repo, and the commits that its lock has there of the others.
    fn locked(&self, repo: &Repo, commit: &Rev) -> Result<Versions, TrainError>;
}

impl Judge for Commits<'_> {
    fn alone(&self, repo: &Repo, versions: &Versions) -> Result<Vec<EvalFailure>, TrainError> {
        Ok(Commits::alone(self, repo, versions)?.failures())
    }

    fn alone_once(&self, repo: &Repo, versions: &Versions) -> Result<Vec<EvalFailure>, TrainError> {
        Ok(Commits::alone_once(self, repo, versions)?.failures())
    }

    fn together(
        &self,
        repos: &[&Repo],
        versions: &Versions,
    ) -> Result<BTreeMap<RepoName, Vec<EvalFailure>>, TrainError> {
        Ok(failing(Commits::together(self, repos, versions)?))
    }

    fn together_once(
        &self,
        repos: &[&Repo],
        versions: &Versions,
    ) -> Result<BTreeMap<RepoName, Vec<EvalFailure>>, TrainError> {
        Ok(failing(Commits::together_once(self, repos, versions)?))
    }

    fn some_of(
        &self,
        view: Seen,
        repo: &Repo,
        attributes: &BTreeSet<Option<String>>,
        versions: &Versions,
    ) -> Result<Vec<EvalFailure>, TrainError> {
        let view = match view {
            Seen::Alone => self.alone_of(repo, attributes, versions)?,
            Seen::Together => self.together_of(repo, attributes, versions)?,
        };
        Ok(view.failures())
    }

    fn to_build(
        &self,
        scope: BuildScope,
        repo: &Repo,
        before: &Versions,
        versions: &Versions,
    ) -> Result<BTreeSet<String>, TrainError> {
        Ok(Commits::to_build(self, scope, repo, before, versions)?)
    }

    fn build(
        &self,
        repo: &Repo,
        names: &BTreeSet<String>,
        versions: &Versions,
        time: Duration,
    ) -> Result<Builds, TrainError> {
        Ok(Commits::build(self, repo, names, versions, time)?)
    }

    fn who_is(
        &self,
        drv_path: &str,
        repo: &Repo,
        versions: &Versions,
    ) -> Result<Option<(RepoName, String)>, TrainError> {
        Ok(Commits::who_is(self, drv_path, repo, versions)?)
    }

    fn differing(&self, repo: &Repo, versions: &Versions) -> Result<BTreeSet<String>, TrainError> {
        Ok(Commits::differing(self, repo, versions)?)
    }

    fn whole(&self, versions: &Versions) -> Result<Option<Failure>, TrainError> {
        Ok(Commits::whole(self, versions)?)
    }

    fn commits_between(
        &self,
        repo: &RepoName,
        from: &Rev,
        to: &Rev,
    ) -> Result<Vec<(Rev, String)>, TrainError> {
        match self.trees.get(repo) {
            Some(tree) => Ok(tree.commits_between(from, to)?),
            None => Ok(Vec::new()),
        }
    }

    fn locked(&self, repo: &Repo, commit: &Rev) -> Result<Versions, TrainError> {
        let mut versions = Versions::from([(repo.name.clone(), commit.clone())]);
        let Some(lock) = lock_of(&self.trees[&repo.name], commit)? else {
            return Ok(versions);
        };
        for input in self.catalog.inputs(repo) {
            let rev = lock.rev(input.name.as_str());
            let tree = self.trees.get(&input.name);
            if let (Some(rev), Some(tree)) = (rev, tree)
                && tree.commit_named(&rev).is_some()
            {
                versions.insert(input.name.clone(), rev);
            }
        }
        Ok(versions)
    }
}

/// What fails, of the repos of which anything does.
fn failing(views: BTreeMap<RepoName, View>) -> BTreeMap<RepoName, Vec<EvalFailure>> {
    let failures = views
        .into_iter()
        .map(|(name, view)| (name, view.failures()));
    failures.filter(|(_, found)| !found.is_empty()).collect()
}
