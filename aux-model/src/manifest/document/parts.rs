//! Each table of a manifest as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::access::Access;
use crate::ci::BuildScope;
use crate::layout::Layout;
use crate::manifest::document::access::AccessDocument;
use crate::manifest::document::former::{
    RemovedDocument, RemovedModuleDocument, RemovedNamesDocument, RenamedDocument,
    RenamedNamesDocument,
};
use crate::manifest::document::set::SetDocument;
use crate::manifest::draft::FORMAT;
use crate::module::ModuleClass;
use crate::policy::{Differing, Policy, Weight};
use crate::repo::{BorrowScope, RepoKind, Wiring};

/// A manifest of aux-gen: an organization, its tiers, SIGs, repos and packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(title = "aux.toml"))]
pub struct Document {
    /// Version of the manifest's format, such as "1.0".
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^\d+(\.\d+)?$")))]
    pub format: String,
    /// Files with more people, SIGs and repos; `*` stands for any characters of a file name.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// A folder with templates that replace the built-in ones of the same name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub templates: Option<String>,
    /// Whose repositories these are.
    pub organization: OrganizationDocument,
    /// What the organization decided about core, moves and cycles.
    #[serde(default)]
    pub policy: PolicyDocument,
    /// Which services check the family; what is absent follows from the forge.
    #[serde(default)]
    pub ci: CiDocument,
    /// What the family's repositories have in common on the forge.
    #[serde(default)]
    #[serde(skip_serializing_if = "AccessDocument::is_usual")]
    pub access: AccessDocument,
    /// Branches of the whole family, such as `unstable` or `26.11`.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<ChannelDocument>,
    /// The tiers, lowest first. The lowest holds core, the highest top-level.
    pub tiers: Vec<TierDocument>,
    /// People by handle.
    #[serde(default)]
    pub people: BTreeMap<String, PersonDocument>,
    /// SIGs by name.
    #[serde(default)]
    pub sigs: BTreeMap<String, SigDocument>,
    /// Repos by name.
    #[serde(default)]
    pub repos: BTreeMap<String, RepoDocument>,
    /// Names that repos, SIGs and people had.
    #[serde(default)]
    #[serde(skip_serializing_if = "RenamedNamesDocument::is_nothing")]
    pub renamed: RenamedNamesDocument,
    /// Repos, SIGs and people that are gone.
    #[serde(default)]
    #[serde(skip_serializing_if = "RemovedNamesDocument::is_nothing")]
    pub removed: RemovedNamesDocument,
}

/// What an included file may hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IncludedDocument {
    /// People by handle.
    #[serde(default)]
    pub people: BTreeMap<String, PersonDocument>,
    /// SIGs by name.
    #[serde(default)]
    pub sigs: BTreeMap<String, SigDocument>,
    /// Repos by name.
    #[serde(default)]
    pub repos: BTreeMap<String, RepoDocument>,
    /// Names that repos, SIGs and people had.
    #[serde(default)]
    #[serde(skip_serializing_if = "RenamedNamesDocument::is_nothing")]
    pub renamed: RenamedNamesDocument,
    /// Repos, SIGs and people that are gone.
    #[serde(default)]
    #[serde(skip_serializing_if = "RemovedNamesDocument::is_nothing")]
    pub removed: RemovedNamesDocument,
}

/// Whose repositories these are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OrganizationDocument {
    /// Its name.
    pub name: String,
    /// One sentence on what it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Prefix of every repo's flake reference, such as "github:auxolotl".
    pub forge: String,
    /// Where the registry itself is, so that a repo that is checked out alone finds it.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// Systems that every repo offers packages for; x86_64-linux and aarch64-linux if absent.
    #[serde(default)]
    pub systems: Vec<String>,
}

/// What the organization decided about core, moves and cycles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[serde(deny_unknown_fields)]
pub struct PolicyDocument {
    /// Packages that core boots from; their closure must be in core.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bootstrap: Vec<String>,
    /// From how many SIGs of one tier on a package that they need should be in core.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 999)))]
    #[serde(default = "two")]
    pub fan_in: usize,
    /// Packages that no plan moves; a repo stands for all of its packages.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pinned: Vec<String>,
    /// What a move costs: 1 for each package, or 1 more for each package that needs it.
    #[serde(default = "packages")]
    pub weight: Weight,
    /// What it is that a package is another derivation alone than through top-level.
    #[serde(default = "warning")]
    pub differing: Differing,
    /// Packages that stay in one repo, group by group.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<Vec<String>>,
    /// Above how many packages of its own top-level is said to fill up.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 999)))]
    #[serde(default = "own")]
    pub top_level_packages: usize,
    /// What using one repo alone may cost.
    #[serde(default)]
    #[serde(skip_serializing_if = "BudgetDocument::is_empty")]
    pub cost: BudgetDocument,
    /// Pairs of repos that may use each other.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<AllowDocument>,
}

/// What using one repo alone may cost; what is absent is no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BudgetDocument {
    /// Bytes of the archives of a repo and of all its inputs, as a forge packs them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub download: Option<u64>,
    /// Thunks that Nix makes for one package of a repo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub one: Option<u64>,
    /// Thunks that Nix makes for all that a repo offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub all: Option<u64>,
}

impl BudgetDocument {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for PolicyDocument {
    fn default() -> Self {
        Self::of(&Policy::default())
    }
}

fn own() -> usize {
    Policy::default().top_level_packages
}

fn two() -> usize {
    Policy::default().fan_in
}

fn warning() -> Differing {
    Policy::default().differing
}

fn packages() -> Weight {
    Policy::default().weight
}

/// Two repos that may use each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AllowDocument {
    /// The two.
    #[cfg_attr(feature = "schema", schemars(length(min = 2, max = 2)))]
    pub repos: Vec<String>,
    /// Why neither order will do.
    pub reason: String,
    /// The SIG that answers for it.
    pub owner: String,
    /// When somebody looks at it again, such as "2027-06-01".
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$")))]
    pub review: String,
}

/// Which services check the family.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CiDocument {
    /// GitHub Actions; if absent, whether the forge is GitHub.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub github: Option<bool>,
    /// Forgejo Actions; if absent, whether the forge is none of GitHub, GitLab and SourceHut.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forgejo: Option<bool>,
    /// Hydra; true if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hydra: Option<bool>,
    /// The commit of aux-gen that workflows install, all of its digits; if absent, the tag of the
    /// version that wrote them.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = r"^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$"))
    )]
    pub revision: Option<String>,
    /// Where the site is published that the train of every night makes: `https://HOST/PATH/`; an
    /// artifact of the run only if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// What the train of every night builds; nothing if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<BuildScope>,
}

/// A branch in each repo, which trains move and users follow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChannelDocument {
    /// Its name.
    pub name: String,
    /// One sentence on who it is for.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The branch in every repo; the name of the channel if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The branch of repos that call it otherwise, and of a core that is somebody else's.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub branches: BTreeMap<String, String>,
    /// What it takes new commits from: "main" or another channel; nothing if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
}

/// An ordered level.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TierDocument {
    /// Its name.
    pub name: String,
    /// One sentence on what belongs there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Somebody who leads, is a member or maintains.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonDocument {
    /// The name to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where to write to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A special interest group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SigDocument {
    /// One sentence on what it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Handles of those who lead it; at least one.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub leads: Vec<String>,
    /// The team on the forge that is asked for reviews instead of the leads: ORGANIZATION/TEAM.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$"))
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Handles of those who take part.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// Where to reach it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// What it answers for.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub responsibilities: Vec<String>,
    /// What it may do with the repositories of its repos on the forge; write if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
}

/// A git repository with a flake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RepoDocument {
    /// The SIG that runs it.
    pub sig: String,
    /// The tier it stands on.
    pub tier: String,
    /// Whose files they are; generated if absent.
    #[serde(default = "generated")]
    pub kind: RepoKind,
    /// How it takes part in the package set; layers if absent.
    #[serde(default = "layers")]
    pub wiring: Wiring,
    /// Whether it has a flake.nix; only repos of the kind external may have none.
    #[serde(default = "yes")]
    #[serde(skip_serializing_if = "Clone::clone")]
    pub flake: bool,
    /// The file that is imported of a repo without a flake; default.nix if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// What the function in that file takes of the package set; pkgs is the whole.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// One sentence on what it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Flake reference; the organization's forge and the repo's name if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The branch that is published and moves, if the reference names none; of a catalog it
    /// is in the reference.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Where it is checked out, relative to aux.toml; repos/NAME if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Version of the interface it offers; 1.0.0 if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Repos that are its flake inputs, with the contract needed.
    #[serde(default)]
    pub uses: UsesDocument,
    /// Repos whose packages it meets only in a common package set.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<String>,
    /// Whether its tree says which packages it has.
    #[serde(default)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub discover: bool,
    /// How the packages of an external repo lie, by folder or file.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub layout: BTreeMap<String, Layout>,
    /// Packages by attribute.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, PackageDocument>,
    /// Functions that make packages, by attribute.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub builders: BTreeMap<String, PackageDocument>,
    /// Modules by name.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub modules: BTreeMap<String, ModuleDocument>,
    /// Overlays by name.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub overlays: BTreeMap<String, OverlayDocument>,
    /// Packages that were here and went to another repo.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub moved: BTreeMap<String, MovedDocument>,
    /// Packages of its that another repo overrides for the whole family, each with that repo.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub lent: BTreeMap<String, String>,
    /// Copies of packages of other repos, below `overlays/`, which its own packages use.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub borrowed: BTreeMap<String, BorrowedDocument>,
    /// The systems that its packages are for; all of the organization's if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub systems: Option<Vec<String>>,
    /// Whether its packages do not work: flakes do not list them, and core refuses them.
    #[serde(default)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub broken: bool,
    /// Whether their licences are not free: flakes do not list them, and core refuses them.
    #[serde(default)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unfree: bool,
    /// Their known vulnerabilities: flakes do not list them, and core refuses them.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub insecure: Vec<String>,
    /// Package sets that it defines, and what it adds to those of others.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sets: BTreeMap<String, SetDocument>,
    /// The package of its own that is meant if nobody names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Programs of its own packages, by attribute: the name of the file in `bin`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub programs: BTreeMap<String, String>,
    /// The attribute of the program that `nix fmt` runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formatter: Option<String>,
    /// Attributes of what those have at hand who work on the repo.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// Packages that have another name, by the one that they had.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub renamed: BTreeMap<String, RenamedDocument>,
    /// Packages that are gone.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub removed: BTreeMap<String, RemovedDocument>,
    /// Modules that have another name, by the one that they had.
    #[serde(default, rename = "renamed-modules")]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub renamed_modules: BTreeMap<String, RenamedDocument>,
    /// Modules that are gone.
    #[serde(default, rename = "removed-modules")]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub removed_modules: BTreeMap<String, RemovedModuleDocument>,
}

/// A copy of a package of another repo.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BorrowedDocument {
    /// The repo that owns the package.
    pub from: String,
    /// Why it is borrowed.
    pub reason: String,
    /// When somebody asks whether it is still needed, such as "2027-06-01".
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$")))]
    pub review: Option<String>,
    /// Whether the owner may take what was changed.
    #[serde(default)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub offered: bool,
    /// Who takes it: a handle.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed: Option<String>,
    /// Who gets the copy: packages of this repo, or of the whole family.
    #[serde(default)]
    #[serde(skip_serializing_if = "is_own_scope")]
    pub scope: BorrowScope,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
fn is_own_scope(scope: &BorrowScope) -> bool {
    *scope == BorrowScope::Own
}

/// Where a package was copied from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportedDocument {
    /// The address of the repository.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The commit, all of its digits.
    pub rev: String,
    /// The file or directory there.
    pub path: String,
    /// What came along from elsewhere in that repository.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
}

/// Where a package went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MovedDocument {
    /// The repo that has it now.
    pub to: String,
    /// From this day on the entry is to be removed, such as "2027-06-01".
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$")))]
    pub until: String,
}

fn generated() -> RepoKind {
    RepoKind::Generated
}

fn yes() -> bool {
    true
}

fn layers() -> Wiring {
    Wiring::Layers
}

/// Names with requirements in Cargo's notation, or names alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum UsesDocument {
    /// Repo and requirement, such as { core = "^1.2" }.
    Requirements(BTreeMap<String, String>),
    /// Repos of which any version will do.
    Names(Vec<String>),
}

impl Default for UsesDocument {
    fn default() -> Self {
        Self::Requirements(BTreeMap::new())
    }
}

/// A package or a builder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PackageDocument {
    /// The SIG that answers for it; the repo's if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// One sentence on what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its project's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// Its licence: an SPDX expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Where it was copied from.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imported: Option<ImportedDocument>,
    /// Where it is defined, if not in its by-name directory: a file that ends in .nix, or a
    /// directory of its own; in repos of the kind external.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Handles of those who look after it besides the owner.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub maintainers: Vec<String>,
    /// SIGs that are asked about its changes besides the owner.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub watchers: Vec<String>,
    /// Other attributes for the same thing.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The systems that it is for; all of the organization's if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub systems: Option<Vec<String>>,
    /// Whether it does not work: flakes do not list it, and core refuses it.
    #[serde(default)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub broken: bool,
    /// Whether its licence is not free: flakes do not list it, and core refuses it.
    #[serde(default)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unfree: bool,
    /// Its known vulnerabilities: flakes do not list it, and core refuses it.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub insecure: Vec<String>,
    /// Several implementations side by side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variants: Option<VariantsDocument>,
    /// The attributes that its hand-written packages.nix defines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<String>>,
    /// The attributes of that packages.nix that are no packages: functions that make
    /// some, and sets of them.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub builders: Vec<String>,
    /// Needed while it is built: ATTRIBUTE or REPO/ATTRIBUTE.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub build: Vec<String>,
    /// Needed while it runs.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runtime: Vec<String>,
    /// Needed for its tests only.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test: Vec<String>,
    /// Used if there: a lambda argument with a default.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub optional: Vec<String>,
    /// Asked for by name and maybe not used: a lambda argument without a default.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<String>,
}

/// Several implementations of one package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VariantsDocument {
    /// The variants; "18" of nodejs is the attribute nodejs_18.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub names: Vec<String>,
    /// Names for variants, such as { lts = "20" }.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, String>,
    /// The variant or alias that the package's own attribute means; the last variant if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// A module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModuleDocument {
    /// What it is a module of; nixos if absent.
    #[serde(default = "nixos")]
    pub class: ModuleClass,
    /// The SIG that answers for it; the repo's if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// One sentence on what it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

pub(super) fn nixos() -> ModuleClass {
    ModuleClass::Nixos
}

/// An overlay that users may choose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OverlayDocument {
    /// The SIG that answers for it; the repo's if absent.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// One sentence on what it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Default for RepoDocument {
    fn default() -> Self {
        Self::new("", "")
    }
}

impl Default for Document {
    /// Nothing yet, in the format that this crate writes.
    fn default() -> Self {
        Self {
            format: format!("{}.{}", FORMAT.major, FORMAT.minor),
            include: Vec::new(),
            templates: None,
            organization: OrganizationDocument::default(),
            policy: PolicyDocument::default(),
            ci: CiDocument::default(),
            access: AccessDocument::default(),
            channels: Vec::new(),
            tiers: Vec::new(),
            people: BTreeMap::new(),
            sigs: BTreeMap::new(),
            repos: BTreeMap::new(),
            renamed: RenamedNamesDocument::default(),
            removed: RemovedNamesDocument::default(),
        }
    }
}

impl Document {
    /// A document of an organization, without tiers, SIGs and repos.
    #[must_use]
    pub fn new(name: &str, forge: &str) -> Self {
        Self {
            organization: OrganizationDocument {
                name: name.to_owned(),
                forge: forge.to_owned(),
                ..OrganizationDocument::default()
            },
            ..Self::default()
        }
    }

    /// With a tier above the others.
    #[must_use]
    pub fn with_tier(mut self, name: &str) -> Self {
        self.tiers.push(TierDocument {
            name: name.to_owned(),
            description: None,
        });
        self
    }

    /// With somebody.
    #[must_use]
    pub fn with_person(mut self, handle: &str, person: PersonDocument) -> Self {
        self.people.insert(handle.to_owned(), person);
        self
    }

    /// With a SIG.
    #[must_use]
    pub fn with_sig(mut self, name: &str, sig: SigDocument) -> Self {
        self.sigs.insert(name.to_owned(), sig);
        self
    }

    /// With a repo.
    #[must_use]
    pub fn with_repo(mut self, name: &str, repo: RepoDocument) -> Self {
        self.repos.insert(name.to_owned(), repo);
        self
    }
}

impl SigDocument {
    /// A SIG with these leads.
    #[must_use]
    pub fn led_by<'a>(leads: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            leads: leads.into_iter().map(str::to_owned).collect(),
            ..Self::default()
        }
    }
}

impl RepoDocument {
    /// A repo of a SIG on a tier: generated, without packages.
    #[must_use]
    pub fn new(sig: &str, tier: &str) -> Self {
        Self {
            sig: sig.to_owned(),
            tier: tier.to_owned(),
            kind: generated(),
            wiring: layers(),
            flake: true,
            entry: None,
            arguments: Vec::new(),
            description: None,
            url: None,
            branch: None,
            path: None,
            contract: None,
            uses: UsesDocument::default(),
            peers: Vec::new(),
            discover: false,
            layout: BTreeMap::new(),
            packages: BTreeMap::new(),
            builders: BTreeMap::new(),
            modules: BTreeMap::new(),
            overlays: BTreeMap::new(),
            sets: BTreeMap::new(),
            default: None,
            programs: BTreeMap::new(),
            formatter: None,
            tools: Vec::new(),
            systems: None,
            broken: false,
            unfree: false,
            insecure: Vec::new(),
            renamed: BTreeMap::new(),
            removed: BTreeMap::new(),
            renamed_modules: BTreeMap::new(),
            removed_modules: BTreeMap::new(),
            moved: BTreeMap::new(),
            borrowed: BTreeMap::new(),
            lent: BTreeMap::new(),
        }
    }

    /// With another repo as a flake input.
    #[must_use]
    pub fn using(mut self, repo: &str, requirement: &str) -> Self {
        let mut uses = match self.uses {
            UsesDocument::Requirements(uses) => uses,
            UsesDocument::Names(names) => {
                let any = |name| (name, "*".to_owned());
                names.into_iter().map(any).collect()
            }
        };
        uses.insert(repo.to_owned(), requirement.to_owned());
        self.uses = UsesDocument::Requirements(uses);
        self
    }

    /// With a package.
    #[must_use]
    pub fn with_package(mut self, name: &str, package: PackageDocument) -> Self {
        self.packages.insert(name.to_owned(), package);
        self
    }
}

impl PackageDocument {
    /// A package that needs these while it is built: `ATTRIBUTE` or `REPO/ATTRIBUTE`.
    #[must_use]
    pub fn built_with<'a>(needs: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            build: needs.into_iter().map(str::to_owned).collect(),
            ..Self::default()
        }
    }
}
