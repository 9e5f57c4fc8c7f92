//! The one writer: texts are staged and renamed to where they belong. A file is
//! old or new, never half.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::disk::error::DiskError;
use crate::disk::reconcile::changes::{ChangeKind, Changes, HomeChanges};
use crate::disk::registry::{FolderLock, Registry};
use crate::disk::write::{Transaction, found};

/// Makes the disk as the changes say, all of them or none: see [`Transaction`].
/// The lock is that of the registry.
///
/// # Errors
/// As [`Transaction::commit`].
pub fn write(_lock: &FolderLock, registry: &Registry, changes: &Changes) -> Result<(), DiskError> {
    transaction(changes)?.commit(registry.root())
}

/// Whether the changes could be made now: for those who have to change something else first.
///
/// # Errors
/// When they could not, as on a disk that is read-only.
pub fn must_be_possible(registry: &Registry, changes: &Changes) -> Result<(), DiskError> {
    transaction(changes)?.must_be_possible(registry.root())
}

fn transaction(changes: &Changes) -> Result<Transaction, DiskError> {
    let mut transaction = Transaction::default();
    for (group, repo) in changes.homes.values().enumerate() {
        if repo.directory.symlink_metadata().is_err() {
            transaction.create_folder(&repo.directory, texts(repo), group);
        } else {
            add(&mut transaction, group, repo)?;
        }
    }
    Ok(transaction)
}

/// Every text of a repo that is not there yet, by path.
fn texts(repo: &HomeChanges) -> BTreeMap<PathBuf, String> {
    let files = repo.changes.iter();
    let files = files.map(|change| (PathBuf::from(change.path.as_str()), change.after.clone()));
    let own = repo.own.iter();
    let own = own.filter_map(|(path, text)| Some((path.clone(), text.clone()?)));
    files.chain(own).collect()
}

/// The files of a repo, then what the record says of them: if a file cannot be
/// written after all, the record is left as it is.
fn add(transaction: &mut Transaction, group: usize, repo: &HomeChanges) -> Result<(), DiskError> {
    for change in &repo.changes {
        let path = repo.directory.join(change.path.as_str());
        match change.kind {
            ChangeKind::Create => transaction.write(&path, None, &change.after, group),
            ChangeKind::Update | ChangeKind::Merge => {
                transaction.write(&path, Some(change.before.as_bytes()), &change.after, group);
            }
            ChangeKind::Remove => transaction.remove(&path, change.before.as_bytes(), group),
        }
    }
    // The record itself is the last of them, in order of path: what it says of a text is true
    // once the text is there.
    for (path, text) in &repo.own {
        let path = repo.directory.join(path);
        let before = found(&path)?;
        match (text, before) {
            (Some(text), before) if before.as_deref() != Some(text.as_bytes()) => {
                transaction.write(&path, before.as_deref(), text, group);
            }
            (None, Some(before)) => transaction.remove(&path, &before, group),
            _ => {}
        }
    }
    Ok(())
}
