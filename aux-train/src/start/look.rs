//! Where the branches of one repo are.

use std::time::Duration;

use aux_git::{Absence, GitError, WorkTree};
use aux_model::{BranchName, Catalog, ChannelName, Date, Repo, RepoName, Rev};

use crate::error::TrainError;
use crate::hold::{Hold, HoldKind};
use crate::repository::{REMOTE, TITLE, Tip, tracking};
use crate::request::UpdateRequest;
use crate::state::{Outcome, RepoState, Train};
use crate::wiring::{OWN_FILES, own_files};

/// Where the branches of one repo are.
pub(crate) fn look(
    catalog: &Catalog,
    train: &Train,
    asked: &UpdateRequest,
    repo: &Repo,
    tree: &WorkTree,
) -> Result<RepoState, TrainError> {
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
    let tracked = tracking(&branch);
    let followed = followed(asked, repo, tree, &branch)?;
    let mut absent = None;
    if let Some(patience) = asked.patience
        && tree.has_remote(REMOTE)
        && let Err((absence, said)) = fetch(tree, &branch, followed.as_deref(), patience)
    {
        let kind = match absence {
            Absence::Gone => HoldKind::Gone,
            Absence::Unreachable => HoldKind::Unreachable,
        };
        let said = said.lines().next().unwrap_or("it said nothing").to_owned();
        let said = said.strip_prefix("fatal: ").unwrap_or(&said);
        let reason = format!("`{branch}` of its remote cannot be fetched: {said}");
        absent = Some(held(catalog, train.day, &repo.name, kind, reason));
    }
    if let (Some(change), Some(patience)) = (&asked.change, asked.patience)
        && absent.is_none()
        && tree.has_remote(REMOTE)
    {
        // Most repos have no part of it; what was part of it and is gone is none.
        if let Err((Absence::Gone, _)) = tree.fetch(REMOTE, change, patience) {
            let stale = tracking(change);
            let at = tree.resolve_ref(&stale)?;
            tree.update_ref(&stale, at.as_deref(), None)?;
        }
    }
    if tree.is_shallow() {
        let reason = "it is a shallow clone, which Nix cannot use: `git fetch --unshallow` there";
        return Err(unusable(reason.to_owned()));
    }
    let mut tips = tree.resolve_refs(&[&head, &staging, &tracked])?;
    let (local, remote) = (tips.remove(&head), tips.remove(&tracked));
    let mut member = RepoState {
        branch: (branch != asked.branch).then(|| branch.clone()),
        base: None,
        tip: None,
        local: local.clone(),
        remote: remote.clone(),
        good: None,
        was_good: false,
        staging: tips.remove(&staging),
        pushed: None,
        outcome: absent,
    };
    let base = match Tip::of(tree, local, remote)? {
        Tip::At(commit) => Some(commit),
        Tip::None => None,
        Tip::Apart => {
            let reason = format!("`{branch}` here and on `{REMOTE}` went different ways");
            let kind = HoldKind::Diverged;
            let diverged = held(catalog, train.day, &repo.name, kind, reason);
            member.outcome = member.outcome.or(Some(diverged));
            None
        }
    };
    let base = match (base, &followed) {
        (base, Some(followed)) if member.outcome.is_none() => {
            match ahead(tree, base.as_ref(), followed)? {
                Ahead::Tip => base,
                Ahead::Followed(newest) => Some(newest),
                Ahead::Both(newest) => {
                    member.tip = base;
                    Some(newest)
                }
                Ahead::Apart(reason) => {
                    let reason = format!("`{branch}` follows `{followed}`, and {reason}");
                    let kind = HoldKind::Diverged;
                    member.outcome = Some(held(catalog, train.day, &repo.name, kind, reason));
                    None
                }
            }
        }
        (base, _) => base,
    };
    if base.is_none() && member.outcome.is_none() {
        let reason = format!("it has no branch `{branch}` yet, here or on `{REMOTE}`");
        let kind = HoldKind::Gone;
        member.outcome = Some(held(catalog, train.day, &repo.name, kind, reason));
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
        member.outcome = Some(held(catalog, train.day, &repo.name, kind, reason));
    }
    member.base = base;
    Ok(member)
}

/// A repo is held before anybody has judged it. Where, is known later.
pub(crate) fn held(
    catalog: &Catalog,
    day: Date,
    repo: &RepoName,
    kind: HoldKind,
    reason: String,
) -> Outcome {
    Outcome::Held {
        commit: None,
        hold: Box::new(Hold::new(catalog, repo, day, kind, reason)),
    }
}

/// The branch of a repo that is to move: the one that its URL names, since that is what
/// its users get; else the one that is asked for, or, where there is none of that name, the
/// one that its remote has checked out, or that is checked out here.
fn branch_of(asked: &UpdateRequest, repo: &Repo, tree: &WorkTree) -> Result<BranchName, GitError> {
    let named = repo.url.git_url().and_then(|url| url.branch);
    if let Some(named) = named.and_then(|named| named.parse().ok()) {
        return Ok(named);
    }
    let own = Train::head(&asked.branch);
    let tracked = tracking(&asked.branch);
    if !tree.resolve_refs(&[&own, &tracked])?.is_empty() {
        return Ok(asked.branch.clone());
    }
    let remote = tree.symbolic(&tracking("HEAD"));
    let prefix = tracking("");
    let theirs = remote.and_then(|name| name.strip_prefix(&prefix)?.parse().ok());
    let here = || {
        let head = tree.symbolic("HEAD")?;
        head.strip_prefix("refs/heads/")?.parse().ok()
    };
    let is_other =
        |name: &BranchName| *name != asked.staging && Some(name) != asked.change.as_ref();
    let found = theirs.or_else(here).filter(is_other);
    Ok(found.unwrap_or_else(|| asked.branch.clone()))
}

/// The branch that a repo's branch on a channel takes new commits from; none if it takes none, or is
/// the same one.
fn followed(
    asked: &UpdateRequest,
    repo: &Repo,
    tree: &WorkTree,
    branch: &BranchName,
) -> Result<Option<BranchName>, GitError> {
    let there = asked.followed.as_ref();
    let Some(there) = there.and_then(|there| there.repo(repo.name.as_str())) else {
        return Ok(None);
    };
    let followed = branch_of(asked, there, tree)?;
    Ok(Some(followed).filter(|followed| followed != branch))
}

/// Fetches a branch, and the one that it follows. One that follows another need not be there yet.
fn fetch(
    tree: &WorkTree,
    branch: &str,
    followed: Option<&str>,
    patience: Duration,
) -> Result<(), (Absence, String)> {
    match (tree.fetch(REMOTE, branch, patience), followed) {
        (Err((Absence::Gone, _)), Some(followed)) => tree.fetch(REMOTE, followed, patience),
        (fetched, Some(followed)) => fetched.and_then(|()| tree.fetch(REMOTE, followed, patience)),
        (fetched, None) => fetched,
    }
}

/// How the branch of a channel stands to the one that it follows.
enum Ahead {
    /// It has all that the other has.
    Tip,
    /// The other has all that it has, and more: or it is not there yet.
    Followed(Rev),
    /// Both have something, and all that only this one has was made by trains.
    Both(Rev),
    /// Both have something of somebody's, or nobody can say what the other has.
    Apart(String),
}

fn ahead(tree: &WorkTree, tip: Option<&Rev>, followed: &str) -> Result<Ahead, GitError> {
    let (here, there) = (Train::head(followed), tracking(followed));
    let mut tips = tree.resolve_refs(&[&here, &there])?;
    let newest = match Tip::of(tree, tips.remove(&here), tips.remove(&there))? {
        Tip::At(newest) => newest,
        Tip::None => return Ok(Ahead::Apart("that is not there".to_owned())),
        Tip::Apart => {
            let reason = format!("that is elsewhere here and on `{REMOTE}`");
            return Ok(Ahead::Apart(reason));
        }
    };
    let Some(tip) = tip else {
        return Ok(Ahead::Followed(newest));
    };
    Ok(if tree.is_ancestor(&newest, tip)? {
        Ahead::Tip
    } else if tree.is_ancestor(tip, &newest)? {
        Ahead::Followed(newest)
    } else if is_taken_over(tree, tip, &newest)? {
        Ahead::Both(newest)
    } else {
        let reason = "has commits of its own: merge them there, or let the channel follow nothing";
        Ahead::Apart(reason.to_owned())
    })
}

/// Whether the tree of a channel's commit is nothing but what it followed and what trains wrote into
/// that: then what it follows can take its place.
fn is_taken_over(tree: &WorkTree, tip: &Rev, newest: &Rev) -> Result<bool, GitError> {
    /// More locks than are ever made between two commits of what is followed.
    const MOST: usize = 1000;
    let mut commit = tip.clone();
    for _ in 0..MOST {
        if tree.is_ancestor(&commit, newest)? {
            return Ok(true);
        }
        if !tree.changes_only(&commit, OWN_FILES, TITLE)? {
            return Ok(false);
        }
        match tree.parents(&commit)?.as_slice() {
            [parent] => commit = parent.clone(),
            // The last one is what it followed.
            parents => return Ok(parents.len() == 2),
        }
    }
    Ok(false)
}

/// Whether all that a commit has and the known ones have not was made by trains: then
/// nobody loses anything with it.
pub(crate) fn made_by_trains(
    tree: &WorkTree,
    commit: &str,
    known: &[&str],
    channel: Option<&ChannelName>,
) -> Result<bool, GitError> {
    /// More than ever lie on top of each other.
    const MOST: usize = 20;
    let commits = tree.only_in(commit, known)?;
    if commits.len() > MOST {
        return Ok(false);
    }
    for commit in &commits {
        if !tree.changes_only(commit, own_files(channel), TITLE)? {
            return Ok(false);
        }
    }
    Ok(true)
}
