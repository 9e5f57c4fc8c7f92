//! The one writer: texts are staged and renamed to where they belong. A file is
//! old or new, never half.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::changes::{ChangeKind, Changes, RepoChanges};
use super::error::DiskError;
use super::record::{base_path, record_path};
use super::registry::Registry;
use super::transaction::{Transaction, is_near};
use crate::git::{GitError, WorkTree};

/// Makes the disk as the changes say, all of them or none: see [`Transaction`].
/// The registry must be held by this run.
///
/// # Errors
/// As [`Transaction::commit`].
pub fn write(registry: &Registry, changes: &Changes) -> Result<(), DiskError> {
    let mut transaction = Transaction::default();
    let homes = changes.registry.iter().chain(changes.repos.values());
    for (group, repo) in homes.enumerate() {
        if !repo.directory.exists() && is_near(registry.root(), &repo.directory) {
            transaction.grow(&repo.directory, texts(repo), group);
        } else {
            add(&mut transaction, group, repo)?;
        }
    }
    transaction.commit(registry.root())
}

/// Writes a file, new or not; its folder is made if need be. A file that is a
/// symbolic link stays one: what it points to is written.
///
/// # Errors
/// When the disk refuses; the file is then as it was.
pub fn replace(path: &Path, text: impl AsRef<[u8]>) -> Result<(), DiskError> {
    let path = target(path)?;
    temporary(&path, text.as_ref())?
        .persist(&path)
        .map_err(|error| DiskError::write(&path, error.error))?;
    Ok(())
}

/// Removes a file; one that is not there is removed already.
///
/// # Errors
/// When the disk refuses.
pub(crate) fn remove(path: &Path) -> Result<(), DiskError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(DiskError::write(path, error)),
        _ => Ok(()),
    }
}

/// As [`replace`], if the file still holds what it held when it was read.
///
/// # Errors
/// When it holds something else by now, or the disk refuses; the file is then as
/// it was.
pub fn replace_unchanged(path: &Path, before: &str, text: &str) -> Result<(), DiskError> {
    let path = target(path)?;
    let file = temporary(&path, text.as_bytes())?;
    // The last moment: what somebody saves now would be lost by the rename.
    must_hold(&path, before)?;
    file.persist(&path)
        .map_err(|error| DiskError::write(&path, error.error))?;
    Ok(())
}

/// Where a link leads; anything else leads to itself.
pub(super) fn target(path: &Path) -> Result<PathBuf, DiskError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => {
            fs::canonicalize(path).map_err(|error| DiskError::read(path, error))
        }
        _ => Ok(path.to_owned()),
    }
}

/// The text in a file of no name's, beside the one that it will become.
fn temporary(path: &Path, text: &[u8]) -> Result<tempfile::NamedTempFile, DiskError> {
    let failed = |error| DiskError::write(path, error);
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::Builder::new()
        .prefix(".aux-gen-")
        .suffix(".tmp")
        .permissions(fs::Permissions::from_mode(mode(path)))
        .tempfile_in(folder)
        .map_err(failed)?;
    file.write_all(text).map_err(failed)?;
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

/// Makes the files that are new visible to flakes, wherever git follows the folder
/// that they are in and is not told to ignore them. Returns how many.
///
/// # Errors
/// When git refuses; the files are there.
pub fn tell_git_of_new(changes: &Changes) -> Result<usize, GitError> {
    let mut trees: BTreeMap<WorkTree, Vec<PathBuf>> = BTreeMap::new();
    for home in changes.registry.iter().chain(changes.repos.values()) {
        let created = home.changes.iter();
        let created = created.filter(|change| change.kind == ChangeKind::Create);
        let mut files: Vec<PathBuf> = created
            .map(|change| home.directory.join(change.path.as_str()))
            .collect();
        if files.is_empty() {
            continue;
        }
        files.push(record_path(&home.directory));
        let bases = home.bases.keys();
        files.extend(bases.map(|path| base_path(&home.directory, path)));
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

/// Writes a text to wait for its rename, in a folder where nothing else is looked
/// for: it may be half there.
pub(super) fn stage(path: &Path, text: impl AsRef<[u8]>) -> Result<(), DiskError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "nobody reads it before the journal is written"
    )]
    in_folder(path, || fs::write(path, text.as_ref()))
        .map_err(|error| DiskError::write(path, error))
}

/// Renames a staged file to where it belongs, with the permissions of the file that
/// it replaces. Between file systems it is copied beside it first.
pub(super) fn move_into_place(staged: &Path, path: &Path) -> Result<(), DiskError> {
    let failed = |error| DiskError::write(path, error);
    if path.exists() {
        let mode = fs::Permissions::from_mode(mode(path));
        fs::set_permissions(staged, mode).map_err(failed)?;
    }
    match in_folder(path, || fs::rename(staged, path)) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            let content = fs::read(staged).map_err(|error| DiskError::read(staged, error))?;
            replace(path, content)
        }
        renamed => renamed.map_err(failed),
    }
}

/// Lets everybody run a file who may read it.
///
/// # Errors
/// When the disk refuses.
pub fn make_executable(path: &Path) -> Result<(), DiskError> {
    let mode = mode(path);
    let mode = fs::Permissions::from_mode(mode | ((mode & 0o444) >> 2));
    fs::set_permissions(path, mode).map_err(|error| DiskError::write(path, error))
}

/// Renames a directory to where nothing is.
pub(super) fn move_directory(from: &Path, to: &Path) -> Result<(), DiskError> {
    in_folder(to, || fs::rename(from, to)).map_err(|error| DiskError::write(to, error))
}

/// Does what needs the folder of a path, which is made if it is not there.
fn in_folder(path: &Path, act: impl Fn() -> io::Result<()>) -> io::Result<()> {
    match act() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
            act()
        }
        done => done,
    }
}

/// Writes a file that must not be there yet.
///
/// # Errors
/// When it is there, or the disk refuses.
pub fn create(path: &Path, text: &str) -> Result<(), DiskError> {
    temporary(path, text.as_bytes())?
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

/// Every text of a repo that is not there yet, by path.
fn texts(repo: &RepoChanges) -> BTreeMap<PathBuf, String> {
    let here = Path::new("");
    let files = repo.changes.iter();
    let files = files.map(|change| (PathBuf::from(change.path.as_str()), change.after.clone()));
    let bases = repo.bases.iter();
    let bases = bases.filter_map(|(path, text)| Some((base_path(here, path), text.clone()?)));
    let record = (record_path(here), repo.record.to_json());
    files.chain(bases).chain([record]).collect()
}

/// The files of a repo, then what the record says of them: if a file cannot be
/// written after all, the record is left as it is.
fn add(transaction: &mut Transaction, group: usize, repo: &RepoChanges) -> Result<(), DiskError> {
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
    for (path, text) in &repo.bases {
        let path = base_path(&repo.directory, path);
        let before = found(&path)?;
        match text {
            Some(text) if before.as_deref() != Some(text.as_bytes()) => {
                transaction.write(&path, before.as_deref(), text, group);
            }
            Some(_) => {}
            None => {
                if let Some(before) = before {
                    transaction.remove(&path, &before, group);
                }
            }
        }
    }
    let record = record_path(&repo.directory);
    let before = found(&record)?;
    let after = repo.record.to_json();
    if before.as_deref() != Some(after.as_bytes()) {
        transaction.write(&record, before.as_deref(), &after, group);
    }
    Ok(())
}

/// What a file holds; none if it is not there.
pub(super) fn found(path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    match fs::read(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DiskError::read(path, error)),
    }
}
