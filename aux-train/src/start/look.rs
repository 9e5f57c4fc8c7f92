//! Where the branches of one repo are.

use std::time::Duration;

use aux_gen::lock::LOCK;
use aux_git::{Absence, FileContent, GitError, WorkTree};
use aux_model::{BranchName, Catalog, Date, Repo, RepoName, Rev};

use crate::error::TrainError;
use crate::hold::{Hold, HoldKind};
use crate::repository::{REMOTE, TITLE, Tip, tracking};
use crate::request::UpdateRequest;
use crate::state::{Outcome, RepoState, Train};
use crate::wiring::References;

/// Where the branches of one repo are.
pub(crate) fn look(
    catalog: &Catalog,
    train: &Train,
    asked: &UpdateRequest,
    repo: &Repo,
    tree: &WorkTree,
    references: &References,
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
    let is_left = !asked.inputs.is_empty() && !asked.inputs.contains(&repo.name);
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
    // What is here of somebody else's repo and not there nobody else can have.
    let local = local.filter(|_| !repo.is_outside() || remote.is_none());
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
            match ahead(tree, references, base.as_ref(), followed)? {
                Ahead::Tip => base,
                Ahead::Followed(newest) | Ahead::Merged(newest) => Some(newest),
                // Nobody asked for what is new there.
                Ahead::Both(_) if is_left => base,
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
    if repo.is_outside() {
        return Ok(None);
    }
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
    /// Both have something, and this commit has all of it.
    Merged(Rev),
    /// Both have something of somebody's, or nobody can say what the other has.
    Apart(String),
}

fn ahead(
    tree: &WorkTree,
    references: &References,
    tip: Option<&Rev>,
    followed: &str,
) -> Result<Ahead, GitError> {
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
    if tree.is_ancestor(&newest, tip)? {
        return Ok(Ahead::Tip);
    }
    if tree.is_ancestor(tip, &newest)? {
        return Ok(Ahead::Followed(newest));
    }
    merged(tree, references, tip, &newest, followed)
}

/// The branch of a channel with what it follows. What trains wrote on it is written anew, and what
/// people committed there is merged.
fn merged(
    tree: &WorkTree,
    references: &References,
    tip: &Rev,
    newest: &Rev,
    followed: &str,
) -> Result<Ahead, GitError> {
    let Some(base) = tree.merge_base(tip, newest)? else {
        return Ok(Ahead::Apart("has no commit in common with it".to_owned()));
    };
    let apart = |files: &[String]| {
        let files: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
        Ahead::Apart(format!(
            "both changed {}: merge `{followed}` into it by hand",
            files.join(", ")
        ))
    };
    // Files that trains write are as they were in both, so that only the others are merged.
    let (mut before, mut chosen) = (Vec::new(), Vec::new());
    let mut is_changed = false;
    for file in references.own_files() {
        let at = |commit: &Rev| tree.text_at(commit, file);
        let (was, here, there) = (at(&base)?, at(tip)?, at(newest)?);
        let kept = if references.are_same(file, was.as_deref(), here.as_deref()) {
            there
        } else {
            is_changed = true;
            let merged = was.as_deref().zip(here.as_deref()).zip(there.as_deref());
            let merged = merged.map(|((was, here), there)| diffy::merge(was, here, there));
            match merged {
                Some(Ok(merged)) => Some(merged),
                _ => return Ok(apart(&[(*file).to_owned()])),
            }
        };
        before.push((*file, was));
        chosen.push((*file, kept));
    }
    let contents = |texts: &'_ [(&'static str, Option<String>)], parent: &str| {
        let texts = texts.iter().map(|(file, text)| {
            let content = text.as_ref().map(|text| FileContent::Text(text.as_bytes()));
            (*file, content.unwrap_or(FileContent::Gone))
        });
        let texts: Vec<(&str, FileContent<'_>)> = texts.collect();
        tree.with_changes(parent, &texts, TITLE, None)
    };
    let (ours, theirs) = (contents(&before, tip)?, contents(&before, newest)?);
    if !is_changed && tree.commit_of(&ours)?.tree == tree.commit_of(&base)?.tree {
        return Ok(Ahead::Both(newest.clone()));
    }
    let whole = match tree.merged_tree(&ours, &theirs)? {
        Ok(whole) => whole,
        Err(files) => return Ok(apart(&files)),
    };
    let time = tree.commit_of(newest)?.time;
    let message = format!("Merge what `{followed}` has\n");
    let with_old = tree.merge_of(&whole, [tip, newest], &message, time)?;
    // The same with the files that trains write as they are to be: no commit in between.
    let with_new = contents(&chosen, &with_old)?;
    let tree_of_it = tree.commit_of(&with_new)?.tree;
    let merge = tree.merge_of(&tree_of_it, [tip, newest], &message, time)?;
    Ok(Ahead::Merged(merge))
}

/// Whether all that a commit has and the known ones have not was made by trains: then
/// nobody loses anything with it. What a train writes into files that name branches is known by what
/// it says.
pub(crate) fn made_by_trains(
    tree: &WorkTree,
    commit: &str,
    known: &[&str],
    references: &References,
) -> Result<bool, GitError> {
    /// More than ever lie on top of each other.
    const MOST: usize = 20;
    let commits = tree.only_in(commit, known)?;
    if commits.len() > MOST {
        return Ok(false);
    }
    let files = references.own_files();
    for commit in &commits {
        if !tree.changes_only(commit, files, TITLE)? {
            return Ok(false);
        }
        let Some(parent) = tree.parents(commit)?.pop() else {
            return Ok(false);
        };
        for file in files.iter().filter(|file| **file != LOCK) {
            let (was, is) = (tree.text_at(&parent, file)?, tree.text_at(commit, file)?);
            if !references.are_same(file, was.as_deref(), is.as_deref()) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
