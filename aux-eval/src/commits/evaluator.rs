//! The evaluation of commits: each repo alone, and all of them as parts of top-level.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;

use aux_gen::disk::DiskError;
use aux_git::{ShadowRepository, WorkTree};
use aux_model::{Catalog, Repo, RepoName, Wiring};
use aux_nix::language::quote;
use aux_nix::{Answer, Failure, Limits, Nix, Pin, Question, name_lists};
use aux_process::ScratchFolder;
use serde_json::Value;

use crate::commits::contracts::{Contracts, Versions};
use crate::commits::error::CommitsError;
use crate::commits::scratch::Scratch;
use crate::evaluate::clauses;
use crate::evaluate::family::{self, Scope};
use crate::failure::EvalFailure;

/// The function of a package, over `scope`, that has a value if the package is good.
const JUDGED: &str = "scope.derivation";

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
    scratch: Scratch,
    /// Whether Nix is told of a repository as it is, by folder.
    plain: Mutex<BTreeMap<PathBuf, bool>>,
    /// Of repositories that Nix is not told of as they are, by folder and commit.
    shadows: Mutex<BTreeMap<(PathBuf, String), ShadowRepository>>,
}

impl<'a> Commits<'a> {
    /// A new one, with a temporary folder of its own.
    ///
    /// # Errors
    /// When there is no room for that folder.
    pub fn new(
        contracts: &'a Contracts<'a>,
        nix: &'a Nix,
        system: &'a str,
        limits: &'a Limits,
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
            plain: Mutex::default(),
            shadows: Mutex::default(),
            scratch: Scratch {
                folder,
                written: Mutex::default(),
            },
        })
    }

    /// What fails of a repo in its own view; nothing if it is good.
    pub fn alone(
        &self,
        repo: &Repo,
        versions: &Versions,
    ) -> Result<Vec<EvalFailure>, CommitsError> {
        let names = self.contracts.owned(repo, versions)?.alone;
        let Some(failure) = self.flake_alone(repo, versions, &names)? else {
            return self.broken_clauses(repo, versions);
        };
        let mut found = self.asked_alone(repo, versions, &names)?;
        found.extend(self.broken_clauses(repo, versions)?);
        Ok(explained(found, failure))
    }

    /// As [`Self::alone`], without asking for the flake as Nix resolves it: for what was
    /// once.
    pub fn alone_once(
        &self,
        repo: &Repo,
        versions: &Versions,
    ) -> Result<Vec<EvalFailure>, CommitsError> {
        let names = self.contracts.owned(repo, versions)?.alone;
        let mut found = self.asked_alone(repo, versions, &names)?;
        found.extend(self.broken_clauses(repo, versions)?);
        Ok(found)
    }

    /// What the layer, the modules and the overlays of a generated repo are that they must not
    /// be: `eval` asks the same of checkouts.
    fn broken_clauses(
        &self,
        repo: &Repo,
        versions: &Versions,
    ) -> Result<Vec<EvalFailure>, CommitsError> {
        if !repo.is_generated() || !self.trees.contains_key(&repo.name) {
            return Ok(Vec::new());
        }
        let foreign = self.contracts.foreign(repo, versions)?;
        let clauses = clauses::of_commit(self.catalog, repo, &foreign);
        let questions: Vec<Question> = clauses
            .iter()
            .map(|clause| Question::new(clause.output.clone(), clause.body(repo.name.as_str())))
            .collect();
        let inputs = self.catalog.inputs(repo).into_iter();
        let answers = self.ask_all(inputs.chain([repo]), &questions, versions)?;
        let mut broken = Vec::new();
        for (clause, (_, answer)) in clauses.iter().zip(answers) {
            match answer {
                Err(failed) => broken.push(failed),
                Ok(value) => broken.extend(clause.failures(self.catalog, &repo.name, &value)),
            }
        }
        Ok(broken)
    }

    /// What fails of some repos in the view of top-level, by repo.
    pub fn together(
        &self,
        repos: &[&Repo],
        versions: &Versions,
    ) -> Result<BTreeMap<RepoName, Vec<EvalFailure>>, CommitsError> {
        let top = self.catalog.top_level();
        let Some(flake) = self.pin(top, versions) else {
            return Ok(BTreeMap::new());
        };
        let owners = self.owners(repos.iter().copied(), versions)?;
        if owners.is_empty() {
            return Ok(BTreeMap::new());
        }
        let names: BTreeSet<String> = owners.keys().cloned().collect();
        let pins = self.pins(self.catalog.repos(), top, versions);
        let set = format!("legacyPackages.{}", self.system);
        for paths in paths_of(&names) {
            let answer = self
                .nix
                .flake_json_at(&flake, &set, &paths, &pins, self.limits)?;
            if answer.is_err() {
                return self.asked_together(&names, &owners, versions);
            }
        }
        Ok(BTreeMap::new())
    }

    /// As [`Self::together`], without asking for the flake as Nix resolves it.
    pub fn together_once(
        &self,
        repos: &[&Repo],
        versions: &Versions,
    ) -> Result<BTreeMap<RepoName, Vec<EvalFailure>>, CommitsError> {
        let owners = self.owners(repos.iter().copied(), versions)?;
        let names: BTreeSet<String> = owners.keys().cloned().collect();
        self.asked_together(&names, &owners, versions)
    }

    /// Why top-level as a whole has no value; none if it has one.
    pub fn whole(&self, versions: &Versions) -> Result<Option<Failure>, CommitsError> {
        let top = self.catalog.top_level();
        let Some(flake) = self.pin(top, versions) else {
            return Ok(None);
        };
        let pins = self.pins(self.catalog.repos(), top, versions);
        let apply = "aux: builtins.attrNames aux";
        let answer = self
            .nix
            .flake_json_at(&flake, "aux", apply, &pins, self.limits)?;
        Ok(answer.err())
    }

    /// The whole of a repo's packages in one question to Nix.
    fn flake_alone(
        &self,
        repo: &Repo,
        versions: &Versions,
        names: &BTreeSet<String>,
    ) -> Result<Option<Failure>, CommitsError> {
        let is_core = repo.name == self.catalog.core().name;
        if !repo.is_flake() {
            return Ok(None);
        }
        let (set, apply) = match (repo.is_generated(), repo.wiring, is_core) {
            (true, _, _) | (false, Wiring::Packages, _) => {
                (format!("packages.{}", self.system), paths_of(names))
            }
            (false, Wiring::Layers, true) => {
                let system = quote(self.system);
                let apply = paths_of(names).into_iter().map(|paths| {
                    format!("make: ({paths}) (make {{ system = {system}; layers = [ ]; }})")
                });
                ("mkPackages".to_owned(), apply.collect())
            }
            // What is no flake of packages is seen as a part of top-level only.
            (false, Wiring::Overlays | Wiring::Layers | Wiring::Nothing, _) => return Ok(None),
        };
        let Some(flake) = self.pin(repo, versions) else {
            return Ok(None);
        };
        let inputs = self.catalog.inputs(repo).into_iter();
        let pins = self.pins(inputs, repo, versions);
        for apply in apply {
            let answer = self
                .nix
                .flake_json_at(&flake, &set, &apply, &pins, self.limits)?;
            if let Err(failure) = answer {
                return Ok(Some(failure));
            }
        }
        Ok(None)
    }

    fn asked_alone(
        &self,
        repo: &Repo,
        versions: &Versions,
        names: &BTreeSet<String>,
    ) -> Result<Vec<EvalFailure>, CommitsError> {
        let Some(view) = family::alone(self.catalog, repo) else {
            return Ok(Vec::new());
        };
        let repos = self.catalog.inputs(repo).into_iter().chain([repo]);
        let answers = self.ask(repos, JUDGED, &view, names, versions)?;
        Ok(answers
            .into_iter()
            .filter_map(|(_, answer)| answer.err())
            .collect())
    }

    fn asked_together(
        &self,
        names: &BTreeSet<String>,
        owners: &BTreeMap<String, &RepoName>,
        versions: &Versions,
    ) -> Result<BTreeMap<RepoName, Vec<EvalFailure>>, CommitsError> {
        let view = self.view_of_top_level();
        let mut by_repo: BTreeMap<RepoName, Vec<EvalFailure>> = BTreeMap::new();
        for (name, answer) in self.ask(self.catalog.repos(), JUDGED, &view, names, versions)? {
            if let (Err(found), Some(owner)) = (answer, owners.get(&name)) {
                by_repo.entry((*owner).clone()).or_default().push(found);
            }
        }
        Ok(by_repo)
    }

    /// What every package of the family is in the view of top-level: its `drvPath` and its
    /// `name`, with the repo that owns it.
    pub fn everything(
        &self,
        versions: &Versions,
    ) -> Result<Vec<(RepoName, String, Evaluated)>, CommitsError> {
        let owners = self.owners(self.catalog.repos(), versions)?;
        let names: BTreeSet<String> = owners.keys().cloned().collect();
        let view = self.view_of_top_level();
        // What `meta` says is no part of what changed between two releases.
        let ask = family::DERIVATION;
        let answers = self.ask(self.catalog.repos(), ask, &view, &names, versions)?;
        let owned = answers.into_iter().filter_map(|(name, answer)| {
            let owner = owners.get(&name)?;
            Some(((*owner).clone(), name, answer))
        });
        Ok(owned.collect())
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
            for name in self.contracts.owned(repo, versions)?.all {
                owners.insert(name, &repo.name);
            }
        }
        Ok(owners)
    }

    /// Every package alone, from folders with the trees of the commits; `what` is a
    /// function of a package.
    fn ask<'r>(
        &self,
        repos: impl Iterator<Item = &'r Repo>,
        what: &str,
        view: &str,
        names: &BTreeSet<String>,
        versions: &Versions,
    ) -> Result<Vec<(String, Evaluated)>, CommitsError> {
        let questions: Vec<Question> = names
            .iter()
            .map(|name| {
                let package = format!("{view}.{}", quote(name));
                Question::new(name.clone(), format!("{what} {package}"))
            })
            .collect();
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

    /// Questions over folders with the trees of the commits, by key.
    fn ask_all<'r>(
        &self,
        repos: impl Iterator<Item = &'r Repo>,
        questions: &[Question],
        versions: &Versions,
    ) -> Result<Vec<(String, Evaluated)>, CommitsError> {
        let mut folders = BTreeMap::new();
        for repo in repos {
            let (Some(tree), Some(commit)) = (self.trees.get(&repo.name), versions.get(&repo.name))
            else {
                continue;
            };
            folders.insert(repo.name.clone(), self.scratch.folder_of(tree, commit)?);
        }
        let scope = Scope::of(self.catalog, &folders, self.system, self.nix, self.limits)?;
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

    fn pin(&self, repo: &Repo, versions: &Versions) -> Option<Pin> {
        let tree = self.trees.get(&repo.name)?;
        let rev = versions.get(&repo.name)?.clone();
        let directory = if self.is_plain(tree) {
            tree.root().to_owned()
        } else {
            match self.shadow(tree, &rev) {
                Some(shadow) => shadow,
                None => tree.root().to_owned(),
            }
        };
        Some(Pin { directory, rev })
    }

    /// Whether Nix can be told of a repository as it is: this Nix can read its path, git works
    /// with it, and nothing in its git directory says what is to become of files in an archive.
    fn is_plain(&self, tree: &WorkTree) -> bool {
        let known = || self.plain.lock().expect("nobody panics while looking");
        if let Some(is_plain) = known().get(tree.root()) {
            return *is_plain;
        }
        let is_plain = self.nix.can_name(tree.root())
            && self.nix.vouch(tree).is_ok()
            && tree.head().is_some()
            && !tree.has_own_attributes();
        known().insert(tree.root().to_owned(), is_plain);
        is_plain
    }

    /// A repository with a commit of another, in a folder that any Nix can be told of.
    fn shadow(&self, tree: &WorkTree, rev: &str) -> Option<PathBuf> {
        let mut shadows = self.shadows.lock().expect("nobody panics while making one");
        let key = (tree.root().to_owned(), rev.to_owned());
        if !shadows.contains_key(&key) {
            let shadow = ShadowRepository::of(tree).ok()?;
            // Nix 2.8 asks a bare repository for `master`.
            shadow.branch("main", rev).ok()?;
            shadow.branch("master", rev).ok()?;
            shadows.insert(key.clone(), shadow);
        }
        Some(shadows.get(&key)?.path().to_owned())
    }

    fn pins<'r>(
        &self,
        inputs: impl Iterator<Item = &'r Repo>,
        of: &Repo,
        versions: &Versions,
    ) -> BTreeMap<String, Pin> {
        inputs
            .filter(|input| input.name != of.name)
            .filter_map(|input| Some((input.name.to_string(), self.pin(input, versions)?)))
            .collect()
    }
}

/// Functions that give the paths of derivations to a set of them, and evaluate what Nix's
/// commands read of each: one, or as many as it takes for each to fit into an argument.
fn paths_of(names: &BTreeSet<String>) -> Vec<String> {
    let lists = name_lists(names.iter().map(String::as_str)).into_iter();
    let functions = lists.map(|list| {
        format!(
            "packages: let path = {}; in builtins.listToAttrs (map (name: {{ inherit name; value = path packages.${{name}}; }}) [ {}])",
            family::drv_path(family::Parts::Quiet),
            list.nix
        )
    });
    functions.collect()
}

/// The `drvPath` and `name` of a package, or why it has none.
type Evaluated = Result<Value, EvalFailure>;

/// What fails, or the failure of the whole if no package alone fails.
fn explained(found: Vec<EvalFailure>, failure: Failure) -> Vec<EvalFailure> {
    if !found.is_empty() {
        return found;
    }
    vec![EvalFailure {
        place: None,
        ..EvalFailure::of(None, failure)
    }]
}
