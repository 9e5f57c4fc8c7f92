//! Single files: written beside where they belong, and renamed. A file is old or new, never half.

use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::{fs, io};

use rustix::fs::{Gid, Uid, fchown};

use crate::disk::error::DiskError;
use crate::disk::write::place::Place;
use crate::disk::write::slot::Slot;
use crate::hash::hash;

/// Writes an output to where a person says, new or not; its folder is made if need be. A
/// file is replaced by rename, and keeps its permissions and its owner. A symbolic link
/// stays one: what it points to is written. What is no regular file, such as a device or a
/// pipe, is written to and not replaced.
///
/// # Errors
/// When the disk refuses; a regular file is then as it was.
pub fn replace(path: &Path, text: impl AsRef<[u8]>) -> Result<(), DiskError> {
    let failed = |error| DiskError::write(path, error);
    let to = destination(path)?;
    match descriptor(&to) {
        // These are open already, wherever they are in what they write.
        Some(1) => return io::stdout().write_all(text.as_ref()).map_err(failed),
        Some(2) => return io::stderr().write_all(text.as_ref()).map_err(failed),
        _ => {}
    }
    let is_special = fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
    if is_special || descriptor(&to).is_some() {
        // What is open elsewhere may be in the middle of a file.
        let mut open = fs::OpenOptions::new();
        let mut file = open.append(true).open(path).map_err(failed)?;
        return file.write_all(text.as_ref()).map_err(failed);
    }
    let temporary = temporary(&to, text.as_ref())?;
    temporary
        .persist(&to)
        .map_err(|error| DiskError::write(&to, error.error))?;
    Ok(())
}

/// The number of an open file of this process, if a path names one (`proc_pid_fd(5)`).
fn descriptor(path: &Path) -> Option<u32> {
    match path.to_str()? {
        "/dev/stdout" => return Some(1),
        "/dev/stderr" => return Some(2),
        _ => {}
    }
    let own = format!("/proc/{}/fd", std::process::id());
    let folders = ["/dev/fd", "/proc/self/fd", &own];
    let folder = path.parent()?.to_str()?;
    let name = path.file_name()?.to_str()?;
    folders.contains(&folder).then(|| name.parse().ok())?
}

/// The file that links lead to, whether it is there or not.
fn destination(path: &Path) -> Result<PathBuf, DiskError> {
    /// As many links are followed (Linux, `path_resolution(7)`).
    const MOST: usize = 40;
    let mut at = path.to_owned();
    for _ in 0..MOST {
        // Where these lead says nothing of where they are in it.
        if descriptor(&at).is_some() {
            return Ok(at);
        }
        match fs::read_link(&at) {
            Ok(to) => at = at.parent().unwrap_or(Path::new("")).join(to),
            Err(_) => return Ok(at),
        }
    }
    Err(DiskError::read(path, io::Error::other("too many links")))
}

/// Writes a file below a folder whose files others can write too: no link that is
/// committed is followed. `before` is what it held when it was read, nothing if there must
/// be none.
///
/// # Errors
/// When it holds something else by now, or the disk refuses: the file is then as it was.
pub fn replace_below(
    root: &Path,
    path: &Path,
    before: Option<&[u8]>,
    text: impl AsRef<[u8]>,
) -> Result<(), DiskError> {
    let place = Place::of(root, path)?;
    place.make_folder()?;
    let staged = temporary(place.path(), text.as_ref())?;
    let slot = Slot::new(staged.path(), &place)?;
    if slot.write(before.map(hash).as_deref(), &hash(text.as_ref()))? {
        Ok(())
    } else {
        Err(DiskError::Changed {
            path: path.to_owned(),
        })
    }
}

/// Removes a file; one that is not there is removed already.
///
/// # Errors
/// When the disk refuses.
pub fn remove(path: &Path) -> Result<(), DiskError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(DiskError::write(path, error)),
        _ => Ok(()),
    }
}

/// As [`remove`], below a folder whose files others can write too.
///
/// # Errors
/// When a link that is committed is on the way, or the disk refuses.
pub fn remove_below(root: &Path, path: &Path) -> Result<(), DiskError> {
    let place = Place::of(root, path)?;
    match place.folder()? {
        Some(folder) => folder.remove(place.name()),
        None => Ok(()),
    }
}

/// How names of temporary files start and end.
const PREFIX: &str = ".aux-gen-";

/// See [`PREFIX`].
const SUFFIX: &str = ".tmp";

/// The text in a file of no name's, beside the one that it will become. It is locked as
/// long as this run is at work on it.
fn temporary(path: &Path, text: &[u8]) -> Result<tempfile::NamedTempFile, DiskError> {
    let failed = |error| DiskError::write(path, error);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(failed)?;
    sweep(folder);
    let mut file = tempfile::Builder::new()
        .prefix(PREFIX)
        .suffix(SUFFIX)
        .permissions(fs::Permissions::from_mode(mode(path)))
        .tempfile_in(folder)
        .map_err(failed)?;
    // If locks are not to be had here, nobody sweeps either.
    let _for_sweepers = file.as_file().try_lock();
    file.write_all(text).map_err(failed)?;
    if let Ok(old) = fs::metadata(path) {
        let (owner, group) = (Uid::from_raw(old.uid()), Gid::from_raw(old.gid()));
        // Only root may give files away; the write itself is allowed all the same.
        let _not_allowed = fchown(file.as_file(), Some(owner), Some(group));
    }
    Ok(file)
}

/// Removes what runs that were ended left in a folder: temporary files that nobody has
/// locked.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_file || !name.starts_with(PREFIX) || !name.ends_with(SUFFIX) {
            continue;
        }
        // A name that is a number is in a journal: the run that finishes it removes the file.
        let middle = &name[PREFIX.len()..name.len() - SUFFIX.len()];
        if middle.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let left = fs::File::open(entry.path());
        if left.is_ok_and(|left| left.try_lock().is_ok()) {
            let _not_ours = fs::remove_file(entry.path());
        }
    }
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

/// Lets everybody run a file who may read it.
///
/// # Errors
/// When the disk refuses.
pub fn make_executable(path: &Path) -> Result<(), DiskError> {
    let mode = mode(path);
    let mode = fs::Permissions::from_mode(mode | ((mode & 0o444) >> 2));
    fs::set_permissions(path, mode).map_err(|error| DiskError::write(path, error))
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

/// What a file holds; none if it is not there.
pub(crate) fn found(path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    match fs::read(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DiskError::read(path, error)),
    }
}
