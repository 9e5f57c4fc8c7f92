//! Verdicts: whether the candidates of a wave are good, alone, together and as top-level.

use std::collections::{BTreeMap, BTreeSet};

use aux_eval::EvalFailure;
use aux_eval::commits::Versions;
use aux_model::{Differing, Repo, RepoName, Rev};
use aux_nix::FailureKind;
use rayon::prelude::*;

use super::verdicts::Verdicts;
use crate::error::TrainError;
use crate::hold::{Broken, Hold, HoldKind};
use crate::judge::known::Known;
use crate::proposed::Proposed;
use crate::state::Outcome;

/// What becomes of a step whose repos were judged alone.
pub(crate) enum Alone {
    /// They are good; the packages that fail, and may.
    Good {
        /// Attributes that failed before too.
        failing: Vec<String>,
    },
    /// They are held.
    Held(BTreeMap<RepoName, Outcome>),
}

/// What becomes of top-level.
pub(crate) struct TopLevel {
    /// Whether it moves.
    pub(crate) outcome: Outcome,
    /// What of other repos fails in it now; none if it was not asked.
    pub(crate) broken: Option<BTreeMap<RepoName, Vec<Broken>>>,
    /// Packages that are another derivation alone than in it; none if it was not asked.
    pub(crate) differing: Option<BTreeMap<RepoName, BTreeSet<String>>>,
    /// Holds of repos that were good when they were judged, and that a later move breaks: those
    /// that name a repo as a peer without using it.
    pub(crate) holds: Vec<Hold>,
}

impl<'a> Verdicts<'_, 'a> {
    /// Judges the repos of a step alone.
    pub(crate) fn judge_alone(
        &self,
        step: &Proposed<'a>,
        chosen: &Versions,
    ) -> Result<Alone, TrainError> {
        let mut versions = chosen.clone();
        for (repo, commit) in &step.repos {
            versions.insert(repo.name.clone(), commit.clone());
        }
        let mut held = BTreeMap::new();
        let mut failing = Vec::new();
        for (repo, commit) in &step.repos {
            if self.is_settled(repo, commit) || repo.name == self.catalog.top_level().name {
                continue;
            }
            let found = self.judge.alone(repo, &versions)?;
            if found.is_empty() {
                continue;
            }
            let (new, old) = apart(found, &self.before(repo)?);
            failing.extend(old);
            if !new.is_empty() {
                let outcome = self.blame(repo, &versions, new)?;
                held.insert(repo.name.clone(), outcome);
            }
        }
        Ok(if held.is_empty() {
            Alone::Good { failing }
        } else {
            Alone::Held(self.all_of(&step.members(), held))
        })
    }

    /// Judges the steps of a wave as parts of top-level, all at once; one by one, from the
    /// first on, if that fails.
    pub(crate) fn judge_together(
        &self,
        steps: Vec<(Proposed<'a>, Vec<String>)>,
        chosen: &Versions,
    ) -> Result<BTreeMap<RepoName, Outcome>, TrainError> {
        let mut outcomes = BTreeMap::new();
        let top = self.catalog.top_level();
        let mut versions = chosen.clone();
        let mut repos = Vec::new();
        for (repo, commit) in steps.iter().flat_map(|(step, _)| &step.repos) {
            if !self.is_settled(repo, commit) && repo.name != top.name {
                versions.insert(repo.name.clone(), commit.clone());
                repos.push(*repo);
            }
        }
        let nothing = BTreeMap::new();
        let mut is_suspect = false;
        if !repos.is_empty() {
            let all = self.with_bystanders(&repos);
            let mut new = self.new_together(&all, &versions, &nothing)?;
            self.without_earlier(&mut new, &repos, chosen)?;
            is_suspect = !new.is_empty();
        }
        let mut versions = chosen.clone();
        for (step, failing) in steps {
            let mut held = BTreeMap::new();
            let mut broken_by: BTreeMap<RepoName, Hold> = BTreeMap::new();
            let mut with = versions.clone();
            for (repo, commit) in &step.repos {
                with.insert(repo.name.clone(), commit.clone());
            }
            if is_suspect
                && step
                    .repos
                    .iter()
                    .any(|(repo, commit)| !self.is_settled(repo, commit))
            {
                let repos = step.members();
                let all = self.with_bystanders(&repos);
                let mut new = self.new_together(&all, &with, &nothing)?;
                self.without_earlier(&mut new, &repos, &versions)?;
                for (name, new) in new {
                    let own = repos.iter().find(|repo| repo.name == name);
                    let (repo, hold) = match own {
                        Some(repo) => (repo, self.blame_together(repo, &with, new)?),
                        // A repo that breaks another which does not use it is held for that.
                        None => {
                            let repo = &repos[0];
                            let mut hold = self.hold_of(repo, HoldKind::Together, new);
                            hold.reason = format!("it breaks `{name}`: {}", hold.reason);
                            hold.because_of = Some(name.clone());
                            (repo, hold)
                        }
                    };
                    // What another repo broke does not keep its own commits back.
                    if hold.kind == HoldKind::BrokenBy {
                        broken_by.insert(repo.name.clone(), hold);
                    } else {
                        held.insert(repo.name.clone(), self.held(repo, hold));
                    }
                }
            }
            for (repo, commit) in &step.repos {
                let is_judged = !self.is_settled(repo, commit) && !held.contains_key(&repo.name);
                if is_judged && let Some(hold) = self.differing_newly(repo, &with)? {
                    held.insert(repo.name.clone(), self.held(repo, hold));
                }
            }
            if !held.is_empty() {
                outcomes.extend(self.all_of(&step.members(), held));
                continue;
            }
            versions = with;
            for (repo, commit) in &step.repos {
                let hold = broken_by.remove(&repo.name);
                let is_there = self.train.repos[&repo.name].good.as_ref() == Some(commit);
                let commit = commit.clone();
                let is_unchanged = self.is_settled(repo, &commit) || (is_there && hold.is_some());
                let outcome = if is_unchanged {
                    Outcome::Unchanged { commit }
                } else {
                    Outcome::Moves {
                        commit,
                        failing: failing.clone(),
                        hold: None,
                    }
                };
                let outcome = match hold {
                    Some(mut hold) => {
                        self.holds.remember(&mut hold);
                        outcome.also_held(hold)
                    }
                    None => outcome,
                };
                outcomes.insert(repo.name.clone(), outcome);
            }
        }
        Ok(outcomes)
    }

    /// Repos, and all that use none of them and meet none of them as peers: what fails of
    /// those is not their own doing. Who uses them is judged in a later wave.
    fn with_bystanders(&self, repos: &[&'a Repo]) -> Vec<&'a Repo> {
        let top = &self.catalog.top_level().name;
        let is_bystander = |other: &&Repo| {
            other.name != *top
                && repos.iter().all(|repo| {
                    !self.catalog.sees(&other.name, &repo.name)
                        && !other.peers.contains_key(&repo.name)
                })
        };
        let bystanders = self.catalog.repos().filter(is_bystander);
        repos.iter().copied().chain(bystanders).collect()
    }

    /// Takes out what fails of bystanders before some repos move.
    fn without_earlier(
        &self,
        new: &mut BTreeMap<RepoName, Vec<EvalFailure>>,
        movers: &[&Repo],
        before: &Versions,
    ) -> Result<(), TrainError> {
        let is_mover = |name: &RepoName| movers.iter().any(|repo| repo.name == *name);
        let names = new.keys().filter(|name| !is_mover(name));
        let bystanders: Vec<&Repo> = names
            .filter_map(|name| self.catalog.repo(name.as_str()))
            .collect();
        if bystanders.is_empty() {
            return Ok(());
        }
        for (name, failed) in self.judge.together_once(&bystanders, before)? {
            let Some(found) = new.get_mut(&name) else {
                continue;
            };
            let failed: BTreeSet<_> = failed.into_iter().map(|found| found.attribute).collect();
            found.retain(|found| !failed.contains(&found.attribute));
        }
        new.retain(|_, found| !found.is_empty());
        Ok(())
    }

    /// Judges top-level, with everything that was chosen. It moves although packages of
    /// others fail in it, so that nobody waits for them; which ones is written down.
    pub(crate) fn judge_top_level(
        &self,
        (top, commit): (&'a Repo, &Rev),
        mut versions: Versions,
    ) -> Result<TopLevel, TrainError> {
        let stays = |outcome| TopLevel {
            outcome,
            broken: None,
            differing: None,
            holds: Vec::new(),
        };
        if self.is_settled(top, commit) {
            let commit = commit.clone();
            return Ok(stays(Outcome::Unchanged { commit }));
        }
        versions.insert(top.name.clone(), commit.clone());
        if let Some(failure) = self.judge.whole(&versions)? {
            let kind = match failure.kind {
                FailureKind::Syntax => HoldKind::Syntax,
                _ => HoldKind::Together,
            };
            let hold = self.hold(top, kind, failure.reason);
            return Ok(stays(self.held(top, hold)));
        }
        let all: Vec<&Repo> = self.catalog.repos().collect();
        // What broke earlier and still is goes on being said.
        let mut new = self.new_together(&all, &versions, &self.train.broken)?;
        if let Some(own) = new.remove(&top.name) {
            let hold = self.hold_of(top, HoldKind::Together, own);
            return Ok(TopLevel {
                outcome: self.held(top, hold),
                broken: Some(BTreeMap::new()),
                differing: None,
                holds: Vec::new(),
            });
        }
        let mut holds = Vec::new();
        for (name, found) in &new {
            let outcome = self.train.repos[name].outcome.as_ref();
            let is_said = |hold: &Hold| {
                let is_in = |found: &EvalFailure| {
                    let mut broken = hold.broken.iter();
                    broken.any(|broken| broken.attribute == found.attribute)
                };
                // Whose own commits are refused hears of those.
                hold.refused.is_some() || found.iter().all(is_in)
            };
            if !outcome.and_then(Outcome::hold).is_some_and(is_said)
                && let Some(repo) = self.catalog.repo(name.as_str())
            {
                holds.push(self.blame_together(repo, &versions, found.clone())?);
            }
        }
        let broken = new
            .into_iter()
            .map(|(name, found)| (name, found.into_iter().map(Broken::from).collect()));
        Ok(TopLevel {
            broken: Some(broken.collect()),
            differing: Some(self.differing(&versions)?),
            holds,
            outcome: Outcome::Moves {
                commit: commit.clone(),
                failing: Vec::new(),
                hold: None,
            },
        })
    }

    /// The packages of each repo that are another derivation alone than through top-level.
    fn differing(
        &self,
        versions: &Versions,
    ) -> Result<BTreeMap<RepoName, BTreeSet<String>>, TrainError> {
        let top = &self.catalog.top_level().name;
        let repos = self.catalog.repos().filter(|repo| repo.name != *top);
        let repos: Vec<&Repo> = repos.collect();
        let found = repos.par_iter().map(|repo| {
            let differing = self.judge.differing(repo, versions)?;
            Ok((repo.name.clone(), differing))
        });
        let mut found = found.collect::<Result<BTreeMap<_, _>, TrainError>>()?;
        found.retain(|_, differing| !differing.is_empty());
        Ok(found)
    }

    /// A hold for packages that are another derivation alone than through top-level and were not
    /// before, if the policy takes that for an error.
    fn differing_newly(
        &self,
        repo: &Repo,
        versions: &Versions,
    ) -> Result<Option<Hold>, TrainError> {
        if self.catalog.policy().differing != Differing::Error {
            return Ok(None);
        }
        let now = self.judge.differing(repo, versions)?;
        if now.is_empty() {
            return Ok(None);
        }
        let before = self.judge.differing(repo, &self.good())?;
        let new = now.difference(&before).map(|name| Broken {
            attribute: Some(name.clone()),
            reason: "it is another derivation alone than through top-level".to_owned(),
            place: None,
            log: Vec::new(),
        });
        let new: Vec<Broken> = new.collect();
        Ok((!new.is_empty()).then(|| self.hold_of(repo, HoldKind::Together, new)))
    }

    /// What fails of repos as parts of top-level, and did not where all were good last, or
    /// is to be said all the same.
    fn new_together(
        &self,
        repos: &[&Repo],
        versions: &Versions,
        said: &BTreeMap<RepoName, Vec<Broken>>,
    ) -> Result<BTreeMap<RepoName, Vec<EvalFailure>>, TrainError> {
        let found = self.judge.together(repos, versions)?;
        if found.is_empty() {
            return Ok(found);
        }
        let failing: Vec<&Repo> = repos
            .iter()
            .filter(|repo| found.contains_key(&repo.name))
            .copied()
            .collect();
        let good: Versions = self.good();
        let mut before = self.judge.together_once(&failing, &good)?;
        let mut new = BTreeMap::new();
        for (name, found) in found {
            if !self.train.repos[&name].was_good {
                // What never was a part of it has nothing to lose.
                continue;
            }
            let earlier = before.remove(&name).unwrap_or_default();
            let mut known = self.as_known(&name, earlier);
            if let Known::Attributes(known) = &mut known {
                for broken in said.get(&name).into_iter().flatten() {
                    known.remove(&broken.attribute);
                }
            }
            let (found, _) = apart(found, &known);
            if !found.is_empty() {
                new.insert(name, found);
            }
        }
        Ok(new)
    }
}

/// What is new of what fails, and the names of the rest.
fn apart(found: Vec<EvalFailure>, before: &Known) -> (Vec<EvalFailure>, Vec<String>) {
    let (mut new, mut old) = (Vec::new(), Vec::new());
    for found in found {
        let was = match before {
            Known::Everything => found.attribute.is_some(),
            Known::Attributes(before) => before.contains(&found.attribute),
        };
        match (was, &found.attribute) {
            (true, Some(attribute)) => old.push(attribute.clone()),
            _ => new.push(found),
        }
    }
    (new, old)
}
