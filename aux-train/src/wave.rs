//! One wave: candidates for its steps, and what becomes of each repo.

use std::collections::BTreeMap;

use aux_eval::commits::{Commits, Found, Versions};
use aux_gen::lock::Checkouts;
use aux_git::WorkTree;
use aux_model::{Repo, RepoName};
use rayon::prelude::*;

use crate::candidate::{Candidate, Maker, Refused};
use crate::error::TrainError;
use crate::hold::{Broken, Hold, HoldKind, Holds};
use crate::repository::{LOCK, lock_of, on};
use crate::state::{Outcome, Train};

/// A wave that is under way.
pub(super) struct Wave<'w, 'a> {
    pub(super) train: &'w mut Train,
    /// What was held before.
    pub(super) holds: &'w Holds,
    pub(super) judge: &'w Commits<'a>,
    pub(super) checkouts: &'w mut Checkouts,
}

/// A step with a candidate for each of its repos.
pub(super) struct Proposed<'a> {
    pub(super) repos: Vec<(&'a Repo, String)>,
}

impl<'a> Proposed<'a> {
    /// The repos, without their candidates.
    pub(super) fn members(&self) -> Vec<&'a Repo> {
        self.repos.iter().map(|(repo, _)| *repo).collect()
    }
}

impl<'a> Wave<'_, 'a> {
    /// What becomes of every repo of a wave.
    pub(super) fn outcomes(
        &mut self,
        wave: &[Vec<RepoName>],
    ) -> Result<BTreeMap<RepoName, Outcome>, TrainError> {
        let mut outcomes = BTreeMap::new();
        let mut proposed = Vec::new();
        for step in wave {
            match self.propose(step)? {
                Ok(step) => proposed.push(step),
                Err(ended) => outcomes.extend(ended),
            }
        }
        let chosen = self.chosen();
        let alone: Vec<_> = proposed
            .into_par_iter()
            .map(|step| {
                let verdict = match self.judge_alone(&step, &chosen) {
                    Err(error @ TrainError::Git(_)) => {
                        let repos = step.repos.iter().map(|(repo, _)| *repo);
                        let kind = HoldKind::Unusable;
                        let held = repos.map(|repo| {
                            let hold = self.hold(repo, kind, error.reason());
                            (repo.name.clone(), self.held(repo, hold))
                        });
                        Err(held.collect())
                    }
                    verdict => verdict?,
                };
                Ok((step, verdict))
            })
            .collect::<Result<_, TrainError>>()?;
        let mut good = Vec::new();
        for (step, verdict) in alone {
            match verdict {
                Ok(failing) => good.push((step, failing)),
                Err(ended) => outcomes.extend(ended),
            }
        }
        let top = &self.judge.catalog.top_level().name;
        let is_top = |step: &Proposed<'_>| step.repos.iter().any(|(repo, _)| repo.name == *top);
        let (tops, others): (Vec<_>, Vec<_>) = good.into_iter().partition(|(step, _)| is_top(step));
        outcomes.extend(self.judge_together(others, &chosen)?);
        for (step, _) in tops {
            outcomes.extend(self.judge_top_level(&step, chosen.clone())?);
        }
        Ok(outcomes)
    }

    /// The commits that others build on by now; where a repo has not moved yet, the one
    /// where it was good last.
    pub(super) fn chosen(&self) -> Versions {
        let members = self.train.repos.iter();
        members
            .filter_map(|(name, member)| {
                let commit = match &member.outcome {
                    Some(outcome) => outcome.commit(),
                    None => member.good.as_deref().or(member.base.as_deref()),
                };
                Some((name.clone(), commit?.to_owned()))
            })
            .collect()
    }

    /// Candidates for a step, or what becomes of its repos without any.
    fn propose(
        &mut self,
        step: &[RepoName],
    ) -> Result<Result<Proposed<'a>, BTreeMap<RepoName, Outcome>>, TrainError> {
        let catalog = self.judge.catalog;
        let repos: Vec<&'a Repo> = step
            .iter()
            .filter_map(|name| catalog.repo(name.as_str()))
            .collect();
        let mut ended = BTreeMap::new();
        for repo in &repos {
            let member = &self.train.repos[&repo.name];
            if let Some(outcome) = &member.outcome {
                ended.insert(repo.name.clone(), outcome.clone());
            }
        }
        let mut candidates: Vec<(&'a Repo, String)> = Vec::new();
        let mut chosen = self.chosen();
        for repo in &repos {
            if !ended.is_empty() {
                break;
            }
            let base = self.train.repos[&repo.name].base.clone();
            let base = base.expect("a repo without a base was held at the start");
            let maker = Maker {
                contracts: self.judge.contracts,
            };
            let made = self
                .turn_back(repo, &base, &repos)
                .and_then(|()| maker.candidate(repo, &base, &chosen, self.checkouts));
            let made = match made {
                // What git cannot read of one repo holds that repo.
                Err(error @ TrainError::Git(_)) => Candidate::Refused(Refused {
                    kind: HoldKind::Unusable,
                    reason: error.reason(),
                    because_of: None,
                }),
                made => made?,
            };
            match made {
                Candidate::Commit(commit) => {
                    let name = commit.name.clone();
                    let commit = on(self.train.branch_of(&repo.name), commit);
                    self.checkouts.set(&repo.url.to_string(), Some(commit));
                    chosen.insert(repo.name.clone(), name.clone());
                    candidates.push((repo, name));
                }
                Candidate::Refused(refused) => {
                    let outcome = self.refused(repo, refused);
                    ended.insert(repo.name.clone(), outcome);
                }
            }
        }
        if ended.is_empty() && !self.is_reached(&candidates) {
            let outcome = |(repo, _): (&'a Repo, String)| {
                let outcome = self.left_alone(repo);
                (repo.name.clone(), outcome)
            };
            return Ok(Err(candidates.into_iter().map(outcome).collect()));
        }
        if ended.is_empty() {
            return Ok(Ok(Proposed { repos: candidates }));
        }
        Ok(Err(self.all_of(&repos, ended)))
    }

    /// Whether anything that was asked for reaches a step.
    fn is_reached(&self, candidates: &[(&Repo, String)]) -> bool {
        let inputs = &self.train.inputs;
        inputs.is_empty()
            || candidates.iter().any(|(repo, commit)| {
                let base = self.train.repos[&repo.name].base.as_ref();
                inputs.contains(&repo.name) || base != Some(commit)
            })
    }

    /// What becomes of a repo that nobody asked for: what was.
    fn left_alone(&self, repo: &Repo) -> Outcome {
        let member = &self.train.repos[&repo.name];
        if let Some(hold) = self.holds.held.get(&repo.name) {
            return Outcome::Held {
                commit: member.good.clone(),
                hold: Box::new(hold.clone()),
            };
        }
        let base = || member.base.clone().unwrap_or_default();
        Outcome::Unchanged {
            commit: member.good.clone().unwrap_or_else(base),
        }
    }

    /// In a circle, a repo keeps what it has locked of one that comes after it, if nothing
    /// but a lock is new there: else each would follow the other for ever.
    fn turn_back(
        &mut self,
        repo: &Repo,
        base: &str,
        circle: &[&'a Repo],
    ) -> Result<(), TrainError> {
        let after = circle.iter().skip_while(|other| other.name != repo.name);
        let after: Vec<&&Repo> = after.skip(1).collect();
        if after.is_empty() {
            return Ok(());
        }
        let lock = lock_of(&self.judge.trees[&repo.name], base)?;
        for other in after {
            let tree = &self.judge.trees[&other.name];
            let newest = self.train.repos[&other.name].base.clone();
            let newest = newest.expect("a repo without a base was held at the start");
            let locked = lock.as_ref().and_then(|lock| lock.rev(other.name.as_str()));
            let locked = locked.filter(|locked| tree.commit_named(locked).is_some());
            let is_same = match &locked {
                Some(locked) => content(tree, locked)? == content(tree, &newest)?,
                None => false,
            };
            let meant = locked.filter(|_| is_same).unwrap_or(newest);
            let commit = on(self.train.branch_of(&other.name), tree.commit_of(&meant)?);
            self.checkouts.set(&other.url.to_string(), Some(commit));
        }
        Ok(())
    }

    /// The rest of a step is held with those that are: repos that use each other move
    /// together or not at all.
    pub(super) fn all_of(
        &self,
        step: &[&Repo],
        mut held: BTreeMap<RepoName, Outcome>,
    ) -> BTreeMap<RepoName, Outcome> {
        let first = held.keys().next().cloned();
        for repo in step {
            if !held.contains_key(&repo.name) {
                let outcome = self.waiting(repo, first.as_ref());
                held.insert(repo.name.clone(), outcome);
            }
        }
        held
    }

    fn waiting(&self, repo: &Repo, of: Option<&RepoName>) -> Outcome {
        let other = of.map(ToString::to_string).unwrap_or_default();
        let reason = format!("it and `{other}` use each other, and move together or not at all");
        let mut hold = self.hold(repo, HoldKind::Waits, reason);
        hold.because_of = of.cloned();
        self.held(repo, hold)
    }

    /// Held for packages that fail.
    pub(super) fn held_for(
        &self,
        repo: &Repo,
        kind: HoldKind,
        reason: String,
        because_of: Option<RepoName>,
        broken: Vec<Found>,
    ) -> Outcome {
        let mut hold = self.hold(repo, kind, reason);
        hold.because_of = because_of;
        hold.broken = broken.into_iter().map(Broken::from).collect();
        self.held(repo, hold)
    }

    fn refused(&self, repo: &Repo, refused: Refused) -> Outcome {
        let mut hold = self.hold(repo, refused.kind, refused.reason);
        hold.because_of = refused.because_of;
        self.held(repo, hold)
    }

    pub(super) fn hold(&self, repo: &Repo, kind: HoldKind, reason: String) -> Hold {
        Hold::new(
            self.judge.catalog,
            &repo.name,
            &self.train.day,
            kind,
            reason,
        )
    }

    pub(super) fn held(&self, repo: &Repo, mut hold: Hold) -> Outcome {
        let member = &self.train.repos[&repo.name];
        self.holds.remember(&mut hold);
        member.held(member.good.clone(), hold)
    }
}

/// Everything in a commit but the lock.
fn content(tree: &WorkTree, commit: &str) -> Result<Vec<(Vec<u8>, String)>, TrainError> {
    let commit = tree.commit_of(commit)?;
    let entries = tree.objects()?.tree(&commit.tree)?.into_iter();
    let entries = entries.filter(|entry| entry.name != LOCK.as_bytes());
    Ok(entries.map(|entry| (entry.name, entry.object)).collect())
}
