//! The clauses of the flake contract: what to ask, and which answer keeps it.
//! Documented in `docs/contract.md`.

use std::collections::BTreeSet;

use aux_model::{AttrName, Catalog, EntryFile, Repo, RepoName, Wiring};
use aux_nix::FailureKind;
use aux_nix::language::quote;
use serde_json::Value;

use crate::evaluate::family::import_of;
use crate::evaluate::report::ClauseReport;
use crate::evaluate::subject::Subject;
use crate::failure::EvalFailure;

/// One output and what must be true of it.
pub(crate) struct Clause {
    pub(crate) output: String,
    /// A Nix expression over `flake` and `system`.
    ask: String,
    expect: Expectation,
}

/// What an answer must be.
enum Expectation {
    /// `true`.
    Holds(&'static str),
    /// The repo's `contract.json` as the manifest would have it.
    Data(Value),
    /// Exactly these names.
    Names(BTreeSet<String>),
    /// At least these names.
    AtLeast(BTreeSet<String>),
    /// At least these names; more are undeclared attributes.
    Declared(BTreeSet<String>),
    /// Any names, but for those that another repo owns.
    Own,
    /// Whatever it is, it is not thrown or aborted with. What is missing of the system that it is
    /// for is nobody's fault.
    NothingThrown,
}

/// What an answer says.
pub(super) struct Verdict {
    pub(super) clause: ClauseReport,
    pub(super) undeclared: Vec<String>,
}

/// What the contract asks of a repo. A hand-written repo owes only the outputs
/// that its wiring uses.
pub(super) fn clauses(subject: &Subject<'_>) -> Vec<Clause> {
    if subject.is_generated() {
        return generated(subject);
    }
    if let Some(entry) = &subject.repo.entry {
        return imported(subject, entry).into_iter().collect();
    }
    let (output, ask, why) = match (subject.repo.wiring, subject.is_core) {
        (Wiring::Layers, true) => (
            "mkPackages",
            "builtins.isAttrs (flake.mkPackages { inherit system; layers = [ ]; })",
            NOT_A_SET,
        ),
        (Wiring::Layers, false) => (
            "layer",
            "builtins.isFunction (flake.layer or null)",
            NO_FUNCTION,
        ),
        (Wiring::Overlays, true) => (
            "default.nix",
            "builtins.isAttrs (scope.load flake { inherit system; overlays = [ ]; })",
            NOT_A_SET,
        ),
        (Wiring::Overlays, false) => (
            "overlays.default",
            "builtins.isFunction (flake.overlays.default or null)",
            NO_FUNCTION,
        ),
        (Wiring::Packages, _) => (
            "packages",
            "builtins.isAttrs (flake.packages.${system} or null)",
            NOT_A_SET,
        ),
        // Its outputs are its own business, and what it needs for them may be missing here.
        (Wiring::Nothing, _) => return Vec::new(),
    };
    vec![Clause::new(output, ask, Expectation::Holds(why))]
}

/// What is asked of a repo without a flake: the file that others import.
fn imported(subject: &Subject<'_>, entry: &EntryFile) -> Option<Clause> {
    let import = import_of(entry);
    let (ask, why) = match (subject.repo.wiring, subject.is_core) {
        (Wiring::Nothing, _) => return None,
        (_, true) => (
            format!("builtins.isAttrs ({import} {{ inherit system; overlays = [ ]; }})"),
            NOT_A_SET,
        ),
        (Wiring::Layers | Wiring::Overlays, false) => {
            (format!("builtins.isFunction ({import})"), NO_FUNCTION)
        }
        (Wiring::Packages, false) => (
            format!("let value = {import}; in builtins.isFunction value || builtins.isAttrs value"),
            "it is neither a function nor a set",
        ),
    };
    let file = entry.file.as_str();
    Some(Clause::new(file, &ask, Expectation::Holds(why)))
}

/// A function of a flake, a scope, a system and a module: what it declares and what it defines.
const MODULE: &str = include_str!("modules.nix");

/// The expression that asks for the paths of the options of a module, of its flake output.
pub(crate) fn option_names(output: &str) -> String {
    format!("(({MODULE}) flake scope system flake.{output}).names")
}

/// The expression that asks for the options of a module as their documentation has them.
pub(crate) fn option_documents(output: &str) -> String {
    format!("(({MODULE}) flake scope system flake.{output}).documents")
}

/// What generated stubs throw for a name of a repo that is not there.
const STUB: &str = "which is not part of this package set";

const NO_FUNCTION: &str = "it is not a function";
const NOT_A_SET: &str = "it is not a set of packages";

/// What every generated repo owes; core and top-level owe more.
fn generated(subject: &Subject<'_>) -> Vec<Clause> {
    let mut clauses = vec![
        Clause::new(
            "aux",
            "flake.aux",
            Expectation::Data(subject.contract.clone()),
        ),
        Clause::new(
            "lib",
            "builtins.isAttrs (flake.lib or null)",
            Expectation::Holds("it is not a set of functions"),
        ),
    ];
    let own: BTreeSet<String> = subject
        .derivations
        .iter()
        .chain(&subject.builders)
        .filter(|name| !name.contains('.'))
        .cloned()
        .collect();
    for output in ["auxPackages", "legacyPackages"] {
        let ask = format!("builtins.attrNames flake.{output}.${{system}}");
        clauses.push(Clause::new(output, &ask, Expectation::AtLeast(own.clone())));
    }
    let mut named = subject.offered.clone();
    let convenience = &subject.repo.convenience;
    let is_offered = |name: &&AttrName| subject.offered.contains(name.as_str());
    named.extend(
        convenience
            .default
            .as_ref()
            .filter(is_offered)
            .map(|_| "default".to_owned()),
    );
    for output in ["packages", "checks", "hydraJobs.packages"] {
        let ask = format!("builtins.attrNames flake.{output}.${{system}}");
        clauses.push(Clause::new(output, &ask, Expectation::Names(named.clone())));
    }
    clauses.extend(conveniences(subject));
    clauses.extend(layers(subject));
    clauses.extend(offers(subject));
    clauses.push(Clause::new(
        "default.nix",
        "builtins.isFunction (scope.load (flake + \"/default.nix\"))",
        Expectation::Holds(NO_FUNCTION),
    ));
    if !subject.is_core {
        clauses.push(Clause::new(
            "mkPackages",
            "builtins.isFunction (flake.mkPackages or null)",
            Expectation::Holds(NO_FUNCTION),
        ));
    }
    if subject.is_core {
        clauses.push(Clause::new(
            "mkPackages",
            "builtins.isAttrs (flake.mkPackages { inherit system; })",
            Expectation::Holds(NOT_A_SET),
        ));
    }
    if subject.is_top_level {
        clauses.push(Clause::new(
            "repoPackages",
            "builtins.attrNames flake.repoPackages.${system}",
            Expectation::Names(subject.family.clone()),
        ));
        clauses.push(Clause::new(
            "repoPackages",
            "builtins.concatMap builtins.attrNames (builtins.attrValues flake.repoPackages.${system})",
            Expectation::Names(subject.offered.clone()),
        ));
        let mut others = subject.family.clone();
        others.remove(subject.repo.name.as_str());
        for output in ["aux.repos", "lib.repos"] {
            clauses.push(Clause::new(
                output,
                &format!("builtins.filter (name: builtins.isAttrs flake.{output}.${{name}}) (builtins.attrNames flake.{output})"),
                Expectation::Names(others.clone()),
            ));
        }
    }
    clauses
}

/// What a flake offers besides packages, as far as the manifest says so.
fn conveniences(subject: &Subject<'_>) -> Vec<Clause> {
    let convenience = &subject.repo.convenience;
    let mut clauses = Vec::new();
    if !convenience.programs.is_empty() {
        let programs = convenience.programs.keys();
        let programs = programs.filter(|name| subject.offered.contains(name.as_str()));
        let default = convenience.default.as_ref();
        let default = default.filter(|name| convenience.programs.contains_key(*name));
        let default = default.filter(|name| subject.offered.contains(name.as_str()));
        clauses.push(Clause::new(
            "apps",
            "builtins.attrNames (flake.apps.${system} or { })",
            Expectation::Names(
                programs
                    .map(ToString::to_string)
                    .chain(default.map(|_| "default".to_owned()))
                    .collect(),
            ),
        ));
    }
    let offered = |output: &str| {
        format!("!(flake.{output} ? ${{system}}) || builtins.isString flake.{output}.${{system}}")
    };
    if convenience.formatter.is_some() {
        clauses.push(Clause::new(
            "formatter",
            &format!("{}.drvPath", offered("formatter")),
            Expectation::Holds("it is no derivation"),
        ));
    }
    if !convenience.tools.is_empty() {
        clauses.push(Clause::new(
            "devShells.default",
            &format!("{}.default.drvPath", offered("devShells")),
            Expectation::Holds("it is no derivation"),
        ));
    }
    if subject.is_top_level {
        clauses.push(Clause::new(
            "templates.default",
            "builtins.pathExists flake.templates.default.path",
            Expectation::Holds("its folder is not there"),
        ));
        clauses.push(Clause::new(
            "nixosModules.family",
            "builtins.isFunction flake.nixosModules.family",
            Expectation::Holds(NO_FUNCTION),
        ));
    }
    clauses
}

/// The names that the layer defines, foreign stubs aside, and that the overlay
/// made of it defines too.
fn layers(subject: &Subject<'_>) -> [Clause; 2] {
    let own: BTreeSet<String> = subject
        .derivations
        .iter()
        .chain(&subject.builders)
        .filter(|name| !name.contains('.'))
        .cloned()
        .collect();
    // What is not offered is there all the same.
    let unavailable = subject.unavailable.iter();
    let unavailable = unavailable.map(|unavailable| unavailable.attribute.clone());
    let own: BTreeSet<String> = own.into_iter().chain(unavailable).collect();
    let layer = layer_names(&subject.foreign, &subject.former);
    let foreign = quoted(&subject.foreign);
    let overlay = format!(
        "let packages = flake.auxPackages.${{system}}; in
        builtins.attrNames (removeAttrs (flake.overlays.default packages packages) [ {foreign} ])"
    );
    [
        Clause::new("layer", &layer, Expectation::Declared(own.clone())),
        Clause::new("overlays.default", &overlay, Expectation::AtLeast(own)),
    ]
}

/// Names as the elements of a list of Nix.
fn quoted(names: &BTreeSet<String>) -> String {
    let names: Vec<String> = names.iter().map(|name| quote(name)).collect();
    names.join(" ")
}

/// The names that a layer defines, but for stubs. A stub of a name of another repo hands on what
/// the set has already: one that answers with anything else is a definition, whatever it is
/// declared to be. Names that its packages had answer with something else, and are nobody's.
fn layer_names(foreign: &BTreeSet<String>, former: &BTreeSet<String>) -> String {
    let (foreign, former) = (quoted(foreign), quoted(former));
    format!(
        "let
          packages = flake.auxPackages.${{system}};
          arguments = {{ inherit (flake) lib; inherit system; config = {{ }}; overlays = [ ]; }};
          marked = builtins.listToAttrs (map (name: {{ inherit name; value = {{ auxStub = name; }}; }}) [ {foreign} ]);
          layer = flake.layer arguments packages (packages // marked);
          isStub = name: marked ? ${{name}}
            && (builtins.tryEval (layer.${{name}}.auxStub or null)).value == name;
        in
        builtins.filter (name: !(isStub name)) (builtins.attrNames (removeAttrs layer [ {former} ]))"
    )
}

/// What is asked of a commit of a generated repo besides its packages: that its layer defines
/// nothing of another repo, and that its modules and overlays are some. `foreign` are names that
/// the commit says it has stubs for.
pub(crate) fn of_commit(
    catalog: &Catalog,
    repo: &Repo,
    system: &str,
    foreign: &BTreeSet<String>,
) -> Vec<Clause> {
    let subject = Subject::of(catalog, repo, system);
    let foreign = foreign.union(&subject.foreign).cloned().collect();
    let layer = Clause::new(
        "layer",
        &layer_names(&foreign, &subject.former),
        Expectation::Own,
    );
    [layer].into_iter().chain(offers(&subject)).collect()
}

/// Modules and overlays: each is there, and its file is one.
fn offers(subject: &Subject<'_>) -> Vec<Clause> {
    const IS_MODULE: &str = "let
      check = module:
        if builtins.isPath module || builtins.isString module then check (scope.load module)
        else if builtins.isAttrs module then builtins.all check (module.imports or [ ])
        else builtins.isFunction module;
    in check";
    let modules = subject.repo.modules.values().flat_map(|module| {
        let output = format!("{}.{}", module.class.flake_output(), module.name);
        let ask = format!("{IS_MODULE} flake.{output}");
        let is_one = Clause::new(&output, &ask, Expectation::Holds("it is not a module"));
        let parts = ["options", "config"].map(|part| {
            let ask = format!("(({MODULE}) flake scope system flake.{output}).{part}");
            Clause::new(&output, &ask, Expectation::NothingThrown)
        });
        [is_one].into_iter().chain(parts)
    });
    let overlays = subject.repo.overlays.keys().map(|name| {
        let output = format!("overlays.{name}");
        let ask = format!("builtins.isFunction flake.{output}");
        Clause::new(&output, &ask, Expectation::Holds(NO_FUNCTION))
    });
    modules.chain(overlays).collect()
}

impl Clause {
    fn new(output: &str, ask: &str, expect: Expectation) -> Self {
        Self {
            output: output.to_owned(),
            ask: ask.to_owned(),
            expect,
        }
    }

    /// The expression that asks for it of a repo of a scope
    /// ([`Scope`](crate::evaluate::family::Scope)).
    pub(crate) fn body(&self, repo: &str) -> String {
        of_flake(repo, &self.ask)
    }

    /// Whether a failure breaks it. A module is not to blame for what the system that it is for
    /// would have, nor for a package that only top-level has.
    pub(crate) fn is_broken_by(&self, kind: Option<FailureKind>, reason: &str) -> bool {
        let Expectation::NothingThrown = self.expect else {
            return true;
        };
        match kind {
            Some(FailureKind::Thrown | FailureKind::Aborted | FailureKind::AssertionFailed) => {
                !reason.contains(STUB)
            }
            Some(FailureKind::Syntax) => true,
            // A file of its own, and none of the system's modules or of the search path.
            Some(FailureKind::MissingFile) => {
                !reason.contains("/modulesPath") && !reason.contains('<')
            }
            _ => false,
        }
    }

    /// What an answer breaks, each by itself: an output, or a name that the layer takes from
    /// another repo, so that one more is always new.
    pub(crate) fn failures(
        &self,
        catalog: &Catalog,
        repo: &RepoName,
        answer: &Value,
    ) -> Vec<EvalFailure> {
        if let Expectation::Own = self.expect {
            let of = |name: String| {
                let reason = taken(catalog, repo, &name)?;
                let attribute = format!("{}.{name}", self.output);
                Some(EvalFailure::of_clause(&attribute, reason))
            };
            return names(answer).into_iter().filter_map(of).collect();
        }
        let broken = self.judge(catalog, repo, answer).clause.broken;
        let broken = broken.into_iter();
        broken
            .map(|reason| EvalFailure::of_clause(&self.output, reason))
            .collect()
    }

    /// Whether an answer keeps the clause.
    pub(super) fn judge(&self, catalog: &Catalog, repo: &RepoName, answer: &Value) -> Verdict {
        let mut undeclared = Vec::new();
        let broken = match &self.expect {
            Expectation::Holds(why) => (answer != &Value::Bool(true)).then(|| (*why).to_owned()),
            Expectation::Data(expected) => other_data(expected, answer),
            Expectation::Names(expected) => {
                let found = names(answer);
                difference("lacks", expected, &found)
                    .or_else(|| difference("has too", &found, expected))
            }
            Expectation::AtLeast(expected) => difference("lacks", expected, &names(answer)),
            Expectation::Declared(expected) => {
                let found = names(answer);
                undeclared = found.difference(expected).cloned().collect();
                let taken = || {
                    let mut names = undeclared.iter();
                    names.find_map(|name| taken(catalog, repo, name))
                };
                difference("lacks", expected, &found).or_else(taken)
            }
            Expectation::Own => {
                let found = names(answer);
                found.iter().find_map(|name| taken(catalog, repo, name))
            }
            Expectation::NothingThrown => None,
        };
        Verdict {
            clause: ClauseReport {
                output: self.output.clone(),
                broken,
            },
            undeclared,
        }
    }
}

/// An expression over `flake` and `system`, of a repo of a scope.
pub(crate) fn of_flake(repo: &str, body: &str) -> String {
    format!(
        "let flake = scope.flakes.{}; inherit (scope) system; in {body}",
        quote(repo)
    )
}

/// A name that the layer of a repo takes from the repo that owns it.
fn taken(catalog: &Catalog, repo: &RepoName, name: &str) -> Option<String> {
    let owner = &catalog.attribute(name)?.package;
    (owner.repo != *repo).then(|| format!("it defines `{name}`, which `{owner}` owns"))
}

/// The first key that is not as the manifest would have it. More keys, such as
/// top-level's `repos`, are fine.
fn other_data(expected: &Value, answer: &Value) -> Option<String> {
    let (key, wanted) = expected
        .as_object()?
        .iter()
        .find(|(key, wanted)| answer.get(key.as_str()) != Some(*wanted))?;
    Some(match (wanted.as_str(), answer.get(key)) {
        (_, None) => format!("it says nothing of `{key}`"),
        (Some(wanted), Some(Value::String(found))) => {
            format!("its `{key}` is `{found}`, and the manifest says `{wanted}`")
        }
        _ => format!("its `{key}` is not what the manifest says"),
    })
}

fn names(answer: &Value) -> BTreeSet<String> {
    answer
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// "it lacks `a`, `b` and 3 more", if anything of `wanted` is not in `found`.
fn difference(verb: &str, wanted: &BTreeSet<String>, found: &BTreeSet<String>) -> Option<String> {
    const SHOWN: usize = 5;
    let missing: Vec<&String> = wanted.difference(found).collect();
    if missing.is_empty() {
        return None;
    }
    let shown: Vec<String> = missing
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = match missing.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!("it {verb} {}{more}", shown.join(", ")))
}
