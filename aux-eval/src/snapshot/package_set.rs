//! A package set, wherever it comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_gen::disk::Registry;
use aux_model::{Catalog, RepoName, System};
use aux_nix::language::quote;
use aux_nix::{Limits, Nix, NixError, Question, Reach};
use serde_json::Value;

use crate::evaluate::Checkout;
use crate::evaluate::family::Scope;
use crate::evaluate::pins::Pins;
use crate::snapshot::format::{Evaluated, Snapshot};

/// Sets within sets are followed no deeper than this.
pub(crate) const DEPTH: usize = 4;

/// A package set to look at.
#[derive(Debug, Clone)]
pub struct PackageSet {
    /// An expression whose value is the set.
    pub(crate) expression: String,
    /// All that may be read.
    pub(crate) limits: Limits,
    /// Left out of places.
    pub(crate) root: String,
    /// The path within it that was asked for.
    pub(crate) attribute: String,
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
    /// `system`, an empty `config` and no overlays, as far as it takes them, and with `pkgs` and
    /// `lib` of `<nixpkgs>` if [`Reach`](aux_nix::Reach) has that; without one, the
    /// `legacyPackages` or `packages` of its flake. `attribute` is a path within it, such as
    /// `python3Packages`; empty for all of it.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub fn of_tree(
        root: &Path,
        system: &System,
        attribute: &str,
        nix: &Nix,
        limits: &Limits,
    ) -> Result<Self, NixError> {
        let mut set = if root.join("default.nix").is_file() {
            let mut limits = limits.clone().allowing(root);
            limits.allowed_paths.extend(Pins::of([root]).readable(nix)?);
            Self {
                expression: tree_set(root, system, "[ ]", nix.reach()),
                limits,
                root: format!("{}/", root.display()),
                attribute: String::new(),
            }
        } else {
            let name: RepoName = "tree".parse().expect("it is a name");
            let checkout = Checkout {
                path: root.to_owned(),
                url: None,
            };
            let checkouts = BTreeMap::from([(name.clone(), checkout)]);
            let body = "flakes.tree.legacyPackages.${system} or flakes.tree.packages.${system}";
            Self::over_flakes(&checkouts, system, body, Some(root), nix)?
        };
        set.limits.per_question = limits.per_question;
        set.limits.total = limits.total;
        Ok(set.within(attribute))
    }

    /// The `packages` of one flake among others that may be its inputs, by name;
    /// `attribute` is a path within them, empty for all.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub fn of_flake(
        name: &RepoName,
        among: &BTreeMap<RepoName, Checkout>,
        system: &System,
        attribute: &str,
        nix: &Nix,
    ) -> Result<Self, NixError> {
        let flake = quote(name.as_str());
        let packages = format!("flakes.{flake}.packages.${{system}}{}", within(attribute));
        let root = among.get(name).map(|checkout| checkout.path.as_path());
        Self::over_flakes(among, system, &packages, root, nix)
    }

    /// The `packages` of several flakes as one set, each attribute as `FLAKE/ATTRIBUTE`; it has no
    /// value if those of one have none.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub fn of_flakes(
        names: &[&RepoName],
        among: &BTreeMap<RepoName, Checkout>,
        system: &System,
        nix: &Nix,
    ) -> Result<Self, NixError> {
        let names: Vec<String> = names.iter().map(|name| quote(name.as_str())).collect();
        let packages = format!(
            "builtins.listToAttrs (builtins.concatMap (flake:
              let set = flakes.${{flake}}.packages.${{system}}; in
              map (name: {{ name = \"${{flake}}/${{name}}\"; value = set.${{name}}; }}) (builtins.attrNames set)
            ) [ {} ])",
            names.join(" ")
        );
        Self::over_flakes(among, system, &packages, None, nix)
    }

    /// All flakes, by name, and the system: `{ flakes, system }`.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub fn of_outputs(
        among: &BTreeMap<RepoName, Checkout>,
        system: &System,
        nix: &Nix,
    ) -> Result<Self, NixError> {
        Self::over_flakes(among, system, "{ inherit flakes system; }", None, nix)
    }

    /// What an expression over `flakes` and `system` gives. Places are relative to a root.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub fn over_flakes(
        among: &BTreeMap<RepoName, Checkout>,
        system: &System,
        body: &str,
        root: Option<&Path>,
        nix: &Nix,
    ) -> Result<Self, NixError> {
        let scope = Scope::of_flakes(among, system.as_str(), nix, &Limits::default())?;
        let Scope { expression, limits } = scope;
        Ok(Self {
            expression: format!(
                "let family = {expression}; inherit (family) flakes system; in {body}"
            ),
            limits,
            root: root.map_or(String::new(), |root| format!("{}/", root.display())),
            attribute: String::new(),
        })
    }

    /// All packages of a family as top-level puts them together.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub fn of_family(
        registry: &Registry,
        catalog: &Catalog,
        system: &System,
        nix: &Nix,
        limits: &Limits,
    ) -> Result<Self, NixError> {
        let checkouts = registry.checkouts(catalog);
        let scope = Scope::of(catalog, &checkouts, system.as_str(), nix, limits)?;
        let Scope { expression, limits } = scope;
        let top = quote(catalog.top_level().name.as_str());
        Ok(Self {
            expression: format!(
                "let family = {expression}; in family.flakes.{top}.auxPackages.${{family.system}}"
            ),
            limits,
            root: format!("{}/", registry.root().display()),
            attribute: String::new(),
        })
    }

    /// All that evaluating it may read.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Those attributes of this set that have one of some names.
    #[must_use]
    pub fn only<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let names: Vec<String> = names.into_iter().map(quote).collect();
        self.expression = format!(
            "builtins.intersectAttrs (builtins.listToAttrs (map (name: {{ inherit name; value = null; }}) [ {} ])) ({})",
            names.join(" "),
            self.expression
        );
        self
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

/// The set that a directory's `default.nix` holds, as an expression; see [`PackageSet::of_tree`].
#[must_use]
pub fn tree_set(root: &Path, system: &System, overlays: &str, reach: &Reach) -> String {
    let path = quote(&root.to_string_lossy());
    let system = quote(system.as_str());
    // What it takes from nixpkgs, if there is one.
    let more = if reach.search_path.contains_key("nixpkgs") {
        "(let pkgs = called (import <nixpkgs>) own; in { inherit pkgs; inherit (pkgs) lib; })"
    } else {
        "{ }"
    };
    let import = Pins::of([root]).import(reach);
    format!(
        "let
          root = /. + {path};
          load = {import};
          called = value: given:
            if builtins.isFunction value then value (builtins.intersectAttrs (builtins.functionArgs value) given) else value;
          own = {{ system = {system}; config = {{ }}; overlays = [ ]; }};
        in called (load root) (own // {{ overlays = {overlays}; }} // {more})"
    )
}

/// `a.b` as a selection, each part quoted.
fn within(attribute: &str) -> String {
    let parts = attribute.split('.').filter(|part| !part.is_empty());
    parts.map(|part| format!(".{}", quote(part))).collect()
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

/// The sets within a set that ask to be looked into (`recurseForDerivations`), and those within
/// them, by path such as `python3Packages` or `rosPackages.humble`: how many attributes each has,
/// without those that are such sets themselves.
///
/// # Errors
/// When Nix cannot be started or asked.
pub fn nested(
    nix: &Nix,
    set: &PackageSet,
    found: &Snapshot,
) -> Result<BTreeMap<String, usize>, NixError> {
    let sets = found.attributes.iter();
    let sets = sets.filter(|(_, found)| matches!(found, Evaluated::Is(is) if is == "set"));
    // A snapshot has names as Nix writes them.
    let plain = |name: &String| name.trim_matches('"').to_owned();
    let mut open: Vec<Vec<String>> = sets.map(|(name, _)| vec![plain(name)]).collect();
    let mut counts = BTreeMap::new();
    for _ in 0..DEPTH {
        // Two questions: what cannot be looked into has a number of attributes all the same.
        let questions: Vec<Question> = open.iter().flat_map(|path| inner(path)).collect();
        let answers = set.ask(nix, &questions)?;
        let mut deeper = Vec::new();
        for (path, answered) in open.iter().zip(answers.chunks(2)) {
            let value = |number: usize| answered.get(number)?.answer.value();
            let Some(all) = value(0).and_then(Value::as_u64) else {
                continue;
            };
            let sets = value(1).and_then(Value::as_array).into_iter().flatten();
            let sets: Vec<&str> = sets.filter_map(Value::as_str).collect();
            let count = usize::try_from(all).unwrap_or(usize::MAX) - sets.len();
            counts.insert(path.join("."), count);
            let sets = sets
                .into_iter()
                .map(|name| [&path[..], &[name.to_owned()]].concat());
            deeper.extend(sets);
        }
        open = deeper;
    }
    counts.retain(|_, count| *count > 0);
    Ok(counts)
}

/// Asks how many attributes a set has, and which of them are sets that ask to be looked into;
/// nothing if it does not ask for that itself.
fn inner(path: &[String]) -> [Question; 2] {
    let names: Vec<String> = path.iter().map(|name| quote(name)).collect();
    let place = format!("scope.{}", names.join("."));
    let members = format!("builtins.attrNames (removeAttrs {place} [ \"recurseForDerivations\" ])");
    let if_asked = |what: String| {
        format!("if {place}.recurseForDerivations or false == true then {what} else null")
    };
    let sets = format!(
        "builtins.filter
           (name:
             let value = builtins.tryEval {place}.${{name}}; in
             value.success && builtins.isAttrs value.value && value.value.recurseForDerivations or false == true)
           ({members})"
    );
    let key = path.join(".");
    [
        Question::new(&key, if_asked(format!("builtins.length ({members})"))),
        Question::new(&key, if_asked(sets)),
    ]
}

/// The file that defines each attribute of a set, as Nix tells it (`unsafeGetAttrPos`); nothing if
/// the set has no value. An attribute that a function made has that function's file, or none.
///
/// # Errors
/// When Nix cannot be started or asked.
pub fn files(nix: &Nix, set: &PackageSet) -> Result<BTreeMap<String, Option<String>>, NixError> {
    let expression = "builtins.mapAttrs (name: _:
      let place = builtins.unsafeGetAttrPos name scope; in
      if place == null then null else place.file) scope";
    let answers = set.ask(nix, &[Question::new("files", expression)])?;
    let files = answers.first().and_then(|files| files.answer.value());
    let files = files.cloned().map(serde_json::from_value);
    Ok(files.and_then(Result::ok).unwrap_or_default())
}

/// Who maintains each of the named attributes, as `meta.maintainers` says, and the members of
/// `meta.teams`: accounts on GitHub, or names for those without one. Attributes that do not say so, or have no
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
                "let
                   meta = scope.{value}.meta or {{ }};
                   ofTeams = builtins.concatMap (team: team.members or [ ]) (meta.teams or [ ]);
                 in map (person: person.github or person.name or \"\") (meta.maintainers or [ ] ++ ofTeams)"
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

pub(crate) fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}
