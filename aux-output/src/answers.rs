//! Questions about a family: `where`, `who`, `why`, `place`, `core`, `coverage`, `cycles`, `graph`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::output::Output;
use crate::problem::Problem;

/// What `where` found, best first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Found {
    /// The hits.
    #[serde(default)]
    pub hits: Vec<Hit>,
    /// What became of things that had the name once.
    #[serde(default)]
    pub former: Vec<FormerThing>,
}

/// Something that had a name once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FormerThing {
    /// What it was: `package`, `module`, `repo`, `sig` or `person`.
    pub kind: String,
    /// The name that it had; of a package or a module REPO/NAME.
    pub name: String,
    /// The name that it has now; null if it is gone.
    pub to: Option<String>,
    /// What became of it, in words.
    pub sentence: String,
}

impl Output for Found {
    const COMMAND: &'static str = "where";
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hit {
    /// What it is, such as `package`, `module`, `repo`, `sig`, `person`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The full name of a person or SIG.
    pub full_name: Option<String>,
    /// The attribute that this one is an alias of.
    pub alias_of: Option<String>,
    /// The package that this is a variant or member of.
    pub part_of: Option<String>,
    /// Its variants.
    #[serde(default)]
    pub variants: Vec<String>,
    /// Its aliases.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Its members.
    #[serde(default)]
    pub members: Vec<String>,
    /// The repo that has it.
    pub repo: Option<String>,
    /// The SIG that answers for it.
    pub owner: Option<String>,
    /// The handles of its maintainers.
    #[serde(default)]
    pub maintainers: Vec<String>,
    /// The handles of a SIG's leads.
    #[serde(default)]
    pub leads: Vec<String>,
    /// The SIGs of a person.
    #[serde(default)]
    pub sigs: Vec<String>,
    /// Where to reach a SIG or a person.
    pub contact: Option<String>,
    /// What it is, in one line.
    pub description: Option<String>,
    /// The flake reference that builds it, or the path to it.
    pub reference: Option<String>,
    /// How it fits: `exact`, `prefix`, `substring`, `description`, `owner` or `fuzzy`.
    pub matched: String,
}

/// Who answers for what was named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Owners {
    /// Everything of that name.
    #[serde(default)]
    pub answers: Vec<Owned>,
}

impl Output for Owners {
    const COMMAND: &'static str = "who";
}

/// Something, and who answers for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Owned {
    /// `package`, `module`, `overlay` or `repo`.
    pub kind: String,
    /// The repo that has it.
    pub repo: String,
    /// Its name.
    pub name: String,
    /// Further attributes of a package.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// The SIG that answers for it.
    pub owner: String,
    /// The leads of that SIG.
    #[serde(default)]
    pub leads: Vec<String>,
    /// The team of that SIG on the forge.
    pub team: Option<String>,
    /// Its maintainers.
    #[serde(default)]
    pub maintainers: Vec<String>,
    /// Where to reach the SIG.
    pub contact: Option<String>,
    /// Repos that have a copy of it.
    #[serde(default)]
    pub borrowers: Vec<String>,
    /// Accounts and teams that a forge asks for a review.
    #[serde(default)]
    pub reviewers: Vec<String>,
    /// The SIG that runs the repo.
    pub repo_sig: String,
}

/// Why one thing needs another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Why {
    /// The shortest chain of edges, empty if they are the same; null if there is none.
    pub chain: Option<Vec<Edge>>,
}

impl Output for Why {
    const COMMAND: &'static str = "why";
}

/// One package needs another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Edge {
    /// The package as REPO/NAME.
    pub from: String,
    /// The package it needs.
    pub to: String,
    /// The attribute by which it asks for it.
    pub attribute: String,
    /// `build`, `runtime`, `test`, `optional` or `asks`.
    pub kind: String,
    /// Where the edge is known from: `declared`, `formals` or `derivation`.
    pub origin: String,
    /// Where: a file with a line, or a derivation.
    pub place: Option<String>,
}

/// Where a package belongs, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Placement {
    /// The repo it is in; null if it is to come.
    pub stands: Option<String>,
    /// The repo it belongs to.
    pub repo: String,
    /// The rule that says so, such as `owners-repo`, `shared`, `holds-the-highest`.
    pub rule: String,
    /// The packages that decide it.
    #[serde(default)]
    pub witnesses: Vec<String>,
    /// The packages that need it and decide it.
    #[serde(default)]
    pub users: Vec<String>,
    /// Packages that keep it from any place.
    #[serde(default)]
    pub against: Vec<String>,
    /// The SIG that would own it.
    pub owner: String,
    /// SIGs that want to know of changes.
    #[serde(default)]
    pub watchers: Vec<String>,
    /// Repos that would do, best first.
    #[serde(default)]
    pub alternatives: Vec<Candidate>,
    /// Variants of it that belong elsewhere.
    #[serde(default)]
    pub variants: Vec<VariantPlace>,
}

impl Output for Placement {
    const COMMAND: &'static str = "place";
}

/// A repo that would do for a package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Candidate {
    /// The repo.
    pub repo: String,
    /// Its level: 0 for core.
    pub level: usize,
    /// How much of what the package needs it holds.
    pub holds: usize,
}

/// A variant of a package that belongs elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VariantPlace {
    /// What it is made with.
    pub with: String,
    /// Where it belongs.
    pub repo: String,
}

/// Packages that the rules would have elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Misplaced {
    /// Package by package.
    #[serde(default)]
    pub packages: Vec<MisplacedPackage>,
}

impl Output for Misplaced {
    const COMMAND: &'static str = "place-all";
}

/// A package that the rules would have elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MisplacedPackage {
    /// The package as REPO/NAME.
    pub package: String,
    /// Where it belongs.
    pub to: String,
    /// The rule that says so.
    pub rule: String,
    /// `belongs`, or `could` if its owner runs the repo it is in.
    pub verdict: String,
}

/// What belongs in core, and what does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Core {
    /// The closure of the bootstrap set.
    #[serde(default)]
    pub must: Vec<MustStay>,
    /// Packages that several SIGs of one tier need.
    #[serde(default)]
    pub should: Vec<ShouldMove>,
    /// Packages of core that nothing keeps there.
    #[serde(default)]
    pub need_not: Vec<NeedNot>,
    /// The fewest moves after which core needs nothing above it; null if it needs nothing, or
    /// cannot do without.
    pub cut: Option<Cut>,
}

impl Output for Core {
    const COMMAND: &'static str = "core";
}

/// A package that core boots from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MustStay {
    /// The package.
    pub package: String,
    /// Whether it is in core.
    pub in_core: bool,
    /// What needs it; null if the bootstrap set names it.
    pub because: Option<Edge>,
}

/// A package that several SIGs of one tier need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShouldMove {
    /// The package.
    pub package: String,
    /// Whether it is in core.
    pub in_core: bool,
    /// The tier of those SIGs.
    pub tier: String,
    /// The SIGs.
    #[serde(default)]
    pub sigs: Vec<String>,
    /// What it needs, and what would come along.
    #[serde(default)]
    pub with: Vec<String>,
}

/// A package of core that nothing keeps there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NeedNot {
    /// The package.
    pub package: String,
    /// Whether the SIG that runs core owns it, and so may keep it there.
    #[serde(default)]
    pub kept: bool,
    /// The repos that use it, and by how many edges.
    #[serde(default)]
    pub used_by: BTreeMap<String, usize>,
}

/// The fewest moves that end upward edges.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cut {
    /// Packages that come to core.
    #[serde(default)]
    pub down: Vec<String>,
    /// Packages that leave core.
    #[serde(default)]
    pub up: Vec<String>,
    /// What the moves cost together.
    pub price: u64,
}

/// The flake of somebody who uses a few repos.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConsumerFlake {
    /// The repos that it uses.
    pub repos: Vec<String>,
    /// The text of its `flake.nix`.
    pub flake: String,
    /// Bytes of the archives that it has a user download; null where one of the repos is not here.
    #[serde(default)]
    pub download: Option<u64>,
}

impl Output for ConsumerFlake {
    const COMMAND: &'static str = "use";
}

/// What each repo offers alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Coverages {
    /// Repo by repo.
    #[serde(default)]
    pub repos: Vec<Coverage>,
    /// The origins of the edges that were looked at: `declared`, and with the options of that
    /// `formals` and `derivation`.
    #[serde(default)]
    pub by: Vec<String>,
}

impl Output for Coverages {
    const COMMAND: &'static str = "coverage";
}

/// What one repo offers alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Coverage {
    /// The repo.
    pub repo: String,
    /// Its packages.
    pub packages: usize,
    /// How many of them it offers alone.
    pub standalone: usize,
    /// What it lacks.
    #[serde(default)]
    pub missing: Vec<MissingPackage>,
    /// How many members of package sets it has.
    #[serde(default)]
    pub members: usize,
    /// How many of them it offers without any other repo.
    #[serde(default)]
    pub standalone_members: usize,
    /// The others by SET.NAME, each with what is missing: REPO/NAME or REPO/SET.NAME.
    #[serde(default)]
    pub members_missing: BTreeMap<String, String>,
}

/// A package that a repo lacks alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MissingPackage {
    /// The package.
    pub package: String,
    /// What cannot be offered without it.
    #[serde(default)]
    pub cost: Vec<String>,
}

/// Cycles, and the plans that end them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cycles {
    /// Packages that need each other.
    #[serde(default)]
    pub packages: Vec<PackageCycle>,
    /// Repos that need each other.
    #[serde(default)]
    pub repos: Vec<RepoCycle>,
    /// Groups of repos that only moves can put in order.
    #[serde(default)]
    pub out_of_order: Vec<OutOfOrder>,
    /// What `check` would find after the plans; null if there is no group or no plan.
    pub proof: Option<Proof>,
}

impl Output for Cycles {
    const COMMAND: &'static str = "cycles";
}

/// Packages that need each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackageCycle {
    /// All of the strongly connected component.
    #[serde(default)]
    pub packages: Vec<String>,
    /// The shortest cycle in it.
    #[serde(default)]
    pub shortest: Vec<Edge>,
}

/// Repos that need each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RepoCycle {
    /// All of the strongly connected component.
    #[serde(default)]
    pub repos: Vec<String>,
    /// The shortest cycle in it.
    #[serde(default)]
    pub shortest: Vec<String>,
    /// Which repo needs which, and why.
    #[serde(default)]
    pub arcs: Vec<RepoArc>,
    /// Whether it passes peers or allowed pairs only, so that nothing is wrong.
    pub fine: bool,
    /// The moves after which it is gone; null if there is no plan.
    pub plan: Option<MovePlan>,
    /// The pair of it that the policy could allow.
    pub allow: Option<Allowance>,
}

/// One repo needs another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RepoArc {
    /// The repo.
    pub from: String,
    /// The repo it needs.
    pub to: String,
    /// `uses`, `allowed`, `through`, `peer` or `undeclared`.
    pub relation: String,
    /// The package edges behind it.
    #[serde(default)]
    pub edges: Vec<Edge>,
    /// Edges for tests or with a default, which could go.
    #[serde(default)]
    pub could_go: Vec<Edge>,
}

/// Repos that only moves can put in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutOfOrder {
    /// The repos.
    #[serde(default)]
    pub repos: Vec<String>,
    /// Needed edges that point to a higher tier.
    #[serde(default)]
    pub upward: Vec<Edge>,
    /// The moves that put them in order.
    pub plan: Option<MovePlan>,
}

/// Moves that put repos in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MovePlan {
    /// The order of the repos after it, lowest first.
    #[serde(default)]
    pub order: Vec<String>,
    /// The moves.
    #[serde(default)]
    pub moves: Vec<Move>,
    /// What they cost together.
    pub price: u64,
    /// What every plan costs at least: equal to the price if no plan is cheaper.
    pub bound: u64,
    /// `stay` or `end`: what becomes of pairs of peers.
    pub peers: String,
}

/// One move of a package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Move {
    /// The package.
    pub package: String,
    /// The repo it moves to.
    pub to: String,
    /// What it costs.
    pub price: u64,
    /// Why it has to.
    pub because: Option<String>,
}

/// A pair of repos that the policy could allow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Allowance {
    /// The pair.
    pub repos: (String, String),
    /// The reason to write down.
    pub reason: String,
    /// The SIG that would answer for it.
    pub owner: String,
    /// What it brings.
    #[serde(default)]
    pub coverage: Vec<AllowedCoverage>,
}

/// What a repo offers alone with a pair allowed, and without.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AllowedCoverage {
    /// The repo.
    pub repo: String,
    /// Its packages.
    pub packages: usize,
    /// Offered alone as peers.
    pub as_peers: usize,
    /// Offered alone with the pair allowed.
    pub allowed: usize,
    /// Flake inputs as peers.
    pub inputs_as_peers: usize,
    /// Flake inputs with the pair allowed.
    pub inputs_allowed: usize,
}

/// Whether plans do what they say, tried on a copy of the manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Proof {
    /// Whether no error is left.
    pub clean: bool,
    /// The errors that are left.
    #[serde(default)]
    pub problems: Vec<Problem>,
}

/// What changed in the manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rearranged {
    /// Packages, and the repo each moved to.
    #[serde(default)]
    pub moves: BTreeMap<String, String>,
    /// What repos use now besides.
    #[serde(default)]
    pub uses: BTreeMap<String, Vec<String>>,
    /// What repos have as peers now besides.
    #[serde(default)]
    pub peers: BTreeMap<String, Vec<String>>,
    /// What repos neither use nor have as peers any more.
    #[serde(default)]
    pub dropped: BTreeMap<String, Vec<String>>,
}

impl Output for Rearranged {
    const COMMAND: &'static str = "cycles-apply-plan";
}

/// A diagram of tiers, SIGs, repos or packages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Diagram {
    /// What it shows.
    pub title: String,
    /// The nodes.
    #[serde(default)]
    pub nodes: Vec<Node>,
    /// The arcs.
    #[serde(default)]
    pub arcs: Vec<Arc>,
    /// How many nodes were left out.
    pub left_out: usize,
}

impl Output for Diagram {
    const COMMAND: &'static str = "graph";
}

/// A node of a diagram.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Node {
    /// Its key.
    pub id: String,
    /// What is written in it.
    pub label: String,
    /// How many packages it stands for.
    pub packages: Option<usize>,
    /// The group it is drawn in.
    pub group: Option<String>,
    /// The SIG that answers for it.
    pub owner: Option<String>,
}

/// An arc of a diagram.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Arc {
    /// The key of the node it leaves.
    pub from: String,
    /// The key of the node it enters.
    pub to: String,
    /// `uses`, `peer` or `optional`.
    pub kind: String,
    /// How many package edges it stands for.
    pub edges: usize,
}
