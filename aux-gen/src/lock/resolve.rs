//! From inputs to nodes: what follows what, what is taken from the locks of others, and
//! what the nodes are called. This is Nix's `computeLocks`, for a flake whose inputs
//! are all pinned anew.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::file::{InputRef, LockFile, Node};
use super::inputs::{FlakeInputs, Spec};
use crate::nix::NixVersion;

/// How a version of Nix writes what it locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Up to 2.25: the branch of a repository is `main`.
    Short,
    /// From 2.26 on: `refs/heads/main`.
    Full,
}

impl Dialect {
    /// That of a version of Nix.
    #[must_use]
    pub fn of(version: &NixVersion) -> Self {
        match version.is_at_least(2, 26) {
            true => Self::Full,
            false => Self::Short,
        }
    }
}

/// A flake reference, pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// The attributes of what was asked for.
    pub original: Map<String, Value>,
    /// The attributes of what it is now.
    pub locked: Map<String, Value>,
    /// The inputs of its flake; empty for a plain tree.
    pub inputs: FlakeInputs,
    /// What its own lock file says.
    pub lock: Option<LockFile>,
}

/// Whoever knows what flake references are now.
pub trait Source {
    /// Why a reference cannot be pinned.
    type Error;

    /// Pins a reference; none if this source does not know it: it then stays as it is
    /// locked.
    ///
    /// # Errors
    /// When it knows it and cannot pin it.
    fn pin(&mut self, url: &str, is_flake: bool) -> Result<Option<Pinned>, Self::Error>;

    /// Whether an input that is locked already is pinned anew.
    fn renews(&self, url: &str) -> bool;

    /// As which Nix the lock is written.
    fn dialect(&self) -> Dialect;

    /// The error for an input that nobody knows and that is not locked.
    fn unknown(&self, input: &[String], url: Option<&str>) -> Self::Error;

    /// The attributes of a reference, for finding it in a lock; none if its form is not
    /// known.
    fn original(&self, url: &str) -> Option<Map<String, Value>>;
}

/// Locks a flake: what the source knows is as it is now, the rest stays as `old` has it.
///
/// # Errors
/// When the source cannot pin something, or nobody knows an input.
pub fn lock<S: Source>(
    inputs: &FlakeInputs,
    old: Option<&LockFile>,
    source: &mut S,
) -> Result<LockFile, S::Error> {
    let mut locking = Locking {
        source,
        overrides: BTreeMap::new(),
    };
    let old = old.map(|file| Known {
        file,
        node: &file.nodes[&file.root],
        root: &[],
    });
    let root = locking.inputs(&inputs.0, &[], old)?;
    let root = Built {
        inputs: root,
        ..Built::default()
    };
    let mut file = LockFile::new();
    let mut taken = BTreeSet::new();
    root.put("root", &mut file, &mut taken);
    Ok(file)
}

/// A node before it has a name.
#[derive(Default)]
struct Built {
    inputs: BTreeMap<String, BuiltInput>,
    locked: Option<Map<String, Value>>,
    original: Option<Map<String, Value>>,
    is_tree: bool,
}

enum BuiltInput {
    Node(Built),
    Follows(Vec<String>),
}

struct Locking<'s, S> {
    source: &'s mut S,
    /// What flakes say of the inputs of their inputs, by path from the root: who is
    /// nearer to the root wins.
    overrides: BTreeMap<Vec<String>, (Spec, Vec<String>)>,
}

/// What a lock says of a flake.
#[derive(Clone, Copy)]
struct Known<'l> {
    file: &'l LockFile,
    node: &'l Node,
    /// Where the flake stands whose lock it is: paths in it start there.
    root: &'l [String],
}

impl<S: Source> Locking<'_, S> {
    fn inputs(
        &mut self,
        specs: &BTreeMap<String, Spec>,
        prefix: &[String],
        known: Option<Known<'_>>,
    ) -> Result<BTreeMap<String, BuiltInput>, S::Error> {
        for (name, spec) in specs {
            for (inner, replaced) in &spec.inputs {
                let path = [prefix, &[name.clone(), inner.clone()]].concat();
                let said = (replaced.clone(), prefix.to_vec());
                self.overrides.entry(path).or_insert(said);
            }
        }
        let mut built = BTreeMap::new();
        for (name, own) in specs {
            let path = [prefix, std::slice::from_ref(name)].concat();
            let (spec, from) = match self.overrides.get(&path) {
                Some((spec, from)) => (spec.clone(), from.clone()),
                None => (own.clone(), prefix.to_vec()),
            };
            let input = match &spec.follows {
                Some(follows) => BuiltInput::Follows([&from[..], follows].concat()),
                None => {
                    let mut node = self.node(&spec, name, &path, known)?;
                    // As older Nix has it: what is replaced stays "what was asked for", so
                    // that the flake's own lock still fits.
                    if self.source.dialect() == Dialect::Short {
                        let asked = own.url.as_deref();
                        let asked = asked.and_then(|url| self.source.original(url));
                        node.original = asked.or(node.original);
                    }
                    BuiltInput::Node(node)
                }
            };
            built.insert(name.clone(), input);
        }
        Ok(built)
    }

    /// An input that is a tree of its own.
    fn node(
        &mut self,
        spec: &Spec,
        name: &str,
        path: &[String],
        known: Option<Known<'_>>,
    ) -> Result<Built, S::Error> {
        let Some(url) = spec.url.as_deref() else {
            return Err(self.source.unknown(path, None));
        };
        // What the lock of a flake says of its inputs stays so; only the root's own are new.
        let is_own = path.len() == 1;
        if is_own
            && self.source.renews(url)
            && let Some(pinned) = self.source.pin(url, spec.is_flake)?
        {
            return self.pinned(pinned, spec.is_flake, path);
        }
        if let Some(known) = known
            && let Some(InputRef::Node(key)) = known.node.inputs.get(name)
            && let Some(node) = known.file.nodes.get(key)
            && node.original.is_some()
            && node.original == self.source.original(url)
        {
            return self.kept(Known { node, ..known }, path);
        }
        match self.source.pin(url, spec.is_flake)? {
            Some(pinned) => self.pinned(pinned, spec.is_flake, path),
            None => Err(self.source.unknown(path, Some(url))),
        }
    }

    fn pinned(
        &mut self,
        pinned: Pinned,
        is_flake: bool,
        path: &[String],
    ) -> Result<Built, S::Error> {
        let lock = pinned.lock.as_ref();
        let known = lock.map(|file| Known {
            file,
            node: &file.nodes[&file.root],
            root: path,
        });
        Ok(Built {
            inputs: self.inputs(&pinned.inputs.0, path, known)?,
            locked: Some(pinned.locked),
            original: Some(pinned.original),
            is_tree: !is_flake,
        })
    }

    /// A node as a lock has it: its inputs are what that says, since nobody reads its
    /// flake again.
    fn kept(&mut self, known: Known<'_>, path: &[String]) -> Result<Built, S::Error> {
        let Known { file, node, root } = known;
        let mut inputs = BTreeMap::new();
        for (name, input) in &node.inputs {
            let path = [path, std::slice::from_ref(name)].concat();
            let built = match (self.overrides.get(&path).cloned(), input) {
                (Some((spec, from)), _) => match &spec.follows {
                    Some(follows) => BuiltInput::Follows([&from[..], follows].concat()),
                    None => {
                        let mut node = self.node(&spec, name, &path, Some(known))?;
                        if self.source.dialect() == Dialect::Short
                            && let InputRef::Node(key) = input
                            && let Some(asked) = file.nodes.get(key)
                        {
                            node.original = asked.original.clone();
                        }
                        BuiltInput::Node(node)
                    }
                },
                (None, InputRef::Node(key)) => match file.nodes.get(key) {
                    Some(node) => BuiltInput::Node(self.kept(Known { node, ..known }, &path)?),
                    None => return Err(self.source.unknown(&path, None)),
                },
                (None, InputRef::Follows(follows)) => BuiltInput::Follows([root, follows].concat()),
            };
            inputs.insert(name.clone(), built);
        }
        Ok(Built {
            inputs,
            locked: node.locked.clone(),
            original: node.original.clone(),
            is_tree: node.flake == Some(false),
        })
    }
}

impl Built {
    /// Puts the node and all below it into a file; returns its name: that of the input,
    /// with a number if that is taken.
    fn put(self, name: &str, file: &mut LockFile, taken: &mut BTreeSet<String>) -> String {
        let mut key = name.to_owned();
        let mut number = 2;
        while !taken.insert(key.clone()) {
            key = format!("{name}_{number}");
            number += 1;
        }
        let mut inputs = BTreeMap::new();
        for (name, input) in self.inputs {
            let input = match input {
                BuiltInput::Node(node) => InputRef::Node(node.put(&name, file, taken)),
                BuiltInput::Follows(path) => InputRef::Follows(path),
            };
            inputs.insert(name, input);
        }
        let node = Node {
            flake: self.is_tree.then_some(false),
            inputs,
            locked: self.locked,
            original: self.original,
        };
        file.nodes.insert(key.clone(), node);
        key
    }
}
