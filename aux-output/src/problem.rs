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
    /// Where it is; in a JSON manifest the file and a pointer.
    pub location: Option<Location>,
    /// What it is about, if its place in a manifest tells.
    #[serde(default)]
    pub subject: Option<Subject>,
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
    /// What is there, as a JSON pointer (RFC 6901) into the tree of a manifest's file, such as
    /// `/repos/web/packages/curl`; none in other files.
    #[serde(default)]
    pub pointer: Option<String>,
}

/// What a problem is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Subject {
    /// `person`, `sig`, `repo`, `package`, `builder`, `module`, `overlay` or `moved`.
    pub kind: String,
    /// Its name; of what belongs to a repo, `REPO/NAME`.
    pub name: String,
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
