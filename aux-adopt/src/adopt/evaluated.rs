//! What Nix says of a repo that exists, and knows better than its texts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_eval::snapshot::{Counted, Evaluated, PackageSet, Snapshot};
use aux_gen::disk::read_text;
use aux_model::{AttrName, RepoName};
use aux_nix::flake::FlakeInputs;
use aux_nix::language::quote;
use aux_nix::{Nix, NixError, Question};

use crate::adopt::adopted::{Adopted, Elsewhere, ElsewhereKind, Form};
use crate::adopt::entry::Entry;
use crate::adopt::places::Places;
use crate::adopt::repo::{FLAKE, OFFERS, unnamed};

impl Adopted {
    /// Asks Nix which attributes each `packages.nix` defines: a text may compute some.
    /// Those of which Nix cannot say it keep the names of their text.
    ///
    /// # Errors
    /// When Nix cannot be started or asked.
    pub fn ask_for_names(
        &mut self,
        directory: &Path,
        set: &PackageSet,
        nix: &Nix,
    ) -> Result<(), NixError> {
        let question = |set: &AttrName| {
            let file = directory.join(self.directories.get(set)?);
            let file = quote(&file.join("packages.nix").to_string_lossy());
            let names = format!(
                "builtins.attrNames (import (/. + {file}) {{ inherit (scope) lib config; noSysDirs = true; overlays = [ ]; }} scope scope scope)"
            );
            Some(Question::new(set.as_str(), names))
        };
        let questions: Vec<Question> = self.sets.keys().filter_map(question).collect();
        for answered in set.ask(nix, &questions)? {
            let names = answered.answer.value().cloned().map(serde_json::from_value);
            if let (Some(Ok(names)), Ok(set)) = (names, answered.key.parse::<AttrName>()) {
                self.defined(&set, names);
            }
        }
        Ok(())
    }

    /// Takes in all names that a set defines.
    fn defined(&mut self, set: &AttrName, names: Vec<String>) {
        self.computed.remove(set);
        let mut twice = BTreeSet::new();
        let mut known = BTreeSet::new();
        for (name, package) in self.attributes_by_package() {
            known.insert(name.to_owned());
            if package != set && names.iter().any(|other| other == name) {
                twice.insert((package.clone(), set.clone(), name.to_owned()));
            }
        }
        self.twice.extend(twice);
        let file = self.directories.get(set);
        let file = file.map(|directory| format!("{directory}/packages.nix"));
        for name in names.into_iter().filter(|name| !known.contains(name)) {
            match name.parse::<AttrName>() {
                Ok(attribute) => {
                    let members = self.sets.entry(set.clone()).or_default();
                    members.insert(attribute);
                }
                Err(error) => {
                    let message = format!("`{name}` cannot be an attribute of the family: {error}");
                    // Its text may have said so already.
                    if !self.notes.iter().any(|note| note.message == message) {
                        self.note(file.as_deref(), &message);
                    }
                }
            }
        }
    }

    /// Takes in who maintains what, by attribute.
    pub fn maintained(&mut self, maintainers: &BTreeMap<String, Vec<String>>) {
        let elsewhere = self.elsewhere.keys().map(|name| (name.as_str(), name));
        let by_package: Vec<(AttrName, &Vec<String>)> = self
            .attributes_by_package()
            .into_iter()
            .chain(elsewhere)
            .filter_map(|(attribute, package)| Some((package.clone(), maintainers.get(attribute)?)))
            .collect();
        for (package, people) in by_package {
            let known = self.maintainers.entry(package).or_default();
            known.extend(people.iter().cloned());
        }
    }

    /// Takes in what Nix knows: which attributes are functions or no packages at all.
    pub fn evaluated(&mut self, snapshot: &Snapshot) {
        self.names.extend(snapshot.attributes.keys().cloned());
        self.sees(snapshot.attributes.keys().cloned());
        let is = |name: &AttrName| match snapshot.attributes.get(name.as_str()) {
            Some(Evaluated::Is(is)) => Some(is.clone()),
            _ => None,
        };
        let missing = |name: &AttrName| !snapshot.attributes.contains_key(name.as_str());
        for name in self.singles.clone() {
            match is(&name).as_deref() {
                Some("lambda" | "set") => {
                    self.builders.insert(name);
                }
                Some(other) => self.note(
                    None,
                    &format!("`{name}` is no package: its type is `{other}`"),
                ),
                None if missing(&name) => self.note(
                    None,
                    &format!("`{name}` is in the tree and not in the package set"),
                ),
                None => {}
            }
        }
        let mut gone = Vec::new();
        for (set, members) in &mut self.sets {
            members.retain(|member| {
                let type_of = is(member);
                match type_of.as_deref() {
                    None if !missing(member) => return true,
                    Some("lambda" | "set") => {
                        let makers = self.makers.entry(set.clone()).or_default();
                        makers.insert(member.clone());
                    }
                    _ => gone.push((set.clone(), member.clone(), type_of)),
                }
                false
            });
        }
        for (set, member, is) in gone {
            let what = match is {
                Some(is) => format!("is no package: its type is `{is}`"),
                None => "is not in the package set".to_owned(),
            };
            self.note(None, &format!("`{member}` of `{set}` {what}"));
        }
    }

    /// Takes in what its package set has besides its by-name tree, each with where it is defined:
    /// `files` has that of each attribute as Nix tells it. What cannot be part of the family is
    /// kept with the reason.
    pub(crate) fn defines_elsewhere(
        &mut self,
        root: &Path,
        snapshot: &Snapshot,
        files: &BTreeMap<String, Option<String>>,
    ) {
        let listed = self.attributes_by_package();
        let more = snapshot.attributes.iter();
        let more = more.filter(|(name, _)| !listed.contains_key(name.as_str()));
        let mut places = Places::of(root, &|name| snapshot.attributes.contains_key(name));
        let mut elsewhere = BTreeMap::new();
        let mut exceptions = BTreeMap::new();
        for (name, found) in more {
            match attribute(name, found) {
                Ok(Attribute {
                    name: attribute,
                    is_builder,
                }) => {
                    let kind = if is_builder {
                        ElsewhereKind::Builder
                    } else {
                        ElsewhereKind::Package
                    };
                    let file = files.get(name).and_then(Option::as_deref);
                    let file = places.of_attribute(name, file);
                    elsewhere.insert(attribute, Elsewhere { file, kind });
                }
                Err(reason) => {
                    exceptions.insert(name.clone(), reason);
                }
            }
        }
        for (attribute, elsewhere) in &elsewhere {
            let owners = self.owners.of_part(&elsewhere.a_file()).into_iter();
            let people: Vec<String> = owners
                .filter(|owner| !owner.contains('/'))
                .map(str::to_owned)
                .collect();
            if !people.is_empty() {
                self.maintainers
                    .entry(attribute.clone())
                    .or_default()
                    .extend(people);
            }
        }
        self.elsewhere = elsewhere;
        self.exceptions = exceptions;
    }

    /// Takes in that it is a library: functions, none of which makes or is a package of a set. They
    /// are for those who import it, and no attributes of everybody's package set.
    pub(super) fn is_library(&mut self) {
        let functions = std::mem::take(&mut self.elsewhere);
        for name in functions.into_keys() {
            let reason = "it is a function or a set of a library: the repo has no package";
            self.maintainers.remove(&name);
            self.exceptions.insert(name.to_string(), reason.to_owned());
        }
    }

    /// Whether nothing of what it has outside of by-name directories is a package.
    pub(super) fn has_no_package(&self) -> bool {
        let kinds = self.elsewhere.values().map(|elsewhere| elsewhere.kind);
        self.attributes_by_package().is_empty()
            && kinds.into_iter().all(|kind| kind == ElsewhereKind::Builder)
    }

    /// Takes in the attributes that it adds to core's set, whatever they are.
    pub(super) fn adds(&mut self, names: impl IntoIterator<Item = String>) {
        self.defined = names.into_iter().collect();
    }

    /// Takes it for a plain tree of which a file is imported, whatever its flake says.
    pub(super) fn import_instead(&mut self, entry: Entry) {
        let reason = self.notes.iter().find(|note| note.file.as_deref() == FLAKE);
        let reason = reason.map_or(String::new(), |note| format!(" ({})", note.message));
        let message = format!(
            "its flake has no packages here{reason}, so `{}` is imported with the set of core, and the flake is not used",
            entry.file
        );
        self.notes.retain(|note| note.file.as_deref() != FLAKE);
        self.note(FLAKE, &message);
        self.flake.inputs = FlakeInputs::default();
        self.seen = None;
        self.form = Form::Imported(entry);
    }

    /// Takes in packages that its flake has for other systems than the one that was asked for.
    pub(super) fn is_for_other_systems(&mut self, names: BTreeSet<String>) {
        for name in &names {
            let reason = "its flake has it for other systems only: list it by hand";
            self.exceptions.insert(name.clone(), reason.to_owned());
        }
        if !names.is_empty() {
            self.sees(names);
        }
    }

    /// Forgets what Nix said of it, to be asked again.
    pub(super) fn forget(&mut self, entry: &Entry) {
        self.form = Form::Imported(entry.clone());
        self.elsewhere.clear();
        self.exceptions.clear();
        self.nested.clear();
        self.layout.clear();
        self.seen = None;
        self.notes.retain(|note| note.message != WITHOUT_VALUE);
    }

    /// Takes in names that core has too: a layer defines nothing that another repo owns.
    pub(super) fn shadows(&mut self, core: &RepoName, names: BTreeSet<String>) {
        for name in &names {
            let reason = format!("`{core}` has it, and keeps it");
            self.exceptions.insert(name.clone(), reason);
        }
        self.sees(names);
    }

    /// Whether a package is a function, or a set of packages.
    pub(crate) fn is_builder(&self, name: &AttrName) -> bool {
        let elsewhere = self.elsewhere.get(name).map(|elsewhere| elsewhere.kind);
        self.builders.contains(name) || elsewhere == Some(ElsewhereKind::Builder)
    }

    /// Takes in names that Nix sees in what the repo offers.
    pub(super) fn sees(&mut self, names: impl IntoIterator<Item = String>) {
        self.seen.get_or_insert_default().extend(names);
    }

    /// Takes in the outputs of its flake as Nix evaluates them: a text may compute them.
    pub(super) fn has_outputs(&mut self, directory: &Path, outputs: BTreeSet<String>) {
        let known = self.flake.outputs.len();
        for output in outputs {
            if OFFERS.contains(&output.as_str()) && !self.flake.outputs.contains(&output) {
                self.note(FLAKE, &unnamed(&output));
            }
            self.flake.outputs.insert(output);
        }
        if self.flake.outputs.len() == known {
            return;
        }
        let set = read_text(&directory.join("default.nix")).unwrap_or_default();
        self.wiring = self.wired(directory, &set);
    }

    /// Whether its packages are known only by what its flake offers.
    #[must_use]
    pub fn offers_without_a_tree(&self) -> bool {
        !self.discovers && self.flake.outputs.contains("packages")
    }

    /// Takes in what its flake offers, or why that cannot be had. Returns the names of
    /// sets among it, to be looked into.
    pub fn offers(&mut self, packages: &Counted) -> Vec<String> {
        let mut sets = Vec::new();
        let snapshot = match packages {
            Ok(snapshot) => snapshot,
            Err(failure) => {
                let message = format!("which packages it offers cannot be had: {}", failure.reason);
                self.note(FLAKE, &message);
                return sets;
            }
        };
        for (name, found) in &snapshot.attributes {
            // What a flake builds if nobody says what: one of the others, by a name that is no name.
            if name == "default" {
                let reason =
                    "it is what the flake builds if nothing is named, and no name of a package";
                self.exceptions.insert(name.clone(), reason.to_owned());
                continue;
            }
            let message = match (found, name.parse::<AttrName>()) {
                (Evaluated::Derivation(_), Ok(name)) => {
                    self.offered.insert(name);
                    continue;
                }
                (Evaluated::Derivation(_), Err(error)) => format!(
                    "it offers `{name}`, which cannot be an attribute of the family: {error}"
                ),
                (Evaluated::Is(is), _) if is == "set" => {
                    sets.push(name.clone());
                    continue;
                }
                (Evaluated::Is(is), _) => {
                    format!("it offers `{name}`, which is no package: its type is `{is}`")
                }
                (Evaluated::Failed { reason, .. }, _) => {
                    format!("it offers `{name}`, which has no value: {reason}")
                }
            };
            self.note(FLAKE, &message);
        }
        sets
    }

    /// Takes in what a set of its offers holds. A flake's packages are flat, so that
    /// nothing of it is part of the family yet; what fails in the same way is said once.
    pub fn offers_set(&mut self, set: &str, members: &Counted) {
        let snapshot = match members {
            Ok(snapshot) => snapshot,
            Err(failure) => {
                let message = format!(
                    "it offers the set `{set}`, which has no value: {}",
                    failure.reason
                );
                self.note(FLAKE, &message);
                return;
            }
        };
        let all: Vec<&str> = snapshot.attributes.keys().map(String::as_str).collect();
        self.note(FLAKE, &format!(
            "it offers the set `{set}` of {}: the packages of a flake are flat, so move it into the by-name tree",
            all.join(", ")
        ));
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, found) in snapshot.failed() {
            if let Evaluated::Failed { reason, .. } = found {
                reasons.entry(reason).or_default().push(name);
            }
        }
        for (reason, names) in reasons {
            let names = names.join(", ");
            self.note(
                FLAKE,
                &format!("of `{set}`, {names} cannot be evaluated: {reason}"),
            );
        }
    }
}

/// What is said of a repo that is imported and gives nothing.
pub(super) const WITHOUT_VALUE: &str = "it has no value, so the repo takes part in nothing: mend it, and `aux-gen adopt --again` takes in what it has";

/// An attribute of a package set that a family can know.
pub(crate) struct Attribute {
    pub(crate) name: AttrName,
    /// Whether it is a function that makes packages, or a set of them.
    pub(crate) is_builder: bool,
}

/// What an attribute is to a family, or why it is nothing.
pub(crate) fn attribute(name: &str, found: &Evaluated) -> Result<Attribute, String> {
    // A snapshot has names as Nix writes them.
    let name = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'))
        .unwrap_or(name);
    let is_builder = match found {
        Evaluated::Derivation(_) => false,
        Evaluated::Is(is) if is == "lambda" || is == "set" => true,
        Evaluated::Is(is) => return Err(format!("it is no package: its type is `{is}`")),
        Evaluated::Failed { reason, .. } => return Err(format!("it has no value: {reason}")),
    };
    match name.parse() {
        Ok(name) => Ok(Attribute { name, is_builder }),
        Err(error) => Err(error.to_string()),
    }
}
