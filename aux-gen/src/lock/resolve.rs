//! From inputs to nodes: what follows what, what is taken from the locks of inputs, and
//! what the nodes are called. This is `computeLocks` of Nix (`flake.cc`) for a flake of
//! which some inputs are to be updated.

use std::collections::BTreeMap;

use aux_nix::flake::{FlakeInputs, InputSpec, LockFormat, MOST_NESTED_INPUTS, Reference};
use serde_json::{Map, Value};

use crate::lock::file::{InputRef, LockFile, MOST, Node};
use crate::lock::input_error::{InputError, InputReason};
use crate::lock::nodes::{Built, BuiltInput, NodeNames};

/// A flake reference, pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedInput {
    /// The attributes of what was asked for.
    pub original: Map<String, Value>,
    /// The attributes of what it is now.
    pub locked: Map<String, Value>,
    /// The inputs of its flake; empty for a plain tree.
    pub inputs: FlakeInputs,
    /// What its own lock file says.
    pub lock: Option<LockFile>,
}

/// A source of what flake references resolve to now.
pub trait Source {
    /// Why something cannot be locked.
    type Error: From<InputError>;

    /// Pins a reference; none if this source does not know it: it then stays as it is
    /// locked.
    ///
    /// # Errors
    /// When it knows it and cannot pin it.
    fn pin(
        &mut self,
        reference: &Reference,
        is_flake: bool,
    ) -> Result<Option<LockedInput>, Self::Error>;

    /// The inputs that a flake has at what it is locked to, the attributes of that; none if
    /// this source does not know it.
    ///
    /// # Errors
    /// When it knows it and cannot read it.
    fn flake(&mut self, locked: &Map<String, Value>) -> Result<Option<FlakeInputs>, Self::Error>;

    /// Whether an input of the flake itself that is locked already is pinned anew, as
    /// `nix flake lock --update-input` does.
    fn renews(&self, reference: &Reference) -> bool;

    /// As which Nix the lock is written.
    fn format(&self) -> LockFormat;
}

/// Locks a flake: what the source knows is as it is now, the rest stays as `old` has it.
///
/// # Errors
/// When the source cannot pin something, nobody knows an input, or what an input follows is
/// not there.
pub fn lock<S: Source>(
    inputs: &FlakeInputs,
    old: Option<&LockFile>,
    source: &mut S,
) -> Result<LockFile, S::Error> {
    let mut locking = Locking {
        source,
        overrides: BTreeMap::new(),
        parents: Vec::new(),
        nodes: 0,
    };
    let old = old.map(|file| Known {
        file,
        node: &file.nodes[&file.root],
        root: &[],
    });
    let wanted = locking.of_flake(inputs, &[])?;
    let root = Built {
        inputs: locking.inputs(wanted, &[], old, false)?,
        ..Built::default()
    };
    let format = locking.source.format();
    let mut follows = Vec::new();
    root.follows(&mut Vec::new(), &mut follows);
    // Up to 2.25 a path may not lead through what is followed.
    let dangling = follows.iter().find(|(_, target)| {
        format == LockFormat::Short && !target.is_empty() && !root.has_input(target)
    });
    let dangling = dangling.cloned();
    let mut file = LockFile::new();
    root.put("root", &mut file, &mut NodeNames::default());
    let nowhere = |(_, target): &&(_, Vec<String>)| file.node(target).is_none();
    match dangling.or_else(|| follows.iter().find(nowhere).cloned()) {
        Some((path, target)) => Err(refused(&path, InputReason::Follows(target.join("/"))).into()),
        None => Ok(file),
    }
}

fn refused(path: &[String], reason: InputReason) -> InputError {
    InputError {
        input: path.join("/"),
        reason,
    }
}

/// An input as a flake has it, or as a lock says that its flake has it.
#[derive(Debug, Clone)]
struct Wanted {
    /// What it refers to; none if that is not said.
    reference: Option<Reference>,
    /// What it follows, from the root of the new lock.
    follows: Option<Vec<String>>,
    is_flake: bool,
}

/// What a flake says of an input of one of its inputs.
#[derive(Debug, Clone)]
struct Override {
    input: Wanted,
    /// The flake with that `follows`.
    by: Vec<String>,
}

struct Locking<'s, S> {
    source: &'s mut S,
    /// What flakes say of the inputs of their inputs, by path from the root: who is
    /// nearer to the root wins.
    overrides: BTreeMap<Vec<String>, Override>,
    /// The flakes that are being locked anew, each an input of the one before.
    parents: Vec<Reference>,
    /// Nodes so far.
    nodes: usize,
}

/// What a lock says of a flake.
#[derive(Clone, Copy)]
struct Known<'l> {
    file: &'l LockFile,
    node: &'l Node,
    /// Where the flake stands whose lock it is: paths in it start there.
    root: &'l [String],
}

impl<'l> Known<'l> {
    /// What it says of an input that is a node.
    fn input(self, name: &str) -> Option<Self> {
        match self.node.inputs.get(name)? {
            InputRef::Node(key) => Some(Self {
                node: self.file.nodes.get(key)?,
                ..self
            }),
            InputRef::Follows(_) => None,
        }
    }
}

impl<S: Source> Locking<'_, S> {
    /// The inputs of a flake at a path; what it says of their inputs is noted.
    fn of_flake(
        &mut self,
        inputs: &FlakeInputs,
        path: &[String],
    ) -> Result<BTreeMap<String, Wanted>, S::Error> {
        let mut wanted = BTreeMap::new();
        for (name, spec) in &inputs.0 {
            // Newer Nix keeps there how the flake itself is to be fetched.
            if name == "self" && self.source.format() == LockFormat::Full {
                continue;
            }
            let inner = joined(path, name);
            wanted.insert(name.clone(), self.wanted(spec, &inner, path)?);
            self.note_overrides(spec, &inner, path)?;
        }
        Ok(wanted)
    }

    /// An input at a path, of a flake at another.
    fn wanted(
        &self,
        spec: &InputSpec,
        path: &[String],
        flake: &[String],
    ) -> Result<Wanted, S::Error> {
        let read = spec.reference(self.source.format());
        let refuse = |error| refused(path, InputReason::Reference(error));
        Ok(Wanted {
            reference: read.map_err(refuse)?,
            follows: spec
                .follows
                .as_ref()
                .map(|follows| [flake, follows.as_slice()].concat()),
            is_flake: spec.is_flake,
        })
    }

    fn note_overrides(
        &mut self,
        spec: &InputSpec,
        path: &[String],
        flake: &[String],
    ) -> Result<(), S::Error> {
        for (name, inner) in &spec.inputs {
            let path = joined(path, name);
            let input = self.wanted(inner, &path, flake)?;
            let says_something = input.reference.is_some() || input.follows.is_some();
            // Up to 2.25 Nix knows of no override that is deeper, and takes an input of
            // which nothing else is said for one that is looked up by its name.
            let is_short = self.source.format() == LockFormat::Short;
            if is_short || says_something {
                let by = flake.to_vec();
                let noted = self.overrides.entry(path.clone());
                noted.or_insert(Override { input, by });
            }
            if !is_short {
                self.note_overrides(inner, &path, flake)?;
            }
        }
        Ok(())
    }

    /// The inputs of a flake as nodes. `known` is what a lock says of it; `is_trusted` if
    /// they come from that lock and its flake was not read.
    fn inputs(
        &mut self,
        wanted: BTreeMap<String, Wanted>,
        path: &[String],
        known: Option<Known<'_>>,
        is_trusted: bool,
    ) -> Result<BTreeMap<String, BuiltInput>, S::Error> {
        let mut built = BTreeMap::new();
        for (name, own) in wanted {
            let path = joined(path, &name);
            self.nodes += 1;
            if self.nodes > MOST {
                return Err(refused(&path, InputReason::Many).into());
            }
            if path.len() > MOST_NESTED_INPUTS {
                return Err(refused(&path, InputReason::Deep).into());
            }
            let input = self.input(&name, own, &path, known, is_trusted)?;
            built.insert(name, input);
        }
        Ok(built)
    }

    fn input(
        &mut self,
        name: &str,
        own: Wanted,
        path: &[String],
        known: Option<Known<'_>>,
        is_trusted: bool,
    ) -> Result<BuiltInput, S::Error> {
        let found = self.overrides.get(path).cloned();
        let is_overridden = found.is_some();
        let (input, by) = match found {
            // Whether it is a flake is for the flake to say that has it.
            Some(found) => (
                Wanted {
                    is_flake: own.is_flake,
                    ..found.input
                },
                found.by,
            ),
            None => (own.clone(), path[..path.len() - 1].to_vec()),
        };
        if let Some(follows) = input.follows {
            return Ok(BuiltInput::Follows(follows));
        }
        let format = self.source.format();
        let reference = match input.reference {
            Some(reference) => reference,
            None => Reference::indirect(name),
        };
        let parent = reference.is_relative() && format == LockFormat::Full;
        let asked = Asked {
            // Up to 2.25 what is replaced stays "what was asked for", but for plain trees,
            // so that the flake's own lock still fits.
            original: match (format, own.reference) {
                (LockFormat::Short, Some(own)) if input.is_flake => own.attributes,
                _ => reference.attributes.clone(),
            },
            parent: parent.then_some(by),
            is_flake: input.is_flake,
            is_overridden,
            reference,
        };
        let is_root = path.len() == 1;
        // As with `--update-input`: what was locked of it is forgotten.
        let old = if is_root && self.source.renews(&asked.reference) {
            None
        } else {
            known.and_then(|known| known.input(name))
        };
        if let Some(old) = old
            && asked.is_as_in(old.node, format)
        {
            let node = self.kept(&asked.reference, old, path, is_trusted)?;
            return Ok(BuiltInput::Node(node));
        }
        match self.source.pin(&asked.reference, asked.is_flake)? {
            Some(pinned) => self.pinned(pinned, asked, old, path).map(BuiltInput::Node),
            // Nix would fetch what is overridden each time, and get what it has.
            None => match old.filter(|old| asked.may_be(old.node)) {
                Some(old) => {
                    let node = self.kept(&asked.reference, old, path, is_trusted)?;
                    Ok(BuiltInput::Node(node))
                }
                None => {
                    let reason = if asked.reference.is_indirect() {
                        InputReason::Registry(asked.reference)
                    } else {
                        InputReason::Unknown(asked.reference)
                    };
                    Err(refused(path, reason).into())
                }
            },
        }
    }

    /// A node that is made anew, with the inputs of its own lock. Up to 2.30 Nix takes those
    /// of an old lock first, if that had an input of this name.
    fn pinned(
        &mut self,
        pinned: LockedInput,
        asked: Asked,
        old: Option<Known<'_>>,
        path: &[String],
    ) -> Result<Built, S::Error> {
        let mut built = Built {
            inputs: BTreeMap::new(),
            locked: Some(pinned.locked),
            original: Some(asked.original),
            parent: asked.parent,
            is_tree: !asked.is_flake,
        };
        if !asked.is_flake {
            return Ok(built);
        }
        if self.parents.contains(&asked.reference) {
            return Err(refused(path, InputReason::Cycle(asked.reference)).into());
        }
        self.parents.push(asked.reference);
        let own = pinned.lock.as_ref().map(|file| Known {
            file,
            node: &file.nodes[&file.root],
            root: path,
        });
        let wanted = self.of_flake(&pinned.inputs, path)?;
        let known = match self.source.format() {
            LockFormat::Short => old.or(own),
            LockFormat::Full => own,
        };
        built.inputs = self.inputs(wanted, path, known, false)?;
        self.parents.pop();
        Ok(built)
    }

    /// A node as a lock has it. Its inputs are what that says, and nobody reads its flake
    /// again, unless one follows something by the word of a flake that does not say it any
    /// more: what it is else only its own flake knows.
    fn kept(
        &mut self,
        reference: &Reference,
        known: Known<'_>,
        path: &[String],
        is_trusted: bool,
    ) -> Result<Built, S::Error> {
        let Known { file, node, root } = known;
        let forgotten = node.inputs.iter().find(|(name, input)| {
            let is_follows = matches!(input, InputRef::Follows(_));
            is_follows && !is_trusted && !self.overrides.contains_key(&joined(path, name))
        });
        let (wanted, is_trusted) = if let Some((inner, _)) = forgotten {
            let locked = node.locked.as_ref();
            let flake = match locked {
                Some(locked) => self.source.flake(locked)?,
                None => None,
            };
            let Some(flake) = flake else {
                let reason = InputReason::NotHere {
                    reference: reference.clone(),
                    inner: inner.clone(),
                };
                return Err(refused(path, reason).into());
            };
            (self.of_flake(&flake, path)?, false)
        } else {
            let wanted = node.inputs.iter().map(|(name, input)| {
                let wanted = match input {
                    InputRef::Node(key) => {
                        let node = file.nodes.get(key);
                        let original = node.and_then(|node| node.original.clone());
                        Wanted {
                            reference: original.map(|attributes| Reference { attributes }),
                            follows: None,
                            is_flake: node.is_none_or(|node| node.flake != Some(false)),
                        }
                    }
                    InputRef::Follows(follows) => Wanted {
                        reference: None,
                        follows: Some([root, follows].concat()),
                        is_flake: true,
                    },
                };
                (name.clone(), wanted)
            });
            (wanted.collect(), true)
        };
        Ok(Built {
            inputs: self.inputs(wanted, path, Some(known), is_trusted)?,
            locked: node.locked.clone(),
            original: node.original.clone(),
            parent: node.parent.clone(),
            is_tree: node.flake == Some(false),
        })
    }
}

/// An input, with all that flakes say of it.
struct Asked {
    reference: Reference,
    original: Map<String, Value>,
    /// The flake in whose tree it is, if it is a relative path.
    parent: Option<Vec<String>>,
    is_flake: bool,
    is_overridden: bool,
}

impl Asked {
    /// Whether a node of an old lock is still what is asked for.
    fn is_as_in(&self, node: &Node, format: LockFormat) -> bool {
        let Some(original) = &node.original else {
            return false;
        };
        match format {
            // Older Nix does not trust what is overridden.
            LockFormat::Short => !self.is_overridden && *original == self.reference.attributes,
            LockFormat::Full => {
                let original = Reference {
                    attributes: original.clone(),
                };
                original.canonical() == self.reference.canonical() && node.parent == self.parent
            }
        }
    }

    /// Whether a node of an old lock may be what overrides the input, as far as it is still
    /// to be seen there: its repository and version.
    fn may_be(&self, node: &Node) -> bool {
        let Some(locked) = &node.locked else {
            return false;
        };
        let is_same = |key: &str| match (self.reference.get(key), locked.get(key)) {
            (Some(asked), Some(locked)) => locked.as_str() == Some(asked),
            _ => true,
        };
        self.is_overridden
            && node.original.as_ref() == Some(&self.original)
            && (self.reference.is_indirect()
                || self.reference.means(locked) && is_same("rev") && is_same("ref"))
    }
}

fn joined(path: &[String], name: &str) -> Vec<String> {
    [path, &[name.to_owned()]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Knows nothing; counts what it is asked.
    #[derive(Default)]
    struct Nobody {
        asked: usize,
    }

    impl Source for Nobody {
        type Error = InputError;

        fn pin(&mut self, _: &Reference, _: bool) -> Result<Option<LockedInput>, InputError> {
            self.asked += 1;
            Ok(None)
        }

        fn flake(&mut self, _: &Map<String, Value>) -> Result<Option<FlakeInputs>, InputError> {
            self.asked += 1;
            Ok(None)
        }

        fn renews(&self, _: &Reference) -> bool {
            false
        }

        fn format(&self) -> LockFormat {
            LockFormat::Short
        }
    }

    #[test]
    fn what_is_kept_is_looked_at_once() {
        for size in [100, 200, 400] {
            let mut text = String::new();
            let mut old = LockFile::new();
            for number in 0..size {
                let name = format!("i{number}");
                text.push_str(&format!("inputs.{name}.url = \"path:/x/{number}\";"));
                let url = format!("path:/x/{number}");
                let reference = Reference::parse(&url, LockFormat::Short, true).unwrap();
                let node = Node {
                    locked: Some(reference.attributes.clone()),
                    original: Some(reference.attributes),
                    ..Node::default()
                };
                old.nodes.insert(name.clone(), node);
                let root = old.nodes.get_mut("root").unwrap();
                root.inputs.insert(name.clone(), InputRef::Node(name));
            }
            let inputs = FlakeInputs::read(&format!("{{ {text} }}")).unwrap();
            let mut nobody = Nobody::default();
            assert_eq!(lock(&inputs, Some(&old), &mut nobody).unwrap(), old);
            assert_eq!(nobody.asked, 0);
            assert_eq!(old.reached().len(), size);
        }
    }

    #[test]
    fn inputs_are_not_locked_without_end() {
        // Each of these has a lock that is fine alone; in each other they would be many.
        struct Many;
        impl Source for Many {
            type Error = InputError;

            fn pin(&mut self, _: &Reference, _: bool) -> Result<Option<LockedInput>, InputError> {
                let text: String = (0..50)
                    .map(|number| format!("inputs.i{number}.url = \"path:/{number}\";"))
                    .collect();
                Ok(Some(LockedInput {
                    original: Map::new(),
                    locked: Map::new(),
                    inputs: FlakeInputs::read(&format!("{{ {text} }}")).unwrap(),
                    lock: None,
                }))
            }

            fn flake(&mut self, _: &Map<String, Value>) -> Result<Option<FlakeInputs>, InputError> {
                Ok(None)
            }

            fn renews(&self, _: &Reference) -> bool {
                true
            }

            fn format(&self) -> LockFormat {
                LockFormat::Full
            }
        }
        let inputs = FlakeInputs::read("{ inputs.a.url = \"path:/a\"; }").unwrap();
        let refused = lock(&inputs, None, &mut Many).unwrap_err();
        assert!(matches!(refused.reason, InputReason::Cycle(_)), "{refused}");
    }
}
