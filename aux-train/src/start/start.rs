//! The start of a train: what every repo's branches are at that moment. Whatever comes
//! later is judged against that, so that a train that goes on tomorrow ends as it would
//! have ended today.

use std::collections::BTreeMap;
use std::path::Path;

use aux_model::{Catalog, Date, Repo, RepoName, Rev};
use rayon::prelude::*;

use crate::changeset::adopt_branch;
use crate::error::TrainError;
use crate::hold::{Hold, HoldKind};
use crate::repository::repository;
use crate::request::UpdateRequest;
use crate::staging::{must_be_nobodys, unstage};
use crate::start::agreed::agreed;
use crate::start::look::{held, look, made_by_trains};
use crate::state::{Outcome, Phase, RepoState, Train};
use crate::wiring::References;

/// Starts a train: asks the remotes, and writes down where everything is. The registry
/// must be held. `now` is in seconds since 1970; `asking` is told each repo before its
/// remote is asked.
///
/// # Errors
/// When another train is not ended, or somebody's work is on a staging branch.
pub fn start(
    root: &Path,
    catalog: &Catalog,
    asked: &UpdateRequest,
    now: i64,
    day: Date,
    asking: &(dyn Fn(&RepoName) + Sync),
) -> Result<Train, TrainError> {
    let channel = catalog.channel().map(|channel| &channel.name);
    let before = Train::read(root, channel, asked.change.as_deref())?;
    // One that only judged has moved nothing, and one of which only remotes do not know yet
    // is caught up with: this one takes its place.
    if let Some(before) = &before
        && before.phase == Phase::Promoting
    {
        return Err(TrainError::UnderWay {
            day: before.day.to_string(),
            phase: before.phase.sentence(),
        });
    }
    let mut train = Train::new(asked, channel.cloned(), now, day);
    train.waves = catalog.waves();
    let references = References::of(catalog);
    let repos: Vec<&Repo> = catalog.repos().collect();
    let is_cloned = |repo: &&Repo| repository(root, repo).is_some();
    if !repos.iter().any(is_cloned) {
        return Err(TrainError::NoRepository);
    }
    let members: Vec<(RepoName, RepoState)> = repos
        .par_iter()
        .map(|repo| {
            let tree = repository(root, repo);
            let without = |kind, reason| RepoState {
                outcome: Some(held(catalog, train.day, &repo.name, kind, reason)),
                ..RepoState::default()
            };
            let seen = match tree {
                Some(tree) => {
                    asking(&repo.name);
                    let seen = look(catalog, &train, asked, repo, &tree, &references);
                    // git's own words; the rest of the family goes on.
                    seen.unwrap_or_else(|error| without(HoldKind::Unusable, error.reason()))
                }
                None => {
                    let reason = format!("there is no git repository at `{}`", repo.path);
                    without(HoldKind::Gone, reason)
                }
            };
            (repo.name.clone(), seen)
        })
        .collect();
    train.repos = members.into_iter().collect();
    let is_nowhere = |member: &RepoState| {
        let seen = [&member.local, &member.remote, &member.base];
        seen.into_iter().all(Option::is_none)
    };
    if train.repos.values().all(is_nowhere) {
        let mut reasons = train.holds().filter(|hold| hold.kind == HoldKind::Unusable);
        return Err(match reasons.next() {
            Some(hold) => TrainError::Unusable {
                repo: hold.repo.clone(),
                reason: hold.reason.clone(),
            },
            None => match catalog.channel() {
                Some(channel) => TrainError::NoChannel(channel.name.clone()),
                None => TrainError::NoBranch(train.branch.to_string()),
            },
        });
    }
    if let Some(change) = &asked.change {
        adopt_branch(root, catalog, &mut train, change)?;
    }
    let good = agreed(root, catalog, &train)?;
    for (name, member) in &mut train.repos {
        let known = good.get(name);
        member.good = known.cloned().flatten();
        member.was_good = known.is_some();
        let is_there = member.local.is_some() || member.remote.is_some();
        if asked.followed.is_some() && !is_there && *name != catalog.top_level().name {
            // It is new on the channel: it begins where it was good on what that follows.
            if let Some(good) = member.good.take() {
                member.base = Some(good);
            }
            member.was_good = false;
        }
        if let Some(Outcome::Held { commit, hold }) = &mut member.outcome {
            commit.clone_from(&member.good);
            // Where no branch can have its candidate, the others use it as it is.
            if hold.kind == HoldKind::Unusable && commit.is_none() {
                commit.clone_from(&member.base);
            }
            hold.held_at.clone_from(commit);
        }
    }
    let mut made = BTreeMap::new();
    if let Some(mut before) = before {
        if before.staging != asked.staging && before.phase != Phase::Done {
            // Nobody else will take its branches away. Who refuses keeps them.
            let patience = asked.patience.unwrap_or_default();
            let _kept = unstage(root, catalog, &mut before, patience);
            before.repos.clear();
        }
        made = before.repos;
        train.broken = before.broken;
        train.differing = before.differing;
        // Who was told that they are held is told that they are not.
        let owed = before.owed.into_iter().chain(before.released);
        train.owed = owed.filter(|hold| hold.told).collect();
    }
    for (name, member) in &mut train.repos {
        member.pushed = made.get(name).and_then(|member| member.pushed.clone());
        let (Some(staging), Some(repo)) = (&member.staging, catalog.repo(name.as_str())) else {
            continue;
        };
        let Some(tree) = repository(root, repo) else {
            continue;
        };
        let known = [&member.base, &member.local, &member.remote];
        let known: Vec<&str> = known.into_iter().flatten().map(Rev::as_str).collect();
        // Written down, or made by a run that was ended before it was.
        let of_train = made.get(name).is_some_and(|made| {
            let outcome = made.outcome.as_ref().and_then(Outcome::commit);
            made.staging.as_ref() == Some(staging) || outcome == Some(staging)
        });
        let is_ours = if of_train {
            Ok(true)
        } else {
            made_by_trains(&tree, staging, &known, &references)
        };
        let branch = &train.staging;
        let refused = match is_ours {
            Err(error) => Some(error.reason()),
            Ok(false) => Some(format!(
                "its branch `{branch}` has commits that no train made: merge or delete it, or name another with `--staging`"
            )),
            Ok(true) => must_be_nobodys(&tree, branch)
                .err()
                .map(|error| error.to_string()),
        };
        if let Some(reason) = refused {
            // It is somebody's, and stays where it is.
            member.staging = None;
            let commit = member.good.clone().or_else(|| member.base.clone());
            let hold = Hold::new(catalog, name, train.day, HoldKind::Unusable, reason);
            member.outcome = Some(member.held(commit, hold));
        }
    }
    train.write(root)?;
    Ok(train)
}
