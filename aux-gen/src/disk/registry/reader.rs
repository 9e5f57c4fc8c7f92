//! The registry: the folder with `aux.toml`. The one reader of manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use aux_model::{
    AttrName, BY_NAME, Catalog, CheckoutPath, Family, IncludePattern, Layouts, Manifest, PackageId,
    Problems, Repo, RepoName, Source, Survey, Tree, TreeEntry, Wiring, index_path,
};

use crate::disk::error::DiskError;
use crate::disk::registry::prices::COSTS;
use crate::disk::registry::text::{entries, read_text};
use crate::disk::registry::{index, laid_out, pattern, prices, sparse};
use crate::disk::write::{checkout, must_stay_inside};
use crate::render::Override;

/// The file that makes a folder a registry.
pub const MANIFEST: &str = "aux.toml";

/// A folder with a manifest.
#[derive(Debug, Clone)]
pub struct Registry {
    root: PathBuf,
}

/// Changes that are not on the disk yet: what would the catalog be with them?
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Files of the manifest, by path relative to the registry, and their texts.
    pub texts: BTreeMap<String, String>,
    /// What those files held when they were read; new ones are not here.
    pub before: BTreeMap<String, String>,
    /// A by-name directory to come.
    pub package: Option<(RepoName, AttrName)>,
    /// By-name directories that are about to go to another repo.
    pub moved: BTreeMap<PackageId, RepoName>,
    /// By-name directories that are about to get another name in their repo.
    pub renamed: BTreeMap<PackageId, AttrName>,
    /// By-name directories that are about to go.
    pub removed: BTreeSet<PackageId>,
    /// Checkouts that are about to be elsewhere: where they will be, and where they are.
    pub relocated: BTreeMap<String, String>,
    /// Files of the manifest that are about to go.
    pub gone: BTreeSet<String>,
    /// Whether the index of a core that is somebody else's is about to be written anew.
    pub without_index: bool,
}

/// What reading a registry gave.
#[derive(Debug)]
pub struct Loaded {
    /// The texts, for showing problems with their lines.
    pub sources: Vec<Source>,
    /// The files and patterns that the root includes.
    pub includes: Vec<String>,
    /// The catalog, or what is wrong.
    pub catalog: Result<Catalog, Problems>,
}

impl Registry {
    /// The registry in a folder.
    ///
    /// # Errors
    /// When the folder has no `aux.toml`.
    pub fn open(root: &Path) -> Result<Self, DiskError> {
        // A link that leads nowhere is a manifest that cannot be read, not none.
        let manifest = root.join(MANIFEST);
        if manifest.symlink_metadata().is_ok() && !manifest.is_dir() {
            let root = fs::canonicalize(root).map_err(|error| DiskError::read(root, error))?;
            Ok(Self { root })
        } else {
            Err(DiskError::NoRegistry {
                start: root.to_owned(),
            })
        }
    }

    /// The registry in a folder or the nearest one above it, as git and cargo look.
    ///
    /// # Errors
    /// When there is none up to the root of the file system.
    pub fn find(start: &Path) -> Result<Self, DiskError> {
        let absolute = fs::canonicalize(start).map_err(|error| DiskError::read(start, error))?;
        absolute
            .ancestors()
            .find_map(|folder| Self::open(folder).ok())
            .ok_or_else(|| DiskError::NoRegistry {
                start: start.to_owned(),
            })
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Reads the manifest, what it includes, and the by-name trees.
    ///
    /// # Errors
    /// When the disk fails; what is wrong in the texts is in [`Loaded`].
    pub fn load(&self) -> Result<Loaded, DiskError> {
        self.load_with(&Draft::default())
    }

    /// As [`Self::load`], as if the draft were on the disk already.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_with(&self, draft: &Draft) -> Result<Loaded, DiskError> {
        let (manifest, includes) = self.manifest(draft)?;
        let sources = manifest.sources().to_vec();
        Ok(Loaded {
            catalog: manifest.check(),
            includes,
            sources,
        })
    }

    /// Reads everything as [`Self::load`] does, for questions about `uses`
    /// and needs: rules about those are not checked.
    ///
    /// # Errors
    /// When the disk fails; what else is wrong in the texts is the inner error.
    pub fn survey(&self) -> Result<(Result<Survey, Problems>, Vec<Source>), DiskError> {
        let (manifest, _) = self.manifest(&Draft::default())?;
        let sources = manifest.sources().to_vec();
        Ok((manifest.survey(), sources))
    }

    /// The manifest with all it includes and the trees, and what it includes.
    fn manifest(&self, draft: &Draft) -> Result<(Manifest, Vec<String>), DiskError> {
        let source = |path: &str| match draft.texts.get(path) {
            Some(text) => Ok(Source::new(path, text)),
            None => self.source(path),
        };
        let mut manifest = Manifest::open(source(MANIFEST)?);
        let includes: Vec<String> = manifest.includes().map(str::to_owned).collect();
        sparse::must_have_manifest(&self.root, |path| {
            path == MANIFEST
                || includes
                    .iter()
                    .any(|pattern| IncludePattern::new(pattern).matches(path))
        })?;
        for pattern in &includes {
            let mut files = pattern::files(&self.root, pattern)?;
            files.extend(
                draft
                    .texts
                    .keys()
                    .filter(|path| IncludePattern::new(pattern).matches(path))
                    .cloned(),
            );
            files.retain(|file| !draft.gone.contains(file));
            files.sort();
            files.dedup();
            let sources = files
                .iter()
                .map(|file| source(file))
                .collect::<Result<Vec<_>, _>>()?;
            manifest.include(pattern, sources);
        }
        for (repo, path) in manifest.checkouts() {
            let path = match draft.relocated.get(path.as_str()) {
                Some(now) => now.parse().unwrap_or(path),
                None => path,
            };
            let checkout = self.root.join(path.as_str());
            let to_come = draft.package.as_ref().filter(|(to, _)| *to == repo);
            let gets_some = draft.moved.values().any(|to| *to == repo);
            if checkout.is_dir() || to_come.is_some() || gets_some {
                let mut tree = self.tree(&path, &manifest.layout(&repo));
                let files = manifest.files(&repo).into_iter();
                tree.gone = files
                    .filter(|file| !checkout.join(file.as_str()).exists())
                    .collect();
                if let Some((_, name)) = to_come {
                    tree.packages
                        .entry(name.clone())
                        .or_insert(TreeEntry::Single);
                }
                for id in draft.removed.iter().filter(|id| id.repo == repo) {
                    tree.packages.remove(&id.name);
                }
                for (id, to) in draft.renamed.iter().filter(|(id, _)| id.repo == repo) {
                    if let Some(entry) = tree.packages.remove(&id.name) {
                        tree.packages.insert(to.clone(), entry);
                    }
                }
                for (id, to) in &draft.moved {
                    if id.repo == repo {
                        tree.packages.remove(&id.name);
                    } else if *to == repo {
                        tree.packages
                            .entry(id.name.clone())
                            .or_insert(TreeEntry::Single);
                    }
                }
                manifest.tree(&repo, tree);
            }
        }
        let outside: Vec<RepoName> = manifest.outside().cloned().collect();
        for repo in outside {
            let mut tree = Tree::default();
            match self.text_if_there(&index_path(&repo)) {
                Ok(Some(text)) if !draft.without_index => index::add(&repo, &text, &mut tree),
                Ok(_) => {}
                // A file that is no index is written anew, and stops nothing.
                Err(error) => tree.rejected.push((index_path(&repo), error.to_string())),
            }
            manifest.tree(&repo, tree);
        }
        match self.text_if_there(COSTS) {
            Ok(Some(text)) => manifest.prices(prices::read(&text)),
            Ok(None) => {}
            Err(error) => manifest.prices(Err(format!("`{COSTS}`: {error}"))),
        }
        Ok((manifest, includes))
    }

    /// The packages of a checkout, as its folders tell. What cannot be read of it is a problem of
    /// that repo.
    fn tree(&self, path: &CheckoutPath, layout: &Layouts) -> Tree {
        let Some(checkout) = checkout(&self.root, path) else {
            return Tree::default();
        };
        let read = laid_out::read(&checkout, layout).and_then(|mut tree| {
            sparse::add_skipped(&checkout, &mut tree)?;
            Ok(tree)
        });
        read.unwrap_or_else(|error| {
            let causes = std::error::Error::source(&error);
            let reason = match causes {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            };
            let mut tree = Tree::default();
            tree.rejected.push((BY_NAME.to_owned(), reason));
            tree
        })
    }

    /// The template overrides that the catalog names a folder for.
    ///
    /// # Errors
    /// When the folder or a file in it cannot be read.
    pub fn overrides(&self, catalog: &Catalog) -> Result<Vec<Override>, DiskError> {
        let Some(folder) = catalog.templates() else {
            return Ok(Vec::new());
        };
        let folder = self.root.join(folder.as_str());
        let mut overrides = Vec::new();
        let mut open = vec![folder.clone()];
        while let Some(directory) = open.pop() {
            for path in entries(&directory)? {
                // A link to a folder could lead to one above it, and so for ever.
                if path.is_dir() && !path.is_symlink() {
                    open.push(path);
                } else if let Some(name) = template_name(&folder, &path) {
                    must_stay_inside(&self.root, &path)?;
                    let text = read_text(&path)?;
                    overrides.push(Override { name, path, text });
                }
            }
        }
        overrides.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(overrides)
    }

    /// The checkouts of the repos that are there, by name: those that are flakes have a
    /// `flake.nix`. One behind a link that is committed is none: see [`checkout`].
    #[must_use]
    pub fn checkouts(&self, catalog: &Family) -> BTreeMap<RepoName, PathBuf> {
        let checkout = |repo: &Repo| {
            let path = checkout(&self.root, &repo.path)?;
            let is_there = match &repo.entry {
                None => path.join("flake.nix").is_file(),
                // Without packages there is nothing to import.
                Some(_) if repo.wiring == Wiring::Nothing => path.is_dir(),
                Some(entry) => path.join(entry.file.as_str()).is_file(),
            };
            is_there.then(|| (repo.name.clone(), path))
        };
        catalog.repos().filter_map(checkout).collect()
    }

    /// Acquires the lock of the registry until the guard is dropped or the process ends, so
    /// that two runs do not write at once.
    ///
    /// # Errors
    /// When another run holds it.
    pub fn lock(&self) -> Result<FolderLock, DiskError> {
        acquire_lock(&self.root)
    }

    /// The text of a file of the registry.
    ///
    /// # Errors
    /// When it cannot be read or is no text.
    pub fn source(&self, path: &str) -> Result<Source, DiskError> {
        let file = self.root.join(path);
        must_stay_inside(&self.root, &file)?;
        let text = read_text(&file)?;
        Ok(Source::new(path, &text))
    }

    /// The text of a file of the registry, or nothing if there is no such file.
    ///
    /// # Errors
    /// When it is there and cannot be read, or is no text.
    pub fn text_if_there(&self, path: &str) -> Result<Option<String>, DiskError> {
        let path = self.root.join(path);
        if path.is_file() {
            must_stay_inside(&self.root, &path)?;
            read_text(&path).map(Some)
        } else {
            Ok(None)
        }
    }
}

/// The lock of a folder: as long as it lives, no other run writes there. The operating system
/// frees it when the process ends, however that happens.
#[derive(Debug)]
pub struct FolderLock {
    _held: File,
}

/// As [`Registry::lock`], for any folder.
///
/// # Errors
/// When another run has it.
pub fn acquire_lock(folder: &Path) -> Result<FolderLock, DiskError> {
    let held = File::open(folder).map_err(|error| DiskError::read(folder, error))?;
    match held.try_lock() {
        Ok(()) => Ok(FolderLock { _held: held }),
        Err(TryLockError::WouldBlock) => Err(DiskError::Busy {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(DiskError::read(folder, error)),
    }
}

/// `repo/flake.nix` for `FOLDER/repo/flake.nix.hbs`.
fn template_name(folder: &Path, path: &Path) -> Option<String> {
    let relative = path
        .strip_prefix(folder)
        .ok()?
        .to_string_lossy()
        .replace('\\', "/");
    relative.strip_suffix(".hbs").map(str::to_owned)
}
