//! A census: what every attribute of a package set comes to, whoever wrote the set
//! and however many of them fail.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use aux_model::{Catalog, RepoName, System};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::evaluate::family;
use crate::evaluate::report::FailedAttribute;
use aux_gen::disk::Registry;
use aux_nix::language::quote;
use aux_nix::{Answer, Failure, FailureKind, Limits, Nix, NixError, Question};

/// Sets within sets are followed no deeper than this.
const DEPTH: usize = 4;

/// What every attribute of a set comes to, by attribute path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Census {
    /// The version of the format of this.
    pub version: u32,
    /// The version of Nix that was asked.
    pub nix: String,
    /// The system that was evaluated for.
    pub system: String,
    /// The path of the set that was looked at; empty for all.
    pub set: String,
    /// Whether sets within it that ask for it were looked into.
    pub nested: bool,
    /// What was found, by attribute path.
    pub attributes: BTreeMap<String, Found>,
}

/// What an attribute comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Found {
    /// A derivation: the path of its file in the store.
    Derivation(String),
    /// Something else: the type that Nix names, such as `lambda`.
    Is(String),
    /// It has no value.
    Failed {
        /// What sort of failure.
        kind: FailureKind,
        /// The cause in one line.
        reason: String,
        /// The file, line and column that Nix names first, relative to the set's own
        /// directory; none if Nix names none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<String>,
    },
}

/// The version of [`Census`] that this writes.
const VERSION: u32 = 1;

/// A package set to look at.
#[derive(Debug, Clone)]
pub struct PackageSet {
    /// An expression whose value is the set.
    expression: String,
    /// All that may be read.
    limits: Limits,
    /// Left out of places.
    root: String,
    /// The path within it that was asked for.
    attribute: String,
}

/// How to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// How many Nix processes may run at once; each evaluates the set anew.
    pub jobs: usize,
    /// Whether sets that ask for it (`recurseForDerivations`) are looked into.
    pub nested: Nested,
}

/// Whether sets within a set are looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nested {
    /// They are named as what they are.
    Named,
    /// Those that ask for it are looked into.
    Followed,
}

impl PackageSet {
    /// The set that a directory holds: what its `default.nix` is when called with
    /// `system`, an empty `config` and no overlays, as far as it takes them; without
    /// one, the `legacyPackages` or `packages` of a flake without inputs. `attribute`
    /// is a path within it, such as `python3Packages`; empty for all of it.
    #[must_use]
    pub fn of_tree(root: &Path, system: &System, attribute: &str, limits: Limits) -> Self {
        let set = tree_set(root, system, "[ ]");
        Self {
            expression: format!("({set}){}", within(attribute)),
            limits: limits.allowing(root),
            root: format!("{}/", root.display()),
            attribute: attribute.to_owned(),
        }
    }

    /// The `packages` of one flake among others that may be its inputs, by name;
    /// `attribute` is a path within them, empty for all.
    #[must_use]
    pub fn of_flake(
        name: &RepoName,
        among: &BTreeMap<RepoName, PathBuf>,
        system: &System,
        attribute: &str,
        mut limits: Limits,
    ) -> Self {
        let scope = family::bare(among, system.as_str()).replace("@ALONE@", "");
        limits.allowed_paths.extend(among.values().cloned());
        let flake = quote(name.as_str());
        let root = among
            .get(name)
            .map_or(String::new(), |root| format!("{}/", root.display()));
        Self {
            expression: format!(
                "let family = {scope}; in family.flakes.{flake}.packages.${{family.system}}{}",
                within(attribute)
            ),
            limits,
            root,
            attribute: attribute.to_owned(),
        }
    }

    /// All packages of a family as top-level puts them together.
    #[must_use]
    pub fn of_family(
        registry: &Registry,
        catalog: &Catalog,
        system: &System,
        mut limits: Limits,
    ) -> Self {
        let checkouts = family::checkouts(registry, catalog);
        let scope = family::scope(catalog, &checkouts, system.as_str());
        limits.allowed_paths.extend(checkouts.into_values());
        let top = quote(catalog.top_level().name.as_str());
        Self {
            expression: format!(
                "let family = {scope}; in family.flakes.{top}.auxPackages.${{family.system}}"
            ),
            limits,
            root: format!("{}/", registry.root().display()),
            attribute: String::new(),
        }
    }

    /// The set at a path within this one, such as `pkgsStatic`; empty for all of it.
    #[must_use]
    pub fn within(mut self, attribute: &str) -> Self {
        if !attribute.is_empty() {
            self.expression = format!("({}){}", self.expression, within(attribute));
            self.attribute = attribute.to_owned();
        }
        self
    }
}

/// The expression for the set that a directory holds, with `overlays` as far as it
/// takes them.
pub fn tree_set(root: &Path, system: &System, overlays: &str) -> String {
    let path = quote(&root.to_string_lossy());
    let system = quote(system.as_str());
    let set = if root.join("default.nix").is_file() {
        format!(
            "value = import root; set = if builtins.isFunction value then value (builtins.intersectAttrs (builtins.functionArgs value) {{ inherit system; config = {{ }}; overlays = {overlays}; }}) else value;"
        )
    } else {
        "flake = import (root + \"/flake.nix\"); self = flake.outputs { inherit self; } // { outPath = root; }; set = self.legacyPackages.${system} or self.packages.${system};".to_owned()
    };
    format!("let root = /. + {path}; system = {system}; {set} in set")
}

/// The attributes of a set; none if it has no value.
///
/// # Errors
/// When Nix cannot be started or asked.
pub fn names(nix: &Nix, set: &PackageSet) -> Result<BTreeSet<String>, NixError> {
    let names = Question::new("names", "builtins.attrNames scope");
    let answers = set.ask(nix, &[names])?;
    let names = answers.first().and_then(|names| names.answer.value());
    Ok(names.map(texts).unwrap_or_default().into_iter().collect())
}

/// Who maintains each of the named attributes, as `meta.maintainers` says: accounts on
/// GitHub, or names for those without one. Attributes that do not say so, or have no
/// value, are left out.
///
/// # Errors
/// When Nix cannot be started or asked.
pub fn maintainers(
    nix: &Nix,
    set: &PackageSet,
    attributes: &[&str],
) -> Result<BTreeMap<String, Vec<String>>, NixError> {
    let questions: Vec<Question> = attributes
        .iter()
        .map(|name| {
            let value = quote(name);
            let expression = format!(
                "map (person: person.github or person.name or \"\") (scope.{value}.meta.maintainers or [ ])"
            );
            Question::new(*name, expression)
        })
        .collect();
    let answers = set.ask(nix, &questions)?.into_iter();
    Ok(answers
        .filter_map(|answered| {
            let mut people = texts(answered.answer.value()?);
            people.retain(|person| !person.is_empty());
            (!people.is_empty()).then_some((answered.key, people))
        })
        .collect())
}

impl PackageSet {
    /// Asks questions about the set, which is `scope` in them.
    pub fn ask(
        &self,
        nix: &Nix,
        questions: &[Question],
    ) -> Result<Vec<aux_nix::Answered>, NixError> {
        nix.ask(&self.expression, questions, &self.limits)
    }
}

/// `a.b` as a selection, each part quoted.
fn within(attribute: &str) -> String {
    let parts = attribute.split('.').filter(|part| !part.is_empty());
    parts.map(|part| format!(".{}", quote(part))).collect()
}

/// What a set came to: its attributes, or why it has none.
pub type Counted = Result<Census, Failure>;

/// Looks at every attribute of a set. `progress` is told how many are done and how
/// many are known.
///
/// # Errors
/// When Nix cannot be started or asked. What fails inside Nix is in the answer.
pub fn census(
    nix: &Nix,
    set: &PackageSet,
    system: &System,
    look: Look,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Counted, NixError> {
    let names = Question::new("names", "builtins.attrNames scope");
    let names = nix.ask(&set.expression, &[names], &set.limits)?;
    let names = match names.into_iter().next().map(|names| names.answer) {
        Some(Answer::Value(names)) => texts(&names),
        Some(Answer::Failed(failure)) => return Ok(Err(failure)),
        None => Vec::new(),
    };
    let mut open: Vec<Vec<String>> = names.into_iter().map(|name| vec![name]).collect();
    let mut attributes = BTreeMap::new();
    let done = AtomicUsize::new(0);
    let mut known = 0;
    for _ in 0..DEPTH {
        known += open.len();
        let jobs = look.jobs.clamp(1, open.len().max(1));
        let hands: Vec<Vec<Question>> = (0..jobs)
            .map(|hand| {
                open.iter()
                    .skip(hand)
                    .step_by(jobs)
                    .map(|path| question(path))
                    .collect()
            })
            .collect();
        let answers: Vec<_> = hands
            .par_iter()
            .map(|questions| {
                let mut answers = Vec::with_capacity(questions.len());
                nix.ask_each(&set.expression, questions, &set.limits, |answered| {
                    progress(done.fetch_add(1, Ordering::Relaxed) + 1, known);
                    answers.push(answered);
                })?;
                Ok(answers)
            })
            .collect::<Result<_, NixError>>()?;
        open.clear();
        for answered in answers.into_iter().flatten() {
            let path = answered.key;
            let (found, nested) = found(&path, answered.answer, &set.root);
            let parent = parts(&path);
            let shown: Vec<String> = parent.iter().map(|part| shown(part)).collect();
            if look.nested == Nested::Followed {
                open.extend(
                    nested
                        .into_iter()
                        .map(|name| [&parent[..], &[name]].concat()),
                );
            }
            attributes.insert(shown.join("."), found);
        }
        open.sort();
        if open.is_empty() {
            break;
        }
    }
    Ok(Ok(Census {
        version: VERSION,
        nix: nix.version().to_string(),
        system: system.to_string(),
        set: set.attribute.clone(),
        nested: look.nested == Nested::Followed,
        attributes,
    }))
}

/// Between the parts of a path in a question's key: no attribute holds it.
const BETWEEN: char = '\n';

fn parts(key: &str) -> Vec<String> {
    key.split(BETWEEN).map(str::to_owned).collect()
}

/// A part of a path, quoted as Nix wants it if it is not plain.
fn shown(part: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'\'');
    if part.bytes().all(is_plain) && !part.is_empty() {
        part.to_owned()
    } else {
        quote(part)
    }
}

fn question(path: &[String]) -> Question {
    let selection: String = path
        .iter()
        .map(|part| format!(".{}", quote(part)))
        .collect();
    let expression = format!(
        "let value = scope{selection}; in
        if !builtins.isAttrs value then {{ is = builtins.typeOf value; }}
        else if (value.type or null) == \"derivation\" then {{ drv = value.drvPath; }}
        else if (value.recurseForDerivations or false) == true then {{ is = \"set\"; nested = builtins.attrNames (removeAttrs value [ \"recurseForDerivations\" ]); }}
        else {{ is = \"set\"; }}"
    );
    Question::new(path.join(&BETWEEN.to_string()), expression)
}

/// What was found, and the names in a set that asks to be looked into.
fn found(key: &str, answer: Answer, root: &str) -> (Found, Vec<String>) {
    let value = match answer {
        Answer::Value(value) => value,
        Answer::Failed(failure) => {
            let failed = FailedAttribute::of(key, failure);
            let place = failed.place.map(|place| place.replace(root, ""));
            return (
                Found::Failed {
                    kind: failed.kind.unwrap_or(FailureKind::Other),
                    reason: failed.reason.replace(root, ""),
                    place,
                },
                Vec::new(),
            );
        }
    };
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let nested = value.get("nested").map(texts).unwrap_or_default();
    match (text("drv"), text("is")) {
        (Some(path), _) => (Found::Derivation(path), nested),
        (None, is) => (Found::Is(is.unwrap_or_default()), nested),
    }
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Census {
    /// Reads what [`Census::to_json`] wrote.
    ///
    /// # Errors
    /// When it is something else, or of another version.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let census: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if census.version == VERSION {
            Ok(census)
        } else {
            Err(format!(
                "it has version {}, and this program knows version {VERSION}",
                census.version
            ))
        }
    }

    /// As JSON: the same for the same set, with a newline at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a census has only text keys");
        text.push('\n');
        text
    }

    /// The attributes that have no value.
    pub fn failed(&self) -> impl Iterator<Item = (&str, &Found)> {
        let attributes = self.attributes.iter();
        attributes
            .filter(|(_, found)| matches!(found, Found::Failed { .. }))
            .map(|(name, found)| (name.as_str(), found))
    }

    /// How many derivations there are.
    #[must_use]
    pub fn derivations(&self) -> usize {
        let found = self.attributes.values();
        found
            .filter(|found| matches!(found, Found::Derivation(_)))
            .count()
    }

    /// Why two of these cannot be compared: they are of different things.
    #[must_use]
    pub fn unlike(&self, other: &Self) -> Option<String> {
        let of = |census: &Self| {
            let set = if census.set.is_empty() {
                "all"
            } else {
                &census.set
            };
            let nested = if census.nested {
                ", with nested sets"
            } else {
                ""
            };
            format!("{set} for {}{nested}", census.system)
        };
        let (own, others) = (of(self), of(other));
        (own != others).then(|| format!("it is of {others}, and this is of {own}"))
    }

    /// What is another than it was.
    #[must_use]
    pub fn since(&self, before: &Self) -> Differences {
        let mut differences = Differences::default();
        for (name, was) in &before.attributes {
            let list = match (was, self.attributes.get(name)) {
                (_, None) => &mut differences.removed,
                (Found::Failed { kind, .. }, Some(Found::Failed { kind: now, .. }))
                    if kind == now =>
                {
                    continue;
                }
                (Found::Failed { .. }, Some(Found::Failed { .. })) => &mut differences.changed,
                (Found::Failed { .. }, Some(_)) => &mut differences.now_working,
                (_, Some(Found::Failed { .. })) => &mut differences.now_failing,
                (was, Some(is)) if was == is => continue,
                _ => &mut differences.changed,
            };
            list.push(name.clone());
        }
        let new = self.attributes.keys();
        let new = new.filter(|name| !before.attributes.contains_key(*name));
        differences.added = new.cloned().collect();
        differences
    }
}

/// What is another in one census than in an earlier one: attribute paths, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Differences {
    /// They were not there.
    pub added: Vec<String>,
    /// They are not there any more.
    pub removed: Vec<String>,
    /// They come to something else: another derivation, type or sort of failure.
    pub changed: Vec<String>,
    /// They had a value and have none.
    pub now_failing: Vec<String>,
    /// They had no value and have one.
    pub now_working: Vec<String>,
}

impl Differences {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
