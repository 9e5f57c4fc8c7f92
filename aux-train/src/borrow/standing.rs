//! How a copy stands to what it is a copy of.

use std::path::Path;

use aux_git::WorkTree;
use aux_model::{AttrName, Borrowed, Catalog, Repo, Rev};
use aux_nix::language::literal_attribute;
use serde::Serialize;

use crate::borrow::copy::{CopiedFile, Folder, files_at};
use crate::borrow::error::BorrowError;
use crate::borrow::record::{RECORD, Record};
use crate::repository::repository;

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
    let none = || BorrowError::NoRepository(repo.name.clone());
    let tree = repository(root, repo).ok_or_else(none)?;
    let head = tree.head().ok_or_else(none)?;
    let path = borrowed.directory(package);
    let mut copy = files_at(&tree, &head, &path)?.ok_or_else(|| BorrowError::NoPackage {
        repo: repo.name.clone(),
        commit: head.to_string(),
        path: path.clone(),
    })?;
    let text = copy.files.remove(RECORD);
    let text = text.map(|file| String::from_utf8_lossy(&file.content).into_owned());
    let record = Record::parse(
        &text.unwrap_or_default(),
        &format!("{}/{path}/{RECORD}", repo.path),
    )?;
    let changed = tree.changed()?;
    let is_dirty = changed
        .keys()
        .any(|file| file.starts_with(&format!("{path}/")));
    let owner = catalog.repo(borrowed.from.as_str());
    let owner = owner.and_then(|owner| repository(root, owner));
    let (newest, now, then) = match &owner {
        Some(owner) => {
            let newest = newest_of(owner)?;
            let at = |commit: &str| files_at(owner, commit, &record.path);
            let now = newest.as_deref().map(at).transpose()?.flatten();
            let is_here = owner.commit_named(&record.commit).is_some();
            let then = is_here.then(|| at(&record.commit)).transpose()?.flatten();
            (newest, now, then)
        }
        None => (None, None, None),
    };
    let state = match (&now, &then) {
        (Some(now), Some(then)) => compared(&copy, now, then),
        _ => BorrowedState::Unknown,
    };
    Ok(Standing {
        state,
        version: version(&copy),
        newest_version: now.as_ref().and_then(version),
        record,
        newest,
        is_dirty,
    })
}

/// The newest commit of a repo: what is checked out, or what its remote has and follows from that.
fn newest_of(tree: &WorkTree) -> Result<Option<Rev>, BorrowError> {
    let Some(head) = tree.head() else {
        return Ok(None);
    };
    let branch = tree.symbolic("HEAD");
    let branch = branch
        .as_deref()
        .and_then(|head| head.strip_prefix("refs/heads/"));
    let Some(branch) = branch else {
        return Ok(Some(head));
    };
    let tracked = tree.resolve_ref(&crate::repository::tracking(branch))?;
    Ok(Some(match tracked {
        Some(there) if tree.is_ancestor(&head, &there)? => there,
        _ => head,
    }))
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
