//! Nodes of a lock before they have names, and the names that Nix gives them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::lock::file::{InputRef, LockFile, Node};

/// A node before it has a name.
#[derive(Default)]
pub(super) struct Built {
    pub(super) inputs: BTreeMap<String, BuiltInput>,
    pub(super) locked: Option<Map<String, Value>>,
    pub(super) original: Option<Map<String, Value>>,
    pub(super) parent: Option<Vec<String>>,
    pub(super) is_tree: bool,
}

pub(super) enum BuiltInput {
    Node(Built),
    Follows(Vec<String>),
}

impl Built {
    /// All that follows something below a path, and what it follows, in the order of paths.
    pub(super) fn follows(&self, path: &mut Vec<String>, to: &mut Vec<(Vec<String>, Vec<String>)>) {
        for (name, input) in &self.inputs {
            path.push(name.clone());
            match input {
                BuiltInput::Node(node) => node.follows(path, to),
                BuiltInput::Follows(target) => to.push((path.clone(), target.clone())),
            }
            path.pop();
        }
    }

    /// Whether there is an input at a path that leads through nodes only.
    pub(super) fn has_input(&self, path: &[String]) -> bool {
        let mut at = self;
        for (number, name) in path.iter().enumerate() {
            match at.inputs.get(name) {
                Some(BuiltInput::Node(node)) => at = node,
                Some(BuiltInput::Follows(_)) => return number + 1 == path.len(),
                None => return false,
            }
        }
        true
    }

    /// Puts the node and all below it into a file; returns its name.
    pub(super) fn put(self, name: &str, file: &mut LockFile, names: &mut NodeNames) -> String {
        let key = names.name(name);
        let mut inputs = BTreeMap::new();
        for (name, input) in self.inputs {
            let input = match input {
                BuiltInput::Node(node) => InputRef::Node(node.put(&name, file, names)),
                BuiltInput::Follows(path) => InputRef::Follows(path),
            };
            inputs.insert(name, input);
        }
        let node = Node {
            flake: self.is_tree.then_some(false),
            inputs,
            locked: self.locked,
            original: self.original,
            parent: self.parent,
        };
        file.nodes.insert(key.clone(), node);
        key
    }
}

/// Names of nodes, each with the number to try next.
#[derive(Default)]
pub(super) struct NodeNames {
    taken: BTreeMap<String, usize>,
    /// How often a name was tried.
    tries: usize,
}

impl NodeNames {
    /// The name of an input, with the first number that is free if it is taken. Names are
    /// never given back, so that those before the last one stay taken.
    fn name(&mut self, input: &str) -> String {
        const FIRST: usize = 2;
        self.tries += 1;
        let mut name = input.to_owned();
        if let Some(mut number) = self.taken.get(input).copied() {
            loop {
                name = format!("{input}_{number}");
                number += 1;
                if !self.taken.contains_key(&name) {
                    break;
                }
                self.tries += 1;
            }
            self.taken.insert(input.to_owned(), number);
        }
        self.taken.insert(name.clone(), FIRST);
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_nix_and_found_in_one_go() {
        let mut names = NodeNames::default();
        let given = ["a", "a_3", "a", "a", "a_2"].map(|name| names.name(name));
        assert_eq!(given, ["a", "a_3", "a_2", "a_4", "a_2_2"]);
        for size in [100, 200, 400] {
            let mut names = NodeNames::default();
            for _ in 0..size {
                names.name("x");
            }
            assert_eq!(names.tries, size);
        }
    }
}
