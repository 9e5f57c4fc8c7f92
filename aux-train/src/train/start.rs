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
use aux_gen::disk::checkout;
use aux_gen::lock::LockFile;
use aux_git::{Absence, GitError, WorkTree, is_branch_name};
use aux_nix::flake::LockFormat;

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
    pub format: LockFormat,
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
    let is_cloned = |repo: &&Repo| repository(root, repo).is_some();
    if !repos.iter().any(is_cloned) {
        return Err(TrainError::NoRepository);
    }
    let members: Vec<(RepoName, Member)> = repos
        .par_iter()
        .map(|repo| {
            let tree = repository(root, repo);
            let without = |kind, reason| Member {
                outcome: Some(held(catalog, &train.day, &repo.name, kind, reason)),
                ..Member::default()
            };
            let seen = match tree {
                Some(tree) => {
                    asking(&repo.name);
                    let seen = look(catalog, &train, asked, repo, &tree);
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
    let is_nowhere = |member: &Member| member.local.is_none() && member.remote.is_none();
    if train.repos.values().all(is_nowhere) {
        let mut reasons = train.holds().filter(|hold| hold.kind == HoldKind::Unusable);
        return Err(match reasons.next() {
            Some(hold) => TrainError::Unusable {
                repo: hold.repo.clone(),
                reason: hold.reason.clone(),
            },
            None => TrainError::NoBranch(train.branch.clone()),
        });
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
        let known: Vec<&str> = known.into_iter().flatten().map(String::as_str).collect();
        // Written down, or made by a run that was ended before it was.
        let of_train = made.get(name).is_some_and(|made| {
            let outcome = made.outcome.as_ref().and_then(Outcome::commit);
            made.staging.as_ref() == Some(staging) || outcome == Some(staging)
        });
        let is_ours = match of_train {
            true => Ok(true),
            false => made_by_trains(&tree, staging, &known),
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
            let hold = Hold::new(catalog, name, &train.day, HoldKind::Unusable, reason);
            member.outcome = Some(member.held(commit, hold));
        }
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

/// The repository of a repo's checkout; none if there is none.
pub(super) fn repository(root: &Path, repo: &Repo) -> Option<WorkTree> {
    WorkTree::at(&checkout(root, &repo.path)?)
}

/// The branch of a repo that is to move: the one that its URL names, since that is what
/// its users get; else the one that is asked for, or, where there is none of that name, the
/// one that its remote has checked out, or that is checked out here.
fn branch_of(asked: &Asked, repo: &Repo, tree: &WorkTree) -> Result<String, GitError> {
    let named = repo.url.git_url().and_then(|url| url.branch);
    if let Some(named) = named.filter(|named| is_branch_name(named)) {
        return Ok(named);
    }
    let own = Train::head(&asked.branch);
    let tracked = format!("refs/remotes/{REMOTE}/{}", asked.branch);
    if !tree.tips(&[&own, &tracked])?.is_empty() {
        return Ok(asked.branch.clone());
    }
    let remote = tree.symbolic(&format!("refs/remotes/{REMOTE}/HEAD"));
    let prefix = format!("refs/remotes/{REMOTE}/");
    let theirs = remote.and_then(|name| Some(name.strip_prefix(&prefix)?.to_owned()));
    let here = || {
        Some(
            tree.symbolic("HEAD")?
                .strip_prefix("refs/heads/")?
                .to_owned(),
        )
    };
    let is_other = |name: &String| *name != asked.staging && Some(name) != asked.change.as_ref();
    let found = theirs.or_else(here).filter(is_other);
    Ok(found.unwrap_or_else(|| asked.branch.clone()))
}

/// Where the branches of one repo are.
fn look(
    catalog: &Catalog,
    train: &Train,
    asked: &Asked,
    repo: &Repo,
    tree: &WorkTree,
) -> Result<Member, TrainError> {
    tree.must_work()?;
    let branch = branch_of(asked, repo, tree)?;
    let (head, staging) = (Train::head(&branch), Train::head(&asked.staging));
    let unusable = |reason: String| TrainError::Unusable {
        repo: repo.name.clone(),
        reason,
    };
    if tree.is_broken(&head)? {
        let reason = format!("its branch `{branch}` is broken: git reads no commit from `{head}`");
        return Err(unusable(reason));
    }
    if let Some(named) = tree.symbolic(&head) {
        let reason = format!("its branch `{branch}` is another name for `{named}`");
        return Err(unusable(reason));
    }
    let tracked = format!("refs/remotes/{REMOTE}/{branch}");
    let mut absent = None;
    if let Some(patience) = asked.patience
        && tree.has_remote(REMOTE)
        && let Err((absence, said)) = tree.fetch(REMOTE, &branch, patience)
    {
        let kind = match absence {
            Absence::Gone => HoldKind::Gone,
            Absence::Unreachable => HoldKind::Unreachable,
        };
        let said = said.lines().next().unwrap_or("it said nothing").to_owned();
        let said = said.strip_prefix("fatal: ").unwrap_or(&said);
        let reason = format!("`{branch}` of its remote cannot be fetched: {said}");
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
    if tree.is_shallow() {
        let reason = "it is a shallow clone, which Nix cannot use: `git fetch --unshallow` there";
        return Err(unusable(reason.to_owned()));
    }
    let mut tips = tree.tips(&[&head, &staging, &tracked])?;
    let (local, remote) = (tips.remove(&head), tips.remove(&tracked));
    let mut member = Member {
        branch: (branch != asked.branch).then(|| branch.clone()),
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
            let reason = format!("`{branch}` here and on `{REMOTE}` went different ways");
            let kind = HoldKind::Diverged;
            let diverged = held(catalog, &train.day, &repo.name, kind, reason);
            member.outcome = member.outcome.or(Some(diverged));
            None
        }
        (local, remote) => local.or(remote),
    };
    if base.is_none() && member.outcome.is_none() {
        let reason = format!("it has no branch `{branch}` yet, here or on `{REMOTE}`");
        let kind = HoldKind::Gone;
        member.outcome = Some(held(catalog, &train.day, &repo.name, kind, reason));
    }
    if base.is_some()
        && member.outcome.is_none()
        && let Some(other) = tree.excludes(&asked.staging)?
    {
        let reason = format!(
            "git cannot have the branch `{}` beside `{other}`: rename or delete that, or name another with `--staging`",
            asked.staging
        );
        let kind = HoldKind::Unusable;
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
    let (Some(at), Some(tree)) = (at, repository(root, top)) else {
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
        let tree = repository(root, repo);
        let is_here = tree.is_some_and(|tree| tree.commit_named(&rev).is_some());
        good.insert(repo.name.clone(), is_here.then_some(rev));
    }
    Ok(good)
}
