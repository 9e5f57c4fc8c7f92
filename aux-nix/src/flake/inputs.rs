//! What a `flake.nix` says of its inputs, read from its text: Nix refuses inputs that
//! are computed.

use std::cell::Cell;
use std::collections::BTreeMap;

use rnix::ast::{AstToken, Attr, AttrSet, Entry, Expr, HasEntry, LiteralKind, Param};
use rowan::ast::AstNode;
use serde_json::{Map, Value};

use crate::flake::lock_format::LockFormat;
use crate::flake::reference::{Reference, ReferenceError};
use crate::language::{NixFile, SyntaxError, attribute_path, literal_text};

/// Inputs of inputs of inputs that are read; more are nobody's, and recursion over them ends here.
pub const MOST_NESTED_INPUTS: usize = 100;

/// The inputs of a flake, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlakeInputs(pub BTreeMap<String, InputSpec>);

/// One input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputSpec {
    /// Its flake reference; none if it follows another, is written as attributes, or is
    /// looked up by its name.
    pub url: Option<String>,
    /// Its flake reference as attributes, if that has a `type`.
    pub attributes: Map<String, Value>,
    /// The input that it follows: a path from the flake that has the `follows`; empty for that
    /// flake itself.
    pub follows: Option<Vec<String>>,
    /// Whether it is a flake, and no plain tree.
    pub is_flake: bool,
    /// What it says of the inputs of this input.
    pub inputs: BTreeMap<String, InputSpec>,
}

impl Default for InputSpec {
    fn default() -> Self {
        Self {
            url: None,
            attributes: Map::new(),
            follows: None,
            is_flake: true,
            inputs: BTreeMap::new(),
        }
    }
}

impl InputSpec {
    /// What it refers to, as a version of Nix has it; none if it says nothing of that.
    ///
    /// # Errors
    /// When it is no flake reference.
    pub fn reference(&self, format: LockFormat) -> Result<Option<Reference>, ReferenceError> {
        if let Some(first) = self.attributes.keys().next() {
            if !self.attributes.contains_key("type") {
                return Err(ReferenceError::Attribute(first.clone()));
            }
            let mut attributes = self.attributes.clone();
            if let Some(url) = &self.url {
                attributes.insert("url".to_owned(), Value::from(url.as_str()));
            }
            return Reference::of_attributes(&attributes).map(Some);
        }
        let url = self.url.as_deref();
        url.map(|url| Reference::parse(url, format, self.is_flake))
            .transpose()
    }
}

impl FlakeInputs {
    /// Reads the text of a `flake.nix`: the attribute `inputs`, and the formals of
    /// `outputs`, each of which but `self` is an input too (`nix flake`, "Flake inputs").
    ///
    /// # Errors
    /// When it does not parse, or has inputs that are computed or none that Nix takes.
    pub fn read(text: &str) -> Result<Self, SyntaxError> {
        NixFile::read(text, Self::of)?
    }

    /// The inputs of a file.
    pub(super) fn of(file: &NixFile<'_>) -> Result<Self, SyntaxError> {
        let mut inputs = Self::default();
        let flake = file.root().expr().map(without_parens);
        let Some(Expr::AttrSet(flake)) = flake else {
            return Ok(inputs);
        };
        let reading = Reading {
            file,
            depth: Cell::new(0),
        };
        let mut formals = Vec::new();
        for (path, value) in named(&flake) {
            match path.first().map(String::as_str) {
                Some("inputs") => reading.put_inputs(&mut inputs.0, &path[1..], &value)?,
                Some("outputs") if path.len() == 1 => formals = formals_of(value),
                _ => {}
            }
        }
        for name in formals {
            // What `inputs` says of it counts.
            inputs.0.entry(name.clone()).or_insert_with(|| InputSpec {
                url: Some(name),
                ..InputSpec::default()
            });
        }
        Ok(inputs)
    }
}

/// The attributes of a set with plain names; others are left to the caller.
pub(super) fn named(set: &AttrSet) -> Vec<(Vec<String>, Expr)> {
    let entries = set.entries().filter_map(|entry| match entry {
        Entry::AttrpathValue(entry) => Some((attribute_path(&entry.attrpath()?)?, entry.value()?)),
        Entry::Inherit(_) => None,
    });
    entries.collect()
}

/// The names that `outputs` takes apart, without `self`.
fn formals_of(outputs: Expr) -> Vec<String> {
    let Expr::Lambda(outputs) = without_parens(outputs) else {
        return Vec::new();
    };
    let Some(Param::Pattern(pattern)) = outputs.param() else {
        return Vec::new();
    };
    let names = pattern.pat_entries().filter_map(|entry| entry.ident());
    let names = names.map(|name| name.syntax().text().to_string());
    names.filter(|name| name != "self").collect()
}

/// What is in parentheses, however many: Nix does not know of them once it has parsed.
pub(super) fn without_parens(mut value: Expr) -> Expr {
    while let Expr::Paren(parens) = &value {
        match parens.expr() {
            Some(inner) => value = inner,
            None => break,
        }
    }
    value
}

struct Reading<'t> {
    file: &'t NixFile<'t>,
    /// Inputs in each other at this place.
    depth: Cell<usize>,
}

impl Reading<'_> {
    fn refused(&self, value: &Expr, message: String) -> SyntaxError {
        let (line, column) = self.file.place(value.syntax());
        SyntaxError {
            line,
            column,
            message,
            is_limit: true,
        }
    }

    /// Puts a value at a path below `inputs`.
    fn put_inputs(
        &self,
        inputs: &mut BTreeMap<String, InputSpec>,
        path: &[String],
        value: &Expr,
    ) -> Result<(), SyntaxError> {
        let Some((name, rest)) = path.split_first() else {
            return self.each(value, "the inputs", |path, value| {
                self.put_inputs(inputs, path, value)
            });
        };
        let depth = self.depth.get();
        if depth == MOST_NESTED_INPUTS {
            let message = format!("inputs are more than {MOST_NESTED_INPUTS} deep in each other");
            return Err(self.refused(value, message));
        }
        self.depth.set(depth + 1);
        let put = self.put(inputs.entry(name.clone()).or_default(), name, rest, value);
        self.depth.set(depth);
        put
    }

    /// Puts a value at a path below one input.
    fn put(
        &self,
        spec: &mut InputSpec,
        name: &str,
        path: &[String],
        value: &Expr,
    ) -> Result<(), SyntaxError> {
        let Some((key, rest)) = path.split_first() else {
            return self.each(value, &format!("the input `{name}`"), |path, value| {
                self.put(spec, name, path, value)
            });
        };
        if key == "inputs" {
            return self.put_inputs(&mut spec.inputs, rest, value);
        }
        let what = format!("`{key}` of the input `{name}`");
        if !rest.is_empty() {
            return Err(self.refused(value, format!("{what} is a set")));
        }
        let value = without_parens(value.clone());
        let twice = || Err(self.refused(&value, format!("{what} is defined twice")));
        match key.as_str() {
            "url" => {
                let url = self.reference(&value, &what)?;
                if spec.url.replace(url).is_some() {
                    return twice();
                }
            }
            "follows" => {
                let follows = self.follows(&value, &what)?;
                if spec.follows.replace(follows).is_some() {
                    return twice();
                }
            }
            "flake" => {
                let Some(Value::Bool(is_flake)) = constant(&value) else {
                    return Err(self.refused(&value, format!("{what} is neither true nor false")));
                };
                spec.is_flake = is_flake;
            }
            _ => {
                let Some(constant) = constant(&value) else {
                    let message = format!("{what} is no text, number or Boolean, or is computed");
                    return Err(self.refused(&value, message));
                };
                if spec.attributes.insert(key.clone(), constant).is_some() {
                    return twice();
                }
            }
        }
        Ok(())
    }

    fn each(
        &self,
        value: &Expr,
        what: &str,
        mut put: impl FnMut(&[String], &Expr) -> Result<(), SyntaxError>,
    ) -> Result<(), SyntaxError> {
        let Expr::AttrSet(set) = without_parens(value.clone()) else {
            let message = format!("{what} must be a set that is written out");
            return Err(self.refused(value, message));
        };
        for entry in set.entries() {
            let entry = match entry {
                Entry::AttrpathValue(entry) => entry.attrpath().zip(entry.value()),
                Entry::Inherit(inherit) if inherit.attrs().next().is_none() => continue,
                Entry::Inherit(_) => {
                    let message = format!("{what} must be written out, and not inherited");
                    return Err(self.refused(value, message));
                }
            };
            let Some((path, inner)) = entry else { continue };
            let has_computed = path.attrs().any(|attr| matches!(attr, Attr::Dynamic(_)));
            match attribute_path(&path) {
                Some(path) if !has_computed => put(&path, &inner)?,
                _ => {
                    let message = format!("a name in {what} is computed");
                    return Err(self.refused(&inner, message));
                }
            }
        }
        Ok(())
    }

    /// The text of a `url`. From 2.26 on Nix takes a path too, for one in the flake's tree.
    fn reference(&self, value: &Expr, what: &str) -> Result<String, SyntaxError> {
        match (constant(value), value) {
            (Some(Value::String(url)), _) => Ok(url),
            (None, Expr::PathRel(path)) => Ok(format!("path:{}", path.syntax().text())),
            _ => Err(self.refused(value, format!("{what} is no text, or is computed"))),
        }
    }

    fn follows(&self, value: &Expr, what: &str) -> Result<Vec<String>, SyntaxError> {
        let Some(Value::String(path)) = constant(value) else {
            return Err(self.refused(value, format!("{what} is no text, or is computed")));
        };
        let parts = path.split('/').filter(|part| !part.is_empty());
        let parts: Vec<String> = parts.map(str::to_owned).collect();
        match parts
            .iter()
            .find(|part| !super::reference::is_registry_id(part))
        {
            Some(part) => {
                let message = format!("`{part}` in {what} is no name of an input");
                Err(self.refused(value, message))
            }
            None => Ok(parts),
        }
    }
}

/// A value that Nix knows without evaluating anything.
fn constant(value: &Expr) -> Option<Value> {
    match value {
        Expr::Str(_) => literal_text(value).map(Value::from),
        Expr::Ident(word) => match word.syntax().text().to_string().as_str() {
            "true" => Some(Value::from(true)),
            "false" => Some(Value::from(false)),
            _ => None,
        },
        Expr::Literal(literal) => match literal.kind() {
            LiteralKind::Integer(number) => {
                let number: u64 = number.value().ok()?.try_into().ok()?;
                Some(Value::from(number))
            }
            LiteralKind::Uri(uri) => Some(Value::from(uri.syntax().text())),
            LiteralKind::Float(_) => None,
        },
        _ => None,
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
          outputs = ({ self, a, g ? null, ... }@all: { inputs.no.url = "x"; });
        }"#;
        let inputs = FlakeInputs::read(text).unwrap().0;
        assert_eq!(
            inputs.keys().collect::<Vec<_>>(),
            ["a", "b", "c", "d", "f", "g"]
        );
        assert_eq!(inputs["a"].url.as_deref(), Some("github:x/a"));
        let b = &inputs["b"];
        assert_eq!(b.inputs["a"].follows, Some(vec!["a".to_owned()]));
        assert_eq!(b.inputs["c"].follows, Some(Vec::new()));
        assert!(!inputs["c"].is_flake && b.is_flake);
        assert_eq!(
            inputs["d"].follows,
            Some(vec!["b".to_owned(), "e".to_owned()])
        );
        assert_eq!(inputs["f"], InputSpec::default());
        // Only `outputs` names it: it is looked up by its name.
        assert_eq!(inputs["g"].url.as_deref(), Some("g"));
        assert!(FlakeInputs::read("{ inputs = ; }").is_err());
    }

    #[test]
    fn references_are_read_as_texts_uris_and_attributes() {
        let text = r#"{
          inputs.a.url = github:x/a;
          inputs.b = { type = "git"; url = "file:///b"; shallow = true; };
          inputs.c.url = ./sub;
          outputs = all: { };
        }"#;
        let inputs = FlakeInputs::read(text).unwrap().0;
        assert_eq!(inputs["a"].url.as_deref(), Some("github:x/a"));
        let b = inputs["b"].reference(LockFormat::Short).unwrap().unwrap();
        assert_eq!(b.get("url"), Some("file:///b"));
        assert_eq!(b.attributes["shallow"], Value::from(true));
        assert_eq!(inputs["c"].url.as_deref(), Some("path:./sub"));
    }

    #[test]
    fn what_nix_would_not_take_is_refused_where_it_stands() {
        for (text, message) in [
            ("{ inputs.a.url = \"x\" + \"y\"; }", "computed"),
            ("{ inputs.a.url = \"${x}\"; }", "computed"),
            ("{ inputs = import ./x; }", "written out"),
            ("{ inputs.${x}.url = \"x\"; }", ""),
            ("{ inputs = { ${x}.url = \"x\"; }; }", "is computed"),
            ("{ inputs = { inherit a; }; }", "inherited"),
            ("{ inputs.a.flake = 1; }", "neither"),
            ("{ inputs.a.follows = \"b c\"; }", "no name"),
            (
                "{ inputs.a.url = \"x\"; inputs.a = { url = \"y\"; }; }",
                "twice",
            ),
        ] {
            match FlakeInputs::read(text) {
                Ok(inputs) => assert!(message.is_empty(), "{text}: {inputs:?}"),
                Err(error) => assert!(error.message.contains(message), "{text}: {error}"),
            }
        }
        // In each other more often than anybody writes, and more often than is parsed.
        for (times, message) in [(120, "deep"), (10_000, "to be parsed")] {
            let deep = format!("{{ inputs{}.url = \"x\"; }}", ".a.inputs".repeat(times));
            let refused = FlakeInputs::read(&deep).unwrap_err();
            assert!(refused.message.contains(message), "{refused}");
        }
    }
}
