//! The folder of the family: made beside its place, and put there as a whole.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use aux_gen::disk::{
    DiskError, FolderLock, IndexFile, Registry, acquire_lock, compare, create, write,
};
use aux_gen::init::NewRegistry;
use aux_gen::plan::plan;
use aux_gen::render::{TemplateError, Templates};
use aux_git::{GitError, Ignored, WorkTree};
use aux_model::{Catalog, Problems, Source, index_path};

use crate::split::carve::{CarveError, Carving};
use crate::split::manifest::manifest;

/// Where the family is to be.
#[derive(Debug, Clone)]
pub struct Target {
    path: PathBuf,
    /// The folder that holds it.
    parent: PathBuf,
}

/// A place that no family can be made at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// Something is there.
    #[error("`{}` is there already", .0.display())]
    InUse(PathBuf),
    /// The folder that is to hold it is not there.
    #[error("there is no folder `{}`", .0.display())]
    NoParent(PathBuf),
    /// It would be a part of what is split.
    #[error("`{}` is in the tree itself", .0.display())]
    InTree(PathBuf),
    /// The tree is a folder of a repository: its history would not come along.
    #[error("the tree is a part of the git repository `{}`, which would not come along", .0.display())]
    PartOfRepository(PathBuf),
    /// The tree has changes that are not committed: the first of them.
    #[error(
        "the tree has changes that are not committed, such as `{0}`: the repos are made from commits"
    )]
    Uncommitted(String),
    /// git refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The disk refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl TargetError {
    /// The way out, if there is one to name.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::InUse(_) => Some("name a folder that is empty or not there yet"),
            Self::NoParent(_) => Some("make it first"),
            Self::InTree(_) => Some("name a folder outside of it"),
            Self::PartOfRepository(_) => Some(
                "split a clone of it that has the tree at its root, or a copy that is in no repository",
            ),
            Self::Uncommitted(_) => Some("commit them, or stash them with `git stash -u`"),
            Self::Git(_) | Self::Io(_) => None,
        }
    }
}

impl Target {
    /// A place for the family of the tree at `root`: a folder that is empty or not there.
    ///
    /// # Errors
    /// When anything is there, or work in the tree would be left behind.
    pub fn of(path: &Path, root: &Path) -> Result<Self, TargetError> {
        let path = std::path::absolute(path)?;
        // A link could not give way to a folder.
        let in_use = path.is_symlink()
            || match fs::read_dir(&path) {
                Ok(mut entries) => entries.next().is_some(),
                Err(error) => error.kind() != io::ErrorKind::NotFound,
            };
        if in_use {
            return Err(TargetError::InUse(path));
        }
        let parent = path.parent().unwrap_or(Path::new("/")).to_owned();
        if !parent.is_dir() {
            return Err(TargetError::NoParent(parent));
        }
        if parent.canonicalize()?.starts_with(root) {
            return Err(TargetError::InTree(path));
        }
        let Some(tree) = WorkTree::of(root) else {
            return Ok(Self { path, parent });
        };
        if tree.root() != root {
            return Err(TargetError::PartOfRepository(tree.root().to_owned()));
        }
        match tree.changed()?.into_keys().next() {
            Some(file) => Err(TargetError::Uncommitted(file)),
            None => Ok(Self { path, parent }),
        }
    }

    /// The name that the organization has if nobody gives one: that of the folder.
    #[must_use]
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// The family that was made.
#[derive(Debug)]
pub struct BuiltFamily {
    /// Where it is.
    pub path: PathBuf,
    /// Its registry.
    pub registry: Registry,
    /// Its catalog.
    pub catalog: Catalog,
}

/// A family could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FamilyError {
    /// A file cannot be read or written.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// As [`Self::Disk`].
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A repo cannot be made.
    #[error(transparent)]
    Carve(#[from] CarveError),
    /// git refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A template cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The manifest that follows from the rules has problems.
    #[error("the manifest that follows from the rules has problems")]
    Manifest {
        /// What is wrong.
        problems: Problems,
        /// The texts it is wrong in.
        sources: Vec<Source>,
    },
}

/// Makes the family in a folder of its own, and moves that to its place. `index` has what a core
/// has that is somebody else's; its checkout comes later. `progress` is told what is being made.
///
/// # Errors
/// When the disk or git refuses, or the rules make a manifest with problems; nothing is at the
/// place then.
pub fn make(
    carving: &Carving<'_>,
    target: Target,
    (new, index): (&NewRegistry, Option<&IndexFile>),
    progress: &dyn Fn(&str),
) -> Result<BuiltFamily, FamilyError> {
    let workshop = Workshop::open(&target)?;
    let here = workshop.path.canonicalize()?;
    let texts = manifest(
        carving.monorepo,
        carving.rules,
        carving.assignment,
        (carving.relations, carving.sets),
        (new, carving.wiring, carving.rest),
    )?;
    let repos = here.join("repos");
    fs::create_dir(&repos)?;
    carving.carve(&repos, &|repo| progress(&format!("making {repo}")))?;
    for (path, text) in &texts {
        create(&here.join(path), text)?;
    }
    if let (Some(index), Some(core)) = (index, &new.core) {
        let place = here.join(index_path(&core.name));
        fs::create_dir_all(place.parent().unwrap_or(&here))?;
        create(&place, &index.text())?;
    }
    progress("generating");
    let (registry, catalog) = load(&here)?;
    let templates = Templates::with_overrides(registry.overrides(&catalog)?)?;
    let changes = compare(&registry, &plan(&catalog, &templates))?;
    write(&workshop.lock, &registry, &changes)?;
    for repo in catalog.repos().filter(|repo| repo.is_generated()) {
        let folder = here.join(repo.path.as_str());
        let made = match WorkTree::of(&folder).filter(|made| made.root() == folder) {
            Some(made) => made,
            None => WorkTree::init(&folder)?,
        };
        made.commit_all(
            "The wiring of the family, generated by aux-gen\n",
            Ignored::Too,
        )?;
    }
    let made = WorkTree::init(&here)?;
    made.commit_all("A family of repos, split from one tree\n", Ignored::Left)?;
    workshop.put(&target.path)?;
    let (registry, catalog) = load(&target.path)?;
    Ok(BuiltFamily {
        path: target.path,
        registry,
        catalog,
    })
}

/// The registry in a folder.
fn load(folder: &Path) -> Result<(Registry, Catalog), FamilyError> {
    let registry = Registry::find(folder)?;
    let loaded = registry.load()?;
    let sources = loaded.sources;
    let catalog = loaded
        .catalog
        .map_err(|problems| FamilyError::Manifest { problems, sources })?;
    Ok((registry, catalog))
}

/// The folder beside the family's place in which it is made. What a run that was ended
/// left there goes with the next one; only one run is at it at a time.
struct Workshop {
    path: PathBuf,
    lock: FolderLock,
    /// Whether the family has gone to its place.
    is_empty: bool,
}

impl Workshop {
    fn open(target: &Target) -> Result<Self, FamilyError> {
        let path = format!(".{}.aux-gen-split", target.name());
        let path = target.parent.join(path);
        fs::create_dir_all(&path)?;
        let lock = acquire_lock(&path)?;
        for entry in fs::read_dir(&path)? {
            let entry = entry?.path();
            if entry.is_dir() && !entry.is_symlink() {
                fs::remove_dir_all(entry)?;
            } else {
                fs::remove_file(entry)?;
            }
        }
        Ok(Self {
            path,
            lock,
            is_empty: false,
        })
    }

    /// Moves the family to its place: an empty folder that is there gives way.
    fn put(mut self, target: &Path) -> Result<(), FamilyError> {
        fs::rename(&self.path, target)?;
        self.is_empty = true;
        Ok(())
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        if !self.is_empty {
            // What cannot be removed now, the next run removes.
            let _left = fs::remove_dir_all(&self.path);
        }
    }
}
