//! One repo that exists: what its files say, and what Nix says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_gen::disk::{DiskError, by_name_tree, read_text};
use aux_git::WorkTree;
use aux_model::{AttrName, BY_NAME, FlakeRef, RepoName, Tree, TreeEntry, Wiring};
use aux_nix::flake::FlakeText;
use aux_nix::language;
use aux_nix::language::{NixFile, set_members};
use rowan::ast::AstNode;

use crate::adopt::adopted::{Adopted, Elsewhere, Form, Note};
use crate::adopt::entry;
use crate::adopt::entry::{Entry, EntryShape};
use crate::adopt::owners;
use crate::adopt::owners::Owners;
use crate::adopt::people::Contact;
use crate::adopt::requirements::RepoRequirements;
use crate::adopt::toml::list;

/// The file that most is known from.
pub(super) const FLAKE: Option<&str> = Some("flake.nix");

/// Outputs of a flake that hold things of which the manifest knows only those that
/// somebody names.
pub(super) const OFFERS: [&str; 6] = [
    "nixosModules",
    "darwinModules",
    "homeModules",
    "homeManagerModules",
    "flakeModules",
    "templates",
];

/// Why an attribute is no part of the family, where nothing else is known.
const NOT_TAKEN: &str = "it is neither in `packages` of its flake nor in a by-name tree";

/// That nobody says what an output holds.
pub(super) fn unnamed(output: &str) -> String {
    format!("what `{output}` offers is named by nobody: list it")
}

/// Where the remote `origin` of a checkout is; none if it has none, or one on this machine.
#[must_use]
pub fn origin(directory: &Path) -> Option<FlakeRef> {
    let work_tree = WorkTree::at(&directory.canonicalize().ok()?)?;
    FlakeRef::of_git(&work_tree.origin()?)
}

/// Reads a repo.
///
/// # Errors
/// When a file cannot be read.
pub fn read(root: &Path, name: RepoName, path: String) -> Result<Adopted, DiskError> {
    let directory = root.join(&path);
    let mut adopted = Adopted {
        name,
        path,
        url: origin(&directory),
        flake: FlakeText::default(),
        wiring: Wiring::Packages,
        form: Form::Flake,
        owners: Owners::default(),
        discovers: false,
        sets: BTreeMap::new(),
        makers: BTreeMap::new(),
        singles: BTreeSet::new(),
        builders: BTreeSet::new(),
        maintainers: BTreeMap::new(),
        directories: BTreeMap::new(),
        twice: BTreeSet::new(),
        computed: BTreeMap::new(),
        wants: RepoRequirements::default(),
        names: BTreeSet::new(),
        offered: BTreeSet::new(),
        has_packages: false,
        place_of_owners: None,
        elsewhere: BTreeMap::new(),
        exceptions: BTreeMap::new(),
        seen: None,
        nested: BTreeMap::new(),
        defined: BTreeSet::new(),
        stands_on: BTreeSet::new(),
        layout: BTreeMap::new(),
        notes: Vec::new(),
    };
    let (mut too_long, mut not_text) = (Vec::new(), Vec::new());
    let mut text = |file: &str| {
        let path = directory.join(file);
        match path.metadata() {
            Ok(found) if found.is_file() && language::is_too_long(found.len()) => {
                too_long.push(file.to_owned());
                Ok(None)
            }
            Ok(found) if found.is_file() => match read_text(&path) {
                // One file of one repo ends no adoption.
                Err(DiskError::NotText { .. }) => {
                    not_text.push(file.to_owned());
                    Ok(None)
                }
                text => text.map(Some),
            },
            _ => Ok(None),
        }
    };
    match text("flake.nix")? {
        None => adopted.form = Entry::find(&directory)?.map_or(Form::Tree, Form::Imported),
        Some(text) => {
            let read = NixFile::read(&text, |file| {
                let flake = FlakeText::of(file);
                let inputs = flake.inputs.0.keys().map(String::as_str).collect();
                let mut wants = RepoRequirements::default();
                wants.of_flake(file, &inputs);
                (flake, wants)
            });
            match read {
                Ok((flake, wants)) => {
                    if let Some(reason) = &flake.refused {
                        adopted.note(
                            Some("flake.nix"),
                            &format!("Nix takes no such inputs: {reason}"),
                        );
                    }
                    adopted.wants = wants;
                    adopted.flake = flake;
                }
                Err(reason) => {
                    adopted.note(Some("flake.nix"), &format!("it does not parse: {reason}"));
                }
            }
        }
    }
    if let Form::Imported(entry) = &adopted.form {
        let (file, is_unnamed) = (entry.file, entry.shape == EntryShape::Unnamed);
        for other in entry::FILES {
            if other != file && directory.join(other).is_file() {
                adopted.note(
                    Some(other),
                    &format!("nothing of it is part of the family: `{file}` is what is imported, unless `entry` says otherwise"),
                );
            }
        }
        if is_unnamed {
            adopted.form = Form::Tree;
            adopted.seen = Some(BTreeSet::new());
            adopted.note(
                Some(file),
                "it is a function of one argument without names: write `{ pkgs, ... }:`, and it is called with the package set",
            );
        }
    } else if adopted.form == Form::Tree {
        // There is nothing to ask Nix for.
        adopted.seen = Some(BTreeSet::new());
        adopted.note(
            None,
            "it has neither a flake nor a file that can be imported: others may have it as an input with `flake = false`",
        );
    }
    let set = text("default.nix")?.unwrap_or_default();
    adopted.wiring = adopted.wired(&directory, &set);
    let mut place_of_owners = None;
    for (place, dialect) in owners::PLACES {
        if let Some(text) = text(place)? {
            adopted.owners = owners::read(&text, dialect);
            for line in std::mem::take(&mut adopted.owners.unread) {
                adopted.note(Some(place), &format!("its line {line} cannot be read"));
            }
            for (line, address) in std::mem::take(&mut adopted.owners.addresses) {
                let message = format!(
                    "its line {line} names `{address}`, which is no handle: put a person with that `email` into `people`, and the handle into the SIG"
                );
                adopted.note(Some(place), &message);
            }
            adopted.place_of_owners = Some(place);
            place_of_owners = Some(place);
            break;
        }
    }
    for file in not_text {
        adopted.note(Some(&file), "it is no text in UTF-8, and was not read");
    }
    for file in too_long {
        let message = format!(
            "it is longer than {} MiB and was not read",
            language::LONGEST >> 20
        );
        adopted.note(Some(&file), &message);
    }
    adopted.tree(&directory)?;
    adopted.parts(place_of_owners);
    // What by-name files ask for, `scan` says.
    if !adopted.discovers {
        adopted.wants.of_files(&directory)?;
    }
    for output in OFFERS {
        if adopted.flake.outputs.contains(output) {
            adopted.note(FLAKE, &unnamed(output));
        }
    }
    Ok(adopted)
}

/// The outputs of the flake in a directory, as far as its text names them; none if it
/// has no flake that can be read.
#[must_use]
pub fn outputs(directory: &Path) -> BTreeSet<String> {
    let text = read_text(&directory.join("flake.nix"));
    let flake = text.ok().and_then(|text| FlakeText::read(&text).ok());
    flake.unwrap_or_default().outputs
}

/// Whether a function in a file takes an argument of this name.
fn takes(file: &NixFile<'_>, argument: &str) -> bool {
    let nodes = file.root().syntax().descendants();
    nodes
        .filter_map(rnix::ast::Pattern::cast)
        .flat_map(|pattern| pattern.pat_entries())
        .filter_map(|entry| entry.ident())
        .any(|ident| ident.syntax().text() == argument)
}

impl Adopted {
    /// How it takes part in the family that is adopted.
    pub(super) fn wiring_in(&self, core: Option<&RepoName>) -> Wiring {
        if core == Some(&self.name) {
            return self.wiring;
        }
        match &self.form {
            Form::Tree => Wiring::Nothing,
            Form::Imported(entry) if entry.shape == EntryShape::Overlay => Wiring::Overlays,
            Form::Imported(_) => Wiring::Packages,
            // A `default.nix` that takes overlays makes a core, and offers none.
            Form::Flake
                if self.wiring == Wiring::Overlays && !self.flake.outputs.contains("overlays") =>
            {
                self.offering()
            }
            Form::Flake if self.wiring == Wiring::Packages => self.offering(),
            Form::Flake => self.wiring,
        }
    }

    /// What a flake that builds no package set takes part with.
    fn offering(&self) -> Wiring {
        if self.packages() == 0 && !self.flake.outputs.contains("packages") {
            Wiring::Nothing
        } else {
            Wiring::Packages
        }
    }

    /// How it takes part, as its outputs say.
    pub(super) fn wired(&self, directory: &Path, set: &str) -> Wiring {
        let outputs = &self.flake.outputs;
        let takes_overlays =
            |text: &str| NixFile::read(text, |file| takes(file, "overlays")).unwrap_or(false);
        // nixpkgs' `default.nix` only imports another file.
        let inner = || read_text(&directory.join("pkgs/top-level/impure.nix")).unwrap_or_default();
        if outputs.contains("mkPackages") || outputs.contains("layer") {
            Wiring::Layers
        } else if outputs.contains("overlays") || takes_overlays(set) || takes_overlays(&inner()) {
            Wiring::Overlays
        } else {
            Wiring::Packages
        }
    }

    fn tree(&mut self, directory: &Path) -> Result<(), DiskError> {
        let mut tree = by_name_tree(directory)?;
        if !tree.unsharded.is_empty() {
            self.note(
                Some(BY_NAME),
                "its folders are no shards, so it is no by-name tree: what it has is what Nix sees",
            );
            tree = Tree::default();
        }
        self.discovers = !tree.packages.is_empty();
        for (path, reason) in &tree.rejected {
            self.note(Some(path), reason);
        }
        for name in tree.packages.keys() {
            self.directories.insert(name.clone(), tree.directory(name));
        }
        let mut taken: BTreeMap<String, AttrName> = BTreeMap::new();
        for (name, entry) in &tree.packages {
            if *entry == TreeEntry::Single {
                taken.insert(name.to_string(), name.clone());
                self.singles.insert(name.clone());
            }
        }
        let sets = tree.packages.iter();
        let sets = sets.filter(|(_, entry)| **entry == TreeEntry::Set);
        for (name, _) in sets {
            let file = format!("{}/packages.nix", tree.directory(name));
            let text = read_text(&directory.join(&file))?;
            let members = match NixFile::read(&text, set_members) {
                Ok(members) => members,
                Err(reason) => {
                    self.note(Some(&file), &format!("it does not parse: {reason}"));
                    continue;
                }
            };
            if !members.computed.is_empty() {
                self.computed.insert(name.clone(), members.computed);
            }
            let mut known = BTreeSet::new();
            for member in members.names {
                match member.parse::<AttrName>() {
                    Err(error) => self.note(
                        Some(&file),
                        &format!("`{member}` cannot be an attribute of the family: {error}"),
                    ),
                    Ok(attribute) => match taken.get(&member) {
                        Some(other) => {
                            let message =
                                format!("`{member}` is defined by `{other}` too, and left to that");
                            self.note(Some(&file), &message);
                            let both = (other.clone(), name.clone(), member.clone());
                            self.twice.insert(both);
                        }
                        None => {
                            taken.insert(member, name.clone());
                            known.insert(attribute);
                        }
                    },
                }
            }
            self.sets.insert(name.clone(), known);
        }
        Ok(())
    }

    /// What was not understood.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let computed = self.computed.iter().flat_map(|(set, texts)| {
            let directory = self.directories.get(set);
            texts.iter().map(move |text| Note {
                repo: self.name.clone(),
                file: directory.map(|directory| format!("{directory}/packages.nix")),
                message: format!("which attributes `{text}` gives is computed"),
            })
        });
        let own = self.notes.iter().cloned().chain(computed);
        own.chain(self.other_owners()).collect()
    }

    /// The rules of CODEOWNERS that no package of the manifest carries on.
    fn other_owners(&self) -> Option<Note> {
        let file = |directory: &String| format!("{directory}/package.nix");
        let elsewhere = self.elsewhere.values().map(Elsewhere::a_file);
        let files: Vec<String> = self
            .directories
            .values()
            .map(file)
            .chain(elsewhere)
            .collect();
        let others = self.owners.about_none_of(&files);
        let rules: Vec<String> = others.iter().map(|rule| format!("`{rule}`")).collect();
        (!rules.is_empty()).then(|| Note {
            repo: self.name.clone(),
            file: self.place_of_owners.map(str::to_owned),
            message: format!(
                "what it says of parts that are no packages stays there alone: {}",
                rules.join(", ")
            ),
        })
    }

    /// Takes in who owns single packages by the rules of CODEOWNERS about parts.
    fn parts(&mut self, place: Option<&str>) {
        // Any file of it: rules are about directories, or all files of a kind.
        let file = |directory: &String| format!("{directory}/package.nix");
        let files: Vec<String> = self.directories.values().map(file).collect();
        let mut teams: BTreeMap<String, usize> = BTreeMap::new();
        for (name, file) in self.directories.keys().zip(&files) {
            for owner in self.owners.of_part(file) {
                if owner.contains('/') {
                    *teams.entry(owner.to_owned()).or_default() += 1;
                } else {
                    let people = self.maintainers.entry(name.clone()).or_default();
                    people.insert(owner.to_owned());
                }
            }
        }
        for (team, packages) in teams {
            let message = format!(
                "the team `{team}` owns {packages} of its packages: a SIG with this `team` can be their `owner`"
            );
            self.note(place, &message);
        }
    }

    /// What a `packages.nix` defines, as keys of a manifest: packages, then what makes
    /// some. Nothing if that is not known.
    pub(crate) fn defines(&self, set: &AttrName) -> Vec<String> {
        let list_of = |names: Option<&BTreeSet<AttrName>>| {
            let names = names.into_iter().flatten();
            list(names.map(AttrName::as_str))
        };
        let (members, makers) = (self.sets.get(set), self.makers.get(set));
        let is_known = members.is_some_and(|members| !members.is_empty()) || makers.is_some();
        let mut values = Vec::new();
        if is_known {
            values.push(format!("members = [{}]", list_of(members)));
        }
        if makers.is_some() {
            values.push(format!("builders = [{}]", list_of(makers)));
        }
        values
    }

    /// The attributes of its packages, each with the package.
    #[must_use]
    pub fn attributes_by_package(&self) -> BTreeMap<&str, &AttrName> {
        let singles = self.singles.iter().map(|name| (name.as_str(), name));
        let sets = self
            .sets
            .iter()
            .chain(&self.makers)
            .flat_map(|(set, members)| members.iter().map(move |name| (name.as_str(), set)));
        singles.chain(sets).collect()
    }

    /// How many packages it has: by-name directories, and what is defined elsewhere.
    #[must_use]
    pub fn packages(&self) -> usize {
        self.singles.len() + self.sets.len() + self.offered.len() + self.elsewhere.len()
    }

    /// How many attributes those define, as far as is known.
    #[must_use]
    pub fn attributes(&self) -> usize {
        let alone = self.singles.len() + self.offered.len() + self.elsewhere.len();
        let of_sets = self.sets.values().chain(self.makers.values());
        alone + of_sets.map(BTreeSet::len).sum::<usize>()
    }

    /// How many attributes Nix sees in what it offers; none if it was not asked, or could not
    /// say.
    #[must_use]
    pub fn seen(&self) -> Option<usize> {
        self.seen.as_ref().map(BTreeSet::len)
    }

    /// Sets that ask to be looked into, each with how many attributes it has. The manifest knows
    /// the set, and what is in it comes with it.
    #[must_use]
    pub fn nested(&self) -> &BTreeMap<String, usize> {
        &self.nested
    }

    /// Attributes that Nix sees and that the manifest does not have, each with the reason.
    #[must_use]
    pub fn unlisted(&self) -> BTreeMap<&str, &str> {
        let listed = self.attributes_by_package();
        let listed = |name: &str| {
            listed.contains_key(name)
                || self.offered.contains(name)
                || self.elsewhere.contains_key(name)
        };
        let seen = self.seen.iter().flatten().map(String::as_str);
        let reason = |name: &str| self.exceptions.get(name).map_or(NOT_TAKEN, String::as_str);
        seen.filter(|name| !listed(name))
            .map(|name| (name, reason(name)))
            .collect()
    }

    /// Takes in who answers for it, as a list of repos says, and where it is if its checkout does
    /// not say that.
    pub fn answered_for(&mut self, contact: &Contact) {
        self.owners.people.insert(contact.handle.to_string());
        if self.url.is_none() {
            self.url = contact.url.as_deref().and_then(FlakeRef::of_git);
        }
    }

    /// The first person who owns all of it.
    #[must_use]
    pub fn first_owner(&self) -> Option<&str> {
        self.owners.people.first().map(String::as_str)
    }

    pub(super) fn note(&mut self, file: Option<&str>, message: &str) {
        self.notes.push(Note {
            repo: self.name.clone(),
            file: file.map(str::to_owned),
            message: message.to_owned(),
        });
    }
}
