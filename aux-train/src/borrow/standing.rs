//! How a copy stands to what it is a copy of.

use std::path::Path;

use aux_git::WorkTree;
use aux_model::{AttrName, Borrowed, Catalog, Repo, Rev};
use aux_nix::language::literal_attribute;
use serde::Serialize;

use crate::borrow::beside::package_at;
use crate::borrow::error::BorrowError;
use crate::borrow::folder::{CopiedFile, Folder, files_at};
use crate::borrow::record::{RECORD, Record};
use crate::repository::{Tip, repository, tracking};
use crate::state::Train;

/// How a copy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BorrowedState {
    /// Neither was changed.
    Same,
    /// The borrower changed it.
    Ahead,
    /// The owner changed the package since.
    Behind,
    /// The owner has all that the borrower changed: the copy can go.
    CaughtUp,
    /// Both changed it.
    Diverged,
    /// The owner does not have the package any more, or nobody can say.
    Unknown,
}

/// A copy, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What it is a copy of.
    pub record: Record,
    /// How it stands to the newest commit of the owner that is here.
    pub state: BorrowedState,
    /// The owner's commit.
    pub newest: Option<Rev>,
    /// The version that the copy says, if it says one.
    pub version: Option<String>,
    /// The version that the owner's package says.
    pub newest_version: Option<String>,
    /// Whether the copy has changes that are not committed.
    pub is_dirty: bool,
}

/// A copy and its origin, as they are committed on the branches that are published.
pub(crate) struct Sides {
    pub(crate) record: Record,
    pub(crate) borrower: WorkTree,
    /// The commit of the borrower.
    pub(crate) own: Rev,
    /// The copy there, without its record.
    pub(crate) copy: Folder,
    pub(crate) owner: Option<OwnerSide>,
}

/// What the owner has.
pub(crate) struct OwnerSide {
    pub(crate) tree: WorkTree,
    /// Its newest commit.
    pub(crate) newest: Rev,
    /// The package there.
    pub(crate) now: Option<Folder>,
    /// The package as it was in what the copy and the newest commit have in common.
    pub(crate) then: Option<Folder>,
}

/// Both sides of a copy.
///
/// # Errors
/// When there is no copy, its record is not there or of something else, or git refuses.
pub(crate) fn sides(
    root: &Path,
    catalog: &Catalog,
    repo: &Repo,
    package: &AttrName,
    borrowed: &Borrowed,
) -> Result<Sides, BorrowError> {
    let none = || BorrowError::NoRepository(repo.name.clone());
    let borrower = repository(root, repo).ok_or_else(none)?;
    let own = newest_of(repo, &borrower)?.ok_or_else(none)?;
    let path = borrowed.directory(package);
    let mut copy = files_at(&borrower, &own, &path)?.ok_or_else(|| BorrowError::NoPackage {
        repo: repo.name.clone(),
        commit: own.to_string(),
        path: path.clone(),
    })?;
    let shown = format!("{}/{path}/{RECORD}", repo.path);
    let wrong = |message: &str| BorrowError::Record {
        path: shown.clone(),
        message: message.to_owned(),
    };
    let text = copy
        .files
        .remove(RECORD)
        .ok_or_else(|| wrong("it is not there"))?;
    let record = Record::parse(&String::from_utf8_lossy(&text.content), &shown)?;
    let owner = catalog.repo(borrowed.from.as_str());
    // It is committed, and so anybody's: what it says becomes a place that is written to.
    let place = owner.and_then(|owner| owner.packages.get(package));
    if record.origin != borrowed.from
        || record.package != *package
        || record.borrower != repo.name
        || place.is_some_and(|_| record.path != package.directory())
        || record.via.iter().any(|link| link.path != path)
    {
        return Err(wrong("it is of another package than the manifest says"));
    }
    let owner = match owner.and_then(|owner| Some((owner, repository(root, owner)?))) {
        Some((owner, tree)) => owner_side(owner, tree, &record)?,
        None => None,
    };
    Ok(Sides {
        record,
        borrower,
        own,
        copy,
        owner,
    })
}

fn owner_side(
    owner: &Repo,
    tree: WorkTree,
    record: &Record,
) -> Result<Option<OwnerSide>, BorrowError> {
    let Some(newest) = newest_of(owner, &tree)? else {
        return Ok(None);
    };
    let now = package_at(&tree, &newest, &record.path)?;
    // A commit of another branch: what that changed is the borrower's to give.
    let base = match tree.commit_named(&record.commit) {
        Some(commit) => tree.merge_base(&commit, &newest)?,
        None => None,
    };
    let then = match base {
        Some(base) => package_at(&tree, &base, &record.path)?,
        None => None,
    };
    Ok(Some(OwnerSide {
        tree,
        newest,
        now,
        then,
    }))
}

/// How the copy of a package stands, as it is committed in the repo that borrows it.
///
/// # Errors
/// When there is no copy with a record, or git refuses.
pub fn standing(
    root: &Path,
    catalog: &Catalog,
    repo: &Repo,
    package: &AttrName,
    borrowed: &Borrowed,
) -> Result<Standing, BorrowError> {
    let sides = sides(root, catalog, repo, package, borrowed)?;
    let path = borrowed.directory(package);
    let changed = sides.borrower.changed()?;
    let is_dirty = changed
        .keys()
        .any(|file| file.starts_with(&format!("{path}/")));
    let (now, then) = match &sides.owner {
        Some(owner) => (owner.now.as_ref(), owner.then.as_ref()),
        None => (None, None),
    };
    let state = match (now, then) {
        (Some(now), Some(then)) => compared(&sides.copy, now, then),
        _ => BorrowedState::Unknown,
    };
    Ok(Standing {
        state,
        version: version(&sides.copy),
        newest_version: now.and_then(version),
        newest: sides.owner.as_ref().map(|owner| owner.newest.clone()),
        record: sides.record,
        is_dirty,
    })
}

/// The newest commit of the branch of a repo that is published, here or as its remote had it last; of
/// what is checked out if there is no such branch.
fn newest_of(repo: &Repo, tree: &WorkTree) -> Result<Option<Rev>, BorrowError> {
    let branch = repo.published_branch();
    let (here, there) = (Train::head(&branch), tracking(&branch));
    let mut tips = tree.resolve_refs(&[&here, &there])?;
    let (local, remote) = (tips.remove(&here), tips.remove(&there));
    Ok(match Tip::of(tree, local.clone(), remote)? {
        Tip::At(newest) => Some(newest),
        Tip::Apart => local,
        Tip::None => tree.head(),
    })
}

fn compared(copy: &Folder, now: &Folder, then: &Folder) -> BorrowedState {
    let is_changed = copy.files != then.files;
    let has_moved = now.files != then.files;
    match (is_changed, has_moved) {
        (false, false) => BorrowedState::Same,
        (true, false) => BorrowedState::Ahead,
        (true, true) if copy.files == now.files => BorrowedState::CaughtUp,
        (false, true) => BorrowedState::Behind,
        (true, true) => BorrowedState::Diverged,
    }
}

/// The version that a package says in its text.
fn version(folder: &Folder) -> Option<String> {
    let file = ["package.nix", "default.nix"];
    let file: Option<&CopiedFile> = file.iter().find_map(|name| folder.files.get(*name));
    let text = String::from_utf8_lossy(&file?.content).into_owned();
    literal_attribute(&text, "version")
}
