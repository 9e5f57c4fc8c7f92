//! Outputs of commands about borrowed packages.

use serde::{Deserialize, Serialize};

use crate::output::Output;

/// A package that was borrowed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BorrowedPackage {
    /// The repo that owns it, and its name.
    pub package: String,
    /// The repo that borrows it.
    pub repo: String,
    /// Who gets the copy: `own` or `family`.
    #[serde(default = "own")]
    pub scope: String,
    /// The folder of the copy, relative to the registry.
    pub directory: String,
    /// The commit of the owner that it is of.
    pub commit: String,
    /// The repos that it came through.
    #[serde(default)]
    pub via: Vec<String>,
    /// Packages of the repo that use the copy.
    #[serde(default)]
    pub users: Vec<String>,
}

impl Output for BorrowedPackage {
    const COMMAND: &'static str = "borrow";
}

/// All borrowed packages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BorrowedPackages {
    /// Each.
    #[serde(default)]
    pub copies: Vec<BorrowedCopy>,
}

impl Output for BorrowedPackages {
    const COMMAND: &'static str = "borrowed";
}

/// How one copy stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BorrowedCopy {
    /// The repo that owns it, and its name.
    pub package: String,
    /// The SIG that owns it.
    pub owner: String,
    /// The repo that borrows it.
    pub repo: String,
    /// `same`, `ahead`, `behind`, `caught-up`, `diverged`, `returned` or `unknown`.
    pub state: String,
    /// Why it is borrowed.
    pub reason: String,
    /// The day when it was; null if the copy has no record.
    pub since: Option<String>,
    /// The day of the review.
    pub review: Option<String>,
    /// Whether that is over.
    pub overdue: bool,
    /// Who gets the copy: `own` or `family`.
    #[serde(default = "own")]
    pub scope: String,
    /// Whether the owner may take it.
    pub offered: bool,
    /// Who takes it.
    pub claimed: Option<String>,
    /// The repos that it came through, the owner first.
    #[serde(default)]
    pub chain: Vec<String>,
    /// The commit of the owner that it is of.
    pub commit: Option<String>,
    /// The newest commit of the owner that is here.
    pub newest: Option<String>,
    /// The version that the copy says.
    pub version: Option<String>,
    /// The version that the owner's package says.
    pub newest_version: Option<String>,
    /// Whether something of the copy is not committed.
    pub uncommitted: bool,
    /// Why nothing is known of it.
    pub problem: Option<String>,
}

/// Who got copies before anybody could say it.
fn own() -> String {
    "own".to_owned()
}

/// An override that the owner of the package agreed to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgreedOverride {
    /// The repo that owns the package, and its name.
    pub package: String,
    /// The repo that overrides it.
    pub repo: String,
}

impl Output for AgreedOverride {
    const COMMAND: &'static str = "borrowed-agree";
}

/// A borrowed package that is on its way back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfferedPackage {
    /// The repo that borrows, and the package.
    pub copy: String,
    /// The repo that owns it.
    pub owner: String,
    /// Who takes it.
    pub claimed: Option<String>,
}

impl Output for OfferedPackage {
    const COMMAND: &'static str = "borrowed-offer";
}

/// A copy that has what its owner has by now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefreshedPackage {
    /// The repo that borrows, and the package.
    pub copy: String,
    /// The owner's commit that was merged.
    pub commit: String,
    /// Files in which both changed the same lines.
    #[serde(default)]
    pub conflicts: Vec<String>,
}

impl Output for RefreshedPackage {
    const COMMAND: &'static str = "borrowed-refresh";
}

/// A borrowed package that was given back, as branches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReturnedPackage {
    /// The repo that borrowed, and the package.
    pub copy: String,
    /// The repo that owns it.
    pub owner: String,
    /// The name of the branches; null where they have landed, and the entry is gone.
    pub branch: Option<String>,
    /// The commits of the owner's branch.
    pub commits: usize,
    /// The tip of it; null if the owner has everything already.
    pub commit: Option<String>,
    /// The tip of the borrower's branch.
    pub dropped: Option<String>,
}

impl Output for ReturnedPackage {
    const COMMAND: &'static str = "return";
}
