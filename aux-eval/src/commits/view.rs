//! What the packages of a repo are in one view of it: derivations, or failures.

use std::collections::BTreeMap;

use aux_nix::FailureKind;
use serde::{Deserialize, Serialize};

use crate::failure::EvalFailure;

/// What a package is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Evaluated {
    /// A derivation: its path in the store.
    Derivation(String),
    /// Nothing that can be built.
    Failed(EvalFailure),
}

/// How Nix was asked. A path of the store that a package makes of a folder depends on it, so that
/// derivations of one view are compared with those of another only if both were asked alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// Nix resolved the flake, as it does for users.
    #[default]
    Flake,
    /// Each package by itself, over folders with the trees of the commits.
    Folders,
}

/// What a repo is in one view: alone, or as a part of top-level.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// How it was asked for.
    pub asked: Asked,
    /// Each package that the repo offers in this view.
    pub packages: BTreeMap<String, Evaluated>,
    /// What else is wrong: outputs that break the contract, or the flake as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<EvalFailure>,
}

impl View {
    /// All that fails, packages first.
    #[must_use]
    pub fn failures(&self) -> Vec<EvalFailure> {
        let packages = self.packages.values().filter_map(|package| match package {
            Evaluated::Failed(failure) => Some(failure),
            Evaluated::Derivation(_) => None,
        });
        packages.chain(&self.broken).cloned().collect()
    }

    /// Whether nothing fails.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let mut packages = self.packages.values();
        self.broken.is_empty()
            && packages.all(|package| matches!(package, Evaluated::Derivation(_)))
    }

    /// The derivation of each package that has one.
    pub fn derivations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.packages
            .iter()
            .filter_map(|(name, package)| match package {
                Evaluated::Derivation(path) => Some((name.as_str(), path.as_str())),
                Evaluated::Failed(_) => None,
            })
    }

    /// Whether Nix would say the same again. A limit of time or memory, and what Nix says of the
    /// machine and not of the expression, may be otherwise next time.
    pub(crate) fn is_certain(&self) -> bool {
        let certain = |failure: &EvalFailure| match failure.kind {
            None => true,
            Some(kind) => !matches!(
                kind,
                FailureKind::TimedOut
                    | FailureKind::NotAsked
                    | FailureKind::OutOfMemory
                    | FailureKind::Died
                    | FailureKind::NotAllowed
                    | FailureKind::Other
            ),
        };
        self.failures().iter().all(certain)
    }
}
