//! git is told of what has come or moved, so that flakes see it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aux_git::{GitError, WorkTree};

use crate::disk::error::DiskError;
use crate::disk::reconcile::changes::{ChangeKind, Changes};
use crate::disk::registry::files_of;

/// Makes the files that are new visible to flakes, wherever git follows the folder
/// that they are in and is not told to ignore them. Returns how many.
///
/// # Errors
/// When git refuses; the files are there.
pub fn tell_git_of_new(changes: &Changes) -> Result<usize, GitError> {
    let mut trees: BTreeMap<WorkTree, Vec<PathBuf>> = BTreeMap::new();
    for home in changes.homes.values() {
        let created = home.changes.iter();
        let created = created.filter(|change| change.kind == ChangeKind::Create);
        let mut files: Vec<PathBuf> = created
            .map(|change| home.directory.join(change.path.as_str()))
            .collect();
        if files.is_empty() {
            continue;
        }
        let own = home.own.iter().filter(|(_, text)| text.is_some());
        files.extend(own.map(|(path, _)| home.directory.join(path)));
        if let Some(tree) = WorkTree::of(&home.directory) {
            trees.entry(tree).or_default().extend(files);
        }
    }
    let mut announced = 0;
    for (tree, files) in trees {
        announced += tree.announce_new(&files)?;
    }
    Ok(announced)
}

/// Tells git of a directory that has moved, if it follows its files. Inside one
/// repository the move is staged. Between two, nothing is: the files are only
/// announced where they are now, so that flakes see them, and one who moves a
/// package back has moved nothing.
///
/// # Errors
/// When git refuses; the files have moved.
pub fn tell_git(from: &Path, to: &Path) -> Result<(), DiskError> {
    let old = WorkTree::of(from).filter(|tree| tree.tracks(from));
    let (Some(old), Some(new)) = (old, WorkTree::of(to)) else {
        return Ok(());
    };
    let told = if old == new {
        old.rename(from, to)
    } else {
        old.unstage(from).and_then(|()| new.announce(to))
    };
    told.map_err(DiskError::Untold)
}

/// The files at a path, a directory or a single file, if git has each of them as it is: then nothing is lost
/// when they go. What git ignores is on no commit, and so in the way.
///
/// # Errors
/// Why they may not go, in words.
pub fn committed_files(path: &Path) -> Result<Vec<PathBuf>, String> {
    let tree = WorkTree::of(path).ok_or("git does not follow it")?;
    let known = tree.files().map_err(|error| error.to_string())?;
    let changed = tree.changed().map_err(|error| error.to_string())?;
    let below = if path.is_dir() && !path.is_symlink() {
        let files = files_of(path).map_err(|error| error.to_string())?;
        files.iter().map(|file| path.join(file)).collect()
    } else {
        vec![path.to_owned()]
    };
    for file in &below {
        let shown = file.strip_prefix(path).unwrap_or(file);
        let shown = if shown.as_os_str().is_empty() {
            file
        } else {
            shown
        };
        let name = tree.relative(file).ok_or("its name is no text")?;
        let reason = if file.is_symlink() {
            "is a link"
        } else if !known.contains(&name) {
            "is in no commit"
        } else if changed.contains_key(&name) {
            "has changes that are not committed"
        } else {
            continue;
        };
        return Err(format!("`{}` {reason}", shown.display()));
    }
    Ok(below)
}
