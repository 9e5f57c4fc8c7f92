//! What the text of a `flake.nix` says: its inputs, and the names of its outputs.

use std::collections::{BTreeMap, BTreeSet};

use rnix::ast::{AttrSet, Entry, Expr, HasEntry};
use rowan::ast::AstNode;

use aux_nix::language::{attribute_path, body, literal_text};

/// A flake, as its text has it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Flake {
    /// Inputs and what they refer to; none where the text names no URL.
    pub(super) inputs: BTreeMap<String, Option<String>>,
    /// Names of outputs that stand in the text.
    pub(super) outputs: BTreeSet<String>,
    pub(super) description: Option<String>,
}

/// Reads the tree of a text.
pub(super) fn read(root: &rnix::Root) -> Flake {
    let mut flake = Flake::default();
    let Some(Expr::AttrSet(set)) = root.expr() else {
        return flake;
    };
    for (path, value) in entries(&set) {
        match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["description"] => flake.description = literal_text(&value),
            ["inputs"] => {
                if let Expr::AttrSet(inputs) = value {
                    for (path, value) in entries(&inputs) {
                        flake.input(&path, &value);
                    }
                }
            }
            ["inputs", ..] => flake.input(&path[1..], &value),
            ["outputs"] => flake.outputs = outputs(value),
            _ => {}
        }
    }
    flake
}

impl Flake {
    fn input(&mut self, path: &[String], value: &Expr) {
        let Some(name) = path.first() else {
            return;
        };
        let url = self.inputs.entry(name.clone()).or_default();
        match (&path[1..], value) {
            ([key], value) if key == "url" => *url = literal_text(value),
            ([], Expr::AttrSet(set)) => {
                for (path, value) in entries(set) {
                    if path == ["url"] {
                        *url = literal_text(&value);
                    }
                }
            }
            _ => {}
        }
    }
}

fn outputs(value: Expr) -> BTreeSet<String> {
    let Some(Expr::AttrSet(set)) = body(value) else {
        return BTreeSet::new();
    };
    let paths = entries(&set).into_iter();
    paths
        .filter_map(|(path, _)| path.into_iter().next())
        .collect()
}

/// The entries `a.b = value` of a set whose names are plain.
fn entries(set: &AttrSet) -> Vec<(Vec<String>, Expr)> {
    set.entries()
        .filter_map(|entry| match entry {
            Entry::AttrpathValue(entry) => {
                Some((attribute_path(&entry.attrpath()?)?, entry.value()?))
            }
            Entry::Inherit(_) => None,
        })
        .collect()
}

/// Whether the function that a text is takes an argument of this name.
pub(super) fn takes(root: &rnix::Root, argument: &str) -> bool {
    let patterns = root
        .syntax()
        .descendants()
        .filter_map(rnix::ast::Pattern::cast);
    patterns
        .flat_map(|pattern| pattern.pat_entries())
        .filter_map(|entry| entry.ident())
        .any(|ident| ident.syntax().text() == argument)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_read_in_every_way_they_are_written() {
        let text = r#"{
              description = "What it is";
              inputs.a.url = "github:x/a";
              inputs.b = { url = "github:x/b"; inputs.a.follows = "a"; };
              inputs = { c.url = "github:x/c"; d = { }; };
              outputs = { self, ... }: let x = 1; in { lib = x; packages.x86_64-linux = { }; };
            }"#;
        let flake = aux_nix::language::read(text, read).unwrap();
        let url = |name: &str| Some(format!("github:x/{name}"));
        let expected = [
            ("a".to_owned(), url("a")),
            ("b".to_owned(), url("b")),
            ("c".to_owned(), url("c")),
            ("d".to_owned(), None),
        ];
        assert_eq!(flake.inputs, BTreeMap::from(expected));
        assert_eq!(flake.outputs, ["lib", "packages"].map(str::to_owned).into());
        assert_eq!(flake.description.as_deref(), Some("What it is"));
    }
}
