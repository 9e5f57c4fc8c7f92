//! What using a repo costs: `cost`.

use serde::{Deserialize, Serialize};

use crate::output::Output;

/// What using repos costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Costs {
    /// The system that was evaluated for; null if nothing was.
    pub system: Option<String>,
    /// The tree that was compared with.
    pub against: Option<String>,
    /// Repo by repo.
    #[serde(default)]
    pub repos: Vec<RepoCost>,
    /// What the policy does not allow, in words.
    #[serde(default)]
    pub over: Vec<String>,
    /// What was not counted, and why.
    #[serde(default)]
    pub unknown: Vec<String>,
    /// With `--explain`: what makes a repo so.
    pub explained: Option<ExplainedCost>,
}

impl Output for Costs {
    const COMMAND: &'static str = "cost";
}

/// What using one repo costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RepoCost {
    /// The repo.
    pub repo: String,
    /// Bytes of the archive that a forge sends (`tar.gz`); null if that is not known.
    pub download: Option<u64>,
    /// With all its inputs.
    pub download_alone: Option<u64>,
    /// Bytes in the store, as `nix path-info --size` counts them.
    pub store: Option<u64>,
    /// With all its inputs.
    pub store_alone: Option<u64>,
    /// Evaluating one package; null if nothing was, or the repo offers none alone.
    pub one: Option<EvaluationCost>,
    /// Evaluating all that it offers alone.
    pub all: Option<EvaluationCost>,
}

/// What an evaluation takes, from each side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvaluationCost {
    /// The attributes that were evaluated to their `drvPath`.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// In the repo's own view; null if it has none.
    pub alone: Option<EvaluatedCost>,
    /// Through top-level.
    pub top_level: EvaluatedCost,
    /// In the tree that was compared with.
    pub tree: Option<EvaluatedCost>,
    /// How many of the attributes that tree has.
    pub tree_attributes: Option<usize>,
}

/// What one evaluation took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvaluatedCost {
    /// Thunks that Nix made; null if it has no value.
    pub thunks: Option<u64>,
    /// Values that Nix made.
    pub values: Option<u64>,
    /// Bytes that were asked for, over the whole run.
    pub allocated: Option<u64>,
    /// Bytes of the heap at its largest, where it grows only as it must (`GC_INITIAL_HEAP_SIZE=1m`).
    pub heap: Option<u64>,
    /// Seconds of processor time, as Nix counts them.
    #[serde(default)]
    pub processor: Option<f64>,
    /// Seconds on the clock, the first time.
    pub cold: Option<f64>,
    /// Seconds on the clock, the second time.
    pub warm: Option<f64>,
    /// Why it has no value.
    pub failed: Option<String>,
}

/// What makes a repo as large, and as slow, as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExplainedCost {
    /// The repo.
    pub repo: String,
    /// Its largest folders, the largest first.
    #[serde(default)]
    pub folders: Vec<FolderCost>,
    /// Thunks for the set itself, before any attribute of it; null if nothing was evaluated.
    pub empty: Option<u64>,
    /// Its costliest attributes, the costliest first.
    #[serde(default)]
    pub attributes: Vec<AttributeCost>,
    /// How many attributes it offers alone.
    pub offered: usize,
    /// How many of them were evaluated.
    pub evaluated: usize,
    /// Those without a value.
    #[serde(default)]
    pub without_value: Vec<String>,
}

/// A folder of a repo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FolderCost {
    /// Its path.
    pub path: String,
    /// Bytes of all files below it.
    pub bytes: u64,
    /// How many those are.
    pub files: usize,
}

/// An attribute of a repo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttributeCost {
    /// Its name.
    pub attribute: String,
    /// Thunks that it takes alone, in a process of its own.
    pub thunks: u64,
}
