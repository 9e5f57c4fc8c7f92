//! What a repo without a flake adds to the set of a core.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aux_model::{RepoName, System, Wiring};
use aux_nix::language::quote;
use aux_nix::{Answer, Failure, Limits, Nix, NixError, Question};

use crate::evaluate::Checkout;
use crate::evaluate::family::Scope;
use crate::evaluate::pins::Pins;
use crate::snapshot::format::Snapshot;
use crate::snapshot::package_set::{Look, PackageSet, maintainers, nested, texts, tree_set};
use crate::snapshot::take::snapshot;

/// A core that is checked out.
#[derive(Debug, Clone)]
pub struct Core {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it takes layers or overlays.
    pub wiring: Wiring,
}

/// A file that is imported of a repo without a flake.
#[derive(Debug)]
pub struct Import<'i> {
    /// The repo.
    pub root: &'i Path,
    /// The file, relative to it.
    pub file: &'i str,
    /// Whether its value is an overlay; else it is packages, or a function that gives some.
    pub is_overlay: bool,
    /// What that function is called with.
    pub arguments: &'i BTreeSet<String>,
}

impl Import<'_> {
    fn place(&self) -> String {
        quote(&self.root.join(self.file).to_string_lossy())
    }

    fn names(&self) -> String {
        let names: Vec<String> = self.arguments.iter().map(|name| quote(name)).collect();
        names.join(" ")
    }

    /// An overlay of what it gives.
    fn overlay(&self) -> String {
        let place = self.place();
        if self.is_overlay {
            return format!("(load (/. + {place}))");
        }
        format!(
            "(final: prev:
               let value = load (/. + {place}); in
               if builtins.isFunction value then value (arguments final [ {} ]) else value)",
            self.names()
        )
    }
}

/// Which attributes, where a repo is put over a core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attributes {
    /// Those that core has not.
    New,
    /// Those that core has too.
    OfCore,
    /// Those of both kinds.
    Own,
    /// All that core and the repo have, the repo's first.
    Whole,
}

impl Attributes {
    /// What it is called in [`each`].
    fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::OfCore => "ofCore",
            Self::Own => "own",
            Self::Whole => "whole",
        }
    }
}

impl PackageSet {
    /// The attributes that a repo without a flake defines, over the set of a core and of other such
    /// repos that stand `below` it, lowest first: as its layer in the generated flakes does.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub fn over_core(
        core: &Core,
        below: &[Import<'_>],
        import: &Import<'_>,
        attributes: Attributes,
        system: &System,
        nix: &Nix,
    ) -> Result<Self, NixError> {
        let (all, limits) = each(core, below, &[("it", import)], system, nix)?;
        Ok(Self {
            expression: format!("({all}).it.{}", attributes.key()),
            limits,
            root: format!("{}/", import.root.display()),
            attribute: String::new(),
        })
    }
}

/// What each of some repos without a flake has over the set of one core, by name, and what may be
/// read: the set of core is made once for all.
fn each(
    core: &Core,
    below: &[Import<'_>],
    imports: &[(&str, &Import<'_>)],
    system: &System,
    nix: &Nix,
) -> Result<(String, Limits), NixError> {
    let mut roots = vec![core.path.as_path()];
    roots.extend(imports.iter().map(|(_, import)| import.root));
    roots.extend(below.iter().map(|other| other.root));
    let mut limits = Limits::default();
    for root in &roots {
        limits = limits.allowing(root);
    }
    let pins = Pins::of(roots);
    limits.allowed_paths.extend(pins.readable(nix)?);
    let with_overlays = match core.wiring {
        Wiring::Overlays => tree_set(&core.path, system, "overlays", nix.reach()),
        _ => {
            let name: RepoName = "core".parse().expect("it is a name");
            let checkout = Checkout {
                path: core.path.clone(),
                url: None,
            };
            let checkouts = BTreeMap::from([(name, checkout)]);
            let scope = Scope::of_flakes(&checkouts, system.as_str(), nix, &limits)?;
            limits.allowed_paths.extend(scope.limits.allowed_paths);
            format!(
                "(({}).flakes.core.mkPackages {{ inherit system; layers = map (overlay: _: overlay) overlays; }})",
                scope.expression
            )
        }
    };
    let overlays: Vec<String> = below.iter().map(Import::overlay).collect();
    let repos: Vec<String> = imports
        .iter()
        .map(|(name, import)| {
            let place = import.place();
            let given = if import.is_overlay {
                format!("(let value = load (/. + {place}); all = core [ value ]; in builtins.intersectAttrs (value all all) all)")
            } else {
                format!(
                    "(let value = load (/. + {place}); in if builtins.isFunction value then value (arguments bare [ {} ]) else value)",
                    import.names()
                )
            };
            format!("{} = parts {given};", quote(name))
        })
        .collect();
    let expression = format!(
        "let
          system = {};
          bottom = overlays: {with_overlays};
          load = {};
          arguments = final: names:
            let known = {{ pkgs = final; inherit system; config = {{ }}; overlays = [ ]; }}; in
            builtins.listToAttrs (map (name: {{ inherit name; value = known.${{name}} or final.${{name}}; }}) names);
          core = overlays: bottom ([ {} ] ++ overlays);
          bare = core [ ];
          parts = given: rec {{
            own = if (given.type or null) == \"derivation\" then throw \"it gives one package, and no set of packages\" else given;
            new = removeAttrs own (builtins.attrNames bare);
            ofCore = builtins.intersectAttrs bare own;
            whole = bare // own;
          }};
        in {{ {} }}",
        quote(system.as_str()),
        pins.import(nix.reach()),
        overlays.join(" "),
        repos.join(" "),
    );
    Ok((expression, limits))
}

/// Repos without a flake over one core, all asked in one session.
#[derive(Debug)]
pub struct ReposOverCore {
    /// `{ NAME = { new; ofCore; ... }; }`.
    set: PackageSet,
    /// The roots of the repos, by name.
    roots: BTreeMap<String, String>,
}

/// What is known of the set of one repo.
#[derive(Debug)]
pub struct OverCoreAttributes {
    /// The attributes that core has not.
    pub snapshot: Snapshot,
    /// The names of those that core has too.
    pub of_core: BTreeSet<String>,
    /// The file that defines each.
    pub files: BTreeMap<String, Option<String>>,
    /// Who maintains each.
    pub maintainers: BTreeMap<String, Vec<String>>,
    /// Sets that ask to be looked into; see [`nested`].
    pub nested: BTreeMap<String, usize>,
}

impl ReposOverCore {
    /// Repos, by name.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub fn of(
        core: &Core,
        imports: &[(&str, &Import<'_>)],
        system: &System,
        nix: &Nix,
    ) -> Result<Self, NixError> {
        let (expression, limits) = each(core, &[], imports, system, nix)?;
        let roots = imports.iter();
        let roots =
            roots.map(|(name, import)| ((*name).to_owned(), format!("{}/", import.root.display())));
        Ok(Self {
            set: PackageSet {
                expression,
                limits,
                root: String::new(),
                attribute: String::new(),
            },
            roots: roots.collect(),
        })
    }

    /// What each repo has, or why it has no value.
    ///
    /// # Errors
    /// When Nix cannot be started or asked.
    pub fn look(
        &self,
        nix: &Nix,
        system: &System,
        look: Look,
    ) -> Result<BTreeMap<String, Result<OverCoreAttributes, Failure>>, NixError> {
        let mut sets = BTreeMap::new();
        let mut fine: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let names = self.each_of(nix, self.roots.keys(), "builtins.attrNames it.new")?;
        for (name, answer) in names {
            match answer {
                Answer::Value(names) => {
                    fine.insert(name, texts(&names).into_iter().collect());
                }
                Answer::Failed(failure) => {
                    sets.insert(name.to_owned(), Err(failure));
                }
            }
        }
        let flat = self.flat(&fine);
        let all: Vec<String> = fine
            .iter()
            .flat_map(|(repo, names)| names.iter().map(move |name| format!("{repo}/{name}")))
            .collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let snapshot = match snapshot(nix, &flat, system, look, &|_, _| {})? {
            Ok(snapshot) => snapshot,
            Err(failure) => {
                let failed = fine
                    .keys()
                    .map(|name| ((*name).to_owned(), Err(failure.clone())));
                sets.extend(failed);
                return Ok(sets);
            }
        };
        let people = maintainers(nix, &flat, &all)?;
        let nested = nested(nix, &flat, &snapshot)?;
        let places = "builtins.mapAttrs (name: _:
          let place = builtins.unsafeGetAttrPos name it.new; in
          if place == null then null else place.file) it.new";
        let mut files = self.each_of(nix, fine.keys().copied(), places)?;
        let mut of_core =
            self.each_of(nix, fine.keys().copied(), "builtins.attrNames it.ofCore")?;
        for name in fine.keys() {
            let files = files
                .remove(name)
                .and_then(|answer| answer.value().cloned());
            let files = files.map(serde_json::from_value).and_then(Result::ok);
            let of_core = of_core.remove(name);
            let of_core = of_core
                .iter()
                .filter_map(|answer| answer.value())
                .flat_map(texts);
            let root = &self.roots[*name];
            let found = OverCoreAttributes {
                snapshot: snapshot.below(name).relative_to(root),
                of_core: of_core.collect(),
                files: files.unwrap_or_default(),
                maintainers: below(&people, name),
                nested: below(&nested, name),
            };
            sets.insert((*name).to_owned(), Ok(found));
        }
        Ok(sets)
    }

    /// The answers to a question about each of some repos, which is `it` there.
    fn each_of<'n>(
        &self,
        nix: &Nix,
        names: impl IntoIterator<Item = &'n (impl AsRef<str> + ?Sized + 'n)>,
        question: &str,
    ) -> Result<BTreeMap<&'n str, Answer>, NixError> {
        let names: Vec<&str> = names.into_iter().map(AsRef::as_ref).collect();
        let questions: Vec<Question> = names
            .iter()
            .map(|name| {
                let expression = format!("let it = scope.{}; in {question}", quote(name));
                Question::new(*name, expression)
            })
            .collect();
        let answers = self.set.ask(nix, &questions)?.into_iter();
        let answers = answers.map(|answered| answered.answer);
        Ok(names.into_iter().zip(answers).collect())
    }

    /// The attributes of several repos as one set, each as `NAME/ATTRIBUTE`.
    fn flat(&self, names: &BTreeMap<&str, BTreeSet<String>>) -> PackageSet {
        let repos: Vec<String> = names.keys().map(|name| quote(name)).collect();
        let PackageSet { expression, .. } = &self.set;
        PackageSet {
            expression: format!(
                "let all = {expression}; in
                 builtins.listToAttrs (builtins.concatMap (repo:
                   let set = all.${{repo}}.new; in
                   map (name: {{ name = \"${{repo}}/${{name}}\"; value = set.${{name}}; }}) (builtins.attrNames set)
                 ) [ {} ])",
                repos.join(" ")
            ),
            ..self.set.clone()
        }
    }
}

/// What is said of the attributes of one repo.
fn below<T: Clone>(all: &BTreeMap<String, T>, repo: &str) -> BTreeMap<String, T> {
    let own = all.iter().filter_map(|(name, said)| {
        let name = name.strip_prefix(repo)?.strip_prefix('/')?;
        Some((name.to_owned(), said.clone()))
    });
    own.collect()
}
