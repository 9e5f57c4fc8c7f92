//! What Nix takes to evaluate packages of a repo.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aux_model::{Catalog, Repo, RepoName, System};
use aux_nix::language::quote;
use aux_nix::{Answer, Failure, Heap, Limits, Nix, NixError, Question, Statistics};

use crate::evaluate::Checkout;
use crate::evaluate::family::{Scope, own_view, selected};
use crate::snapshot::PackageSet;

/// What an evaluation took, in three runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measurement {
    /// As Nix counts it; the same in every run but for the times.
    pub statistics: Statistics,
    /// Bytes of the heap at its largest, where it grows only as it must (`GC_INITIAL_HEAP_SIZE=1m`).
    pub heap: u64,
    /// On the clock, the first time.
    pub cold: Duration,
    /// On the clock, the second time.
    pub warm: Duration,
}

/// An evaluation, from each side.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The attributes that are evaluated to their `drvPath`.
    pub attributes: Vec<String>,
    /// In the repo's own view; none if it has none.
    pub alone: Option<Result<Measurement, Failure>>,
    /// Through top-level.
    pub top_level: Result<Measurement, Failure>,
    /// In another tree, if one was named: those attributes that it has.
    pub tree: Option<(Vec<String>, Result<Measurement, Failure>)>,
}

/// The views of a family that packages are evaluated in.
pub struct Views<'a> {
    catalog: &'a Catalog,
    nix: Nix,
    checkouts: BTreeMap<RepoName, PathBuf>,
    system: System,
    /// `{ flakes, system, alone, … }`.
    family: String,
    limits: Limits,
    tree: Option<PackageSet>,
}

impl<'a> Views<'a> {
    /// The views of a family that is checked out, and of one tree beside it.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub fn new(
        catalog: &'a Catalog,
        checkouts: &BTreeMap<RepoName, PathBuf>,
        system: &System,
        against: Option<&Path>,
        (nix, limits): (&Nix, &Limits),
    ) -> Result<Self, NixError> {
        let scope = Scope::of(catalog, checkouts, system.as_str(), nix, limits)?;
        let tree = against
            .map(|root| PackageSet::of_tree(root, system, "", nix, limits))
            .transpose()?;
        Ok(Self {
            catalog,
            nix: nix.clone(),
            checkouts: checkouts.clone(),
            system: system.clone(),
            family: scope.expression,
            limits: scope.limits,
            tree,
        })
    }

    /// The packages of a repo's own view; none if it has none.
    pub(super) fn alone(&self, repo: &Repo) -> Result<Option<String>, NixError> {
        let Some(view) = own_view(self.catalog, repo) else {
            return Ok(None);
        };
        // Whoever uses it fetches these, and nothing else.
        let inputs = self.catalog.inputs(repo);
        let seen: BTreeSet<&RepoName> = inputs
            .iter()
            .map(|input| &input.name)
            .chain([&repo.name])
            .collect();
        let checkouts = self.checkouts.iter();
        let checkouts = checkouts.filter(|(name, _)| seen.contains(name));
        let checkouts = checkouts.map(|(name, path)| {
            let url = self.catalog.repo(name.as_str());
            let checkout = Checkout {
                path: path.clone(),
                url: url.map(|repo| repo.url.clone()),
            };
            (name.clone(), checkout)
        });
        let system = self.system.as_str();
        let scope = Scope::of_flakes(&checkouts.collect(), system, &self.nix, &self.limits)?;
        let name = quote(repo.name.as_str());
        Ok(Some(format!(
            "(let family = {}; inherit (family) flakes system load; flake = flakes.{name}; in {view})",
            scope.expression
        )))
    }

    fn top_level(&self) -> String {
        let top = quote(self.catalog.top_level().name.as_str());
        format!(
            "(let scope = {}; in scope.flakes.{top}.auxPackages.${{scope.system}})",
            self.family
        )
    }

    /// What evaluating some attributes of a set takes in a process of its own.
    pub(super) fn take(
        &self,
        set: &str,
        attributes: &[String],
        heap: Heap,
        limits: &Limits,
    ) -> Result<Result<Statistics, Failure>, NixError> {
        let paths = attributes
            .iter()
            .map(|name| format!("(path set.{})", selected(name)));
        let paths: Vec<String> = paths.collect();
        if paths.is_empty() {
            // The set itself, before any attribute of it.
            let expression = format!("builtins.seq {set} null");
            return self.nix.statistics(&expression, heap, limits);
        }
        let expression = format!(
            "let set = {set}; path = package: package.drvPath or null; in builtins.deepSeq [ {} ] null",
            paths.join(" ")
        );
        self.nix.statistics(&expression, heap, limits)
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    fn timed(
        &self,
        set: &str,
        attributes: &[String],
        limits: &Limits,
    ) -> Result<Result<Measurement, Failure>, NixError> {
        let run = |heap| self.take(set, attributes, heap, limits);
        let first = match run(Heap::Usual)? {
            Ok(first) => first,
            Err(failure) => return Ok(Err(failure)),
        };
        Ok(match (run(Heap::Usual)?, run(Heap::Grown)?) {
            (Ok(second), Ok(third)) => Ok(Measurement {
                statistics: first,
                heap: third.heap,
                cold: first.elapsed,
                warm: second.elapsed,
            }),
            (Err(failure), _) | (_, Err(failure)) => Err(failure),
        })
    }

    /// Which of some attributes a set has a derivation under.
    fn has(&self, set: &PackageSet, attributes: &[String]) -> Result<Vec<String>, NixError> {
        let questions: Vec<Question> = attributes
            .iter()
            .map(|name| {
                let value = format!("scope.{}", selected(name));
                Question::new(name, format!("({value}.drvPath or null) != null"))
            })
            .collect();
        let answers = set.ask(&self.nix, &questions)?;
        let there = answers
            .into_iter()
            .filter(|answered| answered.answer == Answer::Value(true.into()));
        Ok(there.map(|answered| answered.key).collect())
    }
}

/// What evaluating attributes takes, some at a time: in a repo's own view, through top-level, and in one tree.
///
/// # Errors
/// When Nix cannot be started, or a folder cannot be used.
pub fn evaluations(
    views: &Views<'_>,
    repo: &Repo,
    asked: &[&[String]],
) -> Result<Vec<Evaluation>, NixError> {
    let alone = views.alone(repo)?;
    let evaluations = asked
        .iter()
        .map(|attributes| evaluation(views, alone.as_deref(), attributes));
    evaluations.collect()
}

fn evaluation(
    views: &Views<'_>,
    alone: Option<&str>,
    attributes: &[String],
) -> Result<Evaluation, NixError> {
    let alone = alone
        .map(|set| views.timed(set, attributes, &views.limits))
        .transpose()?;
    let tree = match &views.tree {
        Some(tree) => {
            let there = views.has(tree, attributes)?;
            let set = format!("({})", tree.expression);
            let taken = views.timed(&set, &there, tree.limits())?;
            Some((there, taken))
        }
        None => None,
    };
    Ok(Evaluation {
        attributes: attributes.to_vec(),
        alone,
        top_level: views.timed(&views.top_level(), attributes, &views.limits)?,
        tree,
    })
}
