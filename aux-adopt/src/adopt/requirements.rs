//! What the texts of a repo require of other repos: outputs of their flakes, and names of the
//! package set that its functions are called with.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_gen::disk::{DiskError, files_of, read_text};
use aux_nix::language;
use aux_nix::language::{NixFile, Shape, shape};
use rnix::ast;
use rnix::ast::{Entry, Expr, HasEntry};
use rowan::ast::AstNode;

/// What is wanted, and where: file and line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RepoRequirements {
    /// Outputs of inputs: the input, the output.
    pub(super) outputs: BTreeMap<(String, String), String>,
    /// Functions that `callPackage` may call, by file: the names each asks for.
    functions: BTreeMap<String, Vec<(String, usize)>>,
    /// Names that some call in the repo gives itself.
    given: BTreeSet<String>,
}

/// A function of at least this many known names, which are at least half of all that
/// it asks for, is taken for one that the package set is handed to.
const ENOUGH: usize = 3;

impl RepoRequirements {
    /// Reads what a flake wants of its inputs.
    pub(super) fn of_flake(&mut self, file: &NixFile<'_>, inputs: &BTreeSet<&str>) {
        let selects = file
            .root()
            .syntax()
            .descendants()
            .filter_map(ast::Select::cast);
        for select in selects {
            let Some(Expr::Ident(base)) = select.expr() else {
                continue;
            };
            let path = select.attrpath().into_iter().flat_map(|path| path.attrs());
            let path = path.map(|attr| attr.syntax().text().to_string());
            // `core.lib`, or `inputs.core.lib`.
            let mut path = [base.to_string()].into_iter().chain(path).peekable();
            path.next_if(|part| part == "inputs");
            let (Some(input), Some(output)) = (path.next(), path.next()) else {
                continue;
            };
            if inputs.contains(input.as_str()) && select.default_expr().is_none() {
                let line = file.line(select.syntax());
                let place = format!("flake.nix:{line}");
                self.outputs.entry((input, output)).or_insert(place);
            }
        }
    }

    /// Reads what the functions of a repo ask for.
    pub(super) fn of_files(&mut self, directory: &Path) -> Result<(), DiskError> {
        let files = files_of(directory)?;
        for file in files.iter().filter(|file| file.ends_with(".nix")) {
            let path = directory.join(file);
            if path.is_symlink() || !path.is_file() {
                continue;
            }
            // What is too long for a parser is not read for one.
            let bytes = path.metadata().map_or(0, |found| found.len());
            if language::is_too_long(bytes) {
                continue;
            }
            let text = match read_text(&path) {
                // It is said where it counts.
                Err(DiskError::NotText { .. }) => continue,
                text => text?,
            };
            // What does not parse is said where it counts.
            self.given
                .extend(NixFile::read(&text, given).unwrap_or_default());
            if let Ok(Shape::Function(formals)) = shape(&text, 0) {
                let needed = formals.into_iter().filter(|formal| !formal.optional);
                let needed = needed.map(|formal| (formal.name, formal.line));
                self.functions.insert(file.clone(), needed.collect());
            }
        }
        Ok(())
    }

    /// Names that its functions ask for and nobody has, with the places.
    pub(super) fn missing(&self, known: &BTreeSet<String>) -> BTreeMap<&str, Vec<String>> {
        let mut missing: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (file, asked) in &self.functions {
            let found = asked
                .iter()
                .filter(|(name, _)| known.contains(name))
                .count();
            if found < ENOUGH || found * 2 < asked.len() {
                continue;
            }
            for (name, line) in asked {
                if !known.contains(name) && !self.given.contains(name) {
                    let places = missing.entry(name).or_default();
                    places.push(format!("{file}:{line}"));
                }
            }
        }
        missing
    }
}

/// What Nix adds to the outputs of a flake.
pub(crate) const OF_EVERY_FLAKE: [&str; 14] = [
    "_type",
    "dirtyRev",
    "dirtyShortRev",
    "inputs",
    "lastModified",
    "lastModifiedDate",
    "narHash",
    "outPath",
    "outputs",
    "rev",
    "revCount",
    "shortRev",
    "sourceInfo",
    "submodules",
];

/// The names that sets in a text have: what a call may give. An argument that is only
/// handed on is not given by the repo that hands it on.
fn given(file: &NixFile<'_>) -> BTreeSet<String> {
    let root = file.root().syntax();
    let patterns = root.descendants().filter_map(ast::PatEntry::cast);
    let arguments: BTreeSet<String> = patterns
        .filter_map(|entry| Some(entry.ident()?.to_string()))
        .collect();
    let sets = root.descendants().filter_map(ast::AttrSet::cast);
    let mut given = BTreeSet::new();
    for entry in sets.flat_map(|set| set.entries().collect::<Vec<_>>()) {
        match entry {
            Entry::AttrpathValue(value) => {
                let first = value.attrpath().and_then(|path| path.attrs().next());
                given.extend(first.map(|first| first.syntax().text().to_string()));
            }
            Entry::Inherit(inherit) => {
                let names = inherit.attrs().map(|attr| attr.syntax().text().to_string());
                let is_from = inherit.from().is_some();
                given.extend(names.filter(|name| is_from || !arguments.contains(name)));
            }
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_of_inputs_are_found_in_both_spellings() {
        let mut wants = RepoRequirements::default();
        let text = "{ outputs = { self, core }@inputs:\n  { a = core.lib.x; b = inputs.core.old.${system}; c = core.may or null; d = other.x; }; }";
        let inputs = ["core"].into();
        NixFile::read(text, |file| wants.of_flake(file, &inputs)).unwrap();
        let found: Vec<_> = wants
            .outputs
            .keys()
            .map(|(_, output)| output.as_str())
            .collect();
        assert_eq!(found, ["lib", "old"]);
    }

    #[test]
    fn names_that_nobody_has_or_gives_are_missing() {
        let asked = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), 1)).collect();
        let wants = RepoRequirements {
            functions: BTreeMap::from([
                (
                    "a.nix".to_owned(),
                    asked(&["lib", "stdenv", "curl", "gnupg", "version"]),
                ),
                // Not a function of the package set.
                ("b.nix".to_owned(), asked(&["lib", "x", "y", "z"])),
            ]),
            given: ["version".to_owned()].into(),
            ..RepoRequirements::default()
        };
        let known = ["lib", "stdenv", "curl"].map(str::to_owned).into();
        let missing = wants.missing(&known);
        assert_eq!(
            missing,
            BTreeMap::from([("gnupg", vec!["a.nix:1".to_owned()])])
        );
    }
}
