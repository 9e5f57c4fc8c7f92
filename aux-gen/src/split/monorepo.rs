//! The tree that is to be split: its by-name directories, what they define and ask
//! for, and which paths tie them to each other and to the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aux_model::{AttrName, BY_NAME, RepoName, System};
use rnix::SyntaxKind::{TOKEN_PATH_ABS, TOKEN_STRING_CONTENT};

use crate::adopt::{Adopted, Note, read};
use crate::disk::{DiskError, files_of, read_text};
use crate::evaluate::{Census, PackageSet};
use crate::nix::{Limits, Nix, NixError};
use crate::scan::{Asks, asks, with_stack};
use crate::vet::paths::{Kind, literals, parent, resolve};

/// A tree with all packages.
#[derive(Debug)]
pub struct Monorepo {
    pub(super) root: PathBuf,
    /// What its files say of it.
    pub(super) adopted: Adopted,
    /// The by-name directories, by name.
    pub(super) units: BTreeMap<AttrName, Unit>,
    /// The attributes that each `packages.nix` defines.
    defined: BTreeMap<AttrName, BTreeSet<AttrName>>,
    /// Paths that lead from one directory to another, or between one and the rest.
    pub(super) ties: Vec<Tie>,
    /// What files outside of by-name directories ask for, by path.
    pub(super) outside: BTreeMap<String, Asks>,
    /// Every file, by path.
    pub(super) files: BTreeSet<String>,
    /// Files that do not parse, and why.
    pub(super) unread: BTreeMap<String, String>,
}

/// A by-name directory: what goes to one repo as a whole.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// Its path below the tree.
    pub(super) directory: String,
    /// What its files ask for, by path.
    pub(super) asks: BTreeMap<String, Asks>,
}

/// A path literal or link that leads from one part of the tree into another. `None`
/// is what no by-name directory holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tie {
    /// File and line, such as `pkgs/stdenv/default.nix:12`.
    pub(super) place: String,
    /// As it is written.
    pub(super) path: String,
    pub(super) from: Option<AttrName>,
    pub(super) to: Option<AttrName>,
}

/// Why a tree cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// A file cannot be read.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// It has nothing to split.
    #[error("`{}` has no package in `{BY_NAME}`", .0.display())]
    NoPackages(PathBuf),
}

impl Monorepo {
    /// Reads a tree: the files that git follows, or all of them where there is no git.
    ///
    /// # Errors
    /// When a file cannot be read, or there are no by-name directories.
    pub fn read(root: &Path) -> Result<Self, TreeError> {
        let core: RepoName = "core".parse().expect("`core` is a name");
        let adopted = read(root, core, String::new())?;
        let tree = crate::disk::by_name_tree(root)?;
        if tree.packages.is_empty() {
            return Err(TreeError::NoPackages(root.to_owned()));
        }
        let mut units: BTreeMap<AttrName, Unit> = BTreeMap::new();
        for name in tree.packages.keys() {
            let unit = Unit {
                directory: tree.directory(name),
                asks: BTreeMap::new(),
            };
            units.insert(name.clone(), unit);
        }
        let mut monorepo = Self {
            files: files_of(root)?,
            root: root.to_owned(),
            defined: adopted.sets.clone(),
            adopted,
            units,
            ties: Vec::new(),
            outside: BTreeMap::new(),
            unread: BTreeMap::new(),
        };
        with_stack(|| monorepo.look())?;
        Ok(monorepo)
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Takes in what Nix knows: which attributes are functions or no packages at all.
    /// What is neither can be in no manifest, and is part of the package set all the same.
    pub fn evaluated(&mut self, census: &Census) {
        self.adopted.evaluated(census);
    }

    /// How many by-name directories there are.
    #[must_use]
    pub fn packages(&self) -> usize {
        self.units.len()
    }

    /// What was not understood of it.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = self.adopted.notes();
        notes.extend(self.unread.iter().map(|(file, reason)| Note {
            repo: self.adopted.name.clone(),
            file: Some(file.clone()),
            message: format!("what it asks for is not known: {reason}"),
        }));
        notes
    }

    /// The attributes that a by-name directory defines, as far as is known.
    pub(super) fn attributes<'a>(&'a self, unit: &'a AttrName) -> Vec<&'a str> {
        match self.defined.get(unit) {
            Some(names) => names.iter().map(AttrName::as_str).collect(),
            None => vec![unit.as_str()],
        }
    }

    /// Which directory defines an attribute. As nixpkgs-style cores have it, sets win over
    /// single packages, and the first set wins over the others.
    pub(super) fn definers(&self) -> BTreeMap<&str, &AttrName> {
        let mut definers = BTreeMap::new();
        for (unit, names) in &self.defined {
            for name in names {
                definers.entry(name.as_str()).or_insert(unit);
            }
        }
        for unit in self.units.keys() {
            if !self.defined.contains_key(unit) {
                definers.entry(unit.as_str()).or_insert(unit);
            }
        }
        definers
    }

    /// Asks Nix which attributes each `packages.nix` defines, whatever they are: a text
    /// may compute some. Those of which Nix cannot say it keep the names of their text.
    ///
    /// # Errors
    /// When Nix cannot be started or asked.
    pub fn ask_for_names(&mut self, nix: &Nix, system: &System) -> Result<(), NixError> {
        let set = PackageSet::of_tree(&self.root, system, "", Limits::default());
        let adopted = &mut self.adopted;
        adopted.ask_for_names(&self.root, &set, nix)?;
        self.defined = adopted.sets.clone();
        Ok(())
    }

    fn look(&mut self) -> Result<(), TreeError> {
        let places = Places::of(&self.units);
        for file in &self.files {
            let path = self.root.join(file);
            let from = places.holding(file);
            let is_link = path.is_symlink();
            if is_link {
                let target =
                    std::fs::read_link(&path).map_err(|error| DiskError::read(&path, error))?;
                let target = target.to_string_lossy().into_owned();
                self.ties.extend(tie(&places, (file, from), 1, &target));
                continue;
            }
            if !file.ends_with(".nix") || !path.is_file() {
                continue;
            }
            let text = read_text(&path)?;
            let relative = literals(&text);
            let relative = relative
                .iter()
                .filter(|literal| literal.kind == Kind::Relative);
            for literal in relative {
                let target = resolve(parent(file), literal.text);
                // What leads nowhere ties nothing.
                if !target.is_some_and(|target| self.root.join(target).exists()) {
                    continue;
                }
                let line = text[..literal.span.start].matches('\n').count() + 1;
                self.ties
                    .extend(tie(&places, (file, from), line, literal.text));
            }
            for (line, path) in through_root(&text) {
                // Whoever asks goes through core: it has to be there.
                let to = places.holding(&path["/".len()..]);
                self.ties.extend(to.map(|to| Tie {
                    place: format!("{file}:{line}"),
                    path: path.clone(),
                    from: None,
                    to: Some(to.clone()),
                }));
            }
            match asks(&text) {
                Err(error) => {
                    self.unread.insert(file.clone(), error.to_string());
                }
                Ok(asks) => match from {
                    None => {
                        self.outside.insert(file.clone(), asks);
                    }
                    Some(unit) => {
                        let unit = unit.clone();
                        if let Some(unit) = self.units.get_mut(&unit) {
                            unit.asks.insert(file.clone(), asks);
                        }
                    }
                },
            }
        }
        Ok(())
    }
}

/// Which by-name directory holds a path.
struct Places(BTreeMap<String, AttrName>);

impl Places {
    fn of(units: &BTreeMap<AttrName, Unit>) -> Self {
        let places = units
            .iter()
            .map(|(name, unit)| (unit.directory.clone(), name.clone()));
        Self(places.collect())
    }

    fn holding(&self, path: &str) -> Option<&AttrName> {
        let below = path.strip_prefix(BY_NAME)?.strip_prefix('/')?;
        let mut slashes = below.match_indices('/').map(|(at, _)| at);
        let end = slashes.nth(1).unwrap_or(below.len());
        self.0.get(&path[..BY_NAME.len() + 1 + end])
    }
}

/// Paths to by-name directories that are put behind the root of the tree, such as
/// `path + "/pkgs/by-name/ni/nix/x.patch"`, each with its line.
fn through_root(text: &str) -> Vec<(usize, String)> {
    let from_root = format!("/{BY_NAME}/");
    let mut found = Vec::new();
    let mut line = 1;
    for (kind, token) in rnix::tokenize(text) {
        if matches!(kind, TOKEN_STRING_CONTENT | TOKEN_PATH_ABS) {
            for (at, _) in token.match_indices(&from_root) {
                let is_end = |character: char| character.is_whitespace() || character == '"';
                let path = token[at..].split(is_end).next().unwrap_or_default();
                found.push((line + token[..at].matches('\n').count(), path.to_owned()));
            }
        }
        line += token.matches('\n').count();
    }
    found
}

fn tie(
    places: &Places,
    (file, from): (&str, Option<&AttrName>),
    line: usize,
    path: &str,
) -> Option<Tie> {
    let target = resolve(parent(file), path)?;
    let to = places.holding(&target);
    // All of the by-name tree is what puts the set together, and stays with it.
    let is_tie = from != to && !(from.is_none() && to.is_none());
    is_tie.then(|| Tie {
        place: format!("{file}:{line}"),
        path: path.to_owned(),
        from: from.cloned(),
        to: to.cloned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_behind_the_root_are_found_in_texts_and_paths() {
        let text = "{ path }: [\n  (path + \"/pkgs/by-name/ni/nix/x.patch\")\n  (path + /pkgs/by-name/ru/rust)\n  # /pkgs/by-name/no/no\n ''\n cat ${path}/pkgs/by-name/ba/bash/x y''\n]";
        let found = through_root(text);
        let found: Vec<(usize, &str)> = found
            .iter()
            .map(|(line, path)| (*line, path.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (2, "/pkgs/by-name/ni/nix/x.patch"),
                (3, "/pkgs/by-name/ru/rust"),
                (6, "/pkgs/by-name/ba/bash/x"),
            ]
        );
    }
}
