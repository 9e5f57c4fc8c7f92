//! Packages that fail.

use aux_nix::FailureKind;
use serde_json::Value;

/// A package that fails.
#[derive(Debug, Clone)]
pub struct Found {
    /// The attribute; none if it is the whole flake.
    pub attribute: Option<String>,
    /// Why, in one line.
    pub reason: String,
    /// The file below the repo, with line and column, if Nix names one.
    pub place: Option<String>,
    /// What kind of failure it is, if Nix was asked.
    pub kind: Option<FailureKind>,
}

/// The `drvPath` and `name` of a package, or why it has none.
pub(crate) type Made = Result<Value, Found>;
