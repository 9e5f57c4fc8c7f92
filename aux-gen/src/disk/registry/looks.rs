//! What a reader looked at, and how it was: if it is the same again, reading gives the same.
//!
//! A directory shows by its times whether an entry came or went, a file whether it was changed. One that is as young
//! as the look at it is in doubt, as in [`freshness`](crate::disk::reconcile).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, openat, statat};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::disk::write::{Tick, tick};

/// What is looked at of a file or directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Aspect {
    /// All that shows whether it was changed.
    State,
    /// What it is: a file, a directory, a link, or nothing.
    Kind,
}

/// Files and directories that a reader looked at, by the directory that holds them.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    folders: BTreeMap<PathBuf, BTreeMap<OsString, Aspect>>,
    is_unsure: bool,
}

impl Looks {
    /// The content of a file, or the entries of a directory, was looked at; or that there is
    /// nothing.
    pub(crate) fn at(&mut self, path: &Path) {
        self.add(path, Aspect::State);
    }

    /// It was looked at what stands there.
    pub(crate) fn at_kind(&mut self, path: &Path) {
        self.add(path, Aspect::Kind);
    }

    /// Something was asked whose answer no file shows.
    pub(crate) fn unsure(&mut self) {
        self.is_unsure = true;
    }

    fn add(&mut self, path: &Path, aspect: Aspect) {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return self.unsure();
        };
        let names = match self.folders.get_mut(folder) {
            Some(names) => names,
            None => self.folders.entry(folder.to_owned()).or_default(),
        };
        let known = names.entry(name.to_owned()).or_insert(aspect);
        *known = (*known).min(aspect);
    }

    /// How it all is now; none if that does not tell all that was looked at.
    pub(crate) fn seen(&self) -> Option<Seen<String>> {
        if self.is_unsure {
            return None;
        }
        let text = |text: &std::ffi::OsStr| text.to_str().map(str::to_owned);
        let folders = self.folders.iter().map(|(folder, names)| {
            let names = names
                .iter()
                .map(|(name, aspect)| Some((text(name)?, *aspect)));
            Some((
                text(folder.as_os_str())?,
                names.collect::<Option<Vec<_>>>()?,
            ))
        });
        let folders: Vec<(String, Vec<(String, Aspect)>)> = folders.collect::<Option<_>>()?;
        let (fingerprint, youngest) = look(&folders);
        Some(Seen {
            folders,
            fingerprint,
            youngest,
        })
    }
}

/// What was looked at, and how it was.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub(crate) struct Seen<T> {
    folders: Vec<(T, Vec<(T, Aspect)>)>,
    fingerprint: [u8; 32],
    /// When the youngest of it changed.
    #[serde(skip)]
    pub(crate) youngest: Tick,
}

impl<T: AsRef<str>> Seen<T> {
    /// Whether all of it is as it was.
    pub(crate) fn is_same(&self) -> bool {
        look(&self.folders).0 == self.fingerprint
    }
}

/// A fingerprint of how all of it is, and when the youngest of it changed.
fn look<T: AsRef<str>>(folders: &[(T, Vec<(T, Aspect)>)]) -> ([u8; 32], Tick) {
    let mut hash = Sha256::new();
    let mut youngest = Tick::MIN;
    for (folder, names) in folders {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let open = openat(CWD, folder.as_ref(), flags, Mode::empty());
        for (name, aspect) in names {
            let stat = |flags| match &open {
                Ok(folder) => statat(folder, name.as_ref(), flags).ok(),
                Err(_) => None,
            };
            let found = stat(AtFlags::SYMLINK_NOFOLLOW);
            let is_link = found.is_some_and(|found| kind(&found) == FileType::Symlink);
            let behind = is_link.then(|| stat(AtFlags::empty())).flatten();
            hash.update([u8::from(found.is_some()), u8::from(behind.is_some())]);
            for found in found.iter().chain(&behind) {
                match aspect {
                    Aspect::State => {
                        add(&mut hash, found);
                        youngest = youngest.max(changed(found));
                    }
                    Aspect::Kind => hash.update(kind(found).as_raw_mode().to_le_bytes()),
                }
            }
        }
    }
    (hash.finalize().into(), youngest)
}

fn kind(found: &Stat) -> FileType {
    FileType::from_raw_mode(found.st_mode)
}

/// Adds all that shows whether a file or directory was changed.
fn add(hash: &mut Sha256, found: &Stat) {
    hash.update(found.st_dev.to_le_bytes());
    hash.update(found.st_ino.to_le_bytes());
    hash.update(found.st_mode.to_le_bytes());
    hash.update(found.st_size.to_le_bytes());
    hash.update(modified(found).to_le_bytes());
    hash.update(changed(found).to_le_bytes());
}

/// When its content was changed last.
fn modified(found: &Stat) -> Tick {
    tick(found.st_mtime, found.st_mtime_nsec)
}

/// When anything of it was changed last, its content included (`inode(7)`).
fn changed(found: &Stat) -> Tick {
    tick(found.st_ctime, found.st_ctime_nsec)
}
