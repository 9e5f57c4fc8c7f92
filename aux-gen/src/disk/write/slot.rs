//! The place where the new text of a file waits, and where its old text goes.
//!
//! A file is replaced by exchanging the two, and only then it is looked whether what came
//! out is what was expected: what somebody saved in the last moment comes out too, and is
//! put back. So no edit is lost between a look and a rename. What was exchanged and not
//! looked at, since the run was ended there, is looked at by the next run.

use std::ffi::{OsStr, OsString};
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::{fs, io};

use rustix::fs::{Gid, Uid, fchown, fstat};
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::disk::error::DiskError;
use crate::disk::write::folder::{Clobber, Folder};
use crate::disk::write::place::Place;
use crate::hash::hash;

/// A file that waits, and the place that it is for.
pub(crate) struct Slot<'p> {
    place: &'p Place,
    /// The folder in the state of the registry; none if nothing waits there.
    waiting: Option<Folder>,
    staged: &'p Path,
    /// Its name there.
    number: OsString,
    /// Its name in the folder of the place, where the state is on another file system.
    beside: OsString,
}

impl<'p> Slot<'p> {
    pub(super) fn new(staged: &'p Path, place: &'p Place) -> Result<Self, DiskError> {
        let number = staged.file_name().unwrap_or_default().to_owned();
        let folder = staged.parent().unwrap_or(Path::new(""));
        let mut beside = OsString::from(".aux-gen-");
        beside.push(&number);
        beside.push(".tmp");
        Ok(Self {
            waiting: folder.is_dir().then(|| Folder::open(folder)).transpose()?,
            place,
            staged,
            number,
            beside,
        })
    }

    /// Gives the file its new text if it has the old one. `before` and `after` are hashes.
    /// Returns whether it has the new one: what somebody else wrote stays.
    pub(super) fn write(&self, before: Option<&str>, after: &str) -> Result<bool, DiskError> {
        self.give_back(before, Some(after))?;
        let found = self.place.hash()?;
        if found.as_deref() == Some(after) {
            return Ok(true);
        }
        if found.as_deref() != before {
            // It was made new, and somebody has changed it since.
            return Ok(before.is_some() && self.held()?.as_deref() == before);
        }
        let folder = self.place.make_folder()?;
        let (from, name) = self.ready(&folder)?;
        self.dress(&from, &name, &folder)?;
        let clobber = match before {
            Some(_) => Clobber::Exchange,
            None => Clobber::Never,
        };
        match from.rename(&name, &folder, self.place.name(), clobber) {
            Ok(()) => {}
            // Somebody was faster.
            Err(Errno::EXIST | Errno::NOENT) => return Ok(false),
            Err(error) => return Err(self.refused(error)),
        }
        self.give_back(before, Some(after))?;
        Ok(self.place.hash()?.as_deref() == Some(after))
    }

    /// Looks once more at what came out of the file, at the end of a run: a process that had it
    /// open may have written to it since.
    pub(super) fn settle(
        &self,
        before: Option<&str>,
        after: Option<&str>,
    ) -> Result<(), DiskError> {
        self.give_back(before, after)?;
        let Some(folder) = self.place.folder()? else {
            return Ok(());
        };
        match folder.read(&self.beside)? {
            Some(held) if [before, after].contains(&Some(hash(&held).as_str())) => {
                folder.remove(&self.beside)
            }
            _ => Ok(()),
        }
    }

    /// Takes the file away if it has the old text. Returns whether it is gone.
    pub(super) fn take(&self, before: &str) -> Result<bool, DiskError> {
        self.give_back(Some(before), None)?;
        let Some(folder) = self.place.folder()? else {
            return Ok(true);
        };
        match self.place.hash()?.as_deref() {
            None => return Ok(true),
            Some(found) if found == before => {}
            Some(_) => return Ok(false),
        }
        // It goes aside first: what goes is looked at when nobody can change it any more.
        let name = self.place.name();
        match folder.rename(name, &folder, &self.beside, Clobber::Never) {
            Ok(()) => {}
            Err(Errno::NOENT) => return Ok(true),
            Err(error) => return Err(self.refused(error)),
        }
        self.settle(Some(before), None)?;
        Ok(self.place.hash()?.is_none())
    }

    /// Brings the directory that waits to where nothing is. Returns whether it is there.
    pub(super) fn create_folder(&self) -> Result<bool, DiskError> {
        match (self.staged.is_dir(), self.place.kind()?) {
            (true, None) => {}
            // It has come already.
            (false, Some(_)) => return Ok(true),
            _ => return Ok(false),
        }
        let folder = self.place.make_folder()?;
        let waiting = self.waiting()?;
        let name = self.place.name();
        match waiting.rename(&self.number, &folder, name, Clobber::Never) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            Err(Errno::XDEV) => {
                let beside = folder.path_of(&self.beside);
                let failed = |error| DiskError::write(&beside, error);
                // What an earlier run copied may be half of it.
                if folder.kind(&self.beside)?.is_some() {
                    fs::remove_dir_all(&beside).map_err(failed)?;
                }
                copy(self.staged, &beside).map_err(failed)?;
                match folder.rename(&self.beside, &folder, name, Clobber::Never) {
                    Ok(()) => {
                        fs::remove_dir_all(self.staged).map_err(failed)?;
                        Ok(true)
                    }
                    Err(Errno::EXIST) => Ok(false),
                    Err(error) => Err(self.refused(error)),
                }
            }
            Err(error) => Err(self.refused(error)),
        }
    }

    /// Puts back what came out of an exchange and is neither the old text nor the new one:
    /// somebody saved it in the last moment.
    pub(super) fn give_back(
        &self,
        before: Option<&str>,
        after: Option<&str>,
    ) -> Result<(), DiskError> {
        let Some(folder) = self.place.folder()? else {
            return Ok(());
        };
        let now = self.place.hash()?;
        if now.as_deref() != after {
            // Nothing was exchanged, or the file has been changed again since.
            return Ok(());
        }
        for (from, name) in self.holders(&folder) {
            let Some(held) = from.read(name)? else {
                continue;
            };
            if [before, after].contains(&Some(hash(&held).as_str())) {
                continue;
            }
            let clobber = match after {
                Some(_) => Clobber::Exchange,
                None => Clobber::Never,
            };
            let back = from.rename(name, &folder, self.place.name(), clobber);
            back.map_err(|error| self.refused(error))?;
        }
        Ok(())
    }

    /// The hash of what came out of the file and still waits.
    fn held(&self) -> Result<Option<String>, DiskError> {
        let Some(folder) = self.place.folder()? else {
            return Ok(None);
        };
        for (from, name) in self.holders(&folder) {
            if let Some(held) = from.read(name)? {
                return Ok(Some(hash(&held)));
            }
        }
        Ok(None)
    }

    /// Where a text of this place may wait.
    fn holders<'s>(&'s self, folder: &'s Folder) -> Vec<(&'s Folder, &'s OsStr)> {
        let waiting = self.waiting.iter().map(|from| (from, &*self.number));
        waiting.chain([(folder, &*self.beside)]).collect()
    }

    /// The new text, on the file system of the place: where it waits, or beside the place.
    fn ready(&self, folder: &Folder) -> Result<(Folder, OsString), DiskError> {
        let waiting = self.waiting()?;
        if waiting.device()? == folder.device()? && self.is_near(folder) {
            return Ok((waiting, self.number.clone()));
        }
        let path = folder.path_of(&self.beside);
        let failed = |error| DiskError::write(&path, error);
        let text = waiting.read(&self.number)?.unwrap_or_default();
        // It gets its name when it is whole: what has it is taken for somebody's text.
        let half = self.half();
        folder.remove(&half)?;
        let mut copy = folder.create(&half).map_err(failed)?;
        copy.write_all(&text).map_err(failed)?;
        let parent = self.place.make_folder()?;
        parent.remove(&self.beside)?;
        let named = parent.rename(&half, &parent, &self.beside, Clobber::Never);
        named.map_err(|error| self.refused(error))?;
        Ok((parent, self.beside.clone()))
    }

    /// The name of a copy that is not whole yet.
    fn half(&self) -> OsString {
        let mut half = OsString::from(".aux-gen-half-");
        half.push(&self.number);
        half.push(".tmp");
        half
    }

    /// Whether a rename from the state to a folder is possible: two mounts of one file system
    /// have the same device number, and still refuse it. The attempt to rename to `.`, which
    /// is taken, tells the two apart and changes nothing (`renameat2(2)`: `EXDEV` comes first).
    fn is_near(&self, folder: &Folder) -> bool {
        let Some(waiting) = &self.waiting else {
            return false;
        };
        let tried = waiting.rename(&self.number, folder, OsStr::new("."), Clobber::Never);
        !matches!(tried, Err(Errno::XDEV))
    }

    /// Gives the new file the permissions and the owner of the one that it replaces.
    fn dress(&self, from: &Folder, name: &OsStr, folder: &Folder) -> Result<(), DiskError> {
        let Some(old) = folder.stat(self.place.name())? else {
            if geteuid().is_root() {
                // In a checkout of somebody else's a new file is theirs too.
                let above = fstat(folder).ok();
                let owner = above.map(|above| (Uid::from_raw(above.st_uid), above.st_gid));
                let file = fs::File::open(from.path_of(name)).ok();
                if let (Some((owner, group)), Some(file)) = (owner, file) {
                    let _kept = fchown(&file, Some(owner), Some(Gid::from_raw(group)));
                }
            }
            return Ok(());
        };
        let path = from.path_of(name);
        let failed = |error| DiskError::write(&path, error);
        let file = fs::File::open(&path).map_err(failed)?;
        let found = file.metadata().map_err(failed)?;
        if (found.uid(), found.gid()) != (old.st_uid, old.st_gid) {
            let owner = Some(Uid::from_raw(old.st_uid));
            let group = Some(Gid::from_raw(old.st_gid));
            // Only root may give files away; the write itself is allowed all the same.
            let _not_allowed = fchown(&file, owner, group);
        }
        file.set_permissions(Permissions::from_mode(old.st_mode & 0o7777))
            .map_err(failed)
    }

    fn waiting(&self) -> Result<Folder, DiskError> {
        Folder::open(self.staged.parent().unwrap_or(Path::new("")))
    }

    fn refused(&self, error: Errno) -> DiskError {
        DiskError::write(self.place.path(), error.into())
    }
}

/// Copies a directory with all that is in it.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let new = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &new)?;
        } else {
            fs::copy(entry.path(), new).map(drop)?;
        }
    }
    Ok(())
}
