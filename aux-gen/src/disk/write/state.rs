//! What is for one machine only: the journal of a run, its staged texts, caches, trains.
//!
//! It lies where git never sees it: in the git directory of the repository that the
//! registry is in, else in an ignored folder of the registry. A contributor can commit
//! any file but those of a git directory, and an archive can hold any file at all. So the
//! folder is bound to itself: its name is made of its own inode and the moment of its
//! creation, which nobody can know before it is there. A copy, a clone or an unpacked archive
//! has another identity and is not read. A folder that was moved has the same.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use std::{fs, io};

use aux_git::git_directory;

use crate::disk::error::DiskError;
use crate::disk::write::replace::replace;
use crate::hash::hash;
use crate::marker::RECORD;

/// The folder for such things in a git directory.
const IN_GIT: &str = "aux-gen";

/// The folder for such things in a registry that is in no git repository.
const LOCAL: &str = "local";

/// Digits of a hash in the name of a folder.
const DIGITS: usize = 16;

/// The state of one registry on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    folder: PathBuf,
}

impl State {
    /// The state of a registry, or of any other folder that is written to as one; none
    /// if there is none yet.
    #[must_use]
    pub fn of(registry: &Path) -> Option<Self> {
        let own = places(registry).into_iter().find_map(|place| own(&place));
        own.map(|folder| Self { folder })
    }

    /// The state of a registry, made if there is none yet.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make(registry: &Path) -> Result<Self, DiskError> {
        if let Some(known) = Self::of(registry) {
            return Ok(known);
        }
        let mut refused = None;
        for place in places(registry) {
            match make_in(&place, registry) {
                Ok(folder) => return Ok(Self { folder }),
                Err(error) => {
                    refused.get_or_insert(error);
                }
            }
        }
        Err(refused.unwrap_or_else(|| DiskError::write(registry, io::ErrorKind::NotFound.into())))
    }

    /// The state of a registry, made if there is none yet and it lies where nobody looks: in a git
    /// directory.
    pub(crate) fn make_in_git(registry: &Path) -> Option<Self> {
        git_directory(registry)?;
        let place = places(registry).into_iter().next()?;
        let folder = make_in(&place, registry).ok()?;
        Some(Self { folder })
    }

    /// The path of a file or folder of it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Removes the folders of it that are empty.
    pub(super) fn tidy(&self) {
        // A folder that still holds something refuses, and stays.
        let _still_in_use = fs::remove_dir(&self.folder);
        let Some(place) = self.folder.parent() else {
            return;
        };
        let entries = fs::read_dir(place).into_iter().flatten().flatten();
        if entries
            .map(|entry| entry.file_name())
            .any(|name| name != IGNORE)
        {
            return;
        }
        let _none = fs::remove_file(place.join(IGNORE));
        let _still_in_use = fs::remove_dir(place);
        if let Some(above) = place.parent() {
            let _still_in_use = fs::remove_dir(above);
        }
    }
}

/// The file that tells git to ignore a folder.
const IGNORE: &str = ".gitignore";

/// Where the state of a registry may lie, the best first.
fn places(registry: &Path) -> Vec<PathBuf> {
    let mut places = Vec::new();
    if let Some((git, below)) = git_directory(registry) {
        let name = if below.as_os_str().is_empty() {
            "registry".to_owned()
        } else {
            hash(below.as_os_str().as_encoded_bytes())[..DIGITS].to_owned()
        };
        places.push(git.join(IN_GIT).join(name));
    }
    places.push(registry.join(RECORD).join(LOCAL));
    places
}

/// The folder in a place that is bound to itself, and is ours.
fn own(place: &Path) -> Option<PathBuf> {
    let mut own: Vec<PathBuf> = fs::read_dir(place)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|folder| {
            let name = folder.file_name().unwrap_or_default();
            identity(folder).is_some_and(|identity| *name == *identity)
        })
        .collect();
    own.sort();
    own.into_iter().next()
}

/// The name that a folder has if it is bound to itself; none for anything else, and for
/// one of another user.
fn identity(folder: &Path) -> Option<String> {
    let found = fs::symlink_metadata(folder).ok()?;
    let is_own = found.uid() == rustix::process::geteuid().as_raw();
    if !found.is_dir() || !is_own {
        return None;
    }
    // Not every file system knows when: its inode is all there is then.
    let created = found.created().ok();
    let created = created.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let text = format!("{} {:?}", found.ino(), created);
    Some(hash(text.as_bytes())[..DIGITS].to_owned())
}

/// Makes a folder that is bound to itself: only when it is there its name is known.
fn make_in(place: &Path, registry: &Path) -> Result<PathBuf, DiskError> {
    let failed = |error| DiskError::write(place, error);
    // A link that somebody committed would lead elsewhere.
    for folder in place.ancestors().take_while(|folder| *folder != registry) {
        if folder.is_symlink() && folder.starts_with(registry) {
            return Err(DiskError::InTheWay {
                path: folder.to_owned(),
                what: "a symbolic link",
            });
        }
    }
    fs::create_dir_all(place).map_err(failed)?;
    if place.starts_with(registry.join(RECORD)) {
        replace(&place.join(IGNORE), "*\n")?;
    }
    let new = tempfile::Builder::new()
        .prefix("new-")
        .tempdir_in(place)
        .map_err(failed)?;
    let name = identity(new.path())
        .ok_or_else(|| failed(io::Error::other("the new folder is not this user's")))?;
    let folder = place.join(name);
    fs::rename(new.path(), &folder).map_err(failed)?;
    // It has another name now.
    let _gone = new.keep();
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_that_was_copied_is_not_read_and_state_that_was_moved_is() {
        let root = tempfile::tempdir().unwrap();
        let registry = root.path().join("registry");
        fs::create_dir(&registry).unwrap();
        let state = State::make(&registry).unwrap();
        fs::create_dir(state.path("x")).unwrap();
        assert_eq!(State::of(&registry), Some(state.clone()));

        let moved = root.path().join("moved");
        fs::rename(&registry, &moved).unwrap();
        assert!(State::of(&moved).unwrap().path("x").is_dir());

        let copied = root.path().join("copied/.aux-gen/local");
        fs::create_dir_all(copied.join(state.folder.file_name().unwrap())).unwrap();
        assert_eq!(State::of(&root.path().join("copied")), None);
        let made = State::make(&root.path().join("copied")).unwrap();
        assert_ne!(made.folder.file_name(), state.folder.file_name());
    }

    #[test]
    fn a_link_that_somebody_committed_leads_nowhere() {
        let root = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), root.path().join(".aux-gen")).unwrap();
        assert!(State::make(root.path()).is_err());
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn nothing_is_left_of_state_that_holds_nothing() {
        let root = tempfile::tempdir().unwrap();
        State::make(root.path()).unwrap().tidy();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }
}
