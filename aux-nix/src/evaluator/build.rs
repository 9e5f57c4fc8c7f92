//! Building derivations, with all that this machine's Nix may use for it: other machines,
//! substituters, a daemon.
//!
//! What is built does not depend on who asks, so that the user's own configuration counts here,
//! unlike where something is evaluated. Nix schedules; nothing of ours distributes work.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::evaluator::call::{Call, Output};
use crate::evaluator::error::NixError;
use crate::evaluator::failure::Failure;
use crate::evaluator::flake::Pin;
use crate::evaluator::installation::Nix;
use crate::evaluator::limits::Limits;
use crate::evaluator::process::Ended;
use crate::language::quote;

/// How many of the last lines of a log are kept.
const TAIL: usize = 10;

/// How many paths one process is given.
const BATCH: usize = 500;

/// A derivation that can be built, and what that gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buildable {
    /// The `.drv` file in the store.
    pub drv_path: String,
    /// The paths of its outputs.
    pub outputs: Vec<String>,
}

/// A derivation that was not built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildFailure {
    /// The derivation whose builder failed: the one that was asked for, or one that it needs;
    /// none if Nix does not say.
    pub culprit: Option<String>,
    /// Why, in one line.
    pub reason: String,
    /// The last lines of the log, at most ten.
    pub log: Vec<String>,
}

impl Nix {
    /// The derivations of some packages of output `set` of a flake, put into the store, by
    /// attribute. `packages` is a function of that output that gives the set of packages.
    ///
    /// # Errors
    /// As [`Nix::flake_json`].
    pub fn buildable_at(
        &self,
        flake: &Pin,
        (set, packages): (&str, &str),
        names: &BTreeSet<String>,
        overrides: &BTreeMap<String, Pin>,
        limits: &Limits,
    ) -> Result<Result<BTreeMap<String, Buildable>, Failure>, NixError> {
        let mut found = BTreeMap::new();
        for list in super::name_lists(names.iter().map(String::as_str)) {
            let apply = format!(
                "output:
                let
                  packages = ({packages}) output;
                  parts = name: builtins.filter builtins.isString (builtins.split \"[.]\" name);
                  at = name: builtins.foldl' (set: part: set.${{part}}) packages (parts name);
                in
                builtins.listToAttrs (map (name: {{
                  inherit name;
                  value = let package = at name; in [ package.drvPath ]
                    ++ map (output: package.${{output}}.outPath) (package.outputs or [ \"out\" ]);
                }}) [ {}])",
                list.nix
            );
            match self.flake_json_at(flake, set, &apply, overrides, limits)? {
                Err(failure) => return Ok(Err(failure)),
                Ok(answer) => {
                    let packages = answer.as_object().into_iter().flatten();
                    found.extend(packages.filter_map(|(name, paths)| {
                        let mut paths = paths.as_array()?.iter().filter_map(|path| path.as_str());
                        let buildable = Buildable {
                            drv_path: paths.next()?.to_owned(),
                            outputs: paths.map(str::to_owned).collect(),
                        };
                        Some((name.clone(), buildable))
                    }));
                }
            }
        }
        Ok(Ok(found))
    }

    /// Builds derivations, or has them from a substituter, and goes on where one fails: those
    /// that failed, by attribute. `time` is for all of them.
    ///
    /// # Errors
    /// When Nix cannot be run.
    pub fn build(
        &self,
        wanted: &BTreeMap<String, Buildable>,
        time: Duration,
    ) -> Result<BTreeMap<String, BuildFailure>, NixError> {
        let mut drvs: Vec<&str> = wanted.values().map(|one| one.drv_path.as_str()).collect();
        drvs.sort_unstable();
        drvs.dedup();
        let mut said = String::new();
        let mut is_late = false;
        for drvs in drvs.chunks(BATCH) {
            let call = self
                .store_call("nix-store")
                .args(["--realise", "--keep-going"]);
            let output = call.args(drvs).run(time)?;
            is_late |= matches!(output.ended, Ended::TimedOut);
            said.push_str(&String::from_utf8_lossy(&output.stderr));
        }
        let missing = self.missing(wanted.values().flat_map(|one| &one.outputs))?;
        let mut failed = BTreeMap::new();
        for (name, buildable) in wanted {
            if buildable.outputs.iter().any(|path| missing.contains(path)) {
                let failure = if is_late {
                    BuildFailure {
                        culprit: None,
                        reason: format!("it was not built within {time:?}"),
                        log: Vec::new(),
                    }
                } else {
                    self.failure_of(&buildable.drv_path, &said)?
                };
                failed.insert(name.clone(), failure);
            }
        }
        Ok(failed)
    }

    /// The derivations that would be built for these: neither the store nor a substituter has what
    /// they give.
    ///
    /// # Errors
    /// When Nix cannot be run, or refuses.
    pub fn to_build<'d>(
        &self,
        drvs: impl IntoIterator<Item = &'d str>,
        time: Duration,
    ) -> Result<BTreeSet<String>, NixError> {
        let drvs: Vec<&str> = drvs.into_iter().collect();
        let mut found = BTreeSet::new();
        for drvs in drvs.chunks(BATCH) {
            let call = self
                .store_call("nix-store")
                .args(["--realise", "--dry-run"]);
            let call = call.args(drvs);
            let output = call.run(time)?;
            if output.success().is_none() {
                return Err(refused(&call, &output));
            }
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let mut is_built = false;
            for line in said.lines() {
                match line.strip_prefix("  ") {
                    Some(path) if is_built => {
                        found.insert(path.trim().to_owned());
                    }
                    Some(_) => {}
                    None => is_built = line.contains("will be built"),
                }
            }
        }
        Ok(found)
    }

    /// Copies paths and all that they need to another store, such as `file:///var/cache`.
    ///
    /// # Errors
    /// When Nix cannot be run, or the store refuses.
    pub fn copy_to<'p>(
        &self,
        store: &str,
        paths: impl IntoIterator<Item = &'p str>,
        time: Duration,
    ) -> Result<(), NixError> {
        let paths: Vec<&str> = paths.into_iter().collect();
        for paths in paths.chunks(BATCH) {
            let call = self
                .store_call("nix")
                .args(["--extra-experimental-features", "nix-command", "copy"])
                .args(["--to", store])
                .args(paths);
            let output = call.run(time)?;
            if output.success().is_none() {
                return Err(refused(&call, &output));
            }
        }
        Ok(())
    }

    /// Those of some paths that are not in the store.
    fn missing<'p>(
        &self,
        paths: impl Iterator<Item = &'p String>,
    ) -> Result<BTreeSet<String>, NixError> {
        let paths: Vec<&String> = paths.collect();
        let mut missing = BTreeSet::new();
        for paths in paths.chunks(BATCH) {
            let check = ["--check-validity", "--print-invalid"];
            let output = self
                .store_call("nix-store")
                .args(check)
                .args(paths)
                .run(QUICK)?;
            let said = String::from_utf8_lossy(&output.stdout);
            missing.extend(said.lines().map(str::to_owned));
        }
        Ok(missing)
    }

    /// Why a derivation was not built, from what Nix said: of all that it needs, dependencies
    /// first, the first whose failure was told.
    fn failure_of(&self, drv: &str, said: &str) -> Result<BuildFailure, NixError> {
        let query = ["--query", "--requisites", drv];
        let output = self.store_call("nix-store").args(query).run(QUICK)?;
        let needed = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors: Vec<&str> = said.lines().filter(|line| is_of_a_builder(line)).collect();
        let culprit = needed
            .lines()
            .filter(|path| path.ends_with(".drv"))
            .find_map(|path| Some((path, errors.iter().find(|line| line.contains(path))?)));
        let Some((culprit, line)) = culprit else {
            let last = said.lines().rfind(|line| line.starts_with("error:"));
            let reason = last.map(|line| line.trim_start_matches("error:").trim());
            return Ok(BuildFailure {
                culprit: None,
                reason: reason.unwrap_or("Nix does not say why").to_owned(),
                log: Vec::new(),
            });
        };
        let read = ["--read-log", culprit];
        let log = self.store_call("nix-store").args(read).run(QUICK)?;
        let log = String::from_utf8_lossy(&log.stdout).into_owned();
        let lines: Vec<&str> = log.lines().collect();
        let tail = &lines[lines.len().saturating_sub(TAIL)..];
        Ok(BuildFailure {
            culprit: Some(culprit.to_owned()),
            reason: line
                .trim_start_matches("error:")
                .trim()
                .trim_end_matches([';', ':'])
                .to_owned(),
            log: tail.iter().map(|line| (*line).to_owned()).collect(),
        })
    }

    /// A program of this Nix that works with the store as its user has set it up.
    fn store_call(&self, program: &str) -> Call {
        let beside = self.program().with_file_name(program);
        let program = if program == "nix" {
            self.program()
        } else {
            &beside
        };
        Call::new(self.scratch(), program).in_users_environment()
    }
}

/// A package set that is an output itself.
pub const AS_IT_IS: &str = "packages: packages";

/// The packages that a function `mkPackages` gives without layers.
#[must_use]
pub fn without_layers(system: &str) -> String {
    format!("make: make {{ system = {}; layers = [ ]; }}", quote(system))
}

/// How long a question to the store may take.
const QUICK: Duration = Duration::from_secs(600);

/// Whether a line tells of a builder that failed, as any Nix from 2.8 on words it.
fn is_of_a_builder(line: &str) -> bool {
    let dependent = [
        "build of '",
        "dependencies of derivation",
        "dependency of",
        "dependencies failed",
    ];
    line.contains(".drv'")
        && (line.contains("failed") || line.contains("Cannot build") || line.contains("timed out"))
        && !dependent.iter().any(|words| line.contains(words))
}

fn refused(call: &Call, output: &Output) -> NixError {
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty());
    NixError::Refused {
        command: call.shown(),
        said: last.unwrap_or("it said nothing").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builders_are_told_from_those_who_wait_for_them() {
        let all = [
            (
                "error: builder for '/nix/store/a-b.drv' failed with exit code 1;",
                true,
            ),
            (
                "error: builder for '/nix/store/a-b.drv' failed with exit code 1",
                true,
            ),
            ("error: Cannot build '/nix/store/a-b.drv'.", true),
            (
                "error: 1 dependencies of derivation '/nix/store/a-c.drv' failed to build",
                false,
            ),
            ("building '/nix/store/a-b.drv'...", false),
            ("error: build of '/nix/store/a-b.drv' failed", false),
        ];
        for (line, is) in all {
            assert_eq!(is_of_a_builder(line), is, "{line}");
        }
    }
}
