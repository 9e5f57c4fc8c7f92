//! The repos of a family as they are checked out: what each flake reference is now.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aux_git::{Commit, GitError, ObjectPool, WorkTree};
use aux_nix::flake::{FlakeInputs, LockFormat, Reference};
use aux_nix::language::SyntaxError;
use serde_json::{Map, Value};

use crate::lock::attributes::{Archiver, Unportable, unportable};
use crate::lock::cache::LockCache;
use crate::lock::file::{LOCK, LockError, LockFile};
use crate::lock::input_error::InputError;
use crate::lock::nar::{NarHash, TreeError};
use crate::lock::resolve::{LockedInput, Source};

/// Repositories that are checked out, by the flake references that mean them.
#[derive(Debug)]
pub struct Checkouts {
    format: LockFormat,
    repositories: BTreeMap<String, Checkout>,
    objects: ObjectPool,
    remembered: LockCache,
    pinned: BTreeMap<(String, bool), (String, LockedInput)>,
}

/// One repository.
#[derive(Debug)]
struct Checkout {
    path: PathBuf,
    /// The commit that references to it mean; what is checked out if absent.
    commit: Option<Commit>,
    is_renewed: bool,
}

/// An input cannot be locked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// git cannot be started or heard.
    #[error(transparent)]
    Git(#[from] GitError),
    /// git refuses something of a repository.
    #[error("`{}` cannot be read: {error}", .path.display())]
    Repository {
        /// The checkout.
        path: PathBuf,
        /// What git says.
        error: GitError,
    },
    /// No lock can say what an input is.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A repository has no commit to lock.
    #[error("`{}` has no commit", .0.display())]
    NoCommit(PathBuf),
    /// A repository does not have its whole history, and its lock would count it.
    #[error("`{}` is a shallow clone, whose commits cannot be counted: `git fetch --unshallow` it", .0.display())]
    Shallow(PathBuf),
    /// A reference wants a version of a repo that its checkout is not at.
    #[error("`{url}` is another version than `{}` has checked out", .path.display())]
    Version {
        /// The reference.
        url: String,
        /// The checkout.
        path: PathBuf,
    },
    /// A tree has no hash.
    #[error("`{}` cannot be hashed: {error}", .path.display())]
    Tree {
        /// The checkout.
        path: PathBuf,
        /// Why.
        error: TreeError,
    },
    /// The hash of a repository depends on who asks.
    #[error("`{}` cannot be locked: {why}", .path.display())]
    Unportable {
        /// The checkout.
        path: PathBuf,
        /// On what.
        why: Unportable,
    },
    /// It is used as a flake and has none.
    #[error("`{}` has no `flake.nix`; give the input that uses it `flake = false` if it is a plain tree", .0.display())]
    NoFlake(PathBuf),
    /// A flake asks for what is not in its own objects.
    #[error("the flake of `{}` asks for its submodules or files of Git LFS (`inputs.self`), which are not hashed here; lock what uses it with `nix flake lock`", .0.display())]
    AsksForMore(PathBuf),
    /// A flake does not parse.
    #[error("the flake of `{}` does not parse: {error}", .path.display())]
    Flake {
        /// The checkout.
        path: PathBuf,
        /// Where and why.
        error: SyntaxError,
    },
    /// A file of the repo cannot be read or written.
    #[error("{0}")]
    Unreadable(String),
    /// A lock file is none.
    #[error("the `flake.lock` of `{}`: {error}", .path.display())]
    Lock {
        /// The checkout.
        path: PathBuf,
        /// Why.
        error: LockError,
    },
}

impl PinError {
    /// What git says of one repository is about that one; that git cannot be started or
    /// heard is not.
    fn of(path: &Path, error: GitError) -> Self {
        use std::error::Error;
        match error.source() {
            Some(_) => Self::Git(error),
            None => Self::Repository {
                path: path.to_owned(),
                error,
            },
        }
    }
}

impl Checkouts {
    /// Checkouts by the references of their repos; what is no git repository, or is
    /// referred to in a form that cannot be locked here, is left out.
    #[must_use]
    pub fn new(format: LockFormat, repos: impl IntoIterator<Item = (String, PathBuf)>) -> Self {
        let repositories = repos.into_iter().filter_map(|(url, path)| {
            let checkout = Checkout {
                path,
                commit: None,
                is_renewed: true,
            };
            Some((Reference::read(&url)?.key(), checkout))
        });
        let repositories: BTreeMap<String, Checkout> = repositories.collect();
        let folders = repositories.values().map(|known| known.path.as_path());
        Self {
            format,
            objects: ObjectPool::new(folders),
            repositories,
            remembered: LockCache::default(),
            pinned: BTreeMap::new(),
        }
    }

    /// From now on references to a repo mean this commit; what is checked out if none is
    /// given.
    pub fn set(&mut self, url: &str, commit: Option<Commit>) {
        let Some(key) = Reference::read(url).map(|reference| reference.key()) else {
            return;
        };
        self.pinned.retain(|_, (of, _)| *of != key);
        if let Some(checkout) = self.repositories.get_mut(&key) {
            checkout.commit = commit;
        }
    }

    /// What is locked of a repo stays so; only who has not locked it yet does.
    pub fn keep(&mut self, url: &str) {
        self.set_renewed(url, false);
    }

    /// What is locked of a repo is locked anew, as it is unless [`Self::keep`] says else.
    pub fn renew(&mut self, url: &str) {
        self.set_renewed(url, true);
    }

    fn set_renewed(&mut self, url: &str, is_renewed: bool) {
        let key = Reference::read(url).map(|reference| reference.key());
        if let Some(checkout) = key.and_then(|key| self.repositories.get_mut(&key)) {
            checkout.is_renewed = is_renewed;
        }
    }

    /// Takes over what an earlier run knew of objects.
    #[must_use]
    pub fn knowing(mut self, remembered: LockCache) -> Self {
        self.remembered = remembered;
        self
    }

    /// What is known of objects by now.
    #[must_use]
    pub fn remembered(&self) -> &LockCache {
        &self.remembered
    }

    fn pin_anew(
        &mut self,
        reference: &Reference,
        key: &str,
        is_flake: bool,
    ) -> Result<Option<LockedInput>, PinError> {
        let Some(checkout) = self.repositories.get(key) else {
            return Ok(None);
        };
        let (path, meant) = (checkout.path.clone(), checkout.commit.clone());
        let tree = WorkTree::at(&path).ok_or_else(|| PinError::NoCommit(path.clone()))?;
        let of_repository = |error| PinError::of(&path, error);
        let is_counted = reference.get("type") == Some("git");
        if is_counted && tree.is_shallow() {
            return Err(PinError::Shallow(path));
        }
        let objects = self.objects.of(&tree).map_err(of_repository)?;
        let commit = match (meant, tree.head_in_files()) {
            (Some(commit), _) => Some(commit),
            (None, Some((name, branch))) => {
                let found = objects.commit(&name).map_err(of_repository)?;
                Some(Commit {
                    name,
                    tree: found.tree,
                    time: found.time,
                    branch,
                })
            }
            (None, None) => tree.commit_of_head().map_err(of_repository)?,
        };
        let commit = commit.ok_or_else(|| PinError::NoCommit(path.clone()))?;
        let is_meant = match (reference.get("rev"), reference.get("ref")) {
            (Some(rev), _) => rev == commit.name,
            (None, Some(wanted)) => {
                let wanted = wanted.strip_prefix("refs/heads/").unwrap_or(wanted);
                commit.branch.as_deref() == Some(wanted)
            }
            (None, None) => true,
        };
        if !is_meant {
            let url = reference.text();
            return Err(PinError::Version { url, path });
        }
        let hash = self.hash(reference, &tree, &commit)?;
        let count = if is_counted {
            let count = self
                .remembered
                .count(&commit.name, &tree, &mut self.objects);
            Some(count.map_err(of_repository)?)
        } else {
            None
        };
        let (mut inputs, mut lock) = (FlakeInputs::default(), None);
        if is_flake {
            inputs = self.flake_of(reference, &tree, &commit.tree)?;
            let own = inputs.0.get("self");
            if self.format == LockFormat::Full && own.is_some_and(|own| !own.attributes.is_empty())
            {
                return Err(PinError::AsksForMore(path));
            }
            let file = self.file(reference, &tree, &commit.tree, LOCK)?;
            let read = file.as_deref().map(LockFile::read_bytes).transpose();
            lock = read.map_err(|error| PinError::Lock { path, error })?;
        }
        Ok(Some(LockedInput {
            original: reference.attributes.clone(),
            locked: self.locked(reference, &commit, &hash, count),
            inputs,
            lock,
        }))
    }

    /// The hash that Nix finds. Up to 2.25 it takes the files out of an archive that git
    /// makes, and git changes what is in it as attributes say; from 2.26 on it reads
    /// objects, but for archives that a forge makes.
    fn hash(
        &mut self,
        reference: &Reference,
        tree: &WorkTree,
        commit: &Commit,
    ) -> Result<NarHash, PinError> {
        let path = tree.root();
        let of_repository = |error| PinError::of(path, error);
        let archiver = match (self.format, reference.get("type")) {
            (_, Some("github")) => Some(Archiver::Forge),
            (LockFormat::Short, _) => Some(Archiver::User),
            (LockFormat::Full, _) => None,
        };
        let objects = self.objects.of(tree).map_err(of_repository)?;
        let known = self.remembered.tree(&commit.tree, objects);
        let known = known.map_err(|error| match error {
            TreeError::Git(error) => of_repository(error),
            error => PinError::Tree {
                path: path.to_owned(),
                error,
            },
        })?;
        let Some(archiver) = archiver.filter(|_| known.has_attributes) else {
            return Ok(known.hash);
        };
        if let Some(hash) = self.remembered.archive(archiver, &commit.name) {
            return Ok(hash.clone());
        }
        let (shadow, objects) = self.objects.both(tree).map_err(of_repository)?;
        let why = unportable(shadow, objects, &commit.tree, archiver).map_err(of_repository)?;
        if let Some(why) = why {
            let path = path.to_owned();
            return Err(PinError::Unportable { path, why });
        }
        let hash = shadow.archive(&commit.name, |tar| NarHash::of_tar(tar));
        let hash = hash.map_err(of_repository)?;
        self.remembered
            .know_archive(archiver, &commit.name, hash.clone());
        Ok(hash)
    }

    /// A file beside a flake, as a tree has it.
    fn file(
        &mut self,
        reference: &Reference,
        tree: &WorkTree,
        root: &str,
        name: &str,
    ) -> Result<Option<Vec<u8>>, PinError> {
        let folder = reference.get("dir").unwrap_or_default();
        let of_repository = |error| PinError::of(tree.root(), error);
        let objects = self.objects.of(tree).map_err(of_repository)?;
        let file = objects.file(root, &format!("{folder}/{name}"));
        file.map_err(of_repository)
    }

    /// The inputs of a flake, as a tree has it.
    fn flake_of(
        &mut self,
        reference: &Reference,
        tree: &WorkTree,
        root: &str,
    ) -> Result<FlakeInputs, PinError> {
        let Some(file) = self.file(reference, tree, root, "flake.nix")? else {
            return Err(PinError::NoFlake(tree.root().to_owned()));
        };
        let read = FlakeInputs::read(&String::from_utf8_lossy(&file));
        read.map_err(|error| PinError::Flake {
            path: tree.root().to_owned(),
            error,
        })
    }

    fn locked(
        &self,
        reference: &Reference,
        commit: &Commit,
        hash: &NarHash,
        count: Option<u64>,
    ) -> Map<String, Value> {
        let mut locked = reference.attributes.clone();
        let mut put = |key: &str, value: Value| {
            locked.insert(key.to_owned(), value);
        };
        put("rev", Value::from(commit.name.as_str()));
        put("lastModified", Value::from(commit.time));
        put("narHash", Value::from(hash.as_str()));
        let Some(count) = count else {
            // Which branch it was is forgotten.
            locked.remove("ref");
            return locked;
        };
        put("revCount", Value::from(count));
        if reference.get("ref").is_none() {
            let branch = commit.branch.as_deref().unwrap_or("HEAD");
            let branch = match self.format {
                LockFormat::Short => branch.to_owned(),
                LockFormat::Full => format!("refs/heads/{branch}"),
            };
            put("ref", Value::from(branch));
        }
        locked
    }
}

impl Source for Checkouts {
    type Error = PinError;

    fn pin(
        &mut self,
        reference: &Reference,
        is_flake: bool,
    ) -> Result<Option<LockedInput>, PinError> {
        if !reference.is_repository() {
            return Ok(None);
        }
        let asked = (
            Value::from(reference.attributes.clone()).to_string(),
            is_flake,
        );
        if let Some((_, pinned)) = self.pinned.get(&asked) {
            return Ok(Some(pinned.clone()));
        }
        let key = reference.key();
        let pinned = self.pin_anew(reference, &key, is_flake)?;
        if let Some(pinned) = &pinned {
            self.pinned.insert(asked, (key, pinned.clone()));
        }
        Ok(pinned)
    }

    fn flake(&mut self, locked: &Map<String, Value>) -> Result<Option<FlakeInputs>, PinError> {
        let reference = Reference {
            attributes: locked.clone(),
        };
        let Some(checkout) = self.repositories.get(&reference.key()) else {
            return Ok(None);
        };
        let path = checkout.path.clone();
        let (Some(tree), Some(rev)) = (WorkTree::at(&path), reference.get("rev")) else {
            return Ok(None);
        };
        let of_repository = |error| PinError::of(&path, error);
        let objects = self.objects.of(&tree).map_err(of_repository)?;
        let commit = objects.commit(rev).map_err(of_repository)?;
        self.flake_of(&reference, &tree, &commit.tree).map(Some)
    }

    fn renews(&self, reference: &Reference) -> bool {
        let known = reference.is_repository().then(|| reference.key());
        let known = known.and_then(|key| self.repositories.get(&key));
        known.is_some_and(|checkout| checkout.is_renewed)
    }

    fn format(&self) -> LockFormat {
        self.format
    }
}
