//! Commands about files: `check`, `generate`, `status`, `resolve`, `eject`, `uneject`, `recover`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::output::Output;
use crate::problem::Problem;

/// What `check` found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Checked {
    /// Every problem, errors first for the manifest, then those of the trees.
    #[serde(default)]
    pub problems: Vec<Problem>,
    /// SIGs in the manifest; 0 for `--tree`.
    pub sigs: usize,
    /// Repos in the manifest; for `--tree`, the trees.
    pub repos: usize,
    /// Packages that were looked at.
    pub packages: usize,
    /// How many members of package sets.
    #[serde(default)]
    pub members: usize,
    /// The folders of packages that were looked at.
    #[serde(default)]
    pub places: Vec<CheckedPlace>,
    /// Folders and files that were not looked at, since they are laid out by hand.
    #[serde(default)]
    pub by_hand: usize,
    /// Repos of which no file was looked at, since nothing says where their packages are.
    #[serde(default)]
    pub unseen: Vec<String>,
}

/// A folder of packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckedPlace {
    /// The folder: of a tree as it was named, of a repo its checkout first.
    pub place: String,
    /// How its packages lie: a word of `layout` in the manifest.
    pub layout: String,
    /// How many there are.
    pub packages: usize,
}

impl Output for Checked {
    const COMMAND: &'static str = "check";
}

/// What `check --fix` did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fixed {
    /// Contract versions that were too small a step.
    #[serde(default)]
    pub contracts: Vec<FixedContract>,
    /// Tree by tree.
    #[serde(default)]
    pub trees: Vec<FixedTree>,
}

impl Output for Fixed {
    const COMMAND: &'static str = "check-fix";
}

/// A contract version that was raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FixedContract {
    /// The repo.
    pub repo: String,
    /// What the manifest said.
    pub from: String,
    /// What it says now.
    pub to: String,
}

/// One tree that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FixedTree {
    /// How its files are named: empty, or a path that ends with `/`.
    pub tree: String,
    /// Packages that moved to the shard of their name.
    #[serde(default)]
    pub moved: Vec<FixedMove>,
    /// Files with paths that were written anew, and how many.
    #[serde(default)]
    pub rewritten: BTreeMap<String, usize>,
    /// Packages that could not move because the place is taken.
    #[serde(default)]
    pub blocked: Vec<FixedMove>,
    /// Packages that stay, because a path that is computed may lead to them.
    #[serde(default)]
    pub reached: Vec<FixedReached>,
    /// Directories that are no shards; nothing was moved in the tree because of them.
    #[serde(default)]
    pub unsharded: Vec<String>,
    /// How many errors the tree still has.
    #[serde(default)]
    pub remaining: usize,
}

/// A package that a computed path may lead to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FixedReached {
    /// Its directory, relative to the repo.
    pub package: String,
    /// Where the path is: a file, and the line if it is one.
    pub place: String,
}

/// A package that moved, or would have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FixedMove {
    /// Where it was.
    pub from: String,
    /// Where it belongs.
    pub to: String,
}

/// What `generate` wrote, or would write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Generated {
    /// Whether files were written.
    pub written: bool,
    /// The files that differ from the plan.
    #[serde(default)]
    pub changes: Vec<FileChange>,
    /// Files that are left alone, and why.
    #[serde(default)]
    pub kept: Vec<KeptFile>,
    /// Folders that could not be compared.
    #[serde(default)]
    pub left: Vec<LeftFolder>,
    /// With `--commit`: one for each git repository.
    #[serde(default)]
    pub commits: Vec<Commit>,
    /// With `--commit`: folders in no git repository.
    #[serde(default)]
    pub without_git: Vec<String>,
}

impl Output for Generated {
    const COMMAND: &'static str = "generate";
}

/// A file that differs from the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileChange {
    /// The repo; null for the registry's own files.
    pub repo: Option<String>,
    /// The file, relative to its repo.
    pub path: String,
    /// The file, relative to the registry.
    pub file: String,
    /// `create`, `update`, `merge` or `remove`.
    pub kind: String,
    /// With `--diff`: a unified diff.
    pub diff: Option<String>,
}

/// A file that is left alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeptFile {
    /// The repo; null for the registry's own files.
    pub repo: Option<String>,
    /// The file, relative to its repo.
    pub path: String,
    /// The file, relative to the registry.
    pub file: String,
    /// Why, in one sentence.
    pub reason: String,
}

/// A folder that could not be compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeftFolder {
    /// The repo; null for the registry itself.
    pub repo: Option<String>,
    /// The folder, relative to the registry; empty for the registry.
    pub folder: String,
    /// Why not.
    pub message: String,
    /// What caused that.
    #[serde(default)]
    pub causes: Vec<String>,
    /// The way out.
    pub help: Option<String>,
}

/// A commit of generated files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Commit {
    /// The folder of the git repository, relative to the registry; empty for the registry itself.
    pub repository: String,
    /// The commit; null if git refused.
    pub commit: Option<String>,
    /// Why git refused.
    pub error: Option<String>,
    /// The files in it: `add`, `update`, `remove` or `split` each.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Files of people that what is committed speaks of.
    #[serde(default)]
    pub left: Vec<String>,
}

/// Where generated files come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Explained {
    /// File by file.
    #[serde(default)]
    pub files: Vec<ExplainedFile>,
}

impl Output for Explained {
    const COMMAND: &'static str = "generate-explain";
}

/// Where one generated file comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExplainedFile {
    /// The file, relative to the registry.
    pub file: String,
    /// The template it is made from.
    pub template: String,
    /// The version of that template.
    pub version: String,
    /// The version it was last written from.
    pub written_version: Option<String>,
    /// The aux-gen that wrote it.
    pub written_by: Option<String>,
    /// Why it would be written: `new`, `template`, `model` or `scaffold`; null if it is up to
    /// date.
    pub because: Option<String>,
}

/// How generated files stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status {
    /// The files that are not as generated.
    #[serde(default)]
    pub files: Vec<FileStatus>,
    /// Folders that could not be compared.
    #[serde(default)]
    pub left: Vec<LeftFolder>,
}

impl Output for Status {
    const COMMAND: &'static str = "status";
}

/// How one file stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileStatus {
    /// The repo; null for the registry's own files.
    pub repo: Option<String>,
    /// The file, relative to its repo.
    pub path: String,
    /// The file, relative to the registry.
    pub file: String,
    /// Such as `new`, `stale`, `modified`, `conflict`, `ejected`, `half-merged`.
    pub state: String,
}

/// Files that were decided about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resolved {
    /// File by file.
    #[serde(default)]
    pub files: Vec<ResolvedFile>,
}

impl Output for Resolved {
    const COMMAND: &'static str = "resolve";
}

/// Files that are the user's from now on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ejected {
    /// File by file.
    #[serde(default)]
    pub files: Vec<ResolvedFile>,
}

impl Output for Ejected {
    const COMMAND: &'static str = "eject";
}

/// Files that are generated again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unejected {
    /// File by file.
    #[serde(default)]
    pub files: Vec<ResolvedFile>,
}

impl Output for Unejected {
    const COMMAND: &'static str = "uneject";
}

/// A file that was decided about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResolvedFile {
    /// The file, relative to the registry.
    pub file: String,
    /// Whether it has conflict markers now, to be edited by hand.
    pub conflicts: bool,
}

/// What became of a run that was ended half way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recovered {
    /// `none`, `finished`, `partly` or `abandoned`.
    pub is: String,
    /// Why not all of it could be done, if `is` is `partly`.
    pub reason: Option<String>,
    /// How many of its changes were given up.
    pub given_up: usize,
}

/// The checkouts of a family after they were brought up to date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Synced {
    /// The repos, from core up.
    pub repos: Vec<SyncedRepo>,
}

/// The checkout of one repo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncedRepo {
    /// The repo.
    pub repo: String,
    /// Where it is, relative to the registry.
    pub path: String,
    /// `cloned`, `fresh`, `forwarded`, `ahead`, `left` or `failed`.
    pub state: String,
    /// Of one that was cloned, what is checked out; null if it has no commit.
    #[serde(default)]
    pub commit: Option<String>,
    /// Of one that went forward, where it was.
    #[serde(default)]
    pub from: Option<String>,
    /// Of one that went forward, where it is.
    #[serde(default)]
    pub to: Option<String>,
    /// Why it was left, or failed.
    #[serde(default)]
    pub reason: Option<String>,
}

impl Output for Synced {
    const COMMAND: &'static str = "sync";
}

/// A registry and its repos, cloned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cloned {
    /// The folder of the registry, as it was named.
    pub folder: String,
    /// The repos, from core up.
    pub repos: Vec<SyncedRepo>,
}

impl Output for Cloned {
    const COMMAND: &'static str = "clone";
}

impl Output for Recovered {
    const COMMAND: &'static str = "recover";
}
