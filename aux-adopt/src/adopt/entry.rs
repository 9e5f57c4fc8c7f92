//! How a repo without a flake is imported: which file, and what that comes down to.

use std::collections::BTreeSet;
use std::path::Path;

use aux_eval::snapshot::Import;
use aux_gen::disk::{DiskError, read_text};
use aux_nix::language;
use aux_nix::language::NixFile;
use rnix::ast::{Expr, Param};
use rowan::ast::AstNode;

/// The file that others import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its path, relative to the repo.
    pub(crate) file: &'static str,
    /// What it comes down to.
    pub(crate) shape: EntryShape,
}

/// What a file that is imported comes down to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EntryShape {
    /// A function of a set.
    Function {
        /// What it has to be called with, or may be with something of a package set.
        arguments: BTreeSet<String>,
    },
    /// A function of `final` and `prev`.
    Overlay,
    /// A function of one argument without names, which nobody can know how to call.
    Unnamed,
    /// Something else: a set, or what another file is.
    Value,
}

/// Files that are imported, the most usual first.
pub(super) const FILES: [&str; 4] = [
    "default.nix",
    "overlay.nix",
    "overlays/default.nix",
    "pkgs/default.nix",
];

/// Arguments with a default that a package set has something better for. The default of `pkgs` is
/// often `import <nixpkgs> { }`, and that of `system` `builtins.currentSystem`: neither is there
/// in a flake ("pure evaluation mode" in the Nix manual).
const OF_THE_SET: [&str; 3] = ["lib", "pkgs", "system"];

impl Entry {
    /// Looks for the file in a repo; none if nothing in it can be imported.
    pub(crate) fn find(directory: &Path) -> Result<Option<Self>, DiskError> {
        Self::first(directory, |_| true)
    }

    /// As [`Self::find`], for a file that is put over the set of a core: an overlay, or a function of
    /// `pkgs`.
    pub(super) fn over_a_set(directory: &Path) -> Result<Option<Self>, DiskError> {
        Self::first(directory, |shape| match shape {
            EntryShape::Overlay => true,
            EntryShape::Function { arguments } => arguments.contains("pkgs"),
            EntryShape::Unnamed | EntryShape::Value => false,
        })
    }

    /// As [`Self::find`], for one of the files that are looked for.
    pub(super) fn of_file(directory: &Path, wanted: &str) -> Result<Option<Self>, DiskError> {
        let files = FILES.into_iter().filter(|file| *file == wanted);
        Self::among(files, directory, |_| true)
    }

    fn first(
        directory: &Path,
        fits: impl Fn(&EntryShape) -> bool,
    ) -> Result<Option<Self>, DiskError> {
        Self::among(FILES.into_iter(), directory, fits)
    }

    fn among(
        files: impl Iterator<Item = &'static str>,
        directory: &Path,
        fits: impl Fn(&EntryShape) -> bool,
    ) -> Result<Option<Self>, DiskError> {
        for file in files {
            let path = directory.join(file);
            let Ok(found) = path.metadata() else { continue };
            if !found.is_file() || language::is_too_long(found.len()) {
                continue;
            }
            let text = match read_text(&path) {
                // Nix reads it all the same.
                Err(DiskError::NotText { .. }) => String::new(),
                text => text?,
            };
            // What does not parse is said where it is evaluated.
            let shape = NixFile::read(&text, |file| shape(file.root().expr()));
            let shape = shape.unwrap_or(EntryShape::Value);
            if fits(&shape) {
                return Ok(Some(Self { file, shape }));
            }
        }
        Ok(None)
    }

    /// How it is imported; `arguments` are [its own](Self::arguments).
    pub(crate) fn import<'i>(
        &'i self,
        root: &'i Path,
        arguments: &'i BTreeSet<String>,
    ) -> Import<'i> {
        Import {
            root,
            file: self.file,
            is_overlay: self.shape == EntryShape::Overlay,
            arguments,
        }
    }

    /// The files that are looked for, for people.
    pub(crate) fn files() -> String {
        FILES.map(|file| format!("`{file}`")).join(", ")
    }

    /// What it is called with.
    pub(crate) fn arguments(&self) -> BTreeSet<String> {
        match &self.shape {
            EntryShape::Function { arguments } => arguments.clone(),
            EntryShape::Overlay | EntryShape::Unnamed | EntryShape::Value => BTreeSet::new(),
        }
    }
}

/// What an expression comes down to.
fn shape(expression: Option<Expr>) -> EntryShape {
    let Some(Expr::Lambda(lambda)) = expression.and_then(language::unwrapped) else {
        return EntryShape::Value;
    };
    match lambda.param() {
        Some(Param::Pattern(pattern)) => function(&pattern),
        Some(Param::IdentParam(_)) => match lambda.body() {
            Some(Expr::Lambda(_)) => EntryShape::Overlay,
            _ => EntryShape::Unnamed,
        },
        None => EntryShape::Value,
    }
}

fn function(pattern: &rnix::ast::Pattern) -> EntryShape {
    let entries: Vec<(String, bool)> = pattern
        .pat_entries()
        .filter_map(|entry| {
            let name = entry.ident()?.syntax().text().to_string();
            Some((name, entry.default().is_some()))
        })
        .collect();
    let takes = |name: &str| entries.iter().any(|(other, _)| other == name);
    let takes_overlays = takes("overlays") && !takes("pkgs");
    let arguments = entries
        .iter()
        .filter(|(name, is_optional)| !is_optional || OF_THE_SET.contains(&name.as_str()));
    let mut arguments: BTreeSet<String> = arguments.map(|(name, _)| name.clone()).collect();
    // nixpkgs and what wraps it hand all of their arguments on.
    if takes_overlays && pattern.ellipsis_token().is_some() {
        arguments.insert("system".to_owned());
    }
    EntryShape::Function { arguments }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_imported_says_what_it_is_called_with() {
        let check = |text: &str, arguments: &[&str]| {
            let found = NixFile::read(text, |file| shape(file.root().expr())).unwrap();
            let wanted = EntryShape::Function {
                arguments: arguments.iter().map(ToString::to_string).collect(),
            };
            assert_eq!(found, wanted, "{text}");
        };
        check("{ pkgs ? import <nixpkgs> { } }: { }", &["pkgs"]);
        check(
            "let a = 1; in { lib, fetchurl, jobs ? 4, ... }: { }",
            &["fetchurl", "lib"],
        );
        check("{ overlays ? [ ], ... }@args: { }", &["system"]);
        check("{ system, overlays ? [ ] }: { }", &["system"]);
        check("{ pkgs, overlays ? [ ], ... }: { }", &["pkgs"]);
    }

    #[test]
    fn an_overlay_is_a_function_of_two() {
        let read = |text: &str| NixFile::read(text, |file| shape(file.root().expr())).unwrap();
        assert_eq!(read("final: prev: { }"), EntryShape::Overlay);
        assert_eq!(read("self: super: with super; { }"), EntryShape::Overlay);
        assert_eq!(read("pkgs: { }"), EntryShape::Unnamed);
        assert_eq!(read("{ a = 1; }"), EntryShape::Value);
        assert_eq!(read("import ./x.nix"), EntryShape::Value);
    }
}
