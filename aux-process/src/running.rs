//! What this process has started and made for the time that it runs: groups of processes,
//! and folders that are to be gone when it is. Ended by a signal, it ends the one and removes
//! the other; what a process that was killed left behind, the next one clears away.

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tempfile::TempDir;

/// How names of such folders start.
const PREFIX: &str = "aux-gen-tmp-";

/// A folder that is younger is left alone, whether anybody holds it or not: between its
/// creation and its lock there is a moment.
const YOUNG: Duration = Duration::from_secs(60);

static RUNNING: Mutex<Running> = Mutex::new(Running {
    is_ending: false,
    groups: BTreeSet::new(),
    folders: BTreeSet::new(),
});

#[derive(Debug)]
struct Running {
    /// Whether nothing new is started or made any more.
    is_ending: bool,
    /// The numbers of process groups.
    groups: BTreeSet<i32>,
    folders: BTreeSet<PathBuf>,
}

fn running() -> MutexGuard<'static, Running> {
    // A thread that panicked left both sets whole.
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends all groups of processes that are running, and removes all folders: for a program
/// that was told to end.
pub fn end_all() {
    let mut running = running();
    running.is_ending = true;
    let groups = std::mem::take(&mut running.groups);
    for group in &groups {
        kill(*group);
    }
    // What is not dead yet can still make the folders anew.
    for group in groups {
        wait_for(group);
    }
    for folder in std::mem::take(&mut running.folders) {
        remove(&folder);
    }
}

/// A group of processes that is ended with this one; dropped, it is not any more.
#[derive(Debug)]
pub struct Group(i32);

impl Group {
    /// Starts a process that leads a group of its own.
    ///
    /// # Errors
    /// As of [`Command::spawn`]; or once this process was told to end.
    pub fn spawn(command: &mut Command) -> std::io::Result<(Child, Self)> {
        // Held until the group is known: a signal between the two would leave it running.
        let mut running = running();
        if running.is_ending {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let child = command.process_group(0).spawn()?;
        let group = Self(Pid::from_child(&child).as_raw_nonzero().get());
        running.groups.insert(group.0);
        Ok((child, group))
    }

    /// Ends all of it.
    pub fn kill(&self) {
        kill(self.0);
    }
}

fn kill(group: i32) {
    if let Some(pid) = Pid::from_raw(group) {
        // It fails when the group has just ended, which is what was wanted.
        let _ended = kill_process_group(pid, Signal::KILL);
    }
}

/// Waits until the leader of a group is dead, and leaves it to whoever started it to ask how
/// it ended.
fn wait_for(group: i32) {
    /// The kernel may be at work for a process that was killed: five seconds.
    const ROUNDS: usize = 500;
    let Some(pid) = Pid::from_raw(group) else {
        return;
    };
    let asked = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    for _ in 0..ROUNDS {
        // An error: somebody has asked already.
        if !matches!(waitid(WaitId::Pid(pid), asked), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        running().groups.remove(&self.0);
    }
}

/// A temporary folder: gone when it is dropped, when a signal ends this process, or when the
/// next process looks.
#[derive(Debug)]
pub struct ScratchFolder {
    folder: TempDir,
    /// Held as long as this process lives, however it ends.
    _held: Option<File>,
}

impl ScratchFolder {
    /// A new one, where temporary files are.
    pub fn new() -> std::io::Result<Self> {
        Self::in_folder(&std::env::temp_dir())
    }

    /// A new one in a folder.
    pub fn in_folder(parent: &Path) -> std::io::Result<Self> {
        sweep(parent);
        let mut running = running();
        if running.is_ending {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        let held = File::open(folder.path()).ok();
        let held = held.filter(|held| held.try_lock().is_ok());
        running.folders.insert(folder.path().to_owned());
        drop(running);
        Ok(Self {
            folder,
            _held: held,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below it, old or new and never half: another process may read it.
    ///
    /// # Errors
    /// When the disk refuses, or the file's folder is not there.
    pub fn write(&self, path: &Path, content: &[u8]) -> std::io::Result<()> {
        let path = self.path().join(path);
        let folder = path.parent().unwrap_or(self.path());
        let mut staged = tempfile::NamedTempFile::new_in(folder)?;
        staged.write_all(content)?;
        staged.persist(&path).map_err(|error| error.error)?;
        Ok(())
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        remove(self.folder.path());
        running().folders.remove(self.folder.path());
    }
}

/// Removes what processes of this user that were killed have left.
fn sweep(parent: &Path) {
    let user = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let Some(found) = entry
            .metadata()
            .ok()
            .filter(|found| is_ours && found.is_dir())
        else {
            continue;
        };
        let age = found.modified().ok();
        let age = age.and_then(|then| SystemTime::now().duration_since(then).ok());
        if found.uid() != user || age.is_none_or(|age| age < YOUNG) {
            continue;
        }
        if File::open(entry.path()).is_ok_and(|left| left.try_lock().is_ok()) {
            remove(&entry.path());
        }
    }
}

/// Removes a folder with all that is in it. Nix takes the write permission off every
/// directory that it puts in a store, and nobody but root can remove files from one.
fn remove(folder: &Path) {
    /// A process that was killed may write until the kernel has ended it: half a second.
    const ROUNDS: usize = 50;
    for _ in 0..ROUNDS {
        make_writable(folder);
        // What stays behind stays with other temporary files: nobody to tell, nothing to lose.
        if fs::remove_dir_all(folder).is_ok() || folder.symlink_metadata().is_err() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn make_writable(directory: &Path) {
    let Ok(found) = fs::symlink_metadata(directory) else {
        return;
    };
    if !found.is_dir() {
        return;
    }
    if found.permissions().mode() & 0o700 != 0o700 {
        let _left = fs::set_permissions(directory, fs::Permissions::from_mode(0o700));
    }
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        make_writable(&entry.path());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_goes_and_what_somebody_holds_stays() {
        let parent = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let path = parent.path().join(format!("{PREFIX}{name}"));
            fs::create_dir(&path).unwrap();
            let old = SystemTime::now() - Duration::from_secs(3600);
            File::open(&path).unwrap().set_modified(old).unwrap();
            path
        };
        let (left, held) = (make("left"), make("held"));
        let holding = File::open(&held).unwrap();
        holding.try_lock().unwrap();
        let new = ScratchFolder::in_folder(parent.path()).unwrap();
        assert!(!left.exists() && held.exists() && new.path().exists());
        let path = new.path().to_owned();
        drop(new);
        assert!(!path.exists());
    }
}
