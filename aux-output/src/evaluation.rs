//! What real Nix says: `eval`, `scan`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::output::Output;
use crate::problem::EvalFailure;

/// What became of every contract and every attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evaluation {
    /// The version of Nix.
    pub nix: String,
    /// The system that was evaluated for.
    pub system: String,
    /// `siblings` if checkouts were the inputs, `flakes` if Nix resolved them.
    pub resolution: String,
    /// Repo by repo.
    #[serde(default)]
    pub repos: Vec<EvaluatedRepo>,
    /// How long it took.
    pub seconds: f64,
    /// The same for the other systems, with `--all-systems`.
    #[serde(default)]
    pub others: Vec<Evaluation>,
}

impl Output for Evaluation {
    const COMMAND: &'static str = "eval";
}

/// One repo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvaluatedRepo {
    /// The repo.
    pub repo: String,
    /// The clauses of the contract.
    #[serde(default)]
    pub contract: Vec<Clause>,
    /// Its attributes, the repo alone.
    pub standalone: Tally,
    /// Its attributes, through top-level.
    pub top_level: Tally,
    /// Attributes that it leaves out alone, and what each needs.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// Packages that nobody is offered for the system, and that were not asked for.
    #[serde(default)]
    pub unavailable: Vec<Unavailable>,
    /// Packages that are another derivation alone than through top-level.
    #[serde(default)]
    pub differing: Vec<Differing>,
    /// Packages that the manifest and their `meta` describe in other words.
    #[serde(default)]
    pub drifted: Vec<Drifted>,
    /// Attributes that its layer defines and the manifest does not name.
    #[serde(default)]
    pub undeclared: Vec<String>,
    /// Files that git does not track, so that Nix does not see them.
    #[serde(default)]
    pub untracked: Vec<String>,
    /// Attributes that were not asked for, since the repo is somebody else's.
    #[serde(default)]
    pub unasked: usize,
    /// How long it took.
    pub seconds: f64,
}

/// An attribute that nobody is offered for a system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unavailable {
    /// The attribute.
    pub attribute: String,
    /// Why, such as "it is unfree".
    pub reason: String,
}

/// An attribute that a repo leaves out alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeftOut {
    /// The attribute.
    pub attribute: String,
    /// The package that it needs and the repo does not have.
    pub needs: String,
}

/// A package that is another derivation alone than through top-level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Differing {
    /// The attribute.
    pub attribute: String,
    /// Its arguments that are something else in the two views; none if that cannot be told.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Whether the policy of the family takes it for an error.
    pub is_error: bool,
}

/// A package that the manifest and its `meta` describe in other words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Drifted {
    /// The attribute.
    pub attribute: String,
    /// What the manifest says.
    pub manifest: String,
    /// What `meta.description` says.
    pub meta: String,
}

/// One output that the contract asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Clause {
    /// The output.
    pub output: String,
    /// Why it is not kept; null if it is.
    pub broken: Option<String>,
}

/// How many attributes evaluate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tally {
    /// How many there are.
    pub attributes: usize,
    /// How many evaluate.
    pub ok: usize,
    /// Those that do not.
    #[serde(default)]
    pub failed: Vec<EvalFailure>,
}

/// What every attribute of a package set evaluates to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvaluatedSet {
    /// The version of the format of saved snapshots.
    pub version: u32,
    /// The version of Nix.
    pub nix: String,
    /// The system that was evaluated for.
    pub system: String,
    /// The path of the set; empty for the whole.
    pub set: String,
    /// Whether nested sets were entered.
    pub nested: bool,
    /// Attribute by attribute.
    #[serde(default)]
    pub attributes: BTreeMap<String, Evaluated>,
    /// With `--compare`: what changed.
    pub differences: Option<Differences>,
    /// How long it took.
    pub seconds: f64,
}

impl Output for EvaluatedSet {
    const COMMAND: &'static str = "eval-snapshot";
}

/// What one attribute evaluates to: one of the three is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evaluated {
    /// The path of its derivation.
    pub derivation: Option<String>,
    /// The type of a value that is no derivation.
    pub is: Option<String>,
    /// Why it has no value.
    pub failed: Option<FailedAttribute>,
}

/// Why an attribute has no value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailedAttribute {
    /// What kind of failure.
    pub kind: String,
    /// Why, in one line.
    pub reason: String,
    /// Where.
    pub place: Option<String>,
}

/// What changed between two snapshots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Differences {
    /// Attributes that are new.
    #[serde(default)]
    pub added: Vec<String>,
    /// Attributes that are gone.
    #[serde(default)]
    pub removed: Vec<String>,
    /// Attributes that evaluate to something else.
    #[serde(default)]
    pub changed: Vec<String>,
    /// Attributes that evaluated and fail.
    #[serde(default)]
    pub now_failing: Vec<String>,
    /// Attributes that failed and evaluate.
    #[serde(default)]
    pub now_working: Vec<String>,
}

/// What files ask for, against what the manifest says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Scanned {
    /// What was evaluated; null without `--derivations`.
    pub evaluated: Option<ScanEvaluated>,
    /// Every pair of packages with an edge, and who says so.
    #[serde(default)]
    pub pairs: Vec<Pair>,
    /// Edges that were seen outside of the manifest.
    #[serde(default)]
    pub observed: Vec<Observed>,
    /// Edges that the manifest lacks.
    #[serde(default)]
    pub lacking: Vec<Lacking>,
    /// Edges of the manifest that nothing shows.
    #[serde(default)]
    pub surplus: Vec<Surplus>,
    /// Packages that are asked for and not built from.
    #[serde(default)]
    pub unused: Vec<Unused>,
    /// Names that no repo has.
    #[serde(default)]
    pub unresolved: Vec<Unresolved>,
    /// Files that cannot be read.
    #[serde(default)]
    pub unread: Vec<Unread>,
    /// Attributes that do not evaluate.
    #[serde(default)]
    pub failed: Vec<Unevaluated>,
    /// Repos that were not looked at.
    #[serde(default)]
    pub unseen: Vec<Unseen>,
    /// Packages that are the same derivation as another.
    #[serde(default)]
    pub same: Vec<Same>,
    /// What members of package sets ask for.
    #[serde(default)]
    pub members: ScannedMembers,
}

/// What files of members of package sets ask for, against what the manifest says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScannedMembers {
    /// How many files were read.
    pub read: usize,
    /// Everything that files ask for.
    #[serde(default)]
    pub observed: Vec<MemberAsks>,
    /// What the manifest lacks.
    #[serde(default)]
    pub lacking: Vec<MemberAsks>,
    /// What the manifest has and no file asks for.
    #[serde(default)]
    pub surplus: Vec<MemberSurplus>,
    /// Names that neither the set nor a repo has.
    #[serde(default)]
    pub unresolved: Vec<MemberUnresolved>,
    /// Files that cannot be read.
    #[serde(default)]
    pub unread: Vec<MemberUnread>,
}

/// Something that the file of a member asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberAsks {
    /// REPO/SET.NAME of who asks.
    pub member: String,
    /// The name that it asks for.
    pub attribute: String,
    /// REPO/NAME, or REPO/SET.NAME, of what that is.
    pub to: String,
    /// What for.
    pub kind: String,
    /// File and line.
    pub place: String,
}

/// Something that no file of a member asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberSurplus {
    /// REPO/SET.NAME of who is said to need it.
    pub member: String,
    /// REPO/NAME, or REPO/SET.NAME, of what it is.
    pub to: String,
    /// What for.
    pub kind: String,
    /// The file that does not ask for it.
    pub file: String,
}

/// A name that neither the set nor a repo has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberUnresolved {
    /// REPO/SET.NAME of who asks.
    pub member: String,
    /// The name.
    pub name: String,
    /// File and line.
    pub place: String,
    /// The nearest names.
    #[serde(default)]
    pub nearest: Vec<String>,
}

/// A file of a member that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberUnread {
    /// REPO/SET.NAME of whose it is.
    pub member: String,
    /// The file, relative to the registry.
    pub file: String,
    /// Why not.
    pub reason: String,
}

impl Output for Scanned {
    const COMMAND: &'static str = "scan";
}

/// What was evaluated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScanEvaluated {
    /// The version of Nix.
    pub nix: String,
    /// The system.
    pub system: String,
    /// `top-level`, or `alone` for each repo alone.
    pub view: String,
    /// Attributes that were evaluated.
    pub attributes: usize,
    /// Derivations they come from.
    pub derivations: usize,
    /// Derivations in their closure.
    pub closure: usize,
    /// How long it took.
    pub seconds: f64,
}

/// Two packages with an edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pair {
    /// The package.
    pub from: String,
    /// The package it needs.
    pub to: String,
    /// Who says so.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Why an edge of derivations needs no entry.
    pub explained: Option<PairReason>,
}

/// Why an edge between derivations needs no entry in the manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PairReason {
    /// `through` if it comes with what the package asks for, `fetching` if it fetches the source.
    pub kind: String,
    /// The attributes that bring it along, the nearest first.
    #[serde(default)]
    pub attributes: Vec<String>,
}

/// An edge that was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Observed {
    /// The package.
    pub from: String,
    /// The attribute by which it asks.
    pub attribute: String,
    /// What for.
    pub kind: String,
    /// Who says so.
    pub origin: String,
    /// Where.
    pub place: String,
}

/// An edge that the manifest lacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lacking {
    /// The package.
    pub package: String,
    /// The attribute by which it asks.
    pub attribute: String,
    /// The package it needs.
    pub to: String,
    /// What for.
    pub kind: String,
    /// Who says so.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Where.
    pub place: String,
}

/// An edge of the manifest that nothing shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Surplus {
    /// The package.
    pub package: String,
    /// What it is said to need.
    pub attribute: String,
    /// What for.
    pub kind: String,
    /// What was looked at.
    #[serde(default)]
    pub refuted_by: Vec<String>,
    /// Where the manifest says it.
    pub place: Option<String>,
}

/// A package that is asked for and not built from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unused {
    /// The package.
    pub package: String,
    /// The attribute by which it asks.
    pub attribute: String,
    /// The package it asks for.
    pub to: String,
    /// Where.
    pub place: String,
}

/// A name that no repo has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unresolved {
    /// The package that asks for it.
    pub package: String,
    /// The name.
    pub name: String,
    /// Where.
    pub place: String,
    /// Names near it that there are.
    #[serde(default)]
    pub nearest: Vec<String>,
}

/// A file that cannot be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unread {
    /// The package.
    pub package: String,
    /// The file.
    pub file: String,
    /// Why not.
    pub reason: String,
}

/// An attribute that does not evaluate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unevaluated {
    /// The package.
    pub package: String,
    /// The attribute.
    pub attribute: Option<String>,
    /// What kind of failure.
    pub kind: Option<String>,
    /// Why, in one line.
    pub reason: String,
    /// Where.
    pub place: Option<String>,
    /// All that Nix said.
    pub detail: String,
}

/// A repo that was not looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unseen {
    /// The repo.
    pub repo: String,
    /// Why not.
    pub reason: String,
}

/// A package that is the same derivation as another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Same {
    /// The package.
    pub package: String,
    /// Its attribute.
    pub attribute: String,
    /// The other package.
    pub same_as: String,
    /// The derivation.
    pub derivation: String,
}

/// What `meta` of packages says, against the manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MetasChecked {
    /// How many packages were asked for.
    pub asked: usize,
    /// Whether the manifest was brought to what `meta` says.
    pub fixed: bool,
    /// The packages of which the two say something else.
    #[serde(default)]
    pub differing: Vec<MetaDifference>,
    /// Packages whose `meta` has no value, each with why.
    #[serde(default)]
    pub unread: Vec<String>,
}

impl Output for MetasChecked {
    const COMMAND: &'static str = "check-meta";
}

/// A package of which the manifest and its `meta` say something else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MetaDifference {
    /// The package as REPO/NAME.
    pub package: String,
    /// What the manifest says, or said.
    pub manifest: String,
    /// What `meta` says.
    pub meta: String,
}
