//! The one writer: a temporary file beside the target, then a rename. A file is
//! old or new, never half.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::changes::{Change, ChangeKind, Changes, RepoChanges, record_path};
use super::error::DiskError;
use super::record::hash;
use crate::git::WorkTree;

/// Makes the disk as the changes say, repo after repo.
///
/// The record goes first and names what is about to be written, so that a run
/// that is killed is recognized by the next one; it is settled at the end.
///
/// # Errors
/// At the first write that fails. Every file is then old or new, and the next
/// run goes on from there.
pub fn write(changes: &Changes) -> Result<(), DiskError> {
    for repo in changes.repos.values() {
        write_repo(repo)?;
    }
    Ok(())
}

/// Writes a file, new or not; its folder is made if need be. A file that is a
/// symbolic link stays one: what it points to is written.
///
/// # Errors
/// When the disk refuses; the file is then as it was.
pub fn replace(path: &Path, text: &str) -> Result<(), DiskError> {
    let path = target(path)?;
    temporary(&path, text)?
        .persist(&path)
        .map_err(|error| DiskError::write(&path, error.error))?;
    Ok(())
}

/// As [`replace`], if the file still holds what it held when it was read.
///
/// # Errors
/// When it holds something else by now, or the disk refuses; the file is then as
/// it was.
pub fn replace_unchanged(path: &Path, before: &str, text: &str) -> Result<(), DiskError> {
    let path = target(path)?;
    let file = temporary(&path, text)?;
    // The last moment: what somebody saves now would be lost by the rename.
    must_hold(&path, before)?;
    file.persist(&path)
        .map_err(|error| DiskError::write(&path, error.error))?;
    Ok(())
}

/// Where a link leads; anything else leads to itself.
fn target(path: &Path) -> Result<PathBuf, DiskError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => {
            fs::canonicalize(path).map_err(|error| DiskError::read(path, error))
        }
        _ => Ok(path.to_owned()),
    }
}

/// The text in a file of no name's, beside the one that it will become.
fn temporary(path: &Path, text: &str) -> Result<tempfile::NamedTempFile, DiskError> {
    let failed = |error| DiskError::write(path, error);
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::Builder::new()
        .prefix(".aux-gen-")
        .suffix(".tmp")
        .permissions(fs::Permissions::from_mode(mode(path)))
        .tempfile_in(folder)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    Ok(file)
}

fn must_hold(path: &Path, before: &str) -> Result<(), DiskError> {
    let now = fs::read(path).map_err(|error| DiskError::read(path, error))?;
    if now == before.as_bytes() {
        Ok(())
    } else {
        Err(DiskError::Changed {
            path: path.to_owned(),
        })
    }
}

/// Moves a directory to a place where nothing is, by one rename. git is told if
/// it follows the files: the move is staged, and flakes see them at once.
///
/// # Errors
/// When something is there, or the disk refuses, such as between file systems;
/// then nothing has moved. When git refuses to stage what has.
pub fn relocate(from: &Path, to: &Path) -> Result<(), DiskError> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(DiskError::InTheWay {
            path: to.to_owned(),
            what: "there already",
        });
    }
    let failed = |error| DiskError::write(to, error);
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let (old, new) = (WorkTree::of(from), WorkTree::of(to));
    let old = old.filter(|tree| tree.tracks(from));
    match (&old, &new) {
        (Some(old), Some(new)) if old == new => old.rename(from, to)?,
        _ => {
            fs::rename(from, to).map_err(failed)?;
            if let (Some(old), Some(new)) = (&old, &new) {
                old.forget(from)?;
                new.announce(to)?;
            }
        }
    }
    // The shard goes too if it is empty now; if not, it refuses, and stays.
    if let Some(shard) = from.parent() {
        let _still_in_use = fs::remove_dir(shard);
    }
    Ok(())
}

/// Writes a file that must not be there yet.
///
/// # Errors
/// When it is there, or the disk refuses.
pub fn create(path: &Path, text: &str) -> Result<(), DiskError> {
    temporary(path, text)?
        .persist_noclobber(path)
        .map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => DiskError::InTheWay {
                path: path.to_owned(),
                what: "there already",
            },
            _ => DiskError::write(path, error.error),
        })?;
    Ok(())
}

/// The permissions that a file has, or those a new one gets before the umask.
fn mode(path: &Path) -> u32 {
    fs::metadata(path).map_or(0o666, |found| found.permissions().mode() & 0o777)
}

fn write_repo(repo: &RepoChanges) -> Result<(), DiskError> {
    let record = record_path(&repo.directory);
    if !repo.changes.is_empty() {
        let mut pending = super::record::Record::read(&repo.directory)?;
        for change in &repo.changes {
            if repo.record.files.contains_key(change.path.as_str()) {
                pending
                    .pending
                    .insert(change.path.to_string(), hash(change.after.as_bytes()));
            }
        }
        replace(&record, &pending.to_json())?;
    }
    let mut emptied = BTreeSet::new();
    for change in &repo.changes {
        let path = repo.directory.join(change.path.as_str());
        match change.kind {
            ChangeKind::Create => create(&path, &change.after)?,
            ChangeKind::Update => replace_unchanged(&path, &change.before, &change.after)?,
            ChangeKind::Remove => {
                must_hold(&path, &change.before)?;
                fs::remove_file(&path).map_err(|error| DiskError::write(&path, error))?;
                emptied.extend(folders_above(repo, change));
            }
        }
    }
    // Deepest first; a folder that still holds something refuses, and stays.
    for folder in emptied.iter().rev() {
        let _still_in_use = fs::remove_dir(folder);
    }
    replace(&record, &repo.record.to_json())
}

/// The folders of a removed file, inside its repo.
fn folders_above(repo: &RepoChanges, change: &Change) -> Vec<PathBuf> {
    let path = repo.directory.join(change.path.as_str());
    path.ancestors()
        .skip(1)
        .take_while(|folder| *folder != repo.directory)
        .map(Path::to_owned)
        .collect()
}
