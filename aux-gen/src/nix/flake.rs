//! Asking a flake, with its inputs resolved by Nix itself.
//!
//! Unlike `ask` this uses the machine's own store: the inputs a lock file names are
//! there, and offline they are nowhere else.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{Failure, Limits, Nix, NixError, command::Call, reference::encoded_fragment};

/// One derivation built by [`Nix::flake_build`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Built {
    /// The `.drv` file in the store.
    pub drv_path: PathBuf,
    /// Store paths by output name.
    pub outputs: BTreeMap<String, PathBuf>,
}

impl Nix {
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
        let mut call = self.flake_call("eval", directory, attr, overrides, limits)?;
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
        let call = self
            .flake_call("build", directory, attr, overrides, limits)?
            .args(["--json", "--no-link"])
            .option("substitute", "false");
        call.json(limits.total)
    }

    fn flake_call(
        &self,
        command: &str,
        directory: &Path,
        attr: &str,
        overrides: &BTreeMap<String, PathBuf>,
        limits: &Limits,
    ) -> Result<Call, NixError> {
        let mut call = self
            .call()
            .memory(limits.memory)
            .args([command, "--offline", "--no-write-lock-file"])
            .option("accept-flake-config", "false");
        for (input, replacement) in overrides {
            call = call
                .args(["--override-input", input])
                .arg(self.flake_reference(replacement)?);
        }
        let reference = self.flake_reference(directory)?;
        Ok(call.arg(format!("{reference}#{}", encoded_fragment(attr))))
    }
}
