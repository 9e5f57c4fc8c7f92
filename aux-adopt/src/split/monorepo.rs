//! The tree that is to be split: its by-name directories, what they define and ask
//! for, and which paths tie them to each other and to the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aux_eval::snapshot::{Evaluated, Snapshot, files};
use aux_gen::disk::{DiskError, files_of, read_text};
use aux_model::{AttrName, BY_NAME, RepoName, System};
use aux_nix::language::paths::{PathStart, holder, is_below, parent, path_literals, resolve};
use aux_nix::language::{Requirements, requirements, tokens};
use aux_nix::{Nix, NixError};
use rnix::SyntaxKind::{TOKEN_PATH_ABS, TOKEN_STRING_CONTENT};

use crate::TreeSet;
use crate::adopt::{Adopted, Note, read};
use crate::split::flat::Flat;

/// A tree with all packages.
#[derive(Debug)]
pub struct Monorepo {
    /// How its package set is had.
    pub(super) set: TreeSet,
    /// What its files say of it.
    pub(super) adopted: Adopted,
    /// The by-name directories, by name.
    pub(super) units: BTreeMap<AttrName, Unit>,
    /// The attributes that each `packages.nix` defines.
    defined: BTreeMap<AttrName, BTreeSet<AttrName>>,
    /// Paths that lead from one directory to another, or between one and the rest.
    pub(super) ties: Vec<Tie>,
    /// What files outside of by-name directories ask for, by path.
    pub(super) outside: BTreeMap<String, Requirements>,
    /// Every file, by path.
    pub(super) files: BTreeSet<String>,
    /// Files that do not parse, and why.
    pub(super) unread: BTreeMap<String, String>,
    /// The folders that packages stand in.
    pub(super) roots: BTreeSet<String>,
    /// Whether those are by-name directories, with their shards.
    is_by_name: bool,
    /// Packages whose file gives a function that is called once more.
    pub(super) called_twice: BTreeSet<AttrName>,
    /// Packages that have no value here, or are no packages: a list of what there is leaves them out.
    pub(super) without_value: BTreeSet<AttrName>,
    /// Folders in those that are left where they are, and why.
    pub(super) left: BTreeMap<String, String>,
}

/// A by-name directory: what goes to one repo as a whole.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// Its path below the tree.
    pub(super) directory: String,
    /// What its files ask for, by path.
    pub(super) asks: BTreeMap<String, Requirements>,
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
#[non_exhaustive]
pub enum TreeError {
    /// A file cannot be read.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// It has nothing to split.
    #[error(
        "`{}` has no package in `{BY_NAME}`, and no folder that holds packages and little else",
        .0.display()
    )]
    NoPackages(PathBuf),
    /// Nix does not run.
    #[error(transparent)]
    Nix(#[from] NixError),
}

impl Monorepo {
    /// Reads a tree: the files that git follows, or all of them where there is no git. Its packages
    /// stand in by-name directories, or else in folders that hold one folder for each; Nix then
    /// says which of those are called as a by-name directory would be.
    ///
    /// # Errors
    /// When a file cannot be read, or there are no packages.
    pub fn read(set: TreeSet, nix: Option<(&Nix, &System)>) -> Result<Self, TreeError> {
        let root = set.root();
        let core: RepoName = "core".parse().expect("`core` is a name");
        let mut adopted = read(root, core, String::new())?;
        let files = files_of(root)?;
        let tree = aux_gen::disk::by_name_tree(root)?;
        let is_by_name = !tree.packages.is_empty();
        let mut roots = BTreeSet::from([BY_NAME.to_owned()]);
        let (mut left, mut called_twice) = (BTreeMap::new(), BTreeSet::new());
        let directories: BTreeMap<AttrName, String> = if !is_by_name {
            let flat = Flat::read(&set, &files, nix)?;
            (roots, left, called_twice) = (flat.roots, flat.left, flat.twice);
            adopted.singles.extend(flat.units.keys().cloned());
            adopted.directories.extend(flat.units.clone());
            flat.units
        } else {
            let names = tree.packages.keys();
            names
                .map(|name| (name.clone(), tree.directory(name)))
                .collect()
        };
        if directories.is_empty() {
            return Err(TreeError::NoPackages(root.to_owned()));
        }
        let units = directories.into_iter().map(|(name, directory)| {
            let asks = BTreeMap::new();
            (name, Unit { directory, asks })
        });
        let mut monorepo = Self {
            files,
            set,
            defined: adopted.sets.clone(),
            adopted,
            units: units.collect(),
            ties: Vec::new(),
            outside: BTreeMap::new(),
            unread: BTreeMap::new(),
            roots,
            is_by_name,
            called_twice,
            without_value: BTreeSet::new(),
            left,
        };
        monorepo.look()?;
        Ok(monorepo)
    }

    /// Whether its packages stand in by-name directories.
    pub(super) fn is_by_name(&self) -> bool {
        self.is_by_name
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.set.root()
    }

    /// How its package set is had.
    #[must_use]
    pub fn set(&self) -> &TreeSet {
        &self.set
    }

    /// Takes in what Nix knows: which attributes are functions or no packages at all.
    /// What is neither can be in no manifest, and is part of the package set all the same.
    /// Of a core without by-name directories everything that it has is named, with where it is.
    ///
    /// # Errors
    /// When Nix cannot be started or asked.
    pub fn evaluated(
        &mut self,
        snapshot: &Snapshot,
        nix: &Nix,
        system: &System,
    ) -> Result<(), NixError> {
        self.adopted.evaluated(snapshot);
        if !self.is_by_name() || self.set.is_over_core() {
            let files = files(nix, &self.set.own(nix, system)?)?;
            let root = self.root().to_owned();
            self.adopted.defines_elsewhere(&root, snapshot, &files);
            let has_value = |name: &AttrName| match snapshot.attributes.get(name.as_str()) {
                Some(Evaluated::Derivation(_)) => true,
                Some(Evaluated::Is(is)) => is == "lambda" || is == "set",
                Some(Evaluated::Failed { .. }) | None => false,
            };
            let without = self.units.keys().filter(|name| !has_value(name));
            self.without_value = without.cloned().collect();
        }
        Ok(())
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
        notes.extend(self.left.iter().map(|(folder, reason)| Note {
            repo: self.adopted.name.clone(),
            file: Some(folder.clone()),
            message: format!("it stays where it is: {reason}"),
        }));
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

    /// Names that a `packages.nix` takes from the part of the set that it belongs to, and
    /// that another directory defines: both must come from the same repo.
    pub(super) fn ties_of_parts(&self) -> Vec<Tie> {
        let definers = self.definers();
        let mut ties = Vec::new();
        for (unit, asks) in self
            .units
            .iter()
            .flat_map(|(name, unit)| unit.asks.iter().map(move |asks| (name, asks)))
        {
            let (file, asks) = asks;
            for (name, line) in &asks.own {
                let to = definers.get(name.as_str()).copied();
                let tie = to.and_then(|to| {
                    let place = format!("{file}:{line}");
                    Tie::between(&place, &format!("res.{name}"), Some(unit), Some(to))
                });
                ties.extend(tie);
            }
        }
        ties
    }

    /// Attributes that two directories define, each with both: which of them counts
    /// depends on the order in which the set is put together.
    pub(super) fn twice(&self) -> &BTreeSet<(AttrName, AttrName, String)> {
        &self.adopted.twice
    }

    /// Requirements Nix which attributes each `packages.nix` defines, whatever they are: a text
    /// may compute some. Those of which Nix cannot say it keep the names of their text.
    ///
    /// # Errors
    /// When Nix cannot be started or asked.
    pub fn ask_for_names(&mut self, nix: &Nix, system: &System) -> Result<(), NixError> {
        let set = self.set.whole(nix, system)?;
        let adopted = &mut self.adopted;
        adopted.ask_for_names(self.set.root(), &set, nix)?;
        self.defined = adopted.sets.clone();
        Ok(())
    }

    fn look(&mut self) -> Result<(), TreeError> {
        let places = Places::of(&self.units, &self.roots);
        for file in &self.files {
            let path = self.set.root().join(file);
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
            let text = match read_text(&path) {
                // Nix reads it all the same.
                Err(error @ DiskError::NotText { .. }) => {
                    self.unread.insert(file.clone(), error.to_string());
                    continue;
                }
                text => text?,
            };
            let written = path_literals(&text);
            let relative = || {
                let written = written.iter();
                written.filter(|literal| literal.kind == PathStart::Relative)
            };
            for literal in relative() {
                let target = resolve(parent(file), literal.text);
                // What leads nowhere ties nothing.
                if !target.is_some_and(|target| self.set.root().join(target).exists()) {
                    continue;
                }
                let line = text[..literal.span.start].matches('\n').count() + 1;
                self.ties
                    .extend(tie(&places, (file, from), line, literal.text));
                if literal.is_open {
                    let place = format!("{file}:{line}");
                    let target = resolve(parent(file), literal.text);
                    for to in places.below(&target.unwrap_or_default()) {
                        self.ties
                            .extend(Tie::between(&place, literal.text, from, Some(to)));
                    }
                }
            }
            let leads_to: BTreeSet<String> = relative()
                .filter_map(|literal| resolve(parent(file), literal.text))
                .collect();
            let trees: Vec<&str> = self
                .roots
                .intersection(&leads_to)
                .map(String::as_str)
                .collect();
            for (line, path) in behind_root(&text, &self.roots, &trees) {
                // Every lookup goes through core: the name has to be there.
                let place = format!("{file}:{line}");
                let path = path.as_str();
                let one = places.holding(path).map(|unit| vec![unit]);
                for to in one.unwrap_or_else(|| places.below(path).collect()) {
                    self.ties.extend(Tie::between(&place, path, None, Some(to)));
                }
            }
            match requirements(&text) {
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

/// Which directory of a package holds a path.
struct Places {
    units: BTreeMap<String, AttrName>,
    roots: BTreeSet<String>,
}

impl Places {
    fn of(units: &BTreeMap<AttrName, Unit>, roots: &BTreeSet<String>) -> Self {
        let places = units
            .iter()
            .map(|(name, unit)| (unit.directory.clone(), name.clone()));
        Self {
            units: places.collect(),
            roots: roots.clone(),
        }
    }

    fn holding(&self, path: &str) -> Option<&AttrName> {
        holder(&self.units, path).map(|(unit, _)| unit)
    }

    /// The directories of packages below a shard, or below a part of one's name; none for
    /// a tree as a whole, which is what puts the set together.
    fn below<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a AttrName> + 'a {
        let mut roots = self.roots.iter();
        let is_part = roots.any(|root| {
            path.strip_prefix(root.as_str())
                .is_some_and(|rest| rest.len() > "/".len() && rest.starts_with('/'))
        });
        let start = format!("{}/", path.trim_end_matches('/'));
        let units = self.units.iter().filter(move |_| is_part);
        units
            .filter(move |(directory, _)| directory.starts_with(&start))
            .map(|(_, unit)| unit)
    }
}

/// Paths to directories of packages that are put behind the root of the tree, such as
/// `path + "/pkgs/by-name/ni/nix/x.patch"`, each with its line; and those behind a tree of packages
/// (`../by-name + "/ni/nix"`) of a text that has one of these `trees`.
fn behind_root(text: &str, roots: &BTreeSet<String>, trees: &[&str]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut line = 1;
    let is_in = |path: &str| {
        let mut roots = roots.iter();
        roots.any(|root| is_below(path, root))
    };
    for (kind, token) in tokens(text) {
        // What a text starts with, or what follows something computed: not a URL.
        if matches!(kind, TOKEN_STRING_CONTENT | TOKEN_PATH_ABS) && token.starts_with('/') {
            let is_end = |character: char| character.is_whitespace() || character == '"';
            let path = token.split(is_end).next().unwrap_or_default();
            let path = path.trim_start_matches('/');
            if is_in(path) {
                found.push((line, path.to_owned()));
            } else if path.contains('/') {
                found.extend(trees.iter().map(|tree| (line, format!("{tree}/{path}"))));
            }
        }
        line += token.matches('\n').count();
    }
    found
}

impl Tie {
    /// A path from one part to another, unless they are the same.
    fn between(
        place: &str,
        path: &str,
        from: Option<&AttrName>,
        to: Option<&AttrName>,
    ) -> Option<Self> {
        (from != to).then(|| Self {
            place: place.to_owned(),
            path: path.to_owned(),
            from: from.cloned(),
            to: to.cloned(),
        })
    }
}

fn tie(
    places: &Places,
    (file, from): (&str, Option<&AttrName>),
    line: usize,
    path: &str,
) -> Option<Tie> {
    let target = resolve(parent(file), path)?;
    // All of the by-name tree is what puts the set together, and stays with it.
    Tie::between(
        &format!("{file}:{line}"),
        path,
        from,
        places.holding(&target),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_behind_the_root_are_found_in_texts_and_paths() {
        let text = "{ path }: [\n  (path + \"/pkgs/by-name/ni/nix/x.patch\")\n  (path + /pkgs/by-name/ru/rust)\n  # /pkgs/by-name/no/no\n ''\n cat ${path}/pkgs/by-name/ba/bash/x y''\n (../by-name + \"/gr/gradle\")\n \"https://x.org/pkgs/by-name/no/no\" ]";
        let roots = BTreeSet::from([BY_NAME.to_owned()]);
        let found = behind_root(text, &roots, &[BY_NAME]);
        let found: Vec<(usize, &str)> = found
            .iter()
            .map(|(line, path)| (*line, path.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (2, "pkgs/by-name/ni/nix/x.patch"),
                (3, "pkgs/by-name/ru/rust"),
                (6, "pkgs/by-name/ba/bash/x"),
                (7, "pkgs/by-name/gr/gradle"),
            ]
        );
    }
}
