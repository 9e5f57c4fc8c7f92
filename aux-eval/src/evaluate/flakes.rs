//! Evaluation as users get it: Nix resolves each flake, with its inputs
//! overridden by the checkouts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use aux_gen::disk::Registry;
use aux_model::Catalog;
use aux_nix::{Failure, Limits, Nix, NixError, name_lists};
use rayon::prelude::*;
use serde_json::Value;

use crate::evaluate::differing;
use crate::evaluate::family;
use crate::evaluate::options::Options;
use crate::evaluate::report::{ClauseReport, RepoReport, Tally};
use crate::evaluate::subject::Subject;
use crate::failure::EvalFailure;

pub(super) fn evaluate(
    registry: &Registry,
    catalog: &Catalog,
    nix: &Nix,
    options: &Options,
    subjects: &[Subject<'_>],
    progress: &(dyn Fn(&RepoReport) + Sync),
) -> Result<Vec<RepoReport>, NixError> {
    let checkouts: BTreeMap<String, PathBuf> = registry
        .checkouts(catalog)
        .into_iter()
        .map(|(name, path)| (name.to_string(), path))
        .collect();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.jobs.max(1))
        .build()
        .expect("a pool of a few threads can be made");
    pool.install(|| {
        subjects
            .par_iter()
            .map(|subject| {
                let start = Instant::now();
                let flakes = Flakes {
                    catalog,
                    nix,
                    checkouts: &checkouts,
                    system: options.system.as_str(),
                    limits: &options.limits,
                };
                let mut report = flakes.report(subject)?;
                report.seconds = start.elapsed().as_secs_f64();
                progress(&report);
                Ok(report)
            })
            .collect()
    })
}

struct Flakes<'a> {
    catalog: &'a Catalog,
    nix: &'a Nix,
    checkouts: &'a BTreeMap<String, PathBuf>,
    system: &'a str,
    limits: &'a Limits,
}

impl Flakes<'_> {
    fn report(&self, subject: &Subject<'_>) -> Result<RepoReport, NixError> {
        let name = subject.repo.name.as_str();
        let top = self.catalog.top_level().name.as_str();
        let mut contract = Vec::new();
        let standalone = if subject.is_generated() {
            let aux = self.json(name, "aux", None)?;
            contract.push(ClauseReport {
                output: "aux".to_owned(),
                broken: match aux {
                    Ok(aux) if aux.get("repo").and_then(Value::as_str) == Some(name) => None,
                    Ok(_) => Some("it is the data of another repo".to_owned()),
                    Err(failure) => Some(failure.reason),
                },
            });
            // Members of sets are in no flat output.
            let standalone = subject.standalone.iter().cloned();
            let (members, flat): (Vec<String>, Vec<String>) =
                standalone.partition(|attribute| attribute.contains('.'));
            let mut tally = self.tally(name, &format!("packages.{}", self.system), &flat)?;
            let legacy = format!("legacyPackages.{}", self.system);
            tally.add(self.tally(name, &legacy, &members)?);
            tally
        } else {
            Tally::default()
        };
        let top_level = self.tally(
            top,
            &format!("legacyPackages.{}", self.system),
            &subject.derivations,
        )?;
        let mut report = RepoReport {
            repo: subject.repo.name.clone(),
            contract,
            standalone,
            top_level,
            left_out: subject.left_out.clone(),
            unavailable: subject.unavailable.clone(),
            differing: Vec::new(),
            drifted: Vec::new(),
            undeclared: Vec::new(),
            untracked: match self.checkouts.get(name) {
                Some(directory) => self.nix.untracked(directory)?,
                None => Vec::new(),
            },
            unasked: subject.unasked,
            seconds: 0.0,
        };
        report.differing = differing::found(self.catalog, &report);
        Ok(report)
    }

    /// All attributes in one process, or in as few as their names fit into; one by one
    /// only if such a process fails.
    fn tally(&self, repo: &str, set: &str, attributes: &[String]) -> Result<Tally, NixError> {
        let mut tally = Tally {
            attributes: attributes.len(),
            ..Tally::default()
        };
        if attributes.is_empty() {
            return Ok(tally);
        }
        for list in name_lists(attributes.iter().map(String::as_str)) {
            let all = format!(
                "packages:
                let
                  path = {};
                  parts = name: builtins.filter builtins.isString (builtins.split \"[.]\" name);
                  at = name: builtins.foldl' (set: part: set.${{part}}) packages (parts name);
                in
                map (name: path (at name)) [ {}]",
                family::drv_path(family::Parts::Quiet),
                list.nix
            );
            let count = u32::try_from(list.names.len()).unwrap_or(u32::MAX);
            if let Ok(paths) = self.json_within(repo, set, Some(&all), count)? {
                tally.ok += list.names.len();
                let paths = paths.as_array().into_iter().flatten();
                let named = list.names.iter().zip(paths).filter_map(|(name, path)| {
                    Some(((*name).to_owned(), path.as_str()?.to_owned()))
                });
                tally.derivations.extend(named);
                continue;
            }
            for attribute in list.names {
                let one = format!(
                    "packages: {} packages.{}",
                    family::drv_path(family::Parts::Traced),
                    family::selected(attribute)
                );
                match self.json(repo, set, Some(&one))? {
                    Ok(path) => {
                        tally.ok += 1;
                        let path = path
                            .as_str()
                            .map(|path| (attribute.to_owned(), path.to_owned()));
                        tally.derivations.extend(path);
                    }
                    Err(failure) => tally.failed.push(EvalFailure::of(Some(attribute), failure)),
                }
            }
        }
        Ok(tally)
    }

    fn json(
        &self,
        repo: &str,
        attribute: &str,
        apply: Option<&str>,
    ) -> Result<Result<Value, Failure>, NixError> {
        self.json_within(repo, attribute, apply, 1)
    }

    /// As [`Self::json`], with the time of several questions.
    fn json_within(
        &self,
        repo: &str,
        attribute: &str,
        apply: Option<&str>,
        questions: u32,
    ) -> Result<Result<Value, Failure>, NixError> {
        let Some(directory) = self.checkouts.get(repo) else {
            return Ok(Err(Failure {
                kind: aux_nix::FailureKind::MissingFile,
                reason: format!("the repo `{repo}` has no `flake.nix`"),
                detail: String::new(),
            }));
        };
        let inputs: BTreeMap<String, PathBuf> = self
            .catalog
            .repo(repo)
            .map(|repo| self.catalog.inputs(repo))
            .into_iter()
            .flatten()
            .filter_map(|input| {
                let name = input.name.to_string();
                let path = self.checkouts.get(&name)?.clone();
                Some((name, path))
            })
            .collect();
        let mut limits = self.limits.clone();
        limits.total = limits
            .per_question
            .saturating_mul(questions)
            .min(limits.total);
        self.nix
            .flake_json(directory, attribute, apply, &inputs, &limits)
    }
}
