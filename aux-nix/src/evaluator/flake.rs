//! Asking a flake, with its inputs resolved by Nix itself.
//!
//! Unlike `ask` this uses the machine's own store: the inputs a lock file names are
//! there, and offline they are nowhere else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aux_model::Rev;
use serde::Deserialize;

use crate::evaluator::call::Call;
use crate::evaluator::error::NixError;
use crate::evaluator::failure::Failure;
use crate::evaluator::installation::Nix;
use crate::evaluator::limits::Limits;
use crate::evaluator::percent::encoded_fragment;

/// One derivation built by [`Nix::flake_build`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Built {
    /// The `.drv` file in the store.
    pub drv_path: PathBuf,
    /// Store paths by output name.
    pub outputs: BTreeMap<String, PathBuf>,
}

/// A flake as a repository has it in one commit, whatever is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The top of the repository.
    pub directory: PathBuf,
    /// The full name of the commit.
    pub rev: Rev,
}

impl Nix {
    /// As [`Nix::flake_json`], of a flake and inputs at certain commits.
    ///
    /// # Errors
    /// As [`Nix::flake_json`].
    pub fn flake_json_at(
        &self,
        flake: &Pin,
        attr: &str,
        apply: &str,
        overrides: &BTreeMap<String, Pin>,
        limits: &Limits,
    ) -> Result<Result<serde_json::Value, Failure>, NixError> {
        let overrides = overrides
            .iter()
            .map(|(input, pin)| Ok((input.clone(), self.pinned_reference(pin)?)))
            .collect::<Result<_, NixError>>()?;
        let flake = self.pinned_reference(flake)?;
        self.flake_call("eval", flake, attr, overrides, limits)
            .args(["--apply", apply])
            .arg("--json")
            .option("allow-import-from-derivation", "false")
            .json(limits.total)
    }

    /// The value of output `attr` of the flake in `directory`, or of `apply` to it.
    ///
    /// `overrides` replaces inputs, named as paths such as `core` or `a/b`, by
    /// directories. Nothing is fetched, and no `flake.lock` is written. Of `limits`,
    /// `total` and `memory` count. In Nix before 2.20 a `throw` is
    /// [`FailureKind::Other`](super::FailureKind::Other), as its message looks like any other.
    ///
    /// # Errors
    /// When Nix or git cannot be run, or a directory cannot be named as a flake.
    pub fn flake_json(
        &self,
        directory: &Path,
        attr: &str,
        apply: Option<&str>,
        overrides: &BTreeMap<String, PathBuf>,
        limits: &Limits,
    ) -> Result<Result<serde_json::Value, Failure>, NixError> {
        let (flake, overrides) = self.references(directory, overrides)?;
        let mut call = self.flake_call("eval", flake, attr, overrides, limits);
        if let Some(function) = apply {
            call = call.args(["--apply", function]);
        }
        let call = call
            .arg("--json")
            .option("allow-import-from-derivation", "false");
        call.json(limits.total)
    }

    /// Builds output `attr` of the flake in `directory` without any substitute.
    ///
    /// Makes no `result` link. Inputs are as in [`Nix::flake_json`].
    ///
    /// # Errors
    /// As [`Nix::flake_json`].
    pub fn flake_build(
        &self,
        directory: &Path,
        attr: &str,
        overrides: &BTreeMap<String, PathBuf>,
        limits: &Limits,
    ) -> Result<Result<Vec<Built>, Failure>, NixError> {
        let (flake, overrides) = self.references(directory, overrides)?;
        let call = self
            .flake_call("build", flake, attr, overrides, limits)
            .args(["--json", "--no-link"])
            .option("substitute", "false");
        call.json(limits.total)
    }

    /// The references of a flake and of what replaces its inputs.
    fn references(
        &self,
        directory: &Path,
        overrides: &BTreeMap<String, PathBuf>,
    ) -> Result<(String, Vec<(String, String)>), NixError> {
        let overrides = overrides
            .iter()
            .map(|(input, replacement)| Ok((input.clone(), self.flake_reference(replacement)?)))
            .collect::<Result<_, NixError>>()?;
        Ok((self.flake_reference(directory)?, overrides))
    }

    fn flake_call(
        &self,
        command: &str,
        flake: String,
        attr: &str,
        overrides: Vec<(String, String)>,
        limits: &Limits,
    ) -> Call {
        let mut call = self
            .call()
            .memory(limits.memory)
            .cache(self.fetches().cloned())
            .args([command, "--offline", "--no-write-lock-file"])
            // What failed is remembered there without its reason.
            .option("eval-cache", "false")
            .option("accept-flake-config", "false");
        for (input, replacement) in overrides {
            call = call.args(["--override-input", &input]).arg(replacement);
        }
        call.arg(format!("{flake}#{}", encoded_fragment(attr)))
    }
}
