//! Where something is, or will be, below a registry: the folder that holds it, opened
//! without following a link that somebody committed, and its name there.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use aux_git::WorkTree;
use aux_model::{CheckoutPath, is_git_directory};
use rustix::fs::FileType;
use rustix::io::Errno;

use crate::disk::error::DiskError;
use crate::disk::write::folder::{Clobber, Folder};
use crate::hash::hash;

/// A file or directory below a registry, whether it is there or not.
#[derive(Debug)]
pub(crate) struct Place {
    path: PathBuf,
    /// The folder that the way starts from.
    base: Folder,
    /// The folder that holds it, relative to the base.
    parent: PathBuf,
    name: OsString,
}

impl Place {
    /// The place of a path in a registry.
    ///
    /// A link on the way is followed if git does not track it: the user has made it, for
    /// example from `repos/x` to their checkout of it. A link at the end of the path leads to
    /// the file that is meant, if that is in the registry too.
    ///
    /// # Errors
    /// When a link that is committed, or a file, is on the way.
    pub(super) fn of(registry: &Path, path: &Path) -> Result<Self, DiskError> {
        let path = target(registry, path)?;
        let outside = || {
            let error = io::Error::other("it is not in the registry");
            DiskError::write(&path, error)
        };
        let relative = path.strip_prefix(registry).map_err(|_| outside())?;
        let name = relative.file_name().ok_or_else(outside)?.to_owned();
        let mut parent = relative.parent().unwrap_or(Path::new("")).to_owned();
        let mut base = registry.to_owned();
        if let Some(link) = link_on(registry, &parent) {
            let at = registry.join(&link);
            must_be_untracked_link(&at)?;
            base = at
                .canonicalize()
                .map_err(|error| DiskError::read(&at, error))?;
            parent = parent
                .strip_prefix(&link)
                .unwrap_or(Path::new(""))
                .to_owned();
        }
        Ok(Self {
            base: Folder::open(&base)?,
            parent,
            name,
            path,
        })
    }

    /// The path, for messages.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn name(&self) -> &OsStr {
        &self.name
    }

    /// The folder that holds it; none if that is not there.
    pub(super) fn folder(&self) -> Result<Option<Folder>, DiskError> {
        self.base.below(&self.parent)
    }

    /// The folder that holds it, made if it is not there.
    pub(super) fn make_folder(&self) -> Result<Folder, DiskError> {
        self.base.make_below(&self.parent)
    }

    /// The nearest folder above it that is there.
    pub(super) fn nearest_folder(&self) -> Result<Folder, DiskError> {
        for folder in self.parent.ancestors() {
            if let Some(found) = self.base.below(folder)? {
                return Ok(found);
            }
        }
        self.base
            .below(Path::new(""))?
            .ok_or_else(|| DiskError::read(&self.path, io::ErrorKind::NotFound.into()))
    }

    /// The file system that it is, or will be, on.
    pub(super) fn device(&self) -> Result<u64, DiskError> {
        self.nearest_folder()?.device()
    }

    /// What stands there.
    pub(super) fn kind(&self) -> Result<Option<FileType>, DiskError> {
        match self.folder()? {
            Some(folder) => folder.kind(&self.name),
            None => Ok(None),
        }
    }

    /// The hash of what the file holds; none if there is no file.
    pub(super) fn hash(&self) -> Result<Option<String>, DiskError> {
        let Some(folder) = self.folder()? else {
            return Ok(None);
        };
        Ok(folder.read(&self.name)?.map(|text| hash(&text)))
    }

    /// Renames the directory to where nothing is, if that is not done yet. Returns whether
    /// it is there now: one that is nowhere was changed by somebody.
    pub(super) fn relocate(&self, to: &Self) -> Result<bool, DiskError> {
        let (here, there) = (self.kind()?, to.kind()?);
        if here.is_none() {
            return Ok(there.is_some());
        }
        let Some(from) = self.folder()? else {
            return Ok(false);
        };
        let folder = to.make_folder()?;
        match from.rename(&self.name, &folder, &to.name, Clobber::Never) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST | Errno::NOENT) => Ok(false),
            // The same device number, and yet another mount.
            Err(Errno::XDEV) => Err(DiskError::OtherDevice {
                from: self.path.clone(),
                to: to.path.clone(),
            }),
            Err(error) => Err(DiskError::write(&to.path, error.into())),
        }
    }
}

/// Where a link leads that is the file itself; anything else leads to itself.
fn target(registry: &Path, path: &Path) -> Result<PathBuf, DiskError> {
    if !path.is_symlink() {
        return Ok(path.to_owned());
    }
    let leads_out = || DiskError::InTheWay {
        path: path.to_owned(),
        what: "a symbolic link that leads out of the registry, or nowhere",
    };
    let real = path.canonicalize().map_err(|_| leads_out())?;
    let below = inside(registry, &real)?.ok_or_else(leads_out)?;
    Ok(registry.join(below))
}

/// The path of something below a registry, without links, relative to it; none if it is not
/// in it, or is git's own.
fn inside(registry: &Path, real: &Path) -> Result<Option<PathBuf>, DiskError> {
    let root = registry
        .canonicalize()
        .map_err(|error| DiskError::read(registry, error))?;
    let below = real.strip_prefix(&root).ok().filter(|below| {
        let mut parts = below.components();
        !parts.any(|part| is_git_directory(&part.as_os_str().to_string_lossy()))
    });
    Ok(below.map(Path::to_owned))
}

/// Refuses to read a file that a link leads to which somebody committed, if it lies outside
/// of the registry, or is git's own: its text would be shown, or become a part of what is
/// generated.
///
/// # Errors
/// When it does.
pub fn must_stay_inside(registry: &Path, path: &Path) -> Result<(), DiskError> {
    let Ok(relative) = path.strip_prefix(registry) else {
        return Ok(());
    };
    let Some(link) = link_on(registry, relative) else {
        return Ok(());
    };
    let leads_out = || DiskError::LeadsOut {
        path: path.to_owned(),
    };
    let real = path
        .canonicalize()
        .map_err(|error| DiskError::read(path, error))?;
    match inside(registry, &real)? {
        Some(_) => Ok(()),
        None => must_be_untracked_link(&registry.join(link)).map_err(|_| leads_out()),
    }
}

/// The first link on a way below a folder.
#[must_use]
pub fn link_on(start: &Path, way: &Path) -> Option<PathBuf> {
    let mut folders: Vec<&Path> = way.ancestors().collect();
    folders.reverse();
    let mut folders = folders
        .into_iter()
        .filter(|way| !way.as_os_str().is_empty());
    folders
        .find(|way| start.join(way).is_symlink())
        .map(Path::to_owned)
}

/// The folder of a repo's checkout, without links in its path; none if there is none, or only
/// one behind a link that is committed, which could lead anywhere.
#[must_use]
pub fn checkout(registry: &Path, path: &CheckoutPath) -> Option<PathBuf> {
    let folder = checkout_place(registry, path).ok()?;
    folder.is_dir().then_some(folder)
}

/// As [`checkout`], whether there is one or not.
///
/// # Errors
/// When a link that is committed is on the way.
pub fn checkout_place(registry: &Path, path: &CheckoutPath) -> Result<PathBuf, DiskError> {
    let relative = Path::new(path.as_str());
    let folder = registry.join(relative);
    if let Some(link) = link_on(registry, relative) {
        must_be_untracked_link(&registry.join(link))?;
    }
    Ok(folder.canonicalize().unwrap_or(folder))
}

/// A link that a contributor committed could lead anywhere. A link that git does not track was
/// made by the user on this machine. Outside of a git repository the two cannot be told apart.
///
/// # Errors
/// When it is tracked, or there is no git repository.
pub(crate) fn must_be_untracked_link(link: &Path) -> Result<(), DiskError> {
    let tree = link.parent().and_then(WorkTree::of);
    let committed = match &tree {
        Some(tree) => tree.is_committed(link)?,
        None => true,
    };
    if !committed {
        return Ok(());
    }
    Err(DiskError::InTheWay {
        path: link.to_owned(),
        what: match tree {
            Some(_) => "a symbolic link that is committed",
            None => {
                "a symbolic link, and without a git repository nobody knows whether you made it"
            }
        },
    })
}
