//! What the text of a `flake.nix` says: its inputs, and the names of its outputs.

use std::collections::BTreeSet;

use rnix::ast::{AttrSet, Entry, Expr, HasEntry};

use crate::flake::inputs::{FlakeInputs, named, without_parens};
use crate::language::{NixFile, SyntaxError, body, literal_text};

/// A flake, as its text has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlakeText {
    /// What it says of itself.
    pub description: Option<String>,
    /// Its inputs; nothing where they are none that Nix takes.
    pub inputs: FlakeInputs,
    /// Why it has no inputs that Nix takes.
    pub refused: Option<SyntaxError>,
    /// Names of outputs that are written out.
    pub outputs: BTreeSet<String>,
}

impl FlakeText {
    /// Reads the text of a `flake.nix`.
    ///
    /// # Errors
    /// When it does not parse.
    pub fn read(text: &str) -> Result<Self, SyntaxError> {
        NixFile::read(text, Self::of)
    }

    /// What a file says.
    #[must_use]
    pub fn of(file: &NixFile<'_>) -> Self {
        let mut flake = Self::default();
        match FlakeInputs::of(file) {
            Ok(inputs) => flake.inputs = inputs,
            Err(error) => flake.refused = Some(error),
        }
        let Some(Expr::AttrSet(set)) = file.root().expr().map(without_parens) else {
            return flake;
        };
        for (path, value) in named(&set) {
            match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                ["description"] => flake.description = literal_text(&value),
                ["outputs"] => flake.outputs = outputs(value),
                _ => {}
            }
        }
        flake
    }
}

fn outputs(value: Expr) -> BTreeSet<String> {
    let Some(Expr::AttrSet(set)) = body(value) else {
        return BTreeSet::new();
    };
    first_names(&set).collect()
}

/// The first name of each plain attribute path of a set.
fn first_names(set: &AttrSet) -> impl Iterator<Item = String> {
    let entries = set.entries().filter_map(|entry| match entry {
        Entry::AttrpathValue(entry) => crate::language::attribute_path(&entry.attrpath()?),
        Entry::Inherit(_) => None,
    });
    entries.filter_map(|path| path.into_iter().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flake_is_read_in_every_way_it_is_written() {
        let text = r#"{
              description = "What it is";
              inputs.a.url = "github:x/a";
              inputs = { c.url = "github:x/c"; d = { }; };
              outputs = { self, ... }: let x = 1; in { lib = x; packages.x86_64-linux = { }; };
            }"#;
        let flake = FlakeText::read(text).unwrap();
        let names: Vec<&String> = flake.inputs.0.keys().collect();
        assert_eq!(names, ["a", "c", "d"]);
        assert_eq!(flake.outputs, ["lib", "packages"].map(str::to_owned).into());
        assert_eq!(flake.description.as_deref(), Some("What it is"));
    }

    #[test]
    fn inputs_that_nix_refuses_hide_no_outputs() {
        let text = "{ inputs = import ./x; outputs = _: { lib = 1; }; }";
        let flake = FlakeText::read(text).unwrap();
        assert!(flake.refused.is_some() && flake.outputs.contains("lib"));
    }
}
