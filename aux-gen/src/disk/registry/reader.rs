//! The registry: the folder with `aux.toml`. The one reader of manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use aux_model::{
    AttrName, Catalog, Family, IncludePattern, Manifest, PackageId, Problems, Repo, RepoName,
    Source, Survey, Tree, TreeEntry, Wiring, index_path,
};

use crate::disk::error::DiskError;
use crate::disk::registry::memory::{Identity, Made, MadeOf};
use crate::disk::registry::prices::COSTS;
use crate::disk::registry::sealed::{Hash, hash};
use crate::disk::registry::text::{entries, read_text};
use crate::disk::registry::trees::Asked;
use crate::disk::registry::{index, memory, pattern, prices, sparse, trees};
use crate::disk::write::{State, checkout, must_stay_inside};
use crate::render::Override;

/// The file that makes a folder a registry.
pub const MANIFEST: &str = "aux.toml";

/// A folder with a manifest.
#[derive(Debug, Clone)]
pub struct Registry {
    root: PathBuf,
}

/// Changes that are not on the disk yet: what would the catalog be with them?
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

impl Draft {
    /// The tree of a repo, as it will be.
    fn drafted(&self, repo: &RepoName, mut tree: Tree) -> Tree {
        if let Some((_, name)) = self.package.as_ref().filter(|(to, _)| to == repo) {
            tree.packages
                .entry(name.clone())
                .or_insert(TreeEntry::Single);
        }
        for id in self.removed.iter().filter(|id| id.repo == *repo) {
            tree.packages.remove(&id.name);
        }
        for (id, to) in self.renamed.iter().filter(|(id, _)| id.repo == *repo) {
            if let Some(entry) = tree.packages.remove(&id.name) {
                tree.packages.insert(to.clone(), entry);
            }
        }
        for (id, to) in &self.moved {
            if id.repo == *repo {
                tree.packages.remove(&id.name);
            } else if to == repo {
                tree.packages
                    .entry(id.name.clone())
                    .or_insert(TreeEntry::Single);
            }
        }
        tree
    }
}

/// A manifest that was read.
struct Read {
    manifest: Manifest,
    /// The files and patterns that the root includes.
    includes: Vec<String>,
    /// What it is made of; none with a draft.
    made: Option<MadeOf>,
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
    /// What tells the catalog from others; none with a draft.
    pub identity: Option<Identity>,
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
        if let Some(loaded) = self.recalled(draft) {
            return Ok(loaded);
        }
        let read = self.read(draft)?;
        let sources = read.manifest.sources().to_vec();
        let catalog = read.manifest.check();
        let made = read.made.map(|made| Made::new(made, &sources));
        let identity = made.as_ref().map(Made::identity);
        self.remember(made, || Some(catalog.as_ref().ok()?.remember()));
        Ok(Loaded {
            catalog,
            identity,
            includes: read.includes,
            sources,
        })
    }

    /// Reads everything as [`Self::load`] does, for questions about `uses`
    /// and needs: rules about those are not checked.
    ///
    /// # Errors
    /// When the disk fails; what else is wrong in the texts is the inner error.
    pub fn survey(&self) -> Result<(Result<Survey, Problems>, Vec<Source>), DiskError> {
        let draft = Draft::default();
        if let Some(Loaded {
            catalog: Ok(catalog),
            sources,
            ..
        }) = self.recalled(&draft)
        {
            return Ok((Ok(catalog.into_survey()), sources));
        }
        let read = self.read(&draft)?;
        let sources = read.manifest.sources().to_vec();
        let survey = read.manifest.survey();
        let made = read.made.map(|made| Made::new(made, &sources));
        self.remember(made, || survey.as_ref().ok()?.remember());
        Ok((survey, sources))
    }

    /// What an earlier run read, if all that it read is the same. Whatever is wrong is for
    /// [`Self::read`] to say.
    fn recalled(&self, draft: &Draft) -> Option<Loaded> {
        if *draft != Draft::default() {
            return None;
        }
        let state = State::of(&self.root)?;
        let remembered = memory::remembered(&state);
        let (made, catalog) = memory::read(&remembered)?;
        let is_same_elsewhere = || {
            let others = self.others(&made.of.outside);
            let asked: Vec<Asked> = made
                .of
                .trees
                .iter()
                .map(|(asked, _)| asked.clone())
                .collect();
            let remembered = trees::remembered(Some(&state));
            let trees = trees::read(&self.root, Some(&state), &remembered, &asked);
            made.has(&trees) && made.of.others == others
        };
        let texts = || {
            let sources = self.sources(&made.of.includes).ok()?;
            made.is_of(&sources).then_some(sources)
        };
        let is_whole = || remembered.is_whole();
        let ((sources, is_whole), is_same) =
            rayon::join(|| (texts(), is_whole()), is_same_elsewhere);
        let sources = sources.filter(|_| is_whole && is_same)?;
        Some(Loaded {
            catalog: Ok(Catalog::recall(catalog, sources.clone())?),
            identity: Some(made.identity()),
            includes: made.of.includes,
            sources,
        })
    }

    /// Writes down a catalog and what it was made of, for the next run. Nothing is made for that in a
    /// folder that people see.
    fn remember(&self, made: Option<Made>, catalog: impl FnOnce() -> Option<Vec<u8>>) {
        let state = || State::of(&self.root).or_else(|| State::make_in_git(&self.root));
        if let Some(made) = made
            && let Some(catalog) = catalog()
            && let Some(state) = state()
        {
            memory::remember(&state, &made, &catalog);
        }
    }

    /// The texts of the manifest, the root first, in the order in which a manifest takes them.
    fn sources(&self, includes: &[String]) -> Result<Vec<Source>, DiskError> {
        use rayon::prelude::*;
        let mut files = vec![MANIFEST.to_owned()];
        self.must_have_manifest(includes)?;
        let mut seen = BTreeSet::from([MANIFEST.to_owned()]);
        for pattern in includes {
            let found = pattern::files(&self.root, pattern)?;
            files.extend(found.into_iter().filter(|file| seen.insert(file.clone())));
        }
        files.par_iter().map(|file| self.source(file)).collect()
    }

    /// Refuses a sparse checkout that leaves out a part of the manifest.
    fn must_have_manifest(&self, includes: &[String]) -> Result<(), DiskError> {
        sparse::must_have_manifest(&self.root, |path| {
            path == MANIFEST
                || includes
                    .iter()
                    .any(|pattern| IncludePattern::new(pattern).matches(path))
        })
    }

    /// The texts beside the manifest: those of indices, and what repos cost; each as a hash, as
    /// is what keeps one from being read.
    fn others(&self, outside: &[RepoName]) -> Vec<(String, Hash)> {
        let paths = outside.iter().map(index_path).chain([COSTS.to_owned()]);
        let others = paths.map(|path| {
            let text = match self.text_if_there(&path) {
                Ok(Some(text)) => format!("text {text}"),
                Ok(None) => "none".to_owned(),
                Err(error) => format!("error {error}"),
            };
            (path, hash(text))
        });
        others.collect()
    }

    /// The manifest with all it includes and the trees.
    fn read(&self, draft: &Draft) -> Result<Read, DiskError> {
        use rayon::prelude::*;
        let source = |path: &str| match draft.texts.get(path) {
            Some(text) => Ok(Source::new(path, text)),
            None => self.source(path),
        };
        let mut manifest = Manifest::open(source(MANIFEST)?);
        let includes: Vec<String> = manifest.includes().map(str::to_owned).collect();
        self.must_have_manifest(&includes)?;
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
                .par_iter()
                .map(|file| source(file))
                .collect::<Result<Vec<_>, _>>()?;
            manifest.include(pattern, sources);
        }
        let trees = self.trees(&mut manifest, draft);
        let outside: Vec<RepoName> = manifest.outside().cloned().collect();
        let others = self.others(&outside);
        for repo in &outside {
            let mut tree = Tree::default();
            match self.text_if_there(&index_path(repo)) {
                Ok(Some(text)) if !draft.without_index => index::add(repo, &text, &mut tree),
                Ok(_) => {}
                // A file that is no index is written anew, and stops nothing.
                Err(error) => tree.rejected.push((index_path(repo), error.to_string())),
            }
            manifest.tree(repo, tree);
        }
        match self.text_if_there(COSTS) {
            Ok(Some(text)) => manifest.prices(prices::read(&text)),
            Ok(None) => {}
            Err(error) => manifest.prices(Err(format!("`{COSTS}`: {error}"))),
        }
        let made = (*draft == Draft::default()).then(|| MadeOf {
            includes: includes.clone(),
            trees,
            others,
            outside,
        });
        Ok(Read {
            manifest,
            includes,
            made,
        })
    }

    /// Hands in the trees of all checkouts, as they will be with a draft. Returns what was asked, and
    /// the hash of what is there.
    fn trees(&self, manifest: &mut Manifest, draft: &Draft) -> Vec<(Asked, Option<Hash>)> {
        let mut asked: Vec<Asked> = manifest
            .layouts()
            .map(|(repo, path, layout, files)| {
                let now = draft.relocated.get(path.as_str());
                Asked {
                    path: now.and_then(|now| now.parse().ok()).unwrap_or(path),
                    repo: repo.clone(),
                    layout,
                    files,
                }
            })
            .collect();
        let state = State::of(&self.root);
        let remembered = trees::remembered(state.as_ref());
        let read = trees::read(&self.root, state.as_ref(), &remembered, &asked);
        for (asked, read) in asked.iter().zip(&read) {
            let repo = &asked.repo;
            let comes = draft.package.iter().any(|(to, _)| to == repo);
            let gets_some = draft.moved.values().any(|to| to == repo);
            let tree = match read {
                Some(read) => read.tree(),
                None if comes || gets_some => Tree {
                    gone: asked.files.iter().cloned().collect(),
                    ..Tree::default()
                },
                None => continue,
            };
            manifest.tree(repo, draft.drafted(repo, tree));
        }
        let hashes = read.iter().map(|read| read.as_ref().map(|tree| tree.hash));
        asked.drain(..).zip(hashes).collect()
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
