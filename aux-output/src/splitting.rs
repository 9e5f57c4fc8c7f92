//! A monorepo becomes a family: `split`, `ready`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evaluation::Differences;
use crate::family::Note;
use crate::output::Output;

/// The plan of a split, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SplitPlan {
    /// The tree that is split.
    pub tree: String,
    /// `layers`, `overlays` or `packages`: how core takes part.
    pub wiring: String,
    /// What each repo gets.
    #[serde(default)]
    pub repos: Vec<SplitRepo>,
    /// Where each package goes, and why.
    #[serde(default)]
    pub packages: Vec<SplitPackage>,
    /// The package sets of which rules name members.
    #[serde(default)]
    pub sets: Vec<SplitSet>,
    /// Rules that fit no package.
    #[serde(default)]
    pub idle_rules: Vec<IdleRule>,
    /// What core should boot from and has no value, and why.
    #[serde(default)]
    pub bootstrap_without_value: BTreeMap<String, String>,
    /// What core asks for and other repos have.
    #[serde(default)]
    pub stubs: Vec<Stub>,
    /// The places in core that layers need.
    #[serde(default)]
    pub core: Vec<Place>,
    /// Edges that do not become edges of the manifest as they are.
    #[serde(default)]
    pub relations: Vec<RelationNote>,
    /// Attributes of the tree that the core has too that it stands over.
    #[serde(default)]
    pub of_core: Vec<String>,
    /// What was not understood, or needs a look.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Where the family was made.
    pub family: Option<String>,
    /// With `--verify`: what came of comparing.
    pub verified: Option<Verified>,
}

impl Output for SplitPlan {
    const COMMAND: &'static str = "split";
}

/// One repo of a split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SplitRepo {
    /// The repo.
    pub repo: String,
    /// How many packages it gets.
    pub packages: usize,
    /// Attributes that are derivations; null if Nix was not asked.
    pub derivations: Option<usize>,
    /// How many of them it offers alone.
    pub offered_alone: Option<usize>,
    /// For want of which repo, and how many.
    pub lacks: Option<BTreeMap<String, usize>>,
    /// The nearest attributes of those repos, and for how many each is it.
    pub culprits: Option<BTreeMap<String, BTreeMap<String, usize>>>,
    /// Bytes of its archive.
    pub bytes: Option<u64>,
    /// Bytes of all that it needs to be used alone.
    pub bytes_alone: Option<u64>,
}

/// Where one package goes, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SplitPackage {
    /// The package.
    pub package: String,
    /// The repo it goes to.
    pub repo: String,
    /// Why.
    pub because: String,
    /// What a rule wants for it.
    pub wanted: Option<Claim>,
    /// What keeps it in core.
    #[serde(default)]
    pub pins: Vec<Pin>,
}

/// A package set of which rules name members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SplitSet {
    /// The set.
    pub set: String,
    /// The attribute with the list of overlays that others add to.
    pub hook: Option<String>,
    /// Why nobody can add to it.
    pub closed: Option<String>,
    /// The attributes that what is added reaches.
    #[serde(default)]
    pub instances: Vec<String>,
    /// How many packages it has.
    pub members: usize,
    /// Attributes of it without a value, of which nobody knows where they come from.
    #[serde(default)]
    pub without_value: Vec<String>,
    /// The members that a rule wants elsewhere.
    #[serde(default)]
    pub placed: Vec<SplitMember>,
}

/// Where one member of a package set goes, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SplitMember {
    /// Its name in the set.
    pub member: String,
    /// The repo it goes to.
    pub repo: String,
    /// Why.
    pub because: String,
    /// What a rule wants for it.
    pub wanted: Option<Claim>,
    /// What keeps it where it is.
    #[serde(default)]
    pub pins: Vec<Pin>,
}

/// Why a package stays in core although a rule wants it elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pin {
    /// `keep` for a pattern of the rules, `bootstrap` for what core boots from, `twice` for an
    /// attribute that two directories define, `path` for a path that joins it with the rest; of a
    /// member `closed` for a set that nobody can add to, `call` for what is called in another way, `set`
    /// for one that goes elsewhere as a whole.
    pub kind: String,
    /// The pattern of the rules.
    pub pattern: Option<String>,
    /// The attribute that core boots from, or that two directories define.
    pub attribute: Option<String>,
    /// What is made with that attribute.
    pub root: Option<String>,
    /// The other directory; null for what is no package.
    pub other: Option<String>,
    /// Where the path is written: file and line.
    pub place: Option<String>,
    /// The path.
    pub path: Option<String>,
    /// Why nobody can add to its set, or how it is called.
    pub reason: Option<String>,
    /// The repo that its set goes to.
    pub repo: Option<String>,
}

/// A rule that wants a package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Claim {
    /// The repo.
    pub repo: String,
    /// The rule in words.
    pub because: String,
}

/// A rule that fits no package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdleRule {
    /// Whose rule it is.
    pub repo: String,
    /// The rule.
    pub rule: String,
    /// The file that defines the attribute that it names, outside of folders of packages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defined_in: Option<String>,
}

/// A name that core asks for and another repo has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stub {
    /// The name.
    pub name: String,
    /// The repo.
    pub repo: String,
    /// Where core asks; null for a computed name.
    pub place: Option<String>,
}

/// A place in core that layers need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: Option<usize>,
    /// What has to be there.
    pub what: String,
    /// What for.
    pub why: String,
    /// `done`, `missing` or `unknown`.
    pub state: String,
    /// Why it is unknown.
    pub reason: Option<String>,
}

/// An edge that does not become one of the manifest as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RelationNote {
    /// `both-ways`, `below`, `nameless`, `member` or `cycle`.
    pub kind: String,
    /// The attribute.
    pub attribute: Option<String>,
    /// The package.
    pub package: Option<String>,
    /// What needs it.
    pub needed: Option<String>,
    /// What takes it if it is there.
    pub optional: Option<String>,
    /// The member that the package is made from, as SET.NAME.
    pub member: Option<String>,
    /// The repo of the package.
    pub repo: Option<String>,
    /// The repo of the member.
    pub other: Option<String>,
}

/// What came of comparing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verified {
    /// Set by set; the first is the whole.
    #[serde(default)]
    pub sets: Vec<VerifiedSet>,
}

/// One set of the tree and of the family.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerifiedSet {
    /// Its path; empty for the whole.
    pub set: String,
    /// Its attributes.
    pub attributes: usize,
    /// How many are derivations.
    pub derivations: usize,
    /// How many have no value.
    pub failed: usize,
    /// How many are sets, functions and the like.
    pub others: usize,
    /// What changed.
    pub differences: Differences,
    /// Attributes that fail for another reason of the same sort.
    #[serde(default)]
    pub other_reasons: Vec<String>,
}

/// Packages that rules of several repos claim: nothing was planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SplitClashes {
    /// Package by package.
    #[serde(default)]
    pub clashes: Vec<Clash>,
}

impl Output for SplitClashes {
    const COMMAND: &'static str = "split-clashes";
}

/// A package that rules of several repos claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Clash {
    /// The package.
    pub package: String,
    /// The claims.
    #[serde(default)]
    pub claims: Vec<Claim>,
}

/// What a core must change to take layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Readiness {
    /// The core.
    pub core: String,
    /// Whether nothing is missing.
    pub ready: bool,
    /// Names that core asks for and other repos have, and that have no stub.
    #[serde(default)]
    pub stubs_missing: BTreeMap<String, String>,
    /// The places in it that layers need.
    #[serde(default)]
    pub places: Vec<Place>,
    /// What Nix says of it; null if it was not asked.
    pub contract: Option<Vec<CoreClause>>,
    /// The files that were written.
    #[serde(default)]
    pub written: Vec<String>,
}

impl Output for Readiness {
    const COMMAND: &'static str = "ready";
}

/// One clause of the contract of a core.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CoreClause {
    /// What it asks for.
    pub what: String,
    /// Why it is not kept; null if it is.
    pub broken: Option<String>,
}

/// A tree that went, or would go, into by-name directories.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Relaid {
    /// The packages that move.
    #[serde(default)]
    pub moves: Vec<RelaidMove>,
    /// Packages that stay where they are.
    #[serde(default)]
    pub left: Vec<StaysThere>,
    /// The texts that change, by the path they have before.
    #[serde(default)]
    pub edited: Vec<String>,
    /// Whether it was done.
    pub applied: bool,
}

impl Output for Relaid {
    const COMMAND: &'static str = "relayout";
}

/// A package that goes into its by-name directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RelaidMove {
    /// Its attribute.
    pub name: String,
    /// The folder or file that it leaves.
    pub from: String,
    /// Its by-name directory.
    pub to: String,
}

/// A package that stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StaysThere {
    /// Its folder, or the file and line of its call.
    pub place: String,
    /// Why.
    pub reason: String,
}
