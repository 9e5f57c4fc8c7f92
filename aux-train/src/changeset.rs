//! Change sets: branches of one name in several repos, tried together and landed together.
//!
//! A change set is a train that starts from those branches. No repo is held for it: one that
//! would be is a reason not to land it.

use std::collections::BTreeSet;
use std::path::Path;

use aux_model::{Catalog, RepoName};

use crate::error::TrainError;
use crate::hold::{Hold, HoldKind, Holds};
use crate::repository::{REMOTE, Tip, tracking, tree_of};
use crate::start::held;
use crate::state::{Phase, Train};

/// Makes a train start from the branches of a change set.
pub(super) fn adopt_branch(
    root: &Path,
    catalog: &Catalog,
    train: &mut Train,
    change: &str,
) -> Result<(), TrainError> {
    let branch = train.branch.clone();
    let mut repos = Vec::new();
    for (name, member) in &mut train.repos {
        let tip = match tip(root, catalog, name, change)? {
            Tip::None => continue,
            Tip::At(tip) => tip,
            Tip::Apart => {
                repos.push(name.clone());
                let reason = format!("`{change}` here and on `{REMOTE}` went different ways");
                let kind = HoldKind::Diverged;
                member.outcome = Some(held(catalog, train.day, name, kind, reason));
                continue;
            }
        };
        repos.push(name.clone());
        let (Some(tree), Some(base)) = (tree_of(root, catalog, name), &member.base) else {
            continue;
        };
        if tree.is_ancestor(base, &tip)? {
            member.base = Some(tip);
            continue;
        }
        let onto = member.branch.as_ref().unwrap_or(&branch);
        let reason = format!("its branch `{change}` does not follow from `{onto}`: rebase it");
        let kind = HoldKind::Diverged;
        member.outcome = Some(held(catalog, train.day, name, kind, reason));
    }
    if repos.is_empty() {
        return Err(TrainError::NoChange(change.to_owned()));
    }
    train.inputs = repos;
    Ok(())
}

/// Where the branch of a change set is in a repo: here or on its remote as it was fetched
/// last, whichever is ahead.
fn tip(root: &Path, catalog: &Catalog, repo: &RepoName, change: &str) -> Result<Tip, TrainError> {
    let Some(tree) = tree_of(root, catalog, repo) else {
        return Ok(Tip::None);
    };
    let own = Train::head(change);
    let tracked = tracking(change);
    let mut tips = tree.resolve_refs(&[&own, &tracked])?;
    Ok(Tip::of(&tree, tips.remove(&own), tips.remove(&tracked))?)
}

/// Repos that a train would hold and that are not held already: the reasons not to land a
/// change set.
///
/// # Errors
/// When the holds of the registry cannot be read.
pub fn unforeseen(root: &Path, train: &Train) -> Result<Vec<Hold>, TrainError> {
    let known = Holds::read(root, train.channel.as_ref())?;
    let held = train.holds().filter(|hold| {
        // Every repo that takes part has to be good, held or not.
        !known.held.contains_key(&hold.repo) || train.inputs.contains(&hold.repo)
    });
    Ok(held.cloned().collect())
}

/// The train of a change set, if it was tried as it is now, and is good.
///
/// # Errors
/// When it was not, or is not.
pub fn landable(root: &Path, catalog: &Catalog, change: &str) -> Result<Train, TrainError> {
    let channel = catalog.channel().map(|channel| &channel.name);
    let not_tried = || TrainError::NotTried(change.to_owned());
    let train = Train::read(root, channel, Some(change))?.ok_or_else(not_tried)?;
    if train.phase == Phase::Running {
        return Err(not_tried());
    }
    // Half of it has landed: there is only one way.
    if matches!(train.phase, Phase::Promoting | Phase::Promoted) {
        return Ok(train);
    }
    for (name, member) in &train.repos {
        let now = match tip(root, catalog, name, change)? {
            Tip::None => None,
            Tip::At(now) => Some(now),
            Tip::Apart => return Err(not_tried()),
        };
        let is_part = train.inputs.contains(name);
        if is_part != now.is_some() || is_part && now != member.base {
            return Err(not_tried());
        }
    }
    if train.phase == Phase::Done {
        return Err(TrainError::Landed(change.to_owned()));
    }
    let unforeseen = unforeseen(root, &train)?.into_iter().map(|hold| hold.repo);
    let repos: BTreeSet<RepoName> = unforeseen.chain(train.broken.keys().cloned()).collect();
    if !repos.is_empty() {
        return Err(TrainError::NotGood {
            change: change.to_owned(),
            repos: repos.into_iter().collect(),
        });
    }
    Ok(train)
}
