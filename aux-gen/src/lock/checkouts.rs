//! The repos of a family as they are checked out: what each flake reference is now.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::file::{LockError, LockFile};
use super::inputs::FlakeInputs;
use super::nar::NarHash;
use super::reference::Reference;
use super::remembered::Remembered;
use super::resolve::{Dialect, Pinned, Source};
use crate::git::{Commit, GitError, ObjectPool, WorkTree};
use crate::render::syntax::SyntaxError;

/// Repositories that are checked out, by the flake references that mean them.
#[derive(Debug)]
pub struct Checkouts {
    dialect: Dialect,
    repositories: BTreeMap<String, Checkout>,
    objects: ObjectPool,
    remembered: Remembered,
    pinned: BTreeMap<(String, bool), (String, Pinned)>,
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
pub enum PinError {
    /// git refuses.
    #[error(transparent)]
    Git(#[from] GitError),
    /// Nobody knows what it is.
    #[error(
        "the input `{input}` ({url}) is no git repository of the family that is checked out, and is not locked yet"
    )]
    Unknown {
        /// The path of the input from the flake.
        input: String,
        /// Its reference.
        url: String,
    },
    /// A repository has no commit to lock.
    #[error("`{}` has no commit", .0.display())]
    NoCommit(PathBuf),
    /// A reference wants a version of a repo that its checkout is not at.
    #[error("`{url}` is another version than `{}` has checked out", .path.display())]
    Version {
        /// The reference.
        url: String,
        /// The checkout.
        path: PathBuf,
    },
    /// What git archives cannot be read.
    #[error("the archive of `{}`: {error}", .path.display())]
    Archive {
        /// The checkout.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
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

impl Checkouts {
    /// Checkouts by the references of their repos; what is no git repository, or is
    /// referred to in a form that cannot be locked here, is left out.
    #[must_use]
    pub fn new(dialect: Dialect, repos: impl IntoIterator<Item = (String, PathBuf)>) -> Self {
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
            dialect,
            objects: ObjectPool::new(folders),
            repositories,
            remembered: Remembered::default(),
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
    pub fn knowing(mut self, remembered: Remembered) -> Self {
        self.remembered = remembered;
        self
    }

    /// What is known of objects by now.
    #[must_use]
    pub fn remembered(&self) -> &Remembered {
        &self.remembered
    }

    fn pin_anew(
        &mut self,
        url: &str,
        reference: &Reference,
        key: &str,
        is_flake: bool,
    ) -> Result<Option<Pinned>, PinError> {
        let Some(checkout) = self.repositories.get(key) else {
            return Ok(None);
        };
        let (path, meant) = (checkout.path.clone(), checkout.commit.clone());
        let tree = WorkTree::at(&path).ok_or_else(|| PinError::NoCommit(path.clone()))?;
        let objects = self.objects.of(&tree)?;
        let commit = match (meant, tree.head_in_files()) {
            (Some(commit), _) => Some(commit),
            (None, Some((name, branch))) => {
                let found = objects.commit(&name)?;
                Some(Commit {
                    name,
                    tree: found.tree,
                    time: found.time,
                    branch,
                })
            }
            (None, None) => tree.commit_of_head()?,
        };
        let commit = commit.ok_or_else(|| PinError::NoCommit(path.clone()))?;
        let is_meant = match (reference.get("rev"), reference.get("ref")) {
            (Some(rev), _) => rev == commit.name,
            (None, Some(wanted)) => commit.branch.as_deref() == Some(wanted),
            (None, None) => true,
        };
        if !is_meant {
            return Err(PinError::Version {
                url: url.to_owned(),
                path,
            });
        }
        // Nix takes the files out of an archive that git makes, and git changes what is in
        // it as attributes say; from 2.26 on it reads objects, but for GitHub's archives.
        let is_archive = match self.dialect {
            Dialect::Short => true,
            Dialect::Full => reference.get("type") == Some("github"),
        };
        let known = self.remembered.tree(&commit.tree, objects)?;
        let hash = if is_archive && known.has_attributes {
            let archive = tree.archive(&commit.name)?;
            NarHash::of_tar(&archive).map_err(|error| PinError::Archive {
                path: path.clone(),
                error,
            })?
        } else {
            known.hash
        };
        let count = match reference.get("type") {
            Some("github") => None,
            _ => Some(self.remembered.count(&commit.name, &tree, objects)?),
        };
        let folder = reference.get("dir").unwrap_or_default();
        let mut text = |name: &str| objects.text(&commit.tree, &format!("{folder}/{name}"));
        let (mut inputs, mut lock) = (FlakeInputs::default(), None);
        if is_flake {
            if let Some(text) = text("flake.nix")? {
                inputs = FlakeInputs::read(&text).map_err(|error| PinError::Flake {
                    path: path.clone(),
                    error,
                })?;
            }
            if let Some(text) = text("flake.lock")? {
                let read = LockFile::read(&text);
                lock = Some(read.map_err(|error| PinError::Lock { path, error })?);
            }
        }
        Ok(Some(Pinned {
            original: self.written(reference),
            locked: self.locked(reference, &commit, &hash, count),
            inputs,
            lock,
        }))
    }

    /// The attributes of a reference as this version of Nix writes them: older ones leave
    /// the directory in the URL too.
    fn written(&self, reference: &Reference) -> Map<String, Value> {
        let mut attributes = reference.attributes.clone();
        if let (Dialect::Short, Some(url), Some(dir)) =
            (self.dialect, reference.get("url"), reference.get("dir"))
        {
            let url = format!("{url}?dir={dir}");
            attributes.insert("url".to_owned(), Value::from(url));
        }
        attributes
    }

    fn locked(
        &self,
        reference: &Reference,
        commit: &Commit,
        hash: &NarHash,
        count: Option<u64>,
    ) -> Map<String, Value> {
        let mut locked = self.written(reference);
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
            let branch = match self.dialect {
                Dialect::Short => branch.to_owned(),
                Dialect::Full => format!("refs/heads/{branch}"),
            };
            put("ref", Value::from(branch));
        }
        locked
    }
}

impl Source for Checkouts {
    type Error = PinError;

    fn pin(&mut self, url: &str, is_flake: bool) -> Result<Option<Pinned>, PinError> {
        let asked = (url.to_owned(), is_flake);
        if let Some((_, pinned)) = self.pinned.get(&asked) {
            return Ok(Some(pinned.clone()));
        }
        let Some(reference) = Reference::read(url) else {
            return Ok(None);
        };
        let key = reference.key();
        let pinned = self.pin_anew(url, &reference, &key, is_flake)?;
        if let Some(pinned) = &pinned {
            self.pinned.insert(asked, (key, pinned.clone()));
        }
        Ok(pinned)
    }

    fn renews(&self, url: &str) -> bool {
        let key = Reference::read(url).map(|reference| reference.key());
        let known = key.and_then(|key| self.repositories.get(&key));
        known.is_some_and(|checkout| checkout.is_renewed)
    }

    fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn unknown(&self, input: &[String], url: Option<&str>) -> PinError {
        PinError::Unknown {
            input: input.join("/"),
            url: url.unwrap_or("looked up by its name").to_owned(),
        }
    }

    fn original(&self, url: &str) -> Option<Map<String, Value>> {
        Reference::read(url).map(|reference| self.written(&reference))
    }
}
