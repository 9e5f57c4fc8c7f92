//! Problems of files, and failures of Nix.

use serde::{Deserialize, Serialize};

/// Something wrong in the user's files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// The stable code; `aux-gen explain CODE` explains it.
    pub code: String,
    /// `error` or `warning`.
    pub severity: String,
    /// Where it is; in a JSON manifest only the file.
    pub location: Option<Location>,
    /// What is wrong: one sentence, lower case, no full stop.
    pub message: String,
    /// The way out, if there is one to name.
    pub help: Option<String>,
    /// Further places that belong to it.
    #[serde(default)]
    pub related: Vec<Related>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Location {
    /// The file, relative to the registry.
    pub file: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: u32,
    /// The column in characters, from 1; 0 for the file as a whole.
    pub column: u32,
}

/// A second place that belongs to a problem.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Related {
    /// Where to look.
    pub location: Location,
    /// What is there.
    pub label: String,
}

/// One evaluation that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvalFailure {
    /// The attribute; null for the flake or set itself.
    pub attribute: Option<String>,
    /// What kind of failure, such as `thrown`, `missing-attribute`, `timed-out`.
    pub kind: Option<String>,
    /// Why, in one line, in Nix's words.
    pub reason: String,
    /// The file, line and column that Nix names.
    pub place: Option<String>,
    /// All that Nix said.
    pub detail: String,
}

/// Something that failed for one repo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NamedFailure {
    /// The repo.
    pub repo: String,
    /// Why.
    pub reason: String,
}
