//! What failed before.

use std::collections::BTreeSet;

use aux_eval::EvalFailure;
use aux_model::{Repo, RepoName};

use super::verdicts::Verdicts;
use crate::error::TrainError;

/// What failed before.
pub(crate) enum Known {
    /// Nothing worked.
    Everything,
    /// These.
    Attributes(BTreeSet<Option<String>>),
}

impl Verdicts<'_, '_> {
    /// What failed of a repo where it was good last, with what it had locked there; `None`
    /// for everything, if it never was.
    pub(super) fn before(&self, repo: &Repo) -> Result<Known, TrainError> {
        let member = &self.train.repos[&repo.name];
        let Some(good) = &member.good else {
            return Ok(if member.was_good {
                Known::Attributes(BTreeSet::new())
            } else {
                Known::Everything
            });
        };
        let versions = self.judge.locked(repo, good)?;
        let found = self.judge.alone_once(repo, &versions)?;
        Ok(self.as_known(&repo.name, found))
    }

    /// What failed and was not held against a repo.
    pub(super) fn as_known(&self, repo: &RepoName, found: Vec<EvalFailure>) -> Known {
        let held = self.holds.held.get(repo);
        let held: BTreeSet<&Option<String>> = held
            .iter()
            .flat_map(|hold| &hold.broken)
            .map(|broken| &broken.attribute)
            .collect();
        let failed = found.into_iter().map(|found| found.attribute);
        Known::Attributes(failed.filter(|failed| !held.contains(failed)).collect())
    }
}
