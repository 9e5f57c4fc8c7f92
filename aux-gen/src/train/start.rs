//! The start of a train: what every repo's branches are at that moment. Whatever comes
//! later is judged against that, so that a train that goes on tomorrow ends as it would
//! have ended today.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use aux_model::{Catalog, Date, Repo, RepoName, System};
use rayon::prelude::*;

use super::candidate::{LOCK, TITLE};
use super::change::take_up;
use super::error::TrainError;
use super::hold::{Hold, HoldKind};
use super::state::{Member, Outcome, Phase, Pushes, Train};
use super::stop::{must_be_nobodys, unstage};
use crate::git::{Absence, GitError, WorkTree};
use crate::lock::{Dialect, LockFile};

/// The remote that a repo comes from.
pub(super) const REMOTE: &str = "origin";

/// What a train is to do.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The branch that moves, in every repo.
    pub branch: String,
    /// The branch that has the candidates.
    pub staging: String,
    /// The branch of a change set: repos that have it start from there, and nothing else
    /// moves but what follows. None for an update.
    pub change: Option<String>,
    /// The only inputs that move; all if there is none.
    pub inputs: Vec<RepoName>,
    /// The system to evaluate for.
    pub system: System,
    /// Whether candidates are pushed.
    pub pushes: Pushes,
    /// As which Nix locks are written.
    pub dialect: Dialect,
    /// How long a remote may take to answer; none to ask no remote at all.
    pub patience: Option<Duration>,
}

/// Starts a train: asks the remotes, and writes down where everything is. The registry
/// must be held. `now` is in seconds since 1970; `asking` is told each repo before its
/// remote is asked.
///
/// # Errors
/// When another train is not ended, or somebody's work is on a staging branch.
pub fn start(
    root: &Path,
    catalog: &Catalog,
    asked: &Asked,
    now: i64,
    day: Date,
    asking: &(dyn Fn(&RepoName) + Sync),
) -> Result<Train, TrainError> {
    let before = Train::read(root, asked.change.as_deref())?;
    // One that only judged has moved nothing, and one of which only remotes do not know yet
    // is caught up with: this one takes its place.
    if let Some(before) = &before
        && before.phase == Phase::Promoting
    {
        return Err(TrainError::UnderWay {
            day: before.day.clone(),
            phase: before.phase.sentence(),
        });
    }
    let mut train = Train::new(asked, now, day);
    train.waves = catalog.waves();
    let repos: Vec<&Repo> = catalog.repos().collect();
    let is_cloned = |repo: &&Repo| WorkTree::at(&checkout(root, repo)).is_some();
    if !repos.iter().any(is_cloned) {
        return Err(TrainError::NoRepository);
    }
    let members: Vec<(RepoName, Member)> = repos
        .par_iter()
        .map(|repo| {
            let tree = WorkTree::at(&checkout(root, repo));
            let seen = match tree {
                Some(tree) => {
                    asking(&repo.name);
                    look(catalog, &train, asked, repo, &tree)?
                }
                None => {
                    let reason = format!("there is no git repository at `{}`", repo.path);
                    let (name, kind) = (&repo.name, HoldKind::Gone);
                    Member {
                        outcome: Some(held(catalog, &train.day, name, kind, reason)),
                        ..Member::default()
                    }
                }
            };
            Ok((repo.name.clone(), seen))
        })
        .collect::<Result<_, TrainError>>()?;
    train.repos = members.into_iter().collect();
    if train
        .repos
        .values()
        .all(|member| member.local.is_none() && member.remote.is_none())
    {
        return Err(TrainError::NoBranch(train.branch));
    }
    if let Some(change) = &asked.change {
        take_up(root, catalog, &mut train, change)?;
    }
    let good = agreed(root, catalog, &train)?;
    for (name, member) in &mut train.repos {
        let known = good.get(name);
        member.good = known.cloned().flatten();
        member.was_good = known.is_some();
        if let Some(Outcome::Held { commit, hold }) = &mut member.outcome {
            commit.clone_from(&member.good);
            hold.held_at.clone_from(&member.good);
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
        // Who was told that they are held is told that they are not.
        let owed = before.owed.into_iter().chain(before.released);
        train.owed = owed.filter(|hold| hold.told).collect();
    }
    for (name, member) in &mut train.repos {
        member.pushed = made.get(name).and_then(|member| member.pushed.clone());
        let (Some(staging), Some(repo)) = (&member.staging, catalog.repo(name.as_str())) else {
            continue;
        };
        let Some(tree) = WorkTree::at(&checkout(root, repo)) else {
            continue;
        };
        let known = [&member.base, &member.local, &member.remote];
        let known: Vec<&str> = known.into_iter().flatten().map(String::as_str).collect();
        // Written down, or made by a run that was ended before it was.
        let of_train = made.get(name).is_some_and(|made| {
            let outcome = made.outcome.as_ref().and_then(Outcome::commit);
            made.staging.as_ref() == Some(staging) || outcome == Some(staging)
        });
        if !of_train && !made_by_trains(&tree, staging, &known)? {
            return Err(TrainError::Staging {
                repo: name.clone(),
                branch: train.staging.clone(),
            });
        }
        must_be_nobodys(&tree, &train.staging)?;
    }
    train.write(root)?;
    Ok(train)
}

/// Whether all that a commit has and the known ones have not was made by trains: then
/// nobody loses anything with it.
pub(super) fn made_by_trains(
    tree: &WorkTree,
    commit: &str,
    known: &[&str],
) -> Result<bool, GitError> {
    /// More than ever lie on top of each other.
    const MOST: usize = 20;
    let commits = tree.only_in(commit, known)?;
    if commits.len() > MOST {
        return Ok(false);
    }
    for commit in &commits {
        if !tree.changes_only(commit, LOCK, TITLE)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The folder of a repo, without links in its path.
pub(super) fn checkout(root: &Path, repo: &Repo) -> std::path::PathBuf {
    let path = root.join(repo.path.as_str());
    path.canonicalize().unwrap_or(path)
}

/// Where the branches of one repo are.
fn look(
    catalog: &Catalog,
    train: &Train,
    asked: &Asked,
    repo: &Repo,
    tree: &WorkTree,
) -> Result<Member, TrainError> {
    let (head, staging) = (Train::head(&asked.branch), Train::head(&asked.staging));
    let tracked = format!("refs/remotes/{REMOTE}/{}", asked.branch);
    let mut absent = None;
    if let Some(patience) = asked.patience
        && tree.has_remote(REMOTE)
        && let Err((absence, said)) = tree.fetch(REMOTE, &asked.branch, patience)
    {
        let kind = match absence {
            Absence::Gone => HoldKind::Gone,
            Absence::Unreachable => HoldKind::Unreachable,
        };
        let said = said.lines().next().unwrap_or("it said nothing").to_owned();
        let said = said.strip_prefix("fatal: ").unwrap_or(&said);
        let reason = format!("`{}` of its remote cannot be fetched: {said}", asked.branch);
        absent = Some(held(catalog, &train.day, &repo.name, kind, reason));
    }
    if let (Some(change), Some(patience)) = (&asked.change, asked.patience)
        && absent.is_none()
        && tree.has_remote(REMOTE)
    {
        // Most repos have no part of it; what was part of it and is gone is none.
        if let Err((Absence::Gone, _)) = tree.fetch(REMOTE, change, patience) {
            let stale = format!("refs/remotes/{REMOTE}/{change}");
            let at = tree.tip(&stale)?;
            tree.point(&stale, at.as_deref(), None)?;
        }
    }
    let unusable = |reason, way_out| TrainError::Unusable {
        repo: repo.name.clone(),
        reason,
        way_out,
    };
    if tree.is_shallow() {
        let reason = "is a shallow clone, which Nix cannot use";
        return Err(unusable(reason, "`git fetch --unshallow` there"));
    }
    if tree.head().is_none() {
        let reason = "has no commit checked out";
        return Err(unusable(reason, "commit, or check a branch out, there"));
    }
    let mut tips = tree.tips(&[&head, &staging, &tracked])?;
    let (local, remote) = (tips.remove(&head), tips.remove(&tracked));
    let mut member = Member {
        base: None,
        local: local.clone(),
        remote: remote.clone(),
        good: None,
        was_good: false,
        staging: tips.remove(&staging),
        pushed: None,
        outcome: absent,
    };
    let base = match (local, remote) {
        (Some(local), Some(remote)) if tree.is_before(&local, &remote)? => Some(remote),
        (Some(local), Some(remote)) if tree.is_before(&remote, &local)? => Some(local),
        (Some(_), Some(_)) => {
            let reason = format!(
                "`{}` here and on `{REMOTE}` went different ways",
                asked.branch
            );
            let kind = HoldKind::Diverged;
            let diverged = held(catalog, &train.day, &repo.name, kind, reason);
            member.outcome = member.outcome.or(Some(diverged));
            None
        }
        (local, remote) => local.or(remote),
    };
    if base.is_none() && member.outcome.is_none() {
        let reason = format!(
            "it has no branch `{}` yet, here or on `{REMOTE}`",
            asked.branch
        );
        let kind = HoldKind::Gone;
        member.outcome = Some(held(catalog, &train.day, &repo.name, kind, reason));
    }
    member.base = base;
    Ok(member)
}

/// A repo is held before anybody has judged it. Where, is known later.
pub(super) fn held(
    catalog: &Catalog,
    day: &str,
    repo: &RepoName,
    kind: HoldKind,
    reason: String,
) -> Outcome {
    Outcome::Held {
        commit: None,
        hold: Box::new(Hold::new(catalog, repo, day, kind, reason)),
    }
}

/// The commits that top-level has locked: where each repo was good last; none for one that
/// it has locked at a commit that is not here.
fn agreed(
    root: &Path,
    catalog: &Catalog,
    train: &Train,
) -> Result<BTreeMap<RepoName, Option<String>>, TrainError> {
    let top = catalog.top_level();
    let member = train.repos.get(&top.name);
    // Where its branches went different ways, what is here counts.
    let at = member.and_then(|top| top.base.clone().or_else(|| top.local.clone()));
    let (Some(at), Some(tree)) = (at, WorkTree::at(&checkout(root, top))) else {
        return Err(TrainError::NoTopLevel(top.path.to_string()));
    };
    let text = tree.text_at(&at, LOCK)?;
    let mut good = BTreeMap::from([(top.name.clone(), Some(at))]);
    let Some(text) = text else {
        return Ok(good);
    };
    let lock = LockFile::read(&text).map_err(TrainError::Lock)?;
    for repo in catalog.repos() {
        let Some(rev) = lock.rev(repo.name.as_str()) else {
            continue;
        };
        let tree = WorkTree::at(&checkout(root, repo));
        let is_here = tree.is_some_and(|tree| tree.commit_named(&rev).is_some());
        good.insert(repo.name.clone(), is_here.then_some(rev));
    }
    Ok(good)
}
