//! One wave: candidates for its steps, and what becomes of each repo.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aux_eval::commits::{Commits, Versions};
use aux_gen::lock::Checkouts;
use aux_model::{Repo, RepoName, Rev};
use rayon::prelude::*;

use crate::candidate::{Candidate, Maker, Origin, Refused};
use crate::error::TrainError;
use crate::hold::{HoldKind, Holds};
use crate::judge::{Alone, Built, Verdicts};
use crate::proposed::Proposed;
use crate::repository::{lock_of, on};
use crate::state::{Outcome, Train};
use crate::wiring::Wiring;

/// A wave that is under way.
pub(super) struct Wave<'w, 'a> {
    pub(super) train: &'w mut Train,
    /// What was held before.
    pub(super) holds: &'w Holds,
    pub(super) commits: &'w Commits<'a>,
    pub(super) checkouts: &'w mut Checkouts,
    pub(super) wiring: &'w Wiring,
    /// How long the builds of one repo may take.
    pub(super) build_time: Duration,
}

/// What became of a step when candidates were to be made for it.
enum Step<'a> {
    /// Each of its repos has one.
    Proposed(Proposed<'a>),
    /// It ends here.
    Ended(BTreeMap<RepoName, Outcome>),
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
                Step::Proposed(step) => proposed.push(step),
                Step::Ended(ended) => outcomes.extend(ended),
            }
        }
        let chosen = self.chosen();
        let verdicts = self.verdicts();
        let judged: Vec<(Proposed<'a>, Alone, Built)> = proposed
            .into_par_iter()
            .map(|step| {
                let alone = match verdicts.judge_alone(&step, &chosen) {
                    // What git cannot read of one repo holds that repo.
                    Err(error @ TrainError::Git(_)) => {
                        let repos = step.repos.iter().map(|(repo, _)| *repo);
                        let held = repos.map(|repo| {
                            let hold = verdicts.hold(repo, HoldKind::Unusable, error.reason());
                            (repo.name.clone(), verdicts.held(repo, hold))
                        });
                        Alone::Held(held.collect())
                    }
                    alone => alone?,
                };
                let built = match &alone {
                    Alone::Good { .. } => verdicts.judge_builds(&step, &chosen)?,
                    Alone::Held(_) => Built::default(),
                };
                Ok((step, alone, built))
            })
            .collect::<Result<_, TrainError>>()?;
        let mut good = Vec::new();
        let mut outputs = BTreeSet::new();
        for (step, alone, built) in judged {
            match alone {
                Alone::Held(held) => outcomes.extend(held),
                Alone::Good { .. } if !built.held.is_empty() => outcomes.extend(built.held),
                Alone::Good { mut failing } => {
                    failing.extend(built.failing);
                    outputs.extend(built.outputs);
                    good.push((step, failing));
                }
            }
        }
        self.train.built.extend(outputs);
        let top = &self.commits.catalog.top_level().name;
        let is_top = |step: &Proposed<'_>| step.repos.iter().any(|(repo, _)| repo.name == *top);
        let (tops, others): (Vec<_>, Vec<_>) = good.into_iter().partition(|(step, _)| is_top(step));
        outcomes.extend(self.verdicts().judge_together(others, &chosen)?);
        for (repo, commit) in tops.into_iter().flat_map(|(step, _)| step.repos) {
            let judged = self
                .verdicts()
                .judge_top_level((repo, &commit), chosen.clone())?;
            outcomes.insert(repo.name.clone(), judged.outcome);
            for mut hold in judged.holds {
                let name = hold.repo.clone();
                self.holds.remember(&mut hold);
                let known = outcomes.get(&name);
                let known = known.or(self.train.repos[&name].outcome.as_ref());
                if let Some(outcome) = known {
                    let outcome = outcome.clone().also_held(hold);
                    outcomes.insert(name, outcome);
                }
            }
            if let Some(broken) = judged.broken {
                self.train.broken = broken;
            }
            if let Some(differing) = judged.differing {
                self.train.differing = differing;
            }
        }
        Ok(outcomes)
    }

    /// What is known so far, for verdicts.
    fn verdicts(&self) -> Verdicts<'_, 'a> {
        Verdicts {
            catalog: self.commits.catalog,
            train: self.train,
            holds: self.holds,
            judge: self.commits,
            build_time: self.build_time,
        }
    }

    /// The commits that others build on by now; where a repo has not moved yet, the one
    /// where it was good last.
    pub(super) fn chosen(&self) -> Versions {
        let members = self.train.repos.iter();
        members
            .filter_map(|(name, member)| {
                let commit = match &member.outcome {
                    Some(outcome) => outcome.commit(),
                    None => member.good.as_ref().or(member.base.as_ref()),
                };
                Some((name.clone(), commit?.clone()))
            })
            .collect()
    }

    /// Candidates for a step, or what becomes of its repos without any.
    fn propose(&mut self, step: &[RepoName]) -> Result<Step<'a>, TrainError> {
        let catalog = self.commits.catalog;
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
        let mut candidates: Vec<(&'a Repo, Rev)> = Vec::new();
        let mut chosen = self.chosen();
        for repo in &repos {
            if !ended.is_empty() {
                break;
            }
            let base = self.train.repos[&repo.name].base.clone();
            let base = base.expect("a repo without a base was held at the start");
            let maker = Maker {
                commits: self.commits,
                contracts: self.commits.contracts,
                wiring: self.wiring,
            };
            let made = self.turn_back(repo, &base, &repos).and_then(|()| {
                let member = &self.train.repos[&repo.name];
                let origin = Origin {
                    good: member.good.as_ref(),
                    base: &base,
                    tip: member.tip.as_deref(),
                };
                maker.candidate(repo, origin, &chosen, self.checkouts)
            });
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
                    let outcome = self.verdicts().refused(repo, refused);
                    ended.insert(repo.name.clone(), outcome);
                }
            }
        }
        if ended.is_empty() && !self.is_reached(&candidates) {
            let outcome = |(repo, _): (&'a Repo, Rev)| {
                let outcome = self.left_alone(repo);
                (repo.name.clone(), outcome)
            };
            return Ok(Step::Ended(candidates.into_iter().map(outcome).collect()));
        }
        if ended.is_empty() {
            return Ok(Step::Proposed(Proposed { repos: candidates }));
        }
        Ok(Step::Ended(self.verdicts().all_of(&repos, ended)))
    }

    /// Whether anything that was asked for reaches a step.
    fn is_reached(&self, candidates: &[(&Repo, Rev)]) -> bool {
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
        let commit = member.good.clone().or_else(|| member.base.clone());
        Outcome::Unchanged {
            commit: commit.expect("a repo without a base was held at the start"),
        }
    }

    /// In a cycle, a repo keeps what it has locked of one that comes after it, if nothing
    /// but a lock is new there: else each would follow the other for ever.
    fn turn_back(&mut self, repo: &Repo, base: &str, cycle: &[&'a Repo]) -> Result<(), TrainError> {
        let after = cycle.iter().skip_while(|other| other.name != repo.name);
        let after: Vec<&&Repo> = after.skip(1).collect();
        if after.is_empty() {
            return Ok(());
        }
        let lock = lock_of(&self.commits.trees[&repo.name], base)?;
        for other in after {
            let tree = &self.commits.trees[&other.name];
            let newest = self.train.repos[&other.name].base.clone();
            let newest = newest.expect("a repo without a base was held at the start");
            let kept = match &lock {
                Some(lock) => lock.kept(&other.name, tree, &newest)?,
                None => None,
            };
            let meant = kept.unwrap_or(newest);
            let commit = on(self.train.branch_of(&other.name), tree.commit_of(&meant)?);
            self.checkouts.set(&other.url.to_string(), Some(commit));
        }
        Ok(())
    }
}
