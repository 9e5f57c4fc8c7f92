//! The repos of a family as they are checked out: what each flake reference is now.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::file::{LockError, LockFile};
use super::inputs::FlakeInputs;
use super::nar::NarHash;
use super::reference::Reference;
use super::resolve::{Dialect, Pinned, Source};
use crate::git::{Commit, GitError, Objects, TreeEntryKind, WorkTree};
use crate::render::syntax::SyntaxError;

/// Repositories that are checked out, by the flake references that mean them.
#[derive(Debug)]
pub struct Checkouts {
    dialect: Dialect,
    /// Each repository: what a reference says of it without a version, and where it is.
    repositories: Vec<(Map<String, Value>, PathBuf)>,
    /// Hashes by the tree that they are of.
    hashes: BTreeMap<String, NarHash>,
    pinned: BTreeMap<(String, bool), Pinned>,
}

/// An input cannot be locked.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// git refuses.
    #[error(transparent)]
    Git(#[from] GitError),
    /// Nobody knows what it is.
    #[error("the input `{input}` ({url}) is no repo of the family, and is not locked yet")]
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
    /// A repository takes files out of its archives, which Nix then does not hash.
    #[error("`{}` has `export-` attributes in `.gitattributes`, which only Nix can lock", .0.display())]
    Export(PathBuf),
    /// A flake does not parse.
    #[error("the flake of `{}` does not parse: {error}", .path.display())]
    Flake {
        /// The checkout.
        path: PathBuf,
        /// Where and why.
        error: SyntaxError,
    },
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
            let reference = Reference::read(&url)?;
            Some((reference.repository(), path))
        });
        Self {
            dialect,
            repositories: repositories.collect(),
            hashes: BTreeMap::new(),
            pinned: BTreeMap::new(),
        }
    }

    fn pin_anew(
        &mut self,
        url: &str,
        reference: &Reference,
        path: PathBuf,
        is_flake: bool,
    ) -> Result<Pinned, PinError> {
        let tree = WorkTree::of(&path).filter(|tree| tree.root() == path);
        let tree = tree.ok_or_else(|| PinError::NoCommit(path.clone()))?;
        let commit = tree.commit_of_head()?;
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
        let mut objects = tree.objects()?;
        let hash = match self.hashes.get(&commit.tree) {
            Some(hash) => hash.clone(),
            None => {
                if has_export(&mut objects, &commit.tree)? {
                    return Err(PinError::Export(path));
                }
                let hash = NarHash::of_tree(&mut objects, &commit.tree)?;
                self.hashes.insert(commit.tree.clone(), hash.clone());
                hash
            }
        };
        let folder = reference.get("dir").unwrap_or_default();
        let mut text = |name: &str| -> Result<Option<String>, GitError> {
            let object = find(&mut objects, &commit.tree, &format!("{folder}/{name}"))?;
            let blob = object.map(|object| objects.blob(&object)).transpose()?;
            Ok(blob.map(|blob| String::from_utf8_lossy(&blob).into_owned()))
        };
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
        Ok(Pinned {
            original: self.written(reference),
            locked: self.locked(reference, &tree, &commit, &hash)?,
            inputs,
            lock,
        })
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
        tree: &WorkTree,
        commit: &Commit,
        hash: &NarHash,
    ) -> Result<Map<String, Value>, GitError> {
        let mut locked = self.written(reference);
        let mut put = |key: &str, value: Value| {
            locked.insert(key.to_owned(), value);
        };
        put("rev", Value::from(commit.name.as_str()));
        put("lastModified", Value::from(commit.time));
        put("narHash", Value::from(hash.as_str()));
        if reference.get("type") == Some("github") {
            // Which branch it was is forgotten.
            locked.remove("ref");
            return Ok(locked);
        }
        put("revCount", Value::from(tree.count(&commit.name)?));
        if reference.get("ref").is_none() {
            let branch = commit.branch.as_deref().unwrap_or("HEAD");
            let branch = match self.dialect {
                Dialect::Short => branch.to_owned(),
                Dialect::Full => format!("refs/heads/{branch}"),
            };
            put("ref", Value::from(branch));
        }
        Ok(locked)
    }
}

impl Source for Checkouts {
    type Error = PinError;

    fn pin(&mut self, url: &str, is_flake: bool) -> Result<Option<Pinned>, PinError> {
        let key = (url.to_owned(), is_flake);
        if let Some(pinned) = self.pinned.get(&key) {
            return Ok(Some(pinned.clone()));
        }
        let Some(reference) = Reference::read(url) else {
            return Ok(None);
        };
        let wanted = reference.repository();
        let found = self.repositories.iter().find(|(known, _)| *known == wanted);
        let Some((_, path)) = found else {
            return Ok(None);
        };
        let pinned = self.pin_anew(url, &reference, path.clone(), is_flake)?;
        self.pinned.insert(key, pinned.clone());
        Ok(Some(pinned))
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

/// The object at a path below a tree.
fn find(objects: &mut Objects, tree: &str, path: &str) -> Result<Option<String>, GitError> {
    let mut at = tree.to_owned();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    for (number, part) in parts.iter().enumerate() {
        let entries = objects.tree(&at)?;
        let Some(entry) = entries
            .into_iter()
            .find(|entry| entry.name == part.as_bytes())
        else {
            return Ok(None);
        };
        let is_last = number + 1 == parts.len();
        if is_last == (entry.kind == TreeEntryKind::Directory) {
            return Ok(None);
        }
        at = entry.object;
    }
    Ok(Some(at))
}

/// Whether any `.gitattributes` of a tree changes what is in its archives.
fn has_export(objects: &mut Objects, tree: &str) -> Result<bool, GitError> {
    for entry in objects.tree(tree)? {
        let has = match entry.kind {
            TreeEntryKind::Directory => has_export(objects, &entry.object)?,
            TreeEntryKind::File if entry.name == b".gitattributes" => {
                let text = objects.blob(&entry.object)?;
                text.windows(b"export-".len())
                    .any(|part| part == b"export-")
            }
            _ => false,
        };
        if has {
            return Ok(true);
        }
    }
    Ok(false)
}
