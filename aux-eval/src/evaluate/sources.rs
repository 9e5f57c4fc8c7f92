//! Where the inputs of flakes come from: another repo of the family, or a tree from outside of it.
//!
//! An input belongs to the family by what it points to, not by its name. The rest is taken from
//! what the repo's own `flake.lock` says, as Nix does: the tree with that hash in the store, or a
//! folder that the user named in its place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aux_gen::lock::{InputRef, LOCK, LockFile};
use aux_model::{FlakeRef, RepoName};
use aux_nix::flake::{FlakeInputs, InputSpec, LockFormat, Reference};
use aux_nix::{Limits, Nix, NixError};
use serde::Serialize;
use serde_json::{Map, Value};

/// A flake that others may have as an input.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkout {
    /// Where it is.
    pub path: PathBuf,
    /// What others call it; none if nobody knows, and then its name counts.
    pub url: Option<FlakeRef>,
}

/// Every flake and tree that an evaluation may meet, as its expression reads them: repos of the
/// family by name, what is locked by a number, and folders in place of inputs by path.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Sources(BTreeMap<String, Tree>);

/// A tree, which may be a flake.
#[derive(Debug, Serialize)]
struct Tree {
    path: PathBuf,
    is_flake: bool,
    /// What Nix tells a flake of itself, such as `rev`.
    info: Map<String, Value>,
    inputs: BTreeMap<String, Input>,
}

/// What an input is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "lowercase")]
enum Input {
    /// A tree, by its key.
    Tree(String),
    /// What is at a path of inputs of a tree.
    Follows { of: String, path: Vec<String> },
    /// Nothing: why.
    Missing(String),
}

/// What of a locked reference a flake sees as a part of itself.
const INFO: [&str; 5] = ["lastModified", "narHash", "rev", "revCount", "submodules"];

impl Sources {
    /// Looks up the inputs of every checkout.
    ///
    /// # Errors
    /// When Nix cannot be started. An input that cannot be had is part of the answer.
    pub(crate) fn of(
        checkouts: &BTreeMap<RepoName, Checkout>,
        nix: &Nix,
        limits: &Limits,
    ) -> Result<Self, NixError> {
        let by_url = checkouts.iter().filter_map(|(name, checkout)| {
            let url = checkout.url.as_ref()?.to_string();
            Some((Reference::read(&url)?.key(), name.as_str()))
        });
        let mut found = Found {
            checkouts,
            by_url: by_url.collect(),
            nix,
            limits,
            sources: Self::default(),
            locked: BTreeMap::new(),
        };
        for (name, checkout) in checkouts {
            found.flake(name.as_str(), &checkout.path)?;
        }
        Ok(found.sources)
    }

    /// The folders that are read.
    pub(crate) fn folders(&self) -> BTreeSet<&Path> {
        self.0.values().map(|tree| tree.path.as_path()).collect()
    }
}

/// What was found so far.
struct Found<'f> {
    checkouts: &'f BTreeMap<RepoName, Checkout>,
    by_url: BTreeMap<String, &'f str>,
    nix: &'f Nix,
    limits: &'f Limits,
    sources: Sources,
    /// The keys of locked trees, by all that is known of them: two that are the same, with the
    /// same inputs, are one.
    locked: BTreeMap<String, String>,
}

impl Found<'_> {
    /// Adds a folder with a flake. If its inputs cannot be read there are none: Nix will say
    /// what is wrong with it.
    fn flake(&mut self, key: &str, path: &Path) -> Result<(), NixError> {
        let read = |file: &str| std::fs::read_to_string(path.join(file)).ok();
        let text = read("flake.nix");
        let tree = Tree {
            path: path.to_owned(),
            is_flake: text.is_some(),
            info: Map::new(),
            inputs: BTreeMap::new(),
        };
        // Before its inputs, which may lead back to it.
        self.sources.0.insert(key.to_owned(), tree);
        let specs = text.and_then(|text| FlakeInputs::read(&text).ok());
        let lock = read(LOCK).and_then(|text| LockFile::read(&text).ok());
        let mut inputs = BTreeMap::new();
        for (name, spec) in specs.unwrap_or_default().0 {
            let input = self.input((key, path), (&name, &spec), lock.as_ref())?;
            inputs.insert(name, input);
        }
        if let Some(tree) = self.sources.0.get_mut(key) {
            tree.inputs = inputs;
        }
        Ok(())
    }

    /// What an input of a flake in a folder is.
    fn input(
        &mut self,
        (of, folder): (&str, &Path),
        (name, spec): (&str, &InputSpec),
        lock: Option<&LockFile>,
    ) -> Result<Input, NixError> {
        if let Some(path) = &spec.follows {
            return Ok(Input::Follows {
                of: of.to_owned(),
                path: path.clone(),
            });
        }
        let reference = spec.reference(LockFormat::Full).ok().flatten();
        let reference = reference.unwrap_or_else(|| Reference::indirect(name));
        if let Some(repo) = self.repo(folder, name, &reference) {
            return Ok(Input::Tree(self.as_asked(repo, spec.is_flake)));
        }
        if let Some(input) = self.replaced(name)? {
            return Ok(input);
        }
        if let Some(lock) = lock
            && let Some(InputRef::Node(key)) = lock.nodes[&lock.root].inputs.get(name)
        {
            return self.tree(of, lock, (name, key), &mut BTreeMap::new());
        }
        Ok(Input::Missing(format!(
            "its flake asks for the input `{name}` ({}), which is no repo of the family that is checked out, and no lock says what it is",
            reference.text()
        )))
    }

    /// The repo of the family that an input refers to.
    fn repo(&self, folder: &Path, name: &str, reference: &Reference) -> Option<String> {
        let of_name = self.checkouts.get(name).map(|checkout| (name, checkout));
        let found = if reference.is_indirect() {
            // It is looked up by its name.
            of_name.map(|(name, _)| name)
        } else if reference.get("type") == Some("path") {
            let path = folder.join(reference.get("path")?).canonicalize().ok()?;
            let mut all = self.checkouts.iter();
            all.find_map(|(name, other)| (other.path == path).then_some(name.as_str()))
        } else {
            let known = self.by_url.get(&reference.key()).copied();
            let nameless = of_name.filter(|(_, checkout)| checkout.url.is_none());
            known.or_else(|| nameless.map(|(name, _)| name))
        };
        found.map(str::to_owned)
    }

    /// A repo of the family as an input has it: with `flake = false` a plain tree, even if there
    /// is a flake in it.
    fn as_asked(&mut self, repo: String, is_flake: bool) -> String {
        if is_flake {
            return repo;
        }
        // No repo has a name like it.
        let key = format!("={repo}");
        let tree = Tree {
            path: self.checkouts[repo.as_str()].path.clone(),
            is_flake: false,
            info: Map::new(),
            inputs: BTreeMap::new(),
        };
        self.sources.0.entry(key.clone()).or_insert(tree);
        key
    }

    /// The folder that the user named in place of an input.
    fn replaced(&mut self, name: &str) -> Result<Option<Input>, NixError> {
        let Some(path) = self.nix.reach().overrides.get(name) else {
            return Ok(None);
        };
        let key = path.display().to_string();
        if !self.sources.0.contains_key(&key) {
            self.flake(&key, path)?;
        }
        Ok(Some(Input::Tree(key)))
    }

    /// A node of the lock of a flake, with all that it has as inputs. A lock that was read has
    /// every node that it names, and no cycle of them.
    fn tree(
        &mut self,
        of: &str,
        lock: &LockFile,
        (name, key): (&str, &str),
        known: &mut BTreeMap<String, Input>,
    ) -> Result<Input, NixError> {
        if let Some(input) = known.get(key) {
            return Ok(input.clone());
        }
        let node = &lock.nodes[key];
        let locked = node.locked.clone().unwrap_or_default();
        let directory = locked.get("dir").and_then(Value::as_str).unwrap_or("");
        let directory = directory.to_owned();
        let input = match self.path(name, &locked)? {
            Err(missing) => Input::Missing(missing),
            Ok(path) => {
                let mut inputs = BTreeMap::new();
                for (name, input) in &node.inputs {
                    let input = match (self.replaced(name)?, input) {
                        (Some(input), _) => input,
                        (None, InputRef::Node(key)) => self.tree(of, lock, (name, key), known)?,
                        (None, InputRef::Follows(path)) => Input::Follows {
                            of: of.to_owned(),
                            path: path.clone(),
                        },
                    };
                    inputs.insert(name.clone(), input);
                }
                let info = locked.into_iter();
                Input::Tree(
                    self.one_of(Tree {
                        path: path.join(directory),
                        is_flake: node.flake != Some(false),
                        info: info
                            .filter(|(key, _)| INFO.contains(&key.as_str()))
                            .collect(),
                        inputs,
                    }),
                )
            }
        };
        known.insert(key.to_owned(), input.clone());
        Ok(input)
    }

    /// Where a locked tree is, or why it is nowhere.
    fn path(
        &self,
        name: &str,
        locked: &Map<String, Value>,
    ) -> Result<Result<PathBuf, String>, NixError> {
        let reference = Reference {
            attributes: locked.clone(),
        };
        let reference = reference.text();
        Ok(match self.nix.source(locked, self.limits)? {
            Ok(Some(path)) => Ok(path),
            Ok(None) => Err(format!(
                "its flake asks for the input `{name}` ({reference}), which is neither a repo of the family nor in the store of this machine: name a folder with `--override {name}=PATH`, or let Nix fetch it with `--allow-network`"
            )),
            Err(failure) => Err(format!(
                "the input `{name}` ({reference}) cannot be fetched: {}",
                failure.reason
            )),
        })
    }

    fn one_of(&mut self, tree: Tree) -> String {
        let text = serde_json::to_string(&tree).unwrap_or_default();
        // No repo has a name like it.
        let next = format!("={}", self.locked.len());
        let key = self.locked.entry(text).or_insert(next).clone();
        self.sources.0.entry(key.clone()).or_insert(tree);
        key
    }
}
