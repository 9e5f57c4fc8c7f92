//! The file itself: version 7, as Nix has written it since 2.4.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The version of the format.
const VERSION: u32 = 7;

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
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let Version { version } = serde_json::from_str(text).map_err(LockError::Form)?;
        if version != VERSION {
            return Err(LockError::Version(version));
        }
        let file: Self = serde_json::from_str(text).map_err(LockError::Form)?;
        let inputs = file.nodes.values().flat_map(|node| node.inputs.values());
        let named = inputs.filter_map(|input| match input {
            InputRef::Node(name) => Some(name),
            InputRef::Follows(_) => None,
        });
        for name in named.chain([&file.root]) {
            if !file.nodes.contains_key(name) {
                return Err(LockError::Node(name.clone()));
            }
        }
        Ok(file)
    }

    /// The text, byte for byte as Nix writes it.
    #[must_use]
    pub fn text(&self) -> String {
        // Keys in the order of their bytes at every level: `Value` sorts its maps.
        let value = serde_json::to_value(self).expect("a lock file has only text keys");
        let text = serde_json::to_string_pretty(&value);
        text.expect("a value is JSON") + "\n"
    }

    /// The node at a path of inputs from the root, through what they follow.
    #[must_use]
    pub fn node(&self, path: &[String]) -> Option<(&String, &Node)> {
        /// Deeper than anybody follows; ends circles.
        const STEPS: usize = 100;
        self.walk(path, STEPS)
    }

    /// The commit that an input of the flake itself is locked to; none if it is no commit.
    #[must_use]
    pub fn rev(&self, input: &str) -> Option<String> {
        let (_, node) = self.node(&[input.to_owned()])?;
        let rev = node.locked.as_ref()?.get("rev")?.as_str()?;
        Some(rev.to_owned())
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

    fn walk(&self, path: &[String], steps: usize) -> Option<(&String, &Node)> {
        let steps = steps.checked_sub(1)?;
        let mut at = self.nodes.get_key_value(&self.root)?;
        for name in path {
            at = match at.1.inputs.get(name)? {
                InputRef::Node(node) => self.nodes.get_key_value(node)?,
                InputRef::Follows(path) => self.walk(path, steps)?,
            };
        }
        Some(at)
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
        let circle = TEXT.replace("\"c\": \"c\"", "\"c\": [\"c\"]");
        let circle = LockFile::read(&circle).unwrap();
        assert_eq!(circle.node(&["c".to_owned()]), None);
    }
}
