//! Documents that the program keeps on the disk, as machines get them: the disk's formats have
//! versions of their own, and what is printed does not follow them.

use aux_output as out;
use aux_train::release::{Difference, Package, PackageChange, Release};
use aux_train::{Bisected, Broken, Hold, Outcome, Pushes, Train};
use serde::Serialize;

pub(crate) fn hold(hold: &Hold) -> out::Hold {
    out::Hold {
        repo: hold.repo.to_string(),
        channel: text(hold.channel.as_ref()),
        sig: hold.sig.clone(),
        owners: hold.owners.clone(),
        contact: hold.contact.clone(),
        kind: word(&hold.kind),
        reason: hold.reason.clone(),
        because_of: text(hold.because_of.as_ref()),
        bisected: hold.bisected.as_ref().map(bisected),
        broken: hold.broken.iter().map(broken).collect(),
        since: hold.since.to_string(),
        held_at: text(hold.held_at.as_ref()),
        refused: text(hold.refused.as_ref()),
        told: hold.told,
    }
}

fn bisected(bisected: &Bisected) -> out::Bisected {
    out::Bisected {
        repo: bisected.repo.to_string(),
        good: bisected.good.to_string(),
        bad: bisected.bad.to_string(),
        commits: bisected.commits,
        first_bad: bisected.first_bad.to_string(),
        title: bisected.title.clone(),
    }
}

fn broken(broken: &Broken) -> out::Broken {
    out::Broken {
        attribute: broken.attribute.clone(),
        reason: broken.reason.clone(),
        place: broken.place.clone(),
        log: broken.log.clone(),
    }
}

/// What fails in top-level, by repo.
pub(crate) fn broken_repos(train: &Train) -> Vec<out::BrokenRepo> {
    let repos = train.broken.iter().map(|(repo, packages)| out::BrokenRepo {
        repo: repo.to_string(),
        packages: packages.iter().map(broken).collect(),
    });
    repos.collect()
}

pub(crate) fn train(train: &Train) -> out::Train {
    let repos = train.repos.iter().map(|(repo, state)| out::TrainRepo {
        repo: repo.to_string(),
        branch: text(state.branch.as_ref()),
        base: text(state.base.as_ref()),
        local: text(state.local.as_ref()),
        remote: text(state.remote.as_ref()),
        good: text(state.good.as_ref()),
        staging: text(state.staging.as_ref()),
        pushed: text(state.pushed.as_ref()),
        outcome: state.outcome.as_ref().map(outcome),
    });
    let step = |step: &Vec<_>| texts(step);
    out::Train {
        started: train.started,
        day: train.day.to_string(),
        phase: word(&train.phase),
        branch: train.branch.to_string(),
        staging: train.staging.to_string(),
        channel: text(train.channel.as_ref()),
        change: text(train.change.as_ref()),
        inputs: texts(&train.inputs),
        system: train.system.to_string(),
        pushes: train.pushes == Pushes::Yes,
        waves: train
            .waves
            .iter()
            .map(|wave| wave.iter().map(step).collect())
            .collect(),
        repos: repos.collect(),
        broken: broken_repos(train),
        differing: train
            .differing
            .iter()
            .map(|(repo, packages)| out::DifferingRepo {
                repo: repo.to_string(),
                packages: packages.iter().cloned().collect(),
            })
            .collect(),
        released: train.released.iter().map(hold).collect(),
    }
}

fn outcome(outcome: &Outcome) -> out::Outcome {
    let (is, commit, failing, held) = match outcome {
        Outcome::Unchanged { commit } => ("unchanged", Some(commit), Vec::new(), None),
        Outcome::Moves {
            commit,
            failing,
            hold,
        } => ("moves", Some(commit), failing.clone(), hold.as_ref()),
        Outcome::Held { commit, hold } => ("held", commit.as_ref(), Vec::new(), Some(hold)),
    };
    out::Outcome {
        is: is.to_owned(),
        commit: text(commit),
        failing,
        hold: held.map(|held| hold(held)),
    }
}

pub(crate) fn release(release: &Release) -> out::Release {
    let repos = release.repos.iter().map(|(repo, frozen)| out::FrozenRepo {
        repo: repo.to_string(),
        url: frozen.url.to_string(),
        path: frozen.path.to_string(),
        commit: frozen.commit.to_string(),
    });
    out::Release {
        name: release.name.to_string(),
        day: release.day.to_string(),
        channel: text(release.channel.as_ref()),
        registry: text(release.registry.as_ref()),
        repos: repos.collect(),
        tags: Vec::new(),
        tarball: None,
    }
}

pub(crate) fn difference(difference: &Difference) -> out::ReleaseDiff {
    let repos = difference.repos.iter();
    let repos = repos.map(|(repo, (was, now))| out::RepoDiff {
        repo: repo.to_string(),
        was: text(was.as_ref()),
        now: text(now.as_ref()),
    });
    let packages = difference.packages.iter().map(|(attribute, change)| {
        let (is, was, now) = match change {
            PackageChange::Added { now } => ("added", None, Some(now)),
            PackageChange::Removed { was } => ("removed", Some(was), None),
            PackageChange::Changed { was, now } => ("changed", Some(was), Some(now)),
        };
        out::PackageDiff {
            attribute: attribute.clone(),
            is: is.to_owned(),
            was: was.map(package),
            now: now.map(package),
        }
    });
    out::ReleaseDiff {
        repos: repos.collect(),
        packages: packages.collect(),
        same: difference.same,
    }
}

fn package(package: &Package) -> out::ReleasedPackage {
    out::ReleasedPackage {
        repo: package.repo.to_string(),
        name: package.name.clone(),
        drv_path: package.drv_path.clone(),
        failure: package.failure.clone(),
    }
}

fn text<T: ToString>(value: Option<&T>) -> Option<String> {
    value.map(ToString::to_string)
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

/// The word for a variant without fields, as the disk has it.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
