//! The file itself: version 7, as Nix has written it since 2.4.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use aux_git::{GitError, WorkTree};
use aux_model::{RepoName, Rev};
use aux_nix::flake::MOST_NESTED_INPUTS;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The file of a lock.
pub const LOCK: &str = "flake.lock";

/// The version of the format.
const VERSION: u32 = 7;

/// Nodes of a lock: as many as there are paths to them, since Nix writes a node that two
/// inputs share as two.
pub(super) const MOST: usize = 1 << 17;

/// A lock file: nodes by name, of which one is the flake itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockFile {
    /// The flake and all it is made from. The order is that of bytes, as in the file.
    pub nodes: BTreeMap<String, Node>,
    /// The name of the node of the flake itself.
    pub root: String,
    version: u32,
}

/// A flake, or another tree, in a lock file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// `false` for a tree that is no flake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flake: Option<bool>,
    /// Its inputs: a node, or what is followed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, InputRef>,
    /// What it is: the attributes of a locked reference. Nothing for the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<Map<String, Value>>,
    /// What was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Map<String, Value>>,
    /// The input in whose tree it is, for a relative path; from Nix 2.26 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Vec<String>>,
}

/// What an input is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum InputRef {
    /// A node of the file.
    Node(String),
    /// The input at this path from the root; empty for the root itself.
    Follows(Vec<String>),
}

/// A text is no lock file that this program knows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// It is no JSON, or of another form.
    #[error("it is no lock file: {0}")]
    Form(serde_json::Error),
    /// It is of another version.
    #[error("it has version {0}, and this program knows version {VERSION}")]
    Version(u32),
    /// It names a node that it does not have.
    #[error("it has no node `{0}`")]
    Node(String),
    /// A node does not say what it is, or in values that none has.
    #[error("its node `{0}` lacks `locked` or `original`, or has odd values there")]
    Incomplete(String),
    /// A node is an input of itself, by whatever way.
    #[error("its node `{0}` is an input of itself")]
    Cycle(String),
    /// Nodes are too deep in each other.
    #[error("its node `{0}` is more than {MOST_NESTED_INPUTS} inputs deep")]
    Deep(String),
    /// There are too many paths to nodes.
    #[error("it has more than {MOST} paths of inputs")]
    Many,
}

impl LockFile {
    /// A file with nothing but a flake without inputs.
    #[must_use]
    pub fn new() -> Self {
        Self {
            nodes: BTreeMap::from([("root".to_owned(), Node::default())]),
            root: "root".to_owned(),
            version: VERSION,
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it is none, of another version, or refers to nodes that it does not have.
    pub fn read(text: &str) -> Result<Self, LockError> {
        Self::read_bytes(text.as_bytes())
    }

    /// As [`Self::read`], of what may be no text.
    ///
    /// # Errors
    /// As there, and when it is no UTF-8.
    pub(crate) fn read_bytes(bytes: &[u8]) -> Result<Self, LockError> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let Version { version } = serde_json::from_slice(bytes).map_err(LockError::Form)?;
        if version != VERSION {
            return Err(LockError::Version(version));
        }
        let file: Self = serde_json::from_slice(bytes).map_err(LockError::Form)?;
        file.check()?;
        Ok(file)
    }

    /// Checks all that the root reaches; Nix reads nothing else. Each node is looked at
    /// once, from the leaves up, on a stack of our own: names come from anybody.
    fn check(&self) -> Result<(), LockError> {
        /// What is known of a node: that it is being looked at, or how deep what is below
        /// it is, and how many paths there are.
        enum Seen {
            Open,
            Done { depth: usize, paths: usize },
        }
        let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
        let mut open = vec![(self.root.as_str(), false)];
        while let Some((name, is_below_done)) = open.pop() {
            let node = self.nodes.get(name);
            let node = node.ok_or_else(|| LockError::Node(name.to_owned()))?;
            if is_below_done {
                let (mut depth, mut paths) = (0, 1_usize);
                for below in node.below() {
                    if let Some(Seen::Done {
                        depth: deeper,
                        paths: more,
                    }) = seen.get(below)
                    {
                        depth = depth.max(deeper + 1);
                        paths = paths.saturating_add(*more);
                    }
                }
                if depth > MOST_NESTED_INPUTS {
                    return Err(LockError::Deep(name.to_owned()));
                }
                if paths > MOST {
                    return Err(LockError::Many);
                }
                seen.insert(name, Seen::Done { depth, paths });
                continue;
            }
            match seen.get(name) {
                Some(Seen::Done { .. }) => continue,
                Some(Seen::Open) => return Err(LockError::Cycle(name.to_owned())),
                None => {}
            }
            if name != self.root && !node.is_complete() {
                return Err(LockError::Incomplete(name.to_owned()));
            }
            seen.insert(name, Seen::Open);
            open.push((name, true));
            // One that is open is above this one; one that was only noted is not.
            for below in node.below() {
                match seen.get(below) {
                    Some(Seen::Open) => return Err(LockError::Cycle(below.to_owned())),
                    Some(Seen::Done { .. }) => {}
                    None => open.push((below, false)),
                }
            }
        }
        Ok(())
    }

    /// The text, byte for byte as Nix writes it.
    #[must_use]
    pub fn text(&self) -> String {
        // Keys in the order of their bytes at every level: `Value` sorts its maps.
        let value = serde_json::to_value(self).expect("a lock file has only text keys");
        let text = serde_json::to_string_pretty(&value);
        text.expect("a value is JSON") + "\n"
    }

    /// The node at a path of inputs from the root, through what they follow; none if there
    /// is none, or what is followed follows back.
    #[must_use]
    pub fn node(&self, path: &[String]) -> Option<(&String, &Node)> {
        /// More than anybody follows; ends cycles.
        const STEPS: usize = 1000;
        let mut at = self.nodes.get_key_value(&self.root)?;
        // The names that are still to go, the next one last.
        let mut open: Vec<&String> = path.iter().rev().collect();
        for _ in 0..STEPS {
            let Some(name) = open.pop() else {
                return Some(at);
            };
            match at.1.inputs.get(name)? {
                InputRef::Node(node) => at = self.nodes.get_key_value(node)?,
                InputRef::Follows(path) if path.len() <= STEPS => {
                    at = self.nodes.get_key_value(&self.root)?;
                    open.extend(path.iter().rev());
                }
                InputRef::Follows(_) => return None,
            }
        }
        None
    }

    /// The commit that an input of the flake itself is locked to; none if it is no commit.
    #[must_use]
    pub fn rev(&self, input: &str) -> Option<Rev> {
        let (_, node) = self.node(&[input.to_owned()])?;
        node.locked.as_ref()?.get("rev")?.as_str()?.parse().ok()
    }

    /// The commit of a repo that is locked, if it is there, and `newest` has nothing new but its own
    /// lock: of repos in an allowed cycle, each lock is a commit, and they would follow each other
    /// for ever.
    ///
    /// # Errors
    /// When git does not know `newest`.
    pub fn kept(
        &self,
        repo: &RepoName,
        tree: &WorkTree,
        newest: &str,
    ) -> Result<Option<Rev>, GitError> {
        let locked = self.rev(repo.as_str());
        let Some(locked) = locked.filter(|locked| tree.commit_named(locked).is_some()) else {
            return Ok(None);
        };
        Ok(tree.same_but(&locked, newest, LOCK)?.then_some(locked))
    }

    /// When the newest of what is locked was committed, in seconds since 1970; 0 if nothing
    /// says.
    #[must_use]
    pub fn newest(&self) -> i64 {
        let locked = self.nodes.values().filter_map(|node| node.locked.as_ref());
        let times = locked.filter_map(|locked| locked.get("lastModified")?.as_i64());
        times.max().unwrap_or(0)
    }

    /// Every node but the root, with the shortest path of inputs that leads to it, in the
    /// order of the paths.
    #[must_use]
    pub fn reached(&self) -> Vec<(String, Vec<String>)> {
        let mut seen = BTreeSet::from([&self.root]);
        let mut found = Vec::new();
        let mut open = VecDeque::from([(&self.root, Vec::new())]);
        while let Some((at, path)) = open.pop_front() {
            for (name, input) in &self.nodes[at].inputs {
                let InputRef::Node(key) = input else {
                    continue;
                };
                if seen.insert(key) {
                    let path = [&path[..], std::slice::from_ref(name)].concat();
                    found.push((key.clone(), path.clone()));
                    open.push_back((key, path));
                }
            }
        }
        found
    }
}

impl Node {
    /// The nodes that are its inputs.
    fn below(&self) -> impl Iterator<Item = &str> {
        self.inputs.values().filter_map(|input| match input {
            InputRef::Node(name) => Some(name.as_str()),
            InputRef::Follows(_) => None,
        })
    }

    /// Whether it says what it is, in the values that Nix reads: texts, numbers, Booleans.
    fn is_complete(&self) -> bool {
        let parts = [&self.locked, &self.original];
        parts.into_iter().all(|part| {
            part.as_ref().is_some_and(|attributes| {
                attributes
                    .values()
                    .all(|value| value.is_string() || value.is_u64() || value.is_boolean())
            })
        })
    }
}

impl Default for LockFile {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{
  "nodes": {
    "a": {
      "inputs": {
        "b": [],
        "c": [
          "c"
        ]
      },
      "locked": {
        "lastModified": 1,
        "type": "git"
      },
      "original": {
        "type": "git"
      }
    },
    "c": {
      "flake": false,
      "locked": {
        "type": "git"
      },
      "original": {
        "type": "git"
      }
    },
    "root": {
      "inputs": {
        "a": "a",
        "c": "c"
      }
    }
  },
  "root": "root",
  "version": 7
}
"#;

    #[test]
    fn a_file_is_read_and_written_byte_for_byte() {
        let file = LockFile::read(TEXT).unwrap();
        assert_eq!(file.text(), TEXT);
        let path = ["a".to_owned(), "c".to_owned()];
        assert_eq!(file.node(&path).unwrap().0, "c");
        assert_eq!(
            file.node(&["a".to_owned(), "b".to_owned()]).unwrap().0,
            "root"
        );
    }

    #[test]
    fn what_is_no_lock_file_is_refused() {
        assert!(matches!(LockFile::read("{}"), Err(LockError::Form(_))));
        let newer = TEXT.replace("\"version\": 7", "\"version\": 8");
        assert!(matches!(LockFile::read(&newer), Err(LockError::Version(8))));
        let gone = TEXT.replace("\"a\": \"a\"", "\"a\": \"gone\"");
        assert!(matches!(LockFile::read(&gone), Err(LockError::Node(name)) if name == "gone"));
        let own = TEXT.replace("\"b\": []", "\"b\": \"a\"");
        assert!(matches!(LockFile::read(&own), Err(LockError::Cycle(name)) if name == "a"));
        let root = TEXT.replace("\"b\": []", "\"b\": \"root\"");
        assert!(matches!(LockFile::read(&root), Err(LockError::Cycle(_))));
        let odd = TEXT.replace("\"lastModified\": 1", "\"lastModified\": {}");
        assert!(matches!(
            LockFile::read(&odd),
            Err(LockError::Incomplete(_))
        ));
        let cycle = TEXT.replace("\"c\": \"c\"", "\"c\": [\"c\"]");
        let cycle = LockFile::read(&cycle).unwrap();
        assert_eq!(cycle.node(&["c".to_owned()]), None);
    }

    /// A lock with nodes whose inputs are these.
    fn of(nodes: &[(String, Vec<String>)]) -> String {
        let nodes = nodes.iter().map(|(name, inputs)| {
            let inputs: BTreeMap<String, &String> = inputs
                .iter()
                .enumerate()
                .map(|(number, input)| (format!("i{number:06}"), input))
                .collect();
            let is = serde_json::json!({ "type": "git", "url": "file:///x" });
            let mut node = serde_json::json!({ "inputs": inputs });
            if name != "root" {
                node["locked"] = is.clone();
                node["original"] = is;
            }
            (name.clone(), node)
        });
        let nodes: Map<String, Value> = nodes.collect();
        serde_json::json!({ "nodes": nodes, "root": "root", "version": 7 }).to_string()
    }

    #[test]
    fn locks_that_would_not_end_are_refused() {
        let name = |number: usize| match number {
            0 => "root".to_owned(),
            number => format!("n{number}"),
        };
        let chain = |length: usize, width: usize| {
            let nodes = (0..length).map(|number| (name(number), vec![name(number + 1); width]));
            let nodes: Vec<_> = nodes.chain([(name(length), Vec::new())]).collect();
            LockFile::read(&of(&nodes))
        };
        assert!(chain(MOST_NESTED_INPUTS, 1).is_ok());
        assert!(matches!(
            chain(MOST_NESTED_INPUTS + 1, 1),
            Err(LockError::Deep(_))
        ));
        assert!(matches!(chain(20_000, 1), Err(LockError::Deep(_))));
        // Two ways at each of sixty nodes are 2^60 paths.
        assert!(chain(10, 2).is_ok());
        assert!(matches!(chain(60, 2), Err(LockError::Many)));
        let nodes: Vec<String> = (1..=20_000).map(name).collect();
        let mut all = vec![("root".to_owned(), nodes.clone())];
        all.extend(nodes.into_iter().map(|name| (name, Vec::new())));
        let flat = LockFile::read(&of(&all)).unwrap();
        assert_eq!(flat.reached().len(), 20_000);
    }

    #[test]
    fn what_follows_without_end_is_nowhere() {
        let follows: Vec<(String, Vec<String>)> = vec![("root".to_owned(), Vec::new())];
        let mut file = LockFile::read(&of(&follows)).unwrap();
        let path = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let inputs = &mut file.nodes.get_mut("root").unwrap().inputs;
        inputs.insert("a".to_owned(), InputRef::Follows(path(&["b", "a", "b"])));
        inputs.insert("b".to_owned(), InputRef::Follows(path(&["a", "b", "a"])));
        let long: Vec<String> = vec!["a".to_owned(); 100_000];
        inputs.insert("c".to_owned(), InputRef::Follows(long));
        for name in ["a", "b", "c"] {
            assert_eq!(file.node(&[name.to_owned()]), None, "{name}");
        }
    }
}
