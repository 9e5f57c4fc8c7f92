//! Moving a family: `update`, `promote`, `train`, `holds`, `release`, `changeset`.

use serde::{Deserialize, Serialize};

use crate::output::Output;
use crate::problem::NamedFailure;

/// A train: what it saw, what it found, and how far it is. `update`, `train status` and `train
/// resume` print it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Train {
    /// When it began, in seconds since 1970.
    pub started: i64,
    /// The day when it began.
    pub day: String,
    /// `running`, `ready`, `promoting`, `promoted` or `done`.
    pub phase: String,
    /// The branch that it starts from and is to move.
    pub branch: String,
    /// The branch that has its candidates.
    pub staging: String,
    /// The channel whose branches move; null for those that repos have without one.
    #[serde(default)]
    pub channel: Option<String>,
    /// The branch of a change set; null for an update.
    pub change: Option<String>,
    /// The only inputs that move; all if empty.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// The system that is evaluated for.
    pub system: String,
    /// Whether candidates are pushed to the remotes too.
    pub pushes: bool,
    /// The order in which repos move: waves of steps, each of one repo or of several that move
    /// together.
    #[serde(default)]
    pub waves: Vec<Vec<Vec<String>>>,
    /// What is known of each repo.
    #[serde(default)]
    pub repos: Vec<TrainRepo>,
    /// Packages that fail in the new top-level only.
    #[serde(default)]
    pub broken: Vec<BrokenRepo>,
    /// Packages that are another derivation alone than through top-level.
    #[serde(default)]
    pub differing: Vec<DifferingRepo>,
    /// Holds that ended with this train.
    #[serde(default)]
    pub released: Vec<Hold>,
}

impl Output for Train {
    const COMMAND: &'static str = "train";
}

/// What a train knows of one repo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrainRepo {
    /// The repo.
    pub repo: String,
    /// The branch that moves, if it is not the train's.
    pub branch: Option<String>,
    /// The commit that its candidate starts from.
    pub base: Option<String>,
    /// Where its branch was here.
    pub local: Option<String>,
    /// Where its branch was on the remote.
    pub remote: Option<String>,
    /// The commit that top-level had locked.
    pub good: Option<String>,
    /// Where its staging branch is here.
    pub staging: Option<String>,
    /// The commit brought to the staging branch of the remote.
    pub pushed: Option<String>,
    /// What became of it; null while it is not judged.
    pub outcome: Option<Outcome>,
}

/// What became of a repo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outcome {
    /// `unchanged`, `moves` or `held`.
    pub is: String,
    /// The commit it is at or moves to.
    pub commit: Option<String>,
    /// Packages that fail as before.
    #[serde(default)]
    pub failing: Vec<String>,
    /// Why it is held.
    pub hold: Option<Hold>,
}

/// Packages of a repo that fail in top-level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrokenRepo {
    /// The repo.
    pub repo: String,
    /// The packages.
    #[serde(default)]
    pub packages: Vec<Broken>,
}

/// Something that fails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Broken {
    /// The attribute; null for the flake.
    pub attribute: Option<String>,
    /// Why.
    pub reason: String,
    /// Where.
    pub place: Option<String>,
    /// The last lines of the log of a build that failed.
    #[serde(default)]
    pub log: Vec<String>,
}

/// A repo with packages that are another derivation alone than through top-level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DifferingRepo {
    /// The repo.
    pub repo: String,
    /// Their attributes.
    #[serde(default)]
    pub packages: Vec<String>,
}

/// The first bad commit of a hold, as `git bisect` finds it along first parents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bisected {
    /// The repo whose commits these are.
    pub repo: String,
    /// The last commit that was good.
    pub good: String,
    /// The commit that is not.
    pub bad: String,
    /// How many commits lead from the one to the other.
    pub commits: usize,
    /// The first with which it fails.
    pub first_bad: String,
    /// The title of that one.
    pub title: String,
}

/// A repo that is held at its last good commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hold {
    /// The repo.
    pub repo: String,
    /// The channel on which it is held; null for its branch without one.
    #[serde(default)]
    pub channel: Option<String>,
    /// The SIG that runs it.
    pub sig: String,
    /// Accounts and teams to ask.
    #[serde(default)]
    pub owners: Vec<String>,
    /// Where to reach the SIG.
    pub contact: Option<String>,
    /// Such as `broken`, `broken-by`, `contract`, `diverged`, `syntax`, `waits`.
    pub kind: String,
    /// Why, in one line.
    pub reason: String,
    /// The repo that broke it.
    pub because_of: Option<String>,
    /// The commits among which the one is that broke it; null if that is not known.
    #[serde(default)]
    pub bisected: Option<Bisected>,
    /// What fails.
    #[serde(default)]
    pub broken: Vec<Broken>,
    /// The day since when.
    pub since: String,
    /// The commit it stays at.
    pub held_at: Option<String>,
    /// The commit that was refused.
    pub refused: Option<String>,
    /// Whether its owners were told.
    pub told: bool,
}

/// The repos that are held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Holds {
    /// Repo by repo.
    #[serde(default)]
    pub holds: Vec<Hold>,
    /// The commit with their files that was made; none if none was asked for, or git had them.
    #[serde(default)]
    pub commit: Option<String>,
    /// The commit that the registry's remote got; none if none was asked for, or it had it.
    #[serde(default)]
    pub pushed: Option<String>,
    /// What was done about issues on the forge, or would be with `--dry-run`.
    #[serde(default)]
    pub issues: Vec<HoldIssue>,
}

/// An issue about a hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HoldIssue {
    /// The repo.
    pub repo: String,
    /// `opened`, `edited` or `closed`.
    pub change: String,
    /// The number of the issue; none for one that is still to be opened.
    pub number: Option<u64>,
    /// Why the forge refused; none if it did not.
    #[serde(default)]
    pub refused: Option<String>,
}

impl Output for Holds {
    const COMMAND: &'static str = "holds";
}

/// Branches that moved. `train resume` prints it when it promotes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Promoted {
    /// The repos whose branch moved.
    #[serde(default)]
    pub promoted: Vec<PromotedRepo>,
    /// The repos whose remote has it.
    #[serde(default)]
    pub pushed: Vec<String>,
    /// Repos that could not be moved or pushed.
    #[serde(default)]
    pub refused: Vec<NamedFailure>,
}

impl Output for Promoted {
    const COMMAND: &'static str = "promote";
}

/// A repo whose branch moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PromotedRepo {
    /// The repo.
    pub repo: String,
    /// Where its branch is now.
    pub commit: String,
}

/// A train that was dropped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrainAborted {
    /// Whether it is gone.
    pub dropped: bool,
    /// Remotes that keep their staging branch, and why.
    #[serde(default)]
    pub refused: Vec<NamedFailure>,
}

impl Output for TrainAborted {
    const COMMAND: &'static str = "train-abort";
}

/// The commits of all repos under a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Release {
    /// The name.
    pub name: String,
    /// The day.
    pub day: String,
    /// The channel that it is of; null for the branches without one.
    #[serde(default)]
    pub channel: Option<String>,
    /// The commit of the registry.
    pub registry: Option<String>,
    /// Repo by repo.
    #[serde(default)]
    pub repos: Vec<FrozenRepo>,
    /// The tags that were made of it, or were there; none if nobody asked for any.
    #[serde(default)]
    pub tags: Vec<ReleaseTag>,
    /// The archive that was made of it, if somebody asked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tarball: Option<ReleaseTarball>,
}

/// A release as one archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseTarball {
    /// Where it is.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// How many files it has.
    pub files: usize,
    /// The SHA-256 of it, as hexadecimal digits.
    pub sha256: String,
    /// Inputs that are not in it, and are fetched when somebody evaluates it.
    #[serde(default)]
    pub fetched: Vec<String>,
}

/// The tag of a release in one repo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseTag {
    /// The repo.
    pub repo: String,
    /// The commit that it names.
    pub commit: String,
    /// Whether it was made now.
    pub is_new: bool,
    /// Whether the remote has it now; null if nobody asked for that.
    pub pushed: Option<bool>,
    /// Why the remote does not have it.
    pub reason: Option<String>,
}

impl Output for Release {
    const COMMAND: &'static str = "release";
}

/// The commit of one repo in a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FrozenRepo {
    /// The repo.
    pub repo: String,
    /// Where it is published.
    pub url: String,
    /// Where it is checked out, relative to the registry.
    pub path: String,
    /// The commit.
    pub commit: String,
}

/// All releases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Releases {
    /// The releases.
    #[serde(default)]
    pub releases: Vec<Release>,
    /// Files that are no releases, and why.
    #[serde(default)]
    pub damaged: Vec<String>,
}

impl Output for Releases {
    const COMMAND: &'static str = "release-list";
}

/// Repos that were put at the commits of a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckedOut {
    /// Repo by repo.
    #[serde(default)]
    pub repos: Vec<CheckedOutRepo>,
}

impl Output for CheckedOut {
    const COMMAND: &'static str = "release-checkout";
}

/// One repo at the commit of a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckedOutRepo {
    /// The repo.
    pub repo: String,
    /// Where it is.
    pub path: String,
    /// The commit.
    pub commit: String,
    /// Whether it was cloned.
    pub is_new: bool,
}

/// What changed between two releases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseDiff {
    /// Repos with another commit.
    #[serde(default)]
    pub repos: Vec<RepoDiff>,
    /// Packages that are not the same.
    #[serde(default)]
    pub packages: Vec<PackageDiff>,
    /// How many packages are the same.
    pub same: usize,
}

impl Output for ReleaseDiff {
    const COMMAND: &'static str = "release-diff";
}

/// A repo with another commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RepoDiff {
    /// The repo.
    pub repo: String,
    /// Its commit in the first release.
    pub was: Option<String>,
    /// Its commit in the second.
    pub now: Option<String>,
}

/// A package that is not the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackageDiff {
    /// The attribute.
    pub attribute: String,
    /// `added`, `removed` or `changed`.
    pub is: String,
    /// What it was.
    pub was: Option<ReleasedPackage>,
    /// What it is.
    pub now: Option<ReleasedPackage>,
}

/// A package of a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleasedPackage {
    /// The repo that has it.
    pub repo: String,
    /// The name of its derivation.
    pub name: Option<String>,
    /// The path of its derivation.
    pub drv_path: Option<String>,
    /// Why it has none.
    pub failure: Option<String>,
}

/// What a change set does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangeTried {
    /// Its name.
    pub change: Option<String>,
    /// Whether it breaks nothing.
    pub good: bool,
    /// Repos that would be held because of it.
    #[serde(default)]
    pub breaks: Vec<Hold>,
    /// Packages that fail in top-level with it.
    #[serde(default)]
    pub broken_in_top_level: Vec<BrokenRepo>,
    /// What it does to every package; null if nobody asked.
    #[serde(default)]
    pub impact: Option<crate::Impact>,
    /// The train that tried it.
    pub train: Train,
}

impl Output for ChangeTried {
    const COMMAND: &'static str = "changeset-try";
}

/// A change set that is forgotten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangeDropped {
    /// Whether something of that name had been tried.
    pub dropped: bool,
}

impl Output for ChangeDropped {
    const COMMAND: &'static str = "changeset-drop";
}
