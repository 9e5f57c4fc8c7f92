//! Commands that write a family: `init`, `new-sig`, `new-package`, `import`, `adopt`, `move`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::forge::ForgeChange;
use crate::output::Output;

/// A new registry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Started {
    /// The root of the manifest, as the user reaches it.
    pub manifest: String,
    /// The name of the organization.
    pub name: String,
    /// The files of the registry that were written, relative to it.
    #[serde(default)]
    pub files: Vec<String>,
}

impl Output for Started {
    const COMMAND: &'static str = "init";
}

/// What a core has that is somebody else's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Indexed {
    /// The core.
    pub repo: String,
    /// Its index, relative to the registry.
    pub path: String,
    /// How that stands.
    pub state: IndexState,
    /// The commit that is checked out; null if there are changes in it, or it is no repository.
    pub rev: Option<String>,
    /// The system that Nix is asked for.
    pub system: String,
    /// Derivations in the index.
    pub packages: usize,
    /// Functions in it, and sets of packages.
    pub builders: usize,
    /// How many attributes Nix sees; null if it was not asked.
    pub seen: Option<usize>,
    /// Those of them that the index lacks.
    #[serde(default)]
    pub exceptions: Vec<Unlisted>,
}

/// How an index stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum IndexState {
    /// It was written.
    Written,
    /// It is of the commit that is checked out.
    Fresh,
    /// It is of another commit, or another system.
    Stale,
}

impl Output for Indexed {
    const COMMAND: &'static str = "index";
}

/// A SIG that was added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AddedSig {
    /// The SIG.
    pub sig: String,
    /// Its repo.
    pub repo: String,
    /// The tier of that repo.
    pub tier: String,
    /// The manifest file that has it.
    pub manifest: String,
    /// The first commit of the repo, in a family of git repositories.
    #[serde(default)]
    pub commit: Option<String>,
    /// The command that publishes the repo, once its forge has an empty one.
    #[serde(default)]
    pub publish: Option<String>,
    /// What was made on the forge, if that was asked for.
    #[serde(default)]
    pub forge: Vec<ForgeChange>,
}

impl Output for AddedSig {
    const COMMAND: &'static str = "new-sig";
}

/// A package that was added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AddedPackage {
    /// The package as REPO/NAME.
    pub package: String,
    /// The file to edit, relative to the registry; empty if there is none.
    pub file: String,
}

impl Output for AddedPackage {
    const COMMAND: &'static str = "new-package";
}

/// A package that was copied from another tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Imported {
    /// Where it is now, relative to the registry.
    pub directory: String,
    /// The files, relative to that directory.
    #[serde(default)]
    pub files: Vec<String>,
    /// How many paths in them were written anew.
    pub rewritten: usize,
    /// Paths that could not come along.
    #[serde(default)]
    pub lost: Vec<LostPath>,
    /// Names that no repo of the family has.
    #[serde(default)]
    pub missing: Vec<MissingName>,
    /// Why it is not known what the package asks for.
    pub unread: Option<String>,
}

impl Output for Imported {
    const COMMAND: &'static str = "import";
}

/// How imported packages stand to what they are from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpstreamChanges {
    /// Those with a record.
    #[serde(default)]
    pub packages: Vec<UpstreamPackage>,
    /// How many packages have no record.
    pub unrecorded: usize,
}

impl Output for UpstreamChanges {
    const COMMAND: &'static str = "drift";
}

/// How one package stands to what it is from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpstreamPackage {
    /// The package, as REPO/NAME.
    pub package: String,
    /// The address of the repository that it is from.
    pub from: Option<String>,
    /// The commit.
    pub rev: String,
    /// The file or directory there.
    pub path: String,
    /// `same`, `changed`, `gone`, or `unknown` if nobody has the commit.
    pub state: String,
    /// The commit that it was compared with.
    pub newest: Option<String>,
    /// The version that it says at the first commit.
    pub version: Option<String>,
    /// The version that it says at the second one.
    pub newest_version: Option<String>,
    /// The commits between that changed it, oldest first, without merges.
    #[serde(default)]
    pub commits: Vec<UpstreamCommit>,
}

/// A commit of an upstream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpstreamCommit {
    /// Its name.
    pub commit: String,
    /// Who wrote it.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
}

/// A path that did not come along.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LostPath {
    /// The file that names it.
    pub file: String,
    /// The path.
    pub path: String,
    /// Why not.
    pub reason: String,
}

/// A name that no repo has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MissingName {
    /// The name.
    pub name: String,
    /// Where it is asked for.
    pub place: String,
    /// Names near it that there are.
    #[serde(default)]
    pub nearest: Vec<String>,
}

/// Repos that became part of a family.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Adopted {
    /// The repos that are new in the manifest; empty if the manifest had all.
    #[serde(default)]
    pub repos: Vec<AdoptedRepo>,
    /// What `--again` changed, repo by repo.
    #[serde(default)]
    pub again: Vec<AdoptedAgain>,
    /// The repos that the manifest had already.
    #[serde(default)]
    pub known: Vec<String>,
    /// The files written, relative to the registry.
    #[serde(default)]
    pub written: Vec<String>,
    /// What was not understood, or needs a look.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// The people of a community, if they were asked for.
    #[serde(default)]
    pub people: Option<AdoptedPeople>,
}

/// What is new in a repo that the manifest had, and what is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdoptedAgain {
    /// The repo.
    pub repo: String,
    /// Packages and builders that are listed now.
    pub added: Vec<String>,
    /// Those that are not any more.
    pub removed: Vec<String>,
    /// Those that are defined elsewhere than before.
    pub moved: Vec<String>,
}

/// People and SIGs of a community.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdoptedPeople {
    /// People, SIGs, memberships and repos that were looked at.
    pub seen: usize,
    /// People.
    pub people: usize,
    /// SIGs.
    pub sigs: usize,
    /// Repos that somebody answers for.
    pub contacts: usize,
    /// What was looked at and did not come in.
    #[serde(default)]
    pub exceptions: Vec<Unlisted>,
}

impl Output for Adopted {
    const COMMAND: &'static str = "adopt";
}

/// One repo that was adopted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdoptedRepo {
    /// The repo.
    pub repo: String,
    /// The tier it was put on.
    pub tier: String,
    /// Packages in the manifest now.
    pub packages: usize,
    /// Attributes in the manifest now.
    pub attributes: usize,
    /// Attributes that Nix sees in what the repo offers; null if it could not say.
    pub seen: Option<usize>,
    /// Sets that ask to be looked into, each with how many attributes come with it.
    #[serde(default)]
    pub nested: BTreeMap<String, usize>,
    /// Attributes that Nix sees and the manifest does not have.
    #[serde(default)]
    pub unlisted: Vec<String>,
    /// Why each of those is no part of the family.
    #[serde(default)]
    pub exceptions: Vec<Unlisted>,
}

/// An attribute that Nix sees and the manifest does not have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unlisted {
    /// The attribute.
    pub attribute: String,
    /// Why it is no part of the family.
    pub reason: String,
}

/// Something to know of a repo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Note {
    /// The repo.
    pub repo: String,
    /// The file it is about, relative to the repo.
    pub file: Option<String>,
    /// What there is to know.
    pub message: String,
}

/// A package, a module or an overlay that moved to another repo, or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Moved {
    /// The package as it was called: REPO/NAME.
    pub package: String,
    /// The repo it is in now.
    pub to: String,
    /// Its directory, relative to the registry.
    pub directory: String,
    /// The day until which the old repo answers for it.
    pub until: Option<String>,
    /// Whatever else moved with it.
    #[serde(default)]
    pub others: Vec<MovedOther>,
}

/// One of several things that moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MovedOther {
    /// It as it was called: REPO/NAME.
    pub package: String,
    /// Its directory or file, relative to the registry.
    pub directory: String,
}

impl Output for Moved {
    const COMMAND: &'static str = "move";
}
