//! Where the branches of one repo are.

use aux_gen::lock::LOCK;
use aux_git::{Absence, GitError, WorkTree};
use aux_model::{BranchName, Catalog, Date, Repo, RepoName};

use crate::error::TrainError;
use crate::hold::{Hold, HoldKind};
use crate::repository::{REMOTE, TITLE, Tip, tracking};
use crate::request::UpdateRequest;
use crate::state::{Outcome, RepoState, Train};

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

/// Whether all that a commit has and the known ones have not was made by trains: then
/// nobody loses anything with it.
pub(crate) fn made_by_trains(
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
