//! What a `flake.nix` says of its inputs, read from its text: Nix refuses inputs that
//! are computed.

use std::collections::BTreeMap;

use rnix::ast::{Entry, Expr, HasEntry};

use crate::adopt::{path_of, text_of};
use crate::render::syntax::{SyntaxError, check, check_nesting};

/// The inputs of a flake, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlakeInputs(pub BTreeMap<String, Spec>);

/// One input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// Its flake reference; none if it follows another or is looked up by its name.
    pub url: Option<String>,
    /// The input that it follows: a path from the flake that says so; empty for that
    /// flake itself.
    pub follows: Option<Vec<String>>,
    /// Whether it is a flake, and no plain tree.
    pub is_flake: bool,
    /// What it says of the inputs of this input.
    pub inputs: BTreeMap<String, Spec>,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            url: None,
            follows: None,
            is_flake: true,
            inputs: BTreeMap::new(),
        }
    }
}

impl FlakeInputs {
    /// Reads the text of a `flake.nix`.
    ///
    /// # Errors
    /// When it does not parse.
    pub fn read(text: &str) -> Result<Self, SyntaxError> {
        check_nesting(text)?;
        check(text)?;
        let mut inputs = Self::default();
        let mut leaves = Vec::new();
        if let Some(flake) = rnix::Root::parse(text).tree().expr() {
            flatten(&flake, &mut Vec::new(), &mut leaves);
        }
        for (path, value) in leaves {
            if let Some((first, rest)) = path.split_first()
                && first == "inputs"
            {
                put(&mut inputs.0, rest, &value);
            }
        }
        Ok(inputs)
    }
}

/// The values of a set and of the sets in it, by path.
fn flatten(value: &Expr, path: &mut Vec<String>, leaves: &mut Vec<(Vec<String>, Expr)>) {
    let Expr::AttrSet(set) = value else {
        leaves.push((path.clone(), value.clone()));
        return;
    };
    // That an input is there is said by an empty set too.
    leaves.push((path.clone(), value.clone()));
    // What is not about inputs is no business of this.
    let is_wanted = |below: &[String]| match path.first().or(below.first()) {
        Some(first) => first == "inputs",
        None => false,
    };
    let entries: Vec<(Vec<String>, Expr)> = set
        .entries()
        .filter_map(|entry| match entry {
            Entry::AttrpathValue(entry) => Some((path_of(&entry.attrpath()?)?, entry.value()?)),
            Entry::Inherit(_) => None,
        })
        .filter(|(below, _)| is_wanted(below))
        .collect();
    for (below, value) in entries {
        let length = path.len();
        path.extend(below);
        flatten(&value, path, leaves);
        path.truncate(length);
    }
}

fn put(inputs: &mut BTreeMap<String, Spec>, path: &[String], value: &Expr) {
    let Some((name, rest)) = path.split_first() else {
        return;
    };
    let spec = inputs.entry(name.clone()).or_default();
    match rest {
        [key] if key == "url" => spec.url = text_of(value),
        [key] if key == "follows" => {
            let parts = text_of(value).unwrap_or_default();
            let parts = parts.split('/').filter(|part| !part.is_empty());
            spec.follows = Some(parts.map(str::to_owned).collect());
        }
        [key] if key == "flake" => {
            spec.is_flake = !matches!(value, Expr::Ident(word) if word.to_string() == "false");
        }
        [key, rest @ ..] if key == "inputs" => put(&mut spec.inputs, rest, value),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_read_in_every_way_they_are_written() {
        let text = r#"{
          inputs.a.url = "github:x/a";
          inputs.b = { url = "github:x/b"; inputs.a.follows = "a"; inputs.c.follows = ""; };
          inputs = { c.url = "github:x/c"; c.flake = false; d.follows = "b/e"; f = { }; };
          outputs = { self, ... }: { inputs.no.url = "x"; };
        }"#;
        let inputs = FlakeInputs::read(text).unwrap().0;
        assert_eq!(inputs.keys().collect::<Vec<_>>(), ["a", "b", "c", "d", "f"]);
        assert_eq!(inputs["a"].url.as_deref(), Some("github:x/a"));
        let b = &inputs["b"];
        assert_eq!(b.inputs["a"].follows, Some(vec!["a".to_owned()]));
        assert_eq!(b.inputs["c"].follows, Some(Vec::new()));
        assert!(!inputs["c"].is_flake && b.is_flake);
        assert_eq!(
            inputs["d"].follows,
            Some(vec!["b".to_owned(), "e".to_owned()])
        );
        assert_eq!(inputs["f"], Spec::default());
        assert!(FlakeInputs::read("{ inputs = ; }").is_err());
    }
}
