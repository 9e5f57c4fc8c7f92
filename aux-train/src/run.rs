//! The run of a train: wave after wave, from candidates to what becomes of each repo.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use aux_eval::commits::{Commits, Contracts, Memory};
use aux_gen::lock::{Checkouts, LockCache};
use aux_git::WorkTree;
use aux_model::{Catalog, RepoName};
use aux_nix::flake::LockFormat;
use aux_nix::{Limits, Nix};

use crate::error::TrainError;
use crate::hold::{Hold, HoldKind, Holds};
use crate::refusal::Refusal;
use crate::repository::{on, remembering, repositories};
use crate::staging::stage;
use crate::state::{Outcome, Phase, Train};
use crate::wave::Wave;
use crate::wiring::Wiring;

/// A train that is to run, and with what.
#[derive(Debug, Clone, Copy)]
pub struct TrainContext<'a> {
    /// The folder of the registry, which must be held.
    pub root: &'a Path,
    /// The family.
    pub catalog: &'a Catalog,
    /// The judge of candidates.
    pub nix: &'a Nix,
    /// How many processes of Nix may run at once.
    pub jobs: usize,
    /// Time and memory of each.
    pub limits: &'a Limits,
    /// How long the builds of one repo may take.
    pub build_time: Duration,
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
    running: TrainContext<'_>,
    mut train: Train,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Train, TrainError> {
    let catalog = running.catalog;
    train.must_fit(catalog)?;
    let trees = repositories(running.root, catalog);
    let contracts = Contracts::new(catalog, &trees);
    let system = train.system.clone();
    let memory = Memory::read(running.root);
    let nix = remembering(running.nix, running.root);
    let judge = Commits::new(&contracts, &nix, system.as_str(), running.limits, &memory)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(running.jobs.max(1))
        .build()
        .expect("a pool of a few threads can be made");
    let wiring = Wiring::of(running.root, catalog)?;
    let holds = Holds::read(running.root, train.channel.as_ref())?;
    let waves = train.waves.clone();
    let remembered = LockCache::read(running.root);
    let mut checkouts = checkouts(&train, catalog, &trees)?.knowing(remembered);
    for (number, wave) in waves.iter().enumerate() {
        let is_open = |name: &RepoName| train.repos[name].outcome.is_none();
        if !wave.iter().flatten().any(is_open) {
            continue;
        }
        progress(Progress::Wave(number + 1, waves.len()));
        let mut under_way = Wave {
            train: &mut train,
            holds: &holds,
            commits: &judge,
            checkouts: &mut checkouts,
            wiring: &wiring,
            build_time: running.build_time,
        };
        let outcomes = pool.install(|| under_way.outcomes(wave))?;
        for (name, outcome) in outcomes {
            if let (Some(commit), Some(tree), Some(repo)) = (
                outcome.commit(),
                trees.get(&name),
                catalog.repo(name.as_str()),
            ) {
                let url = repo.url.to_string();
                let branch = train.branch_of(&name).to_owned();
                match tree.commit_of(commit) {
                    Ok(commit) => checkouts.set(&url, Some(on(&branch, commit))),
                    // What is locked of it stays locked.
                    Err(_) => checkouts.keep(&url),
                }
                if let Outcome::Moves { .. } = outcome {
                    checkouts.renew(&url);
                }
                if is_unreadable(&outcome) {
                    checkouts.keep(&url);
                }
            }
            progress(Progress::Became(&name, &outcome));
            let member = train.repos.get_mut(&name);
            member.expect("every repo of a wave is a member").outcome = Some(outcome);
        }
        train.write(running.root)?;
        memory.write(running.root);
        for Refusal { repo: name, reason } in stage(running.root, catalog, &mut train)? {
            let (Some(repo), Some(tree)) = (catalog.repo(name.as_str()), trees.get(&name)) else {
                continue;
            };
            // A branch that is to go and stays harms nobody, and the next train asks again.
            if !matches!(train.repos[&name].outcome, Some(Outcome::Moves { .. })) {
                continue;
            }
            let outcome = unstaged(catalog, &train, &holds, &name, reason);
            let url = repo.url.to_string();
            let good = outcome
                .commit()
                .map(|good| tree.commit_of(good))
                .transpose()?;
            checkouts.set(&url, good.map(|good| on(train.branch_of(&name), good)));
            progress(Progress::Became(&name, &outcome));
            let member = train.repos.get_mut(&name);
            member.expect("every repo of a wave is a member").outcome = Some(outcome);
            train.write(running.root)?;
        }
    }
    checkouts.remembered().write(running.root);
    // A run that was ended may not have reached that. Others name these candidates by now.
    for Refusal { repo, reason } in stage(running.root, catalog, &mut train)? {
        if matches!(train.repos[&repo].outcome, Some(Outcome::Moves { .. })) {
            return Err(TrainError::Unusable { repo, reason });
        }
    }
    let mut now = Holds {
        channel: train.channel.clone(),
        ..Holds::default()
    };
    for hold in train.holds() {
        let mut hold = hold.clone();
        // What was held before, and of what somebody was told.
        holds.remember(&mut hold);
        now.held.insert(hold.repo.clone(), hold);
    }
    if let Some(store) = &train.copy_to {
        let built = train.built.iter().map(String::as_str);
        running.nix.copy_to(store, built, running.build_time)?;
    }
    if train.phase == Phase::Running {
        let before = holds.held.into_values();
        let is_update = train.change.is_none();
        let before = before.filter(|_| is_update);
        train.released = before
            .filter(|hold| !now.held.contains_key(&hold.repo))
            .collect();
        train.phase = Phase::Ready;
        train.write(running.root)?;
    }
    if train.change.is_none() {
        now.write(running.root)?;
    }
    Ok(train)
}

/// Whether git cannot work with a repo: who has locked it keeps what they have, since nobody can
/// say whether it can be read at all.
fn is_unreadable(outcome: &Outcome) -> bool {
    outcome
        .hold()
        .is_some_and(|hold| hold.kind == HoldKind::Unusable)
}

/// A repo whose candidate no branch can be made to name.
fn unstaged(
    catalog: &Catalog,
    train: &Train,
    holds: &Holds,
    name: &RepoName,
    reason: String,
) -> Outcome {
    let member = &train.repos[name];
    let mut hold = Hold::new(catalog, name, train.day, HoldKind::Unusable, reason);
    holds.remember(&mut hold);
    member.held(member.good.clone(), hold)
}

/// The commits that references mean before anything has moved, and after what has.
fn checkouts(
    train: &Train,
    catalog: &Catalog,
    trees: &BTreeMap<RepoName, WorkTree>,
) -> Result<Checkouts, TrainError> {
    let format = if train.full_branch_names {
        LockFormat::Full
    } else {
        LockFormat::Short
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
    let mut checkouts = Checkouts::new(format, places);
    for (name, tree) in trees {
        let Some(repo) = catalog.repo(name.as_str()) else {
            continue;
        };
        let (url, member) = (repo.url.to_string(), &train.repos[name]);
        let commit = match &member.outcome {
            Some(outcome) => outcome.commit(),
            None => member.base.as_ref(),
        };
        if let Some(commit) = commit {
            // One that cannot be read is held by its own wave.
            let commit = tree.commit_of(commit).ok();
            checkouts.set(&url, commit.map(|commit| on(train.branch_of(name), commit)));
        }
        if member.outcome.as_ref().is_some_and(is_unreadable) {
            checkouts.keep(&url);
        }
        let moves = matches!(member.outcome, Some(Outcome::Moves { .. }));
        if !train.inputs.is_empty() && !train.inputs.contains(name) && !moves {
            checkouts.keep(&url);
        }
    }
    Ok(checkouts)
}
