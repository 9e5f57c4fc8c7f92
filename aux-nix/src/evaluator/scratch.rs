//! The directory everything temporary lives in: a home for Nix and a store to throw away.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use aux_process::ScratchFolder;

use crate::evaluator::error::NixError;

/// A temporary directory, removed when dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    /// Held while a process opens the store: two that lay it out at once fail.
    opening: Mutex<()>,
    directory: ScratchFolder,
}

impl Scratch {
    pub(super) fn new() -> Result<Self, NixError> {
        let parent = parent();
        let directory = ScratchFolder::in_folder(&parent)
            .map_err(NixError::file("make a directory in", parent))?;
        // Restricted evaluation compares resolved paths, and `/tmp` may be a link.
        let path = directory
            .path()
            .canonicalize()
            .map_err(NixError::file("resolve", directory.path()))?;
        let scratch = Self {
            path,
            opening: Mutex::new(()),
            directory,
        };
        let store = scratch.store();
        // One by one: with its parents, the directory itself would come back that a signal
        // has just removed.
        for made in [
            scratch.home(),
            scratch.temporary(),
            store.clone(),
            store.join("nix"),
            scratch.store_files(),
        ] {
            fs::create_dir(&made).map_err(NixError::file("make", &made))?;
        }
        Ok(scratch)
    }

    /// Git refuses work trees owned by somebody else unless told otherwise, and this home
    /// has no configuration of the user's to tell it: these are the ones to work with.
    pub(super) fn trust<'r>(
        &self,
        roots: impl Iterator<Item = &'r PathBuf>,
    ) -> Result<(), NixError> {
        let mut text = String::from("[safe]\n");
        for root in roots {
            let root = root.to_string_lossy();
            let quoted = root.replace('\\', "\\\\").replace('"', "\\\"");
            text.push_str(&format!(
                "\tdirectory = \"{}\"\n",
                quoted.replace('\n', "\\n")
            ));
        }
        let config = self.home().join(".gitconfig");
        self.directory
            .write(&config, text.as_bytes())
            .map_err(NixError::file("write", &config))
    }

    /// Holds back other processes until the guard is dropped.
    pub(super) fn opening(&self) -> MutexGuard<'_, ()> {
        // The mutex guards no data, so a thread that panicked left none behind.
        self.opening.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// `HOME`, and the parent of every `XDG_*` directory.
    pub(super) fn home(&self) -> PathBuf {
        self.path.join("home")
    }

    /// `TMPDIR`.
    pub(super) fn temporary(&self) -> PathBuf {
        self.path.join("tmp")
    }

    /// The root of the throwaway store, as `--store` takes it.
    pub(super) fn store(&self) -> PathBuf {
        self.path.join("store")
    }

    /// Where the throwaway store keeps what it calls `/nix/store`.
    pub(super) fn store_files(&self) -> PathBuf {
        self.store().join("nix/store")
    }
}

/// Where memory is a file system.
const MEMORY: &str = "/dev/shm";

/// Bytes that must be free there. The store of all of nixpkgs' derivations takes about
/// half of it.
const ROOM: u64 = 4 << 30;

/// Where scratch directories are made: in memory if there is plenty, since a store is
/// many small files that nobody keeps; where `TMPDIR` says if somebody set it.
fn parent() -> PathBuf {
    let memory = Path::new(MEMORY);
    let has_room = || {
        let found = rustix::fs::statvfs(memory).ok()?;
        let is_open = rustix::fs::access(memory, rustix::fs::Access::WRITE_OK).is_ok();
        Some(is_open && found.f_bavail.saturating_mul(found.f_frsize) >= ROOM)
    };
    if std::env::var_os("TMPDIR").is_none() && has_room() == Some(true) {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    }
}
