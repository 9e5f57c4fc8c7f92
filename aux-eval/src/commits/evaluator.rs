//! The evaluation of commits: each repo alone, and all of them as parts of top-level.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use aux_gen::disk::DiskError;
use aux_git::WorkTree;
use aux_model::{Catalog, Repo, RepoName, Rev, Wiring};
use aux_nix::language::quote;
use aux_nix::{AS_IT_IS, Answer, Failure, Limits, Nix, Pin, Question, name_lists, without_layers};
use aux_process::ScratchFolder;
use serde_json::{Value, json};

use crate::commits::contracts::{Contracts, Versions};
use crate::commits::error::CommitsError;
use crate::commits::memory::{Key, Memory};
use crate::commits::pins::Pins;
use crate::commits::scratch::Scratch;
use crate::commits::view::{Asked, Evaluated, View};
use crate::evaluate::clauses::{self, Clause};
use crate::evaluate::family::{self, Scope};
use crate::failure::EvalFailure;

/// The function of a package, over `scope`, that has a value if the package is good.
const JUDGED: &str = "scope.derivation";

/// What Nix said to each question, by its key.
type Answers = Vec<(String, Result<Value, EvalFailure>)>;

/// Evaluates commits that nobody has checked out.
pub struct Commits<'a> {
    /// The family.
    pub catalog: &'a Catalog,
    pub(crate) nix: &'a Nix,
    pub(crate) system: &'a str,
    pub(crate) limits: &'a Limits,
    /// The repository of each repo.
    pub trees: &'a BTreeMap<RepoName, WorkTree>,
    /// What those commits say of themselves.
    pub contracts: &'a Contracts<'a>,
    pub(super) memory: &'a Memory,
    pins: Pins<'a>,
    scratch: Scratch,
}

impl<'a> Commits<'a> {
    /// A new one, with a temporary folder of its own. What `memory` knows is not asked again.
    ///
    /// # Errors
    /// When there is no room for that folder.
    pub fn new(
        contracts: &'a Contracts<'a>,
        nix: &'a Nix,
        system: &'a str,
        limits: &'a Limits,
        memory: &'a Memory,
    ) -> Result<Self, CommitsError> {
        let folder = ScratchFolder::new().map_err(|source| DiskError::Write {
            path: std::env::temp_dir(),
            source,
        })?;
        Ok(Self {
            catalog: contracts.catalog,
            nix,
            system,
            limits,
            trees: contracts.trees,
            contracts,
            memory,
            pins: Pins::new(nix, contracts.trees),
            scratch: Scratch {
                folder,
                written: Mutex::default(),
            },
        })
    }

    /// What a repo is in its own view, with the flake as Nix resolves it; package by package if
    /// something fails.
    pub fn alone(&self, repo: &Repo, versions: &Versions) -> Result<View, CommitsError> {
        let own = self.own(repo, versions)?;
        let key = self.key("alone", &own, self.inputs(repo), versions);
        self.remembered(key, || {
            let failure = match self.flake_alone(repo, versions, &own.names)? {
                Ok(packages) => {
                    let mut view = View {
                        asked: Asked::Flake,
                        packages,
                        broken: Vec::new(),
                    };
                    view.broken = self.broken_clauses(&own, versions)?;
                    return Ok(view);
                }
                Err(failure) => failure,
            };
            let mut view = self.asked_alone(&own, versions)?;
            // What fails as a whole, and of which no part fails.
            if view.is_good() {
                let whole = EvalFailure::of(None, failure);
                view.broken.push(EvalFailure {
                    place: None,
                    ..whole
                });
            }
            Ok(view)
        })
    }

    /// As [`Self::alone`], without asking for the flake as Nix resolves it: for what was
    /// once.
    pub fn alone_once(&self, repo: &Repo, versions: &Versions) -> Result<View, CommitsError> {
        self.own_once(&self.own(repo, versions)?, versions)
    }

    /// As [`Self::alone_once`], of some packages only; of the outputs as well if `None` is one of
    /// the names. What the repo does not have there is no part of the answer.
    pub fn alone_of(
        &self,
        repo: &Repo,
        names: &BTreeSet<Option<String>>,
        versions: &Versions,
    ) -> Result<View, CommitsError> {
        let mut own = self.own(repo, versions)?;
        own.names.retain(|name| names.contains(&Some(name.clone())));
        if !names.contains(&None) {
            own.clauses.clear();
        }
        self.own_once(&own, versions)
    }

    /// As [`Self::together_once`], of some packages of one repo. What the repo does not have there
    /// is no part of the answer.
    pub fn together_of(
        &self,
        repo: &Repo,
        names: &BTreeSet<Option<String>>,
        versions: &Versions,
    ) -> Result<View, CommitsError> {
        let views =
            self.each_together("together-once", &[repo], Some(names), versions, |owners| {
                Ok((Asked::Folders, self.asked_together(owners, versions)?))
            })?;
        Ok(views.into_values().next().unwrap_or_default())
    }

    /// What some repos are in the view of top-level.
    pub fn together(
        &self,
        repos: &[&Repo],
        versions: &Versions,
    ) -> Result<BTreeMap<RepoName, View>, CommitsError> {
        self.each_together("together", repos, None, versions, |owners| {
            match self.flake_together(owners, versions)? {
                Ok(answers) => Ok((Asked::Flake, answers)),
                Err(_) => Ok((Asked::Folders, self.asked_together(owners, versions)?)),
            }
        })
    }

    /// As [`Self::together`], without asking for the flake as Nix resolves it.
    pub fn together_once(
        &self,
        repos: &[&Repo],
        versions: &Versions,
    ) -> Result<BTreeMap<RepoName, View>, CommitsError> {
        self.each_together("together-once", repos, None, versions, |owners| {
            Ok((Asked::Folders, self.asked_together(owners, versions)?))
        })
    }

    /// Why top-level as a whole has no value; none if it has one.
    pub fn whole(&self, versions: &Versions) -> Result<Option<Failure>, CommitsError> {
        let Some((flake, pins)) = self.top_level_at(versions) else {
            return Ok(None);
        };
        let apply = "aux: builtins.attrNames aux";
        let answer = self
            .nix
            .flake_json_at(&flake, "aux", apply, &pins, self.limits)?;
        Ok(answer.err())
    }

    /// What every package of the family is in the view of top-level: its `drvPath` and its
    /// `name`, with the repo that owns it.
    pub fn everything(&self, versions: &Versions) -> Result<Vec<FamilyPackage>, CommitsError> {
        let owners = self.owners(self.catalog.repos(), versions)?;
        let view = self.view_of_top_level();
        // What `meta` says is no part of what changed between two releases.
        let ask = family::DERIVATION;
        let answers = self.ask(self.catalog.repos(), ask, &view, owners.keys(), versions)?;
        let owned = answers.into_iter().filter_map(|(name, answer)| {
            let repo = (*owners.get(&name)?).clone();
            Some(FamilyPackage { repo, name, answer })
        });
        Ok(owned.collect())
    }

    /// What there is to ask of a repo in its own view.
    fn own<'r>(&self, repo: &'r Repo, versions: &Versions) -> Result<Own<'r>, CommitsError> {
        let names = self.contracts.owned(repo, self.system, versions)?.alone;
        let has_clauses = repo.is_generated() && self.trees.contains_key(&repo.name);
        let clauses = if has_clauses {
            let foreign = self.contracts.foreign(repo, versions)?;
            clauses::of_commit(self.catalog, repo, self.system, &foreign)
        } else {
            Vec::new()
        };
        Ok(Own {
            repo,
            names,
            clauses,
        })
    }

    /// A repo and what it uses.
    pub(super) fn inputs<'r>(&self, repo: &'r Repo) -> Vec<&'r Repo>
    where
        'a: 'r,
    {
        self.catalog
            .inputs(repo)
            .into_iter()
            .chain([repo])
            .collect()
    }

    /// What the layer, the modules and the overlays of a generated repo are that they must not
    /// be: `eval` asks the same of checkouts.
    fn broken_clauses(
        &self,
        own: &Own<'_>,
        versions: &Versions,
    ) -> Result<Vec<EvalFailure>, CommitsError> {
        let questions = own.clause_questions();
        let answers = self.ask_all(self.inputs(own.repo).into_iter(), &questions, versions)?;
        Ok(own.broken(self.catalog, answers))
    }

    /// A repo at its commit, and some inputs at theirs; none if the repo has no commit.
    pub(super) fn pinned<'r>(
        &self,
        repo: &Repo,
        inputs: impl IntoIterator<Item = &'r Repo>,
        versions: &Versions,
    ) -> Option<(Pin, BTreeMap<String, Pin>)> {
        let flake = self.pins.of(repo, versions)?;
        Some((flake, self.pins.inputs(inputs.into_iter(), repo, versions)))
    }

    /// Top-level at its commit, with everybody at theirs.
    pub(super) fn top_level_at(&self, versions: &Versions) -> Option<(Pin, BTreeMap<String, Pin>)> {
        self.pinned(self.catalog.top_level(), self.catalog.repos(), versions)
    }

    /// The output of a repo that has its packages in its own view; none if it is seen as a part of
    /// top-level only.
    pub(super) fn own_output(&self, repo: &Repo) -> Option<OwnOutput> {
        let is_core = repo.name == self.catalog.core().name;
        if !repo.is_flake() {
            return None;
        }
        let (output, packages) = match (repo.is_generated(), repo.wiring, is_core) {
            (true, _, _) | (false, Wiring::Packages, _) => {
                (format!("packages.{}", self.system), AS_IT_IS.to_owned())
            }
            (false, Wiring::Layers, true) => ("mkPackages".to_owned(), without_layers(self.system)),
            (false, Wiring::Overlays | Wiring::Layers | Wiring::Nothing, _) => return None,
        };
        Some(OwnOutput { output, packages })
    }

    /// The packages of a repo in its own view in one question to Nix, or why they have none.
    fn flake_alone(
        &self,
        repo: &Repo,
        versions: &Versions,
        names: &BTreeSet<String>,
    ) -> Result<Result<BTreeMap<String, Evaluated>, Failure>, CommitsError> {
        let Some(OwnOutput { output, packages }) = self.own_output(repo) else {
            return Ok(Ok(BTreeMap::new()));
        };
        let Some((flake, pins)) = self.pinned(repo, self.catalog.inputs(repo), versions) else {
            return Ok(Ok(BTreeMap::new()));
        };
        let apply = paths_of(names).into_iter();
        let apply = apply.map(|paths| format!("output: ({paths}) (({packages}) output)"));
        let mut packages = BTreeMap::new();
        for apply in apply {
            let answer = self
                .nix
                .flake_json_at(&flake, &output, &apply, &pins, self.limits)?;
            match answer {
                Ok(paths) => packages.extend(derivations(&paths)),
                Err(failure) => return Ok(Err(failure)),
            }
        }
        Ok(Ok(packages))
    }

    /// Packages in the view of top-level in one question to Nix, or why they have none.
    fn flake_together(
        &self,
        owners: &BTreeMap<String, &RepoName>,
        versions: &Versions,
    ) -> Result<Result<BTreeMap<String, Evaluated>, Failure>, CommitsError> {
        let Some((flake, pins)) = self.top_level_at(versions) else {
            return Ok(Ok(BTreeMap::new()));
        };
        let names: BTreeSet<String> = owners.keys().cloned().collect();
        let set = format!("legacyPackages.{}", self.system);
        let mut packages = BTreeMap::new();
        for paths in paths_of(&names) {
            let answer = self
                .nix
                .flake_json_at(&flake, &set, &paths, &pins, self.limits)?;
            match answer {
                Ok(paths) => packages.extend(derivations(&paths)),
                Err(failure) => return Ok(Err(failure)),
            }
        }
        Ok(Ok(packages))
    }

    /// Packages and clauses of a repo in its own view, each by itself and in one session.
    fn asked_alone(&self, own: &Own<'_>, versions: &Versions) -> Result<View, CommitsError> {
        let view = family::alone(self.catalog, own.repo);
        let mut questions = match &view {
            Some(view) => package_questions(JUDGED, view, own.names.iter()),
            None => Vec::new(),
        };
        let packages = questions.len();
        questions.extend(own.clause_questions());
        let mut answers = self.ask_all(self.inputs(own.repo).into_iter(), &questions, versions)?;
        let clauses = answers.split_off(packages);
        let packages = answers
            .into_iter()
            .map(|(name, answer)| (name.clone(), evaluated(&name, answer)));
        Ok(View {
            asked: Asked::Folders,
            packages: packages.collect(),
            broken: own.broken(self.catalog, clauses),
        })
    }

    fn asked_together(
        &self,
        owners: &BTreeMap<String, &RepoName>,
        versions: &Versions,
    ) -> Result<BTreeMap<String, Evaluated>, CommitsError> {
        let view = self.view_of_top_level();
        let answers = self.ask(self.catalog.repos(), JUDGED, &view, owners.keys(), versions)?;
        let packages = answers
            .into_iter()
            .map(|(name, answer)| (name.clone(), evaluated(&name, answer)));
        Ok(packages.collect())
    }

    /// What is known of repos as parts of top-level, or of some of their packages, and for the
    /// others what `ask` says of all of these at once.
    fn each_together(
        &self,
        what: &str,
        repos: &[&Repo],
        names: Option<&BTreeSet<Option<String>>>,
        versions: &Versions,
        ask: impl Fn(
            &BTreeMap<String, &RepoName>,
        ) -> Result<(Asked, BTreeMap<String, Evaluated>), CommitsError>,
    ) -> Result<BTreeMap<RepoName, View>, CommitsError> {
        let mut views = BTreeMap::new();
        let mut open = Vec::new();
        let all: Vec<&Repo> = self.catalog.repos().collect();
        for repo in repos {
            let mut own = Own {
                repo,
                names: self.contracts.owned(repo, self.system, versions)?.all,
                clauses: Vec::new(),
            };
            if let Some(names) = names {
                own.names.retain(|name| names.contains(&Some(name.clone())));
            }
            if own.names.is_empty() {
                continue;
            }
            let key = self.key(what, &own, all.clone(), versions);
            match self.memory.get(&key) {
                Some(view) => {
                    views.insert(repo.name.clone(), view);
                }
                None => open.push((own, key)),
            }
        }
        let owners: BTreeMap<String, &RepoName> = open
            .iter()
            .flat_map(|(own, _)| own.names.iter().map(|name| (name.clone(), &own.repo.name)))
            .collect();
        if owners.is_empty() {
            return Ok(views);
        }
        let (asked, mut answers) = ask(&owners)?;
        for (own, key) in open {
            let names = own.names.iter();
            let packages = names.filter_map(|name| answers.remove_entry(name));
            let view = View {
                asked,
                packages: packages.collect(),
                broken: Vec::new(),
            };
            self.memory.put(key, &view);
            views.insert(own.repo.name.clone(), view);
        }
        Ok(views)
    }

    /// Packages and clauses of a repo alone, each by itself.
    fn own_once(&self, own: &Own<'_>, versions: &Versions) -> Result<View, CommitsError> {
        let key = self.key("alone-once", own, self.inputs(own.repo), versions);
        self.remembered(key, || self.asked_alone(own, versions))
    }

    fn remembered(
        &self,
        key: Key,
        ask: impl FnOnce() -> Result<View, CommitsError>,
    ) -> Result<View, CommitsError> {
        if let Some(view) = self.memory.get(&key) {
            return Ok(view);
        }
        let view = ask()?;
        self.memory.put(key, &view);
        Ok(view)
    }

    /// All that the answers to some questions about a repo in its own view depend on.
    pub(super) fn key_of(
        &self,
        what: &str,
        repo: &Repo,
        questions: &[Question],
        versions: &Versions,
    ) -> Key {
        let own = Own {
            repo,
            names: BTreeSet::new(),
            clauses: Vec::new(),
        };
        let asked: Vec<&str> = questions.iter().map(|question| &*question.expr).collect();
        let what = format!("{what} {}", asked.join("\n"));
        self.key(&what, &own, self.inputs(repo), versions)
    }

    /// All that an answer depends on: the question, who is asked, and the commits.
    fn key(&self, what: &str, own: &Own<'_>, of: Vec<&Repo>, versions: &Versions) -> Key {
        let clauses = own.clause_questions();
        let clauses: Vec<&str> = clauses.iter().map(|question| &*question.expr).collect();
        let commits = of.iter().map(|repo| {
            let wiring = (repo.url.as_str(), family::own_view(self.catalog, repo));
            let commit = versions.get(&repo.name).map(Rev::as_str);
            (repo.name.as_str(), (wiring, repo.is_flake(), commit))
        });
        let commits: BTreeMap<_, _> = commits.collect();
        Key::of(&json!({
            "what": what,
            "repo": own.repo.name.as_str(),
            "names": own.names,
            "clauses": clauses,
            "commits": commits,
            "top": self.catalog.top_level().name.as_str(),
            "core": self.catalog.core().name.as_str(),
            "system": self.system,
            "memory": self.limits.memory,
            "nix": self.nix.version().to_string(),
            "reach": format!("{:?}", self.nix.reach()),
            "program": env!("CARGO_PKG_VERSION"),
            "asking": family::questions(),
        }))
    }

    fn view_of_top_level(&self) -> String {
        let top = quote(self.catalog.top_level().name.as_str());
        let system = quote(self.system);
        format!("scope.flakes.{top}.auxPackages.{system}")
    }

    /// The repos of packages, by name.
    fn owners<'r>(
        &self,
        repos: impl Iterator<Item = &'r Repo>,
        versions: &Versions,
    ) -> Result<BTreeMap<String, &'r RepoName>, CommitsError> {
        let mut owners = BTreeMap::new();
        for repo in repos {
            for name in self.contracts.owned(repo, self.system, versions)?.all {
                owners.insert(name, &repo.name);
            }
        }
        Ok(owners)
    }

    /// Every package alone, from folders with the trees of the commits; `what` is a
    /// function of a package.
    fn ask<'r, 'n>(
        &self,
        repos: impl Iterator<Item = &'r Repo>,
        what: &str,
        view: &str,
        names: impl Iterator<Item = &'n String>,
        versions: &Versions,
    ) -> Result<Answers, CommitsError> {
        let questions = package_questions(what, view, names);
        let answers = self.ask_all(repos, &questions, versions)?;
        let answers = answers.into_iter().map(|(key, answer)| {
            let answer = match answer {
                Ok(Value::String(kind)) => Err(EvalFailure::of_type(&key, &kind)),
                answer => answer,
            };
            (key, answer)
        });
        Ok(answers.collect())
    }

    /// As [`Self::ask_all`], within less time for each question.
    pub(super) fn ask_within<'r>(
        &self,
        most: Duration,
        repos: impl Iterator<Item = &'r Repo>,
        questions: &[Question],
        versions: &Versions,
    ) -> Result<Answers, CommitsError> {
        let limits = Limits {
            per_question: self.limits.per_question.min(most),
            ..self.limits.clone()
        };
        self.ask_with(&limits, repos, questions, versions)
    }

    /// Questions over folders with the trees of the commits, by key.
    pub(super) fn ask_all<'r>(
        &self,
        repos: impl Iterator<Item = &'r Repo>,
        questions: &[Question],
        versions: &Versions,
    ) -> Result<Answers, CommitsError> {
        self.ask_with(self.limits, repos, questions, versions)
    }

    fn ask_with<'r>(
        &self,
        limits: &Limits,
        repos: impl Iterator<Item = &'r Repo>,
        questions: &[Question],
        versions: &Versions,
    ) -> Result<Answers, CommitsError> {
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        let mut folders = BTreeMap::new();
        for repo in repos {
            let (Some(tree), Some(commit)) = (self.trees.get(&repo.name), versions.get(&repo.name))
            else {
                continue;
            };
            folders.insert(repo.name.clone(), self.scratch.folder_of(tree, commit)?);
        }
        let scope = Scope::of(self.catalog, &folders, self.system, self.nix, limits)?;
        let answers = self.nix.ask(&scope.expression, questions, &scope.limits)?;
        let answers = answers.into_iter().map(|answered| {
            let failed = match answered.answer {
                Answer::Value(value) => return (answered.key, Ok(value)),
                Answer::Failed(failure) => EvalFailure::of(Some(&answered.key), failure),
            };
            let below_repo = EvalFailure {
                reason: self.scratch.without_folder(&failed.reason),
                place: failed
                    .place
                    .as_deref()
                    .map(|place| self.scratch.without_folder(place)),
                ..failed
            };
            (answered.key, Err(below_repo))
        });
        Ok(answers.collect())
    }
}

/// A package in the view of top-level.
#[derive(Debug, Clone, PartialEq)]
pub struct FamilyPackage {
    /// The repo that owns it.
    pub repo: RepoName,
    /// Its attribute.
    pub name: String,
    /// An object with its `drvPath` and its `name`, or why it has none.
    pub answer: Result<Value, EvalFailure>,
}

/// An output, and the function that gives the packages in it.
pub(super) struct OwnOutput {
    pub(super) output: String,
    pub(super) packages: String,
}

/// What there is to ask of a repo.
struct Own<'r> {
    repo: &'r Repo,
    names: BTreeSet<String>,
    clauses: Vec<Clause>,
}

impl Own<'_> {
    fn clause_questions(&self) -> Vec<Question> {
        let repo = self.repo.name.as_str();
        let questions = self.clauses.iter();
        let questions =
            questions.map(|clause| Question::new(clause.output.clone(), clause.body(repo)));
        questions.collect()
    }

    /// The clauses that answers break, in their order.
    fn broken(
        &self,
        catalog: &Catalog,
        answers: Vec<(String, Result<Value, EvalFailure>)>,
    ) -> Vec<EvalFailure> {
        let mut broken = Vec::new();
        for (clause, (_, answer)) in self.clauses.iter().zip(answers) {
            match answer {
                Err(failed) if clause.is_broken_by(failed.kind, &failed.reason) => {
                    broken.push(failed);
                }
                Err(_) => {}
                Ok(value) => broken.extend(clause.failures(catalog, &self.repo.name, &value)),
            }
        }
        broken
    }
}

fn package_questions<'n>(
    what: &str,
    view: &str,
    names: impl Iterator<Item = &'n String>,
) -> Vec<Question> {
    let questions = names.map(|name| {
        let package = format!("{view}.{}", family::selected(name));
        Question::new(name.clone(), format!("{what} {package}"))
    });
    questions.collect()
}

/// What an answer to [`JUDGED`] says of a package.
fn evaluated(name: &str, answer: Result<Value, EvalFailure>) -> Evaluated {
    match answer {
        Ok(value) => match (&value, value.get("drvPath").and_then(Value::as_str)) {
            (_, Some(path)) => Evaluated::Derivation(path.to_owned()),
            (Value::String(kind), None) => Evaluated::Failed(EvalFailure::of_type(name, kind)),
            (_, None) => Evaluated::Failed(EvalFailure::of_type(name, "set")),
        },
        Err(failure) => Evaluated::Failed(failure),
    }
}

/// The answer of a function of [`paths_of`].
fn derivations(paths: &Value) -> Vec<(String, Evaluated)> {
    let paths = paths.as_object().into_iter().flatten();
    let paths = paths.filter_map(|(name, path)| {
        let path = Evaluated::Derivation(path.as_str()?.to_owned());
        Some((name.clone(), path))
    });
    paths.collect()
}

/// Functions that give the paths of derivations to a set of them, and evaluate what Nix's
/// commands read of each: one, or as many as it takes for each to fit into an argument.
fn paths_of(names: &BTreeSet<String>) -> Vec<String> {
    let lists = name_lists(names.iter().map(String::as_str)).into_iter();
    let functions = lists.map(|list| {
        format!(
            "packages:
            let
              path = {};
              parts = name: builtins.filter builtins.isString (builtins.split \"[.]\" name);
              at = name: builtins.foldl' (set: part: set.${{part}}) packages (parts name);
            in
            builtins.listToAttrs (map (name: {{ inherit name; value = path (at name); }}) [ {}])",
            family::drv_path(family::Parts::Quiet),
            list.nix
        )
    });
    functions.collect()
}
