//! The run of a train: wave after wave, from candidates to what becomes of each repo.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_model::{Catalog, Repo, RepoName};
use rayon::prelude::*;

use super::candidate::{Candidate, Maker, Refused};
use super::hold::{Broken, Hold, HoldKind, Holds};
use super::start::checkout;
use super::state::{Outcome, Phase, Train, TrainError};
use super::stop::stage;
use crate::evaluate::commits::{Commits, Contracts, Found, Versions};
use crate::git::{Commit, WorkTree};
use crate::lock::{Checkouts, Dialect, LockFile, Remembered};
use crate::nix::{FailureKind, Limits, Nix};

/// A train that is to run, and with what.
#[derive(Debug, Clone, Copy)]
pub struct Running<'a> {
    /// The folder of the registry, which must be held.
    pub root: &'a Path,
    /// The family.
    pub catalog: &'a Catalog,
    /// Whoever judges.
    pub nix: &'a Nix,
    /// How many processes of Nix may run at once.
    pub jobs: usize,
    /// Time and memory of each.
    pub limits: &'a Limits,
}

/// What happens while a train runs.
#[derive(Debug)]
pub enum Progress<'p> {
    /// A wave begins: its number from 1, and how many there are.
    Wave(usize, usize),
    /// Something became of a repo.
    Became(&'p RepoName, &'p Outcome),
}

/// Runs a train to its end, from wherever it is. Staging branches then have the candidates;
/// the holds of the registry are as the train has them.
///
/// # Errors
/// When git, the disk or Nix itself cannot be used. What fails in a repo is no error: it is
/// held.
pub fn run(
    running: Running<'_>,
    mut train: Train,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Train, TrainError> {
    let catalog = running.catalog;
    train.must_fit(catalog)?;
    let trees: BTreeMap<RepoName, WorkTree> = catalog
        .repos()
        .filter_map(|repo| {
            let tree = WorkTree::at(&checkout(running.root, repo))?;
            Some((repo.name.clone(), tree))
        })
        .collect();
    let contracts = Contracts::new(catalog, &trees);
    let system = train.system.clone();
    let judge = Commits::new(&contracts, running.nix, &system, running.limits)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(running.jobs.max(1))
        .build()
        .expect("a pool of a few threads can be made");
    let holds = Holds::read(running.root)?;
    let waves = train.waves.clone();
    let remembered = Remembered::read(running.root);
    let mut checkouts = checkouts(&train, catalog, &trees)?.knowing(remembered);
    for (number, wave) in waves.iter().enumerate() {
        let is_open = |name: &RepoName| train.repos[name].outcome.is_none();
        if !wave.iter().flatten().any(is_open) {
            continue;
        }
        progress(Progress::Wave(number + 1, waves.len()));
        let mut under_way = Wave {
            train: &mut train,
            catalog,
            trees: &trees,
            holds: &holds,
            judge: &judge,
            contracts: &contracts,
            checkouts: &mut checkouts,
        };
        let outcomes = pool.install(|| under_way.outcomes(wave))?;
        for (name, outcome) in outcomes {
            if let (Some(commit), Some(tree), Some(repo)) = (
                outcome.commit(),
                trees.get(&name),
                catalog.repo(name.as_str()),
            ) {
                let commit = on(&train.branch, tree.commit_of(commit)?);
                let url = repo.url.to_string();
                checkouts.set(&url, Some(commit));
                if let Outcome::Moves { .. } = outcome {
                    checkouts.renew(&url);
                }
            }
            progress(Progress::Became(&name, &outcome));
            let member = train.repos.get_mut(&name);
            member.expect("every repo of a wave is a member").outcome = Some(outcome);
        }
        train.write(running.root)?;
        stage(running.root, catalog, &mut train)?;
    }
    checkouts.remembered().write(running.root);
    // A run that was ended may not have come to that.
    stage(running.root, catalog, &mut train)?;
    let mut now = Holds::default();
    for hold in train.holds() {
        let mut hold = hold.clone();
        // What was held before, and of what somebody was told.
        holds.remember(&mut hold);
        now.0.insert(hold.repo.clone(), hold);
    }
    if train.phase == Phase::Running {
        let before = holds.0.into_values();
        let is_update = train.change.is_none();
        let before = before.filter(|_| is_update);
        train.released = before
            .filter(|hold| !now.0.contains_key(&hold.repo))
            .collect();
        train.phase = Phase::Ready;
        train.write(running.root)?;
    }
    if train.change.is_none() {
        now.write(running.root)?;
    }
    Ok(train)
}

/// The commits that references mean before anything has moved, and after what has.
fn checkouts(
    train: &Train,
    catalog: &Catalog,
    trees: &BTreeMap<RepoName, WorkTree>,
) -> Result<Checkouts, TrainError> {
    let dialect = match train.full_branch_names {
        true => Dialect::Full,
        false => Dialect::Short,
    };
    let places = trees.iter().filter_map(|(name, tree)| {
        let repo = catalog.repo(name.as_str())?;
        let member = &train.repos[name];
        // Of what nobody can have, everybody keeps what they have.
        let is_there = match &member.outcome {
            Some(outcome) => outcome.commit().is_some(),
            None => member.base.is_some(),
        };
        is_there.then(|| (repo.url.to_string(), tree.root().to_owned()))
    });
    let mut checkouts = Checkouts::new(dialect, places);
    for (name, tree) in trees {
        let Some(repo) = catalog.repo(name.as_str()) else {
            continue;
        };
        let (url, member) = (repo.url.to_string(), &train.repos[name]);
        let commit = match &member.outcome {
            Some(outcome) => outcome.commit(),
            None => member.base.as_deref(),
        };
        if let Some(commit) = commit {
            checkouts.set(&url, Some(on(&train.branch, tree.commit_of(commit)?)));
        }
        let moves = matches!(member.outcome, Some(Outcome::Moves { .. }));
        if !train.inputs.is_empty() && !train.inputs.contains(name) && !moves {
            checkouts.keep(&url);
        }
    }
    Ok(checkouts)
}

/// A commit as it will be on a branch.
fn on(branch: &str, commit: Commit) -> Commit {
    Commit {
        branch: Some(branch.to_owned()),
        ..commit
    }
}

/// A wave that is under way.
struct Wave<'w, 'a> {
    train: &'w mut Train,
    catalog: &'a Catalog,
    trees: &'a BTreeMap<RepoName, WorkTree>,
    /// What was held before.
    holds: &'w Holds,
    judge: &'w Commits<'a>,
    contracts: &'w Contracts<'a>,
    checkouts: &'w mut Checkouts,
}

/// A step with a candidate for each of its repos.
struct Proposed<'a> {
    repos: Vec<(&'a Repo, String)>,
}

impl<'a> Wave<'_, 'a> {
    /// What becomes of every repo of a wave.
    fn outcomes(
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
                let verdict = self.judge_alone(&step, &chosen)?;
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
        let top = &self.catalog.top_level().name;
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
    fn chosen(&self) -> Versions {
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
        let catalog = self.catalog;
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
            self.turn_back(repo, &base, &repos)?;
            let maker = Maker {
                contracts: self.contracts,
            };
            match maker.candidate(repo, &base, &chosen, self.checkouts)? {
                Candidate::Commit(commit) => {
                    let name = commit.name.clone();
                    let commit = on(&self.train.branch, commit);
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
        // Those that use each other move together or not at all.
        let first = ended.keys().next().cloned();
        for repo in &repos {
            if !ended.contains_key(&repo.name) {
                let outcome = self.waiting(repo, first.as_ref());
                ended.insert(repo.name.clone(), outcome);
            }
        }
        Ok(Err(ended))
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
        if let Some(hold) = self.holds.0.get(&repo.name) {
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
        let lock = lock_of(&self.trees[&repo.name], base)?;
        for other in after {
            let tree = &self.trees[&other.name];
            let newest = self.train.repos[&other.name].base.clone();
            let newest = newest.expect("a repo without a base was held at the start");
            let locked = lock.as_ref().and_then(|lock| lock.rev(other.name.as_str()));
            let locked = locked.filter(|locked| tree.commit_named(locked).is_some());
            let is_same = match &locked {
                Some(locked) => content(tree, locked)? == content(tree, &newest)?,
                None => false,
            };
            let meant = locked.filter(|_| is_same).unwrap_or(newest);
            let commit = on(&self.train.branch, tree.commit_of(&meant)?);
            self.checkouts.set(&other.url.to_string(), Some(commit));
        }
        Ok(())
    }

    /// Judges the repos of a step alone: what fails and may, or what becomes of them.
    fn judge_alone(
        &self,
        step: &Proposed<'a>,
        chosen: &Versions,
    ) -> Result<Result<Vec<String>, BTreeMap<RepoName, Outcome>>, TrainError> {
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
            let before = self.before(repo)?;
            let (new, old) = apart(found, &before);
            failing.extend(old);
            if !new.is_empty() {
                let outcome = self.blame(repo, &versions, new)?;
                held.insert(repo.name.clone(), outcome);
            }
        }
        Ok(match held.is_empty() {
            true => Ok(failing),
            false => Err(self.all_of(step, held)),
        })
    }

    /// Judges the steps of a wave as parts of top-level, all at once; one by one, from the
    /// first on, if that fails.
    fn judge_together(
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
                let repos: Vec<&Repo> = step.repos.iter().map(|(repo, _)| *repo).collect();
                let all = self.with_bystanders(&repos);
                let mut new = self.new_together(&all, &with, &nothing)?;
                self.without_earlier(&mut new, &repos, &versions)?;
                for (name, new) in new {
                    let own = repos.iter().find(|repo| repo.name == name);
                    // Whoever breaks what does not use it is held for that.
                    let repo = own.unwrap_or(&repos[0]);
                    let reason = match own {
                        Some(_) => reason(&new),
                        None => format!("it breaks `{name}`: {}", reason(&new)),
                    };
                    let mut hold = self.hold(repo, HoldKind::Together, reason);
                    hold.because_of = own.is_none().then(|| name.clone());
                    hold.broken = new.into_iter().map(Broken::from).collect();
                    held.insert(repo.name.clone(), self.held(repo, hold));
                }
            }
            if !held.is_empty() {
                outcomes.extend(self.all_of(&step, held));
                continue;
            }
            versions = with;
            for (repo, commit) in &step.repos {
                let outcome = if self.is_settled(repo, commit) {
                    Outcome::Unchanged {
                        commit: commit.clone(),
                    }
                } else {
                    Outcome::Moves {
                        commit: commit.clone(),
                        failing: failing.clone(),
                    }
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
        new: &mut BTreeMap<RepoName, Vec<Found>>,
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
    fn judge_top_level(
        &mut self,
        step: &Proposed<'a>,
        mut versions: Versions,
    ) -> Result<BTreeMap<RepoName, Outcome>, TrainError> {
        let mut outcomes = BTreeMap::new();
        for (top, commit) in &step.repos {
            if self.is_settled(top, commit) {
                let commit = commit.clone();
                outcomes.insert(top.name.clone(), Outcome::Unchanged { commit });
                continue;
            }
            versions.insert(top.name.clone(), commit.clone());
            if let Some(failure) = self.judge.whole(&versions)? {
                let kind = match failure.kind {
                    FailureKind::Syntax => HoldKind::Syntax,
                    _ => HoldKind::Together,
                };
                let hold = self.hold(top, kind, failure.reason);
                outcomes.insert(top.name.clone(), self.held(top, hold));
                continue;
            }
            let all: Vec<&Repo> = self.catalog.repos().collect();
            // What broke earlier and still is goes on being said.
            let said = std::mem::take(&mut self.train.broken);
            let mut new = self.new_together(&all, &versions, &said)?;
            if let Some(own) = new.remove(&top.name) {
                let mut hold = self.hold(top, HoldKind::Together, reason(&own));
                hold.broken = own.into_iter().map(Broken::from).collect();
                outcomes.insert(top.name.clone(), self.held(top, hold));
                continue;
            }
            self.train.broken = new
                .into_iter()
                .map(|(name, found)| (name, found.into_iter().map(Broken::from).collect()))
                .collect();
            outcomes.insert(
                top.name.clone(),
                Outcome::Moves {
                    commit: commit.clone(),
                    failing: Vec::new(),
                },
            );
        }
        Ok(outcomes)
    }

    /// What fails of repos as parts of top-level, and did not where all were good last, or
    /// is to be said all the same.
    fn new_together(
        &self,
        repos: &[&Repo],
        versions: &Versions,
        said: &BTreeMap<RepoName, Vec<Broken>>,
    ) -> Result<BTreeMap<RepoName, Vec<Found>>, TrainError> {
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
        let before = self.judge.together_once(&failing, &good)?;
        let mut new = BTreeMap::new();
        for (name, found) in found {
            let before = before.get(&name).cloned().unwrap_or_default();
            let is_new = !self.train.repos[&name].was_good;
            let mut before = self.as_known(&name, before);
            if let Known::Attributes(before) = &mut before {
                for broken in said.get(&name).into_iter().flatten() {
                    before.remove(&broken.attribute);
                }
            }
            let (found, _) = match is_new {
                // What never was a part of it has nothing to lose.
                true => (Vec::new(), Vec::new()),
                false => apart(found, &before),
            };
            if !found.is_empty() {
                new.insert(name, found);
            }
        }
        Ok(new)
    }

    fn good(&self) -> Versions {
        let members = self.train.repos.iter();
        members
            .filter_map(|(name, member)| Some((name.clone(), member.good.clone()?)))
            .collect()
    }

    /// Whether nothing is new of a repo, and nothing was wrong.
    fn is_settled(&self, repo: &Repo, commit: &str) -> bool {
        let good = self.train.repos[&repo.name].good.as_deref();
        good == Some(commit) && !self.holds.0.contains_key(&repo.name)
    }

    /// What failed of a repo where it was good last, with what it had locked there; `None`
    /// for everything, if it never was.
    fn before(&self, repo: &Repo) -> Result<Known, TrainError> {
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
    fn as_known(&self, repo: &RepoName, found: Vec<Found>) -> Known {
        let held = self.holds.0.get(repo);
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

    /// Whose fault it is that packages fail: the repo's own commits, or the move of the
    /// first that it uses, from the lowest layer on, without which they do not.
    fn blame(
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
            for input in self.catalog.inputs(repo) {
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
        for input in self.catalog.inputs(repo) {
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
        let mut hold = self.hold(repo, kind, reason(&new));
        hold.because_of = culprit;
        hold.broken = new.into_iter().map(Broken::from).collect();
        Ok(self.held(repo, hold))
    }

    /// The rest of a step is held with those that are.
    fn all_of(
        &self,
        step: &Proposed<'a>,
        mut held: BTreeMap<RepoName, Outcome>,
    ) -> BTreeMap<RepoName, Outcome> {
        let first = held.keys().next().cloned();
        for (repo, _) in &step.repos {
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

    fn refused(&self, repo: &Repo, refused: Refused) -> Outcome {
        let mut hold = self.hold(repo, refused.kind, refused.reason);
        hold.because_of = refused.because_of;
        self.held(repo, hold)
    }

    fn hold(&self, repo: &Repo, kind: HoldKind, reason: String) -> Hold {
        Hold::new(self.catalog, &repo.name, &self.train.day, kind, reason)
    }

    fn held(&self, repo: &Repo, mut hold: Hold) -> Outcome {
        let member = &self.train.repos[&repo.name];
        hold.held_at.clone_from(&member.good);
        hold.refused.clone_from(&member.base);
        self.holds.remember(&mut hold);
        Outcome::Held {
            commit: member.good.clone(),
            hold: Box::new(hold),
        }
    }
}

/// What failed before.
enum Known {
    /// Nothing worked.
    Everything,
    /// These.
    Attributes(BTreeSet<Option<String>>),
}

/// What is new of what fails, and the names of the rest.
fn apart(found: Vec<Found>, before: &Known) -> (Vec<Found>, Vec<String>) {
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

/// The first of the reasons, and how many packages more there are.
fn reason(found: &[Found]) -> String {
    let Some(first) = found.first() else {
        return String::new();
    };
    let Found {
        attribute, reason, ..
    } = first;
    match (attribute, found.len() - 1) {
        (None, _) => reason.clone(),
        (Some(attribute), 0) => format!("`{attribute}`: {reason}"),
        (Some(attribute), more) => format!("`{attribute}`: {reason}, and {more} more"),
    }
}

/// The lock of a repo in a commit; none if it has none that can be read.
fn lock_of(tree: &WorkTree, commit: &str) -> Result<Option<LockFile>, TrainError> {
    let commit = tree.commit_of(commit)?;
    let text = tree.objects()?.file(&commit.tree, "flake.lock")?;
    let text = text.map(|text| String::from_utf8_lossy(&text).into_owned());
    Ok(text.and_then(|text| LockFile::read(&text).ok()))
}

/// Everything in a commit but the lock.
fn content(tree: &WorkTree, commit: &str) -> Result<Vec<(Vec<u8>, String)>, TrainError> {
    let commit = tree.commit_of(commit)?;
    let entries = tree.objects()?.tree(&commit.tree)?.into_iter();
    let entries = entries.filter(|entry| entry.name != b"flake.lock");
    Ok(entries.map(|entry| (entry.name, entry.object)).collect())
}
