//! Evaluation by sibling checkouts: few processes, every failure on its own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aux_gen::disk::Registry;
use aux_model::{Catalog, RepoName};
use aux_nix::language::quote;
use aux_nix::{Answer, Answered, Limits, Nix, NixError, Question};
use rayon::prelude::*;

use crate::evaluate::clauses::{Clause, clauses, of_flake};
use crate::evaluate::differing;
use crate::evaluate::family::{self, Scope};
use crate::evaluate::options::Options;
use crate::evaluate::report::{ClauseReport, Drifted, RepoReport, Tally};
use crate::evaluate::subject::Subject;
use crate::failure::EvalFailure;

/// Repos that one process is asked of: it keeps the view of each, and so as much memory. The time that
/// an evaluation may take is that of one repo, as often as there are some.
const VIEWS: usize = 40;

pub(super) fn evaluate(
    registry: &Registry,
    catalog: &Catalog,
    nix: &Nix,
    options: &Options,
    subjects: &[Subject<'_>],
    progress: &(dyn Fn(&RepoReport) + Sync),
) -> Result<Vec<RepoReport>, NixError> {
    let checkouts = registry.checkouts(catalog);
    let system = options.system.as_str();
    let scope = Scope::of(catalog, &checkouts, system, nix, &options.limits)?;
    let (present, absent): (Vec<&Subject<'_>>, Vec<&Subject<'_>>) = subjects
        .iter()
        .partition(|subject| checkouts.contains_key(&subject.repo.name));
    let has_top = checkouts.contains_key(&catalog.top_level().name);
    let top = catalog.top_level().name.as_str();

    // Each process evaluates core anew, so there are as many as may run at once
    // and no more; repos are dealt out in turn, because neighbours are alike.
    let jobs = options.jobs.clamp(1, present.len().max(1));
    let hands: Vec<Vec<&Subject<'_>>> = (0..jobs)
        .map(|hand| present.iter().skip(hand).step_by(jobs).copied().collect())
        .collect();
    let family = Asking {
        catalog,
        nix,
        scope: &scope,
        top: has_top.then_some(top),
        progress,
    };
    let mut reports: Vec<RepoReport> = hands
        .into_par_iter()
        .map(|hand| {
            let views = hand.chunks(VIEWS).map(|views| family.ask(views));
            views.collect::<Result<Vec<_>, NixError>>()
        })
        .collect::<Result<Vec<_>, NixError>>()?
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    let mut untracked = untracked(nix, &checkouts);
    for report in &mut reports {
        report.untracked = untracked.remove(&report.repo).unwrap_or_default();
    }
    for subject in absent {
        let report = without_flake(registry, subject);
        progress(&report);
        reports.push(report);
    }
    Ok(reports)
}

/// What all questions have in common.
struct Asking<'a> {
    catalog: &'a Catalog,
    nix: &'a Nix,
    scope: &'a Scope,
    /// The name of top-level, if it is there.
    top: Option<&'a str>,
    progress: &'a (dyn Fn(&RepoReport) + Sync),
}

impl Asking<'_> {
    /// Asks one process of some repos.
    fn ask(&self, subjects: &[&Subject<'_>]) -> Result<Vec<RepoReport>, NixError> {
        let Self { catalog, scope, .. } = self;
        let repos = u32::try_from(subjects.len()).unwrap_or(u32::MAX);
        let limits = Limits {
            total: scope.limits.total.saturating_mul(repos),
            ..scope.limits.clone()
        };
        let asked: Vec<Asked<'_, '_>> = subjects
            .iter()
            .map(|subject| Asked::of(catalog, subject, self.top))
            .collect();
        let questions: Vec<Question> = asked
            .iter()
            .flat_map(|asked| asked.questions.iter().cloned())
            .collect();
        let answers = self.nix.ask(&scope.expression, &questions, &limits)?;
        let mut answers = answers.into_iter();
        let mut reports = Vec::with_capacity(asked.len());
        for asked in asked {
            let own = answers.by_ref().take(asked.questions.len()).collect();
            let report = asked.report(catalog, own);
            (self.progress)(&report);
            reports.push(report);
        }
        let questions = reports.iter().flat_map(|report| {
            let repo = catalog.repo(report.repo.as_str());
            let differing = report.differing.iter();
            differing.filter_map(move |found| {
                Some(differing::question(catalog, repo?, &found.attribute))
            })
        });
        let questions: Vec<Question> = questions.collect();
        if !questions.is_empty() {
            let answers = self.nix.ask(&scope.expression, &questions, &limits)?;
            let found = reports.iter_mut();
            differing::explain(found.flat_map(|report| &mut report.differing), answers);
        }
        Ok(reports)
    }
}

/// The files of each repo, in a repository of its own, that git does not track, so that Nix
/// does not see them for users. Where git does not work, there is no answer.
#[must_use]
pub fn untracked<'c>(
    nix: &Nix,
    checkouts: &'c BTreeMap<RepoName, PathBuf>,
) -> BTreeMap<&'c RepoName, Vec<String>> {
    let checkouts = checkouts.par_iter();
    let own = checkouts.filter(|(_, folder)| folder.join(".git").exists());
    let files = own.filter_map(|(repo, folder)| Some((repo, nix.untracked(folder).ok()?)));
    files.collect()
}

/// One repo's questions, in the order in which [`Asked::report`] reads the answers.
struct Asked<'s, 'c> {
    subject: &'s Subject<'c>,
    clauses: Vec<Clause>,
    questions: Vec<Question>,
    /// How many attributes are asked for in the repo's own view.
    alone: usize,
    through_top: bool,
}

impl<'s, 'c> Asked<'s, 'c> {
    fn of(catalog: &Catalog, subject: &'s Subject<'c>, top: Option<&str>) -> Self {
        let repo = subject.repo.name.as_str();
        let clauses = clauses(subject);
        let mut questions: Vec<Question> = clauses
            .iter()
            .map(|clause| Question::new(format!("{repo} {}", clause.output), clause.body(repo)))
            .collect();
        let set = family::alone(catalog, subject.repo);
        let (standalone, builders) = match set {
            Some(_) => (subject.standalone.as_slice(), subject.builders.as_slice()),
            None => (&[][..], &[][..]),
        };
        let set = set.unwrap_or_default();
        for attribute in standalone {
            let body = derivation(&set, attribute);
            questions.push(Question::new(
                format!("{repo} {attribute}"),
                of_flake(repo, &body),
            ));
        }
        for attribute in builders {
            let body = builder(&set, attribute);
            questions.push(Question::new(
                format!("{repo} {attribute}"),
                of_flake(repo, &body),
            ));
        }
        if let Some(top) = top {
            for attribute in &subject.derivations {
                let body = derivation("flake.auxPackages.${system}", attribute);
                questions.push(Question::new(
                    format!("{top} {attribute}"),
                    of_flake(top, &body),
                ));
            }
            for attribute in &subject.builders {
                let body = builder("flake.auxPackages.${system}", attribute);
                questions.push(Question::new(
                    format!("{top} {attribute}"),
                    of_flake(top, &body),
                ));
            }
        }
        Self {
            subject,
            clauses,
            questions,
            alone: standalone.len() + builders.len(),
            through_top: top.is_some(),
        }
    }

    fn report(self, catalog: &Catalog, answers: Vec<Answered>) -> RepoReport {
        let subject = self.subject;
        let seconds = answers
            .iter()
            .map(|answered| answered.elapsed.as_secs_f64())
            .fold(0.0, |sum, one| sum + one);
        let mut answers = answers.into_iter();
        let mut contract: BTreeMap<String, ClauseReport> = BTreeMap::new();
        let mut undeclared = Vec::new();
        for (clause, answered) in self.clauses.iter().zip(answers.by_ref()) {
            let verdict = match answered.answer {
                Answer::Value(value) => {
                    let verdict = clause.judge(catalog, &subject.repo.name, &value);
                    undeclared.extend(verdict.undeclared);
                    verdict.clause
                }
                Answer::Failed(failure) => ClauseReport {
                    output: clause.output.clone(),
                    broken: clause
                        .is_broken_by(Some(failure.kind), &failure.reason)
                        .then_some(failure.reason),
                },
            };
            // Of two clauses on one output, the broken one counts.
            let known = contract
                .entry(clause.output.clone())
                .or_insert_with(|| verdict.clone());
            if known.broken.is_none() {
                *known = verdict;
            }
        }
        let standalone = tally(
            subject.standalone.iter().chain(&subject.builders),
            answers.by_ref().take(self.alone),
        );
        let top_level = if self.through_top {
            tally(subject.derivations.iter().chain(&subject.builders), answers)
        } else {
            Tally::default()
        };
        let mut report = RepoReport {
            repo: subject.repo.name.clone(),
            contract: contract.into_values().collect(),
            standalone,
            top_level,
            left_out: subject.left_out.clone(),
            unavailable: subject.unavailable.clone(),
            differing: Vec::new(),
            drifted: Vec::new(),
            undeclared,
            untracked: Vec::new(),
            unasked: subject.unasked,
            seconds,
        };
        report.differing = differing::found(catalog, &report);
        report.drifted = drifted(subject, &report);
        report
    }
}

/// Packages that the manifest and their `meta` describe in other words.
fn drifted(subject: &Subject<'_>, report: &RepoReport) -> Vec<Drifted> {
    let packages = subject.repo.packages.values();
    let drifted = packages.filter_map(|package| {
        let name = package.id.name.as_str();
        let manifest = package.description.as_deref()?;
        let known = [&report.top_level, &report.standalone];
        let meta = known
            .iter()
            .find_map(|tally| tally.descriptions.get(name))?;
        (manifest != meta).then(|| Drifted {
            attribute: name.to_owned(),
            manifest: manifest.to_owned(),
            meta: meta.clone(),
        })
    });
    drifted.collect()
}

/// A derivation that Nix itself made, and all that Nix's commands read of it. In a
/// generated repo, `packages` offers the same one if it offers the name at all.
fn derivation(set: &str, attribute: &str) -> String {
    let name = family::selected(attribute);
    format!(
        "let
          package = {set}.{name};
          made = scope.derivation package;
          offered = flake.packages.${{system}} or {{ }};
        in
        if builtins.isAttrs made && offered ? {name} && offered.{name}.drvPath != package.drvPath
        then \"different derivation in `packages`\"
        else if builtins.isAttrs made then made // {{ description = package.meta.description or null; }}
        else made"
    )
}

/// A function, or a set that is no package: one that can be called, such as `stdenv`,
/// or one of packages, such as `llvmPackages`.
fn builder(set: &str, attribute: &str) -> String {
    format!(
        "let
          builder = {set}.{};
          is = builtins.isFunction builder
            || builtins.isAttrs builder && (builder.type or null) != \"derivation\";
        in
        if is then {{ }} else builtins.typeOf builder",
        quote(attribute)
    )
}

/// A text is the type of what is not what it should be.
fn tally<'a>(
    attributes: impl Iterator<Item = &'a String>,
    answers: impl Iterator<Item = Answered>,
) -> Tally {
    let mut tally = Tally::default();
    for (attribute, answered) in attributes.zip(answers) {
        tally.attributes += 1;
        match answered.answer {
            Answer::Value(serde_json::Value::String(found)) => {
                tally.failed.push(EvalFailure::of_type(attribute, &found));
            }
            Answer::Value(value) => {
                tally.ok += 1;
                let text = value.get("description").and_then(serde_json::Value::as_str);
                let text = text.map(|text| (attribute.clone(), text.to_owned()));
                tally.descriptions.extend(text);
                let path = value.get("drvPath").and_then(serde_json::Value::as_str);
                let path = path.map(|path| (attribute.clone(), path.to_owned()));
                tally.derivations.extend(path);
            }
            Answer::Failed(failure) => {
                tally.failed.push(EvalFailure::of(Some(attribute), failure));
            }
        }
    }
    tally
}

/// A repo that is not checked out, or has no flake: nothing of it is looked at.
fn without_flake(registry: &Registry, subject: &Subject<'_>) -> RepoReport {
    let is_there = registry.root().join(subject.repo.path.as_str()).is_dir();
    let what = match (is_there, subject.is_generated()) {
        (true, false) => "no other repo can use one without it, and nothing of it was looked at",
        (false, false) => "it is not checked out: `aux-gen sync` clones it",
        (_, true) => {
            "it is not checked out: `aux-gen sync` clones it, and `aux-gen generate` writes one that is new"
        }
    };
    let entry = subject.repo.entry.as_ref();
    let file = entry.map_or("flake.nix", |entry| entry.file.as_str());
    let broken = match entry {
        Some(_) if is_there => format!(
            "`{}` has no `{file}`, which others import, and nothing of it was looked at",
            subject.repo.path
        ),
        _ => format!("there is none at `{}`: {what}", subject.repo.path),
    };
    RepoReport {
        repo: subject.repo.name.clone(),
        contract: vec![ClauseReport {
            output: file.to_owned(),
            broken: Some(broken),
        }],
        standalone: Tally::default(),
        top_level: Tally::default(),
        left_out: subject.left_out.clone(),
        unavailable: subject.unavailable.clone(),
        differing: Vec::new(),
        drifted: Vec::new(),
        undeclared: Vec::new(),
        untracked: Vec::new(),
        unasked: subject.unasked,
        seconds: 0.0,
    }
}
