//! A directory that was opened, and what is done in it: names below it are looked up one
//! by one and no symbolic link is followed, so that nothing leads out of it, whatever
//! somebody makes of its path meanwhile.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, RenameFlags, Stat, fstat, mkdirat, openat, renameat_with,
    statat, unlinkat,
};
use rustix::io::Errno;

use crate::disk::error::DiskError;

/// A directory that is open.
#[derive(Debug)]
pub(crate) struct Folder {
    fd: OwnedFd,
    /// Its path when it was opened, for messages.
    path: PathBuf,
}

/// What becomes of what has the new name already when something is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clobber {
    /// Nothing may have it.
    Never,
    /// The two change names: nothing is lost.
    Exchange,
}

/// To open a directory and nothing else.
const DIRECTORY: OFlags = OFlags::DIRECTORY
    .union(OFlags::RDONLY)
    .union(OFlags::CLOEXEC)
    .union(OFlags::NOFOLLOW);

impl Folder {
    /// Opens a directory by its path. Links on the way are followed: the caller has checked
    /// them, or the user named the path.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, DiskError> {
        let file = File::open(path).map_err(|error| DiskError::read(path, error))?;
        Ok(Self {
            fd: file.into(),
            path: path.to_owned(),
        })
    }

    /// A directory below this one; none if it is not there.
    ///
    /// # Errors
    /// When something else stands there or on the way, such as a link.
    pub(crate) fn below(&self, relative: &Path) -> Result<Option<Self>, DiskError> {
        self.walk(relative, Missing::Leave)
    }

    /// As [`Self::below`]; directories that are not there are made.
    ///
    /// # Errors
    /// As [`Self::below`], and when one cannot be made.
    pub(super) fn make_below(&self, relative: &Path) -> Result<Self, DiskError> {
        let made = self.walk(relative, Missing::Make)?;
        Ok(made.expect("what is missing was made"))
    }

    fn walk(&self, relative: &Path, missing: Missing) -> Result<Option<Self>, DiskError> {
        let mut at = self.duplicate()?;
        for component in relative.components() {
            let Component::Normal(name) = component else {
                let error = io::Error::other("the path is not below the folder");
                return Err(DiskError::write(&at.path.join(relative), error));
            };
            let path = at.path.join(name);
            let opened = openat(&at.fd, name, DIRECTORY, Mode::empty());
            let fd = match (opened, missing) {
                (Ok(fd), _) => fd,
                (Err(Errno::NOENT), Missing::Leave) => return Ok(None),
                (Err(Errno::NOENT), Missing::Make) => {
                    match mkdirat(&at.fd, name, Mode::from_raw_mode(0o777)) {
                        // Another thread of this run may have been faster.
                        Ok(()) | Err(Errno::EXIST) => {}
                        Err(error) => return Err(DiskError::write(&path, error.into())),
                    }
                    let opened = openat(&at.fd, name, DIRECTORY, Mode::empty());
                    opened.map_err(|error| DiskError::write(&path, error.into()))?
                }
                (Err(Errno::LOOP | Errno::NOTDIR), _) => {
                    return Err(DiskError::InTheWay {
                        what: match at.kind(name)? {
                            Some(FileType::Symlink) => "a symbolic link",
                            _ => "a file",
                        },
                        path,
                    });
                }
                (Err(error), _) => return Err(DiskError::read(&path, error.into())),
            };
            at = Self { fd, path };
        }
        Ok(Some(at))
    }

    fn duplicate(&self) -> Result<Self, DiskError> {
        let fd = self.fd.try_clone();
        Ok(Self {
            fd: fd.map_err(|error| DiskError::read(&self.path, error))?,
            path: self.path.clone(),
        })
    }

    /// The path of something in it, for messages.
    pub(super) fn path_of(&self, name: &OsStr) -> PathBuf {
        self.path.join(name)
    }

    /// The file system that it is on.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn device(&self) -> Result<u64, DiskError> {
        let found = fstat(&self.fd);
        let found = found.map_err(|error| DiskError::read(&self.path, error.into()))?;
        Ok(found.st_dev)
    }

    /// What stands under a name; nothing if nothing does.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn stat(&self, name: &OsStr) -> Result<Option<Stat>, DiskError> {
        match statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(Some(found)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(DiskError::read(&self.path_of(name), error.into())),
        }
    }

    /// What sort of thing stands under a name.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn kind(&self, name: &OsStr) -> Result<Option<FileType>, DiskError> {
        let found = self.stat(name)?;
        Ok(found.map(|found| FileType::from_raw_mode(found.st_mode)))
    }

    /// What a file holds; nothing if there is none.
    ///
    /// # Errors
    /// When something else stands there, such as a link or a pipe, or the disk refuses.
    pub(crate) fn read(&self, name: &OsStr) -> Result<Option<Vec<u8>>, DiskError> {
        let path = || self.path_of(name);
        let in_the_way = |what| DiskError::InTheWay { path: path(), what };
        match self.kind(name)? {
            None => return Ok(None),
            Some(FileType::RegularFile) => {}
            Some(FileType::Symlink) => return Err(in_the_way("a symbolic link")),
            Some(FileType::Directory) => return Err(in_the_way("a directory")),
            Some(_) => return Err(in_the_way("no file")),
        }
        // A pipe that takes its place right now does not block.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let fd = match openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(in_the_way("a symbolic link")),
            Err(error) => return Err(DiskError::read(&path(), error.into())),
        };
        let mut content = Vec::new();
        let read = File::from(fd).read_to_end(&mut content);
        read.map_err(|error| DiskError::read(&path(), error))?;
        Ok(Some(content))
    }

    /// Renames something in this directory to a name in another.
    ///
    /// # Errors
    /// What the system says: [`Errno::EXIST`] where something has the name and may not,
    /// [`Errno::NOENT`] where one of two that are to be exchanged is not there.
    pub(super) fn rename(
        &self,
        name: &OsStr,
        to: &Self,
        new: &OsStr,
        clobber: Clobber,
    ) -> Result<(), Errno> {
        let flags = match clobber {
            Clobber::Never => RenameFlags::NOREPLACE,
            Clobber::Exchange => RenameFlags::EXCHANGE,
        };
        match renameat_with(&self.fd, name, &to.fd, new, flags) {
            // A file system that knows no such renames: look, then rename.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                let there = statat(&to.fd, new, AtFlags::SYMLINK_NOFOLLOW);
                match (there, clobber) {
                    (Ok(_), Clobber::Never) => Err(Errno::EXIST),
                    (Err(error), Clobber::Exchange) => Err(error),
                    (Ok(_), Clobber::Exchange) | (Err(Errno::NOENT), Clobber::Never) => {
                        rustix::fs::renameat(&self.fd, name, &to.fd, new)
                    }
                    (Err(error), Clobber::Never) => Err(error),
                }
            }
            renamed => renamed,
        }
    }

    /// Makes a file that must not be there yet.
    ///
    /// # Errors
    /// When it is there, or the disk refuses.
    pub(super) fn create(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o666);
        Ok(openat(&self.fd, name, flags | OFlags::NOFOLLOW, mode)?.into())
    }

    /// Removes a file; one that is not there is removed already.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn remove(&self, name: &OsStr) -> Result<(), DiskError> {
        match unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(DiskError::write(&self.path_of(name), error.into())),
        }
    }

    /// Removes a directory that has nothing in it; whether it is gone.
    pub(super) fn remove_empty(&self, name: &OsStr) -> bool {
        unlinkat(&self.fd, name, AtFlags::REMOVEDIR).is_ok()
    }
}

impl AsFd for Folder {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// What becomes of directories that are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Leave,
    Make,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_link_is_followed_below_a_folder() {
        let root = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), root.path().join("out")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", root.path().join("file")).unwrap();
        let folder = Folder::open(root.path()).unwrap();
        for path in ["out", "out/deeper"] {
            let error = folder.make_below(Path::new(path)).unwrap_err();
            assert!(matches!(error, DiskError::InTheWay { .. }), "{error}");
        }
        assert!(folder.read(OsStr::new("file")).is_err());
        assert!(folder.below(Path::new("../x")).is_err());
        assert!(folder.below(Path::new("none/x")).unwrap().is_none());
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    }
}
