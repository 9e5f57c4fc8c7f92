//! Blame: what failed before, and whose doing it is that more does now.

use std::collections::BTreeSet;

use aux_eval::commits::{Found, Versions};
use aux_model::{Repo, RepoName};
use aux_nix::FailureKind;

use crate::error::TrainError;
use crate::hold::HoldKind;
use crate::judge::known::Known;
use crate::judge::reason::reason;
use crate::repository::lock_of;
use crate::state::Outcome;
use crate::wave::Wave;

impl Wave<'_, '_> {
    /// Whose fault it is that packages fail: the repo's own commits, or the move of the
    /// first that it uses, from the lowest layer on, without which they do not.
    pub(super) fn blame(
        &self,
        repo: &Repo,
        versions: &Versions,
        new: Vec<Found>,
    ) -> Result<Outcome, TrainError> {
        let names = |found: &[Found]| -> BTreeSet<Option<String>> {
            let attributes = found.iter().map(|found| found.attribute.clone());
            attributes.collect()
        };
        let broken = names(&new);
        let fails = |versions: &Versions| -> Result<bool, TrainError> {
            let found = self.judge.alone_once(repo, versions)?;
            Ok(names(&found).intersection(&broken).next().is_some())
        };
        let commit = &versions[&repo.name];
        let mut at = self.locked(
            repo,
            self.train.repos[&repo.name]
                .base
                .as_deref()
                .unwrap_or(commit),
        )?;
        let (mut kind, mut culprit) = (HoldKind::Broken, None);
        // Without a lock there is no earlier state to compare with.
        let had_inputs = at.len() > 1;
        let whole = broken.contains(&None);
        if had_inputs && !whole && !fails(&at)? {
            for input in self.judge.catalog.inputs(repo) {
                let Some(now) = versions.get(&input.name) else {
                    continue;
                };
                let was = at.insert(input.name.clone(), now.clone());
                if was.as_ref() != Some(now) && fails(&at)? {
                    (kind, culprit) = (HoldKind::BrokenBy, Some(input.name.clone()));
                    break;
                }
            }
        }
        if kind == HoldKind::Broken
            && new
                .iter()
                .all(|found| found.kind == Some(FailureKind::Syntax))
        {
            kind = HoldKind::Syntax;
        }
        // The same words as those of one that is held below it.
        let reasons: BTreeSet<&str> = new.iter().map(|found| found.reason.as_str()).collect();
        for input in self.judge.catalog.inputs(repo) {
            let outcome = self.train.repos[&input.name].outcome.as_ref();
            let Some(held) = outcome.and_then(Outcome::hold) else {
                continue;
            };
            if kind == HoldKind::BrokenBy
                && held
                    .broken
                    .iter()
                    .any(|broken| reasons.contains(broken.reason.as_str()))
            {
                (kind, culprit) = (HoldKind::Waits, Some(input.name.clone()));
                break;
            }
        }
        let reason = reason(&new);
        Ok(self.held_for(repo, kind, reason, culprit, new))
    }

    /// What failed of a repo where it was good last, with what it had locked there; `None`
    /// for everything, if it never was.
    pub(super) fn before(&self, repo: &Repo) -> Result<Known, TrainError> {
        let member = &self.train.repos[&repo.name];
        let Some(good) = &member.good else {
            return Ok(match member.was_good {
                // It was good at a commit that nobody has: nothing may fail.
                true => Known::Attributes(BTreeSet::new()),
                false => Known::Everything,
            });
        };
        let versions = self.locked(repo, good)?;
        let found = self.judge.alone_once(repo, &versions)?;
        Ok(self.as_known(&repo.name, found))
    }

    /// What failed and was not held against a repo.
    pub(super) fn as_known(&self, repo: &RepoName, found: Vec<Found>) -> Known {
        let held = self.holds.held.get(repo);
        let held: BTreeSet<&Option<String>> = held
            .iter()
            .flat_map(|hold| &hold.broken)
            .map(|broken| &broken.attribute)
            .collect();
        let failed = found.into_iter().map(|found| found.attribute);
        Known::Attributes(failed.filter(|failed| !held.contains(failed)).collect())
    }

    /// A commit of a repo, and the commits that its lock has there of the others.
    fn locked(&self, repo: &Repo, commit: &str) -> Result<Versions, TrainError> {
        let mut versions = Versions::from([(repo.name.clone(), commit.to_owned())]);
        let Some(lock) = lock_of(&self.judge.trees[&repo.name], commit)? else {
            return Ok(versions);
        };
        for input in self.judge.catalog.inputs(repo) {
            let rev = lock.rev(input.name.as_str());
            let tree = self.judge.trees.get(&input.name);
            if let (Some(rev), Some(tree)) = (rev, tree)
                && tree.commit_named(&rev).is_some()
            {
                versions.insert(input.name.clone(), rev);
            }
        }
        Ok(versions)
    }
}
