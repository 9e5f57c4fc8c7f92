//! Each table of a manifest as data.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::module::ModuleClass;
use crate::policy::{Policy, Weight};
use crate::repo::{RepoKind, Wiring};

/// A manifest of aux-gen: an organization, its tiers, SIGs, repos and packages.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "aux.toml", deny_unknown_fields)]
pub(crate) struct Document {
    /// Version of the manifest's format, such as "1.0".
    #[schemars(regex(pattern = r"^\d+(\.\d+)?$"))]
    pub(super) format: String,
    /// Files with more people, SIGs and repos; `*` stands for any characters of a file name.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) include: Vec<String>,
    /// A folder with templates that replace the built-in ones of the same name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) templates: Option<String>,
    pub(super) organization: OrganizationDocument,
    /// What the organization decided about core, moves and cycles.
    #[schemars(default)]
    pub(super) policy: PolicyDocument,
    /// Which services check the family; what is absent follows from the forge.
    #[schemars(default)]
    pub(super) ci: CiDocument,
    /// The tiers, lowest first. The lowest holds core, the highest top-level.
    pub(super) tiers: Vec<TierDocument>,
    /// People by handle.
    #[schemars(default)]
    pub(super) people: BTreeMap<String, PersonDocument>,
    /// SIGs by name.
    #[schemars(default)]
    pub(super) sigs: BTreeMap<String, SigDocument>,
    /// Repos by name.
    #[schemars(default)]
    pub(super) repos: BTreeMap<String, RepoDocument>,
}

/// What an included file may hold.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct IncludedDocument {
    /// People by handle.
    #[schemars(default)]
    pub(super) people: BTreeMap<String, PersonDocument>,
    /// SIGs by name.
    #[schemars(default)]
    pub(super) sigs: BTreeMap<String, SigDocument>,
    /// Repos by name.
    #[schemars(default)]
    pub(super) repos: BTreeMap<String, RepoDocument>,
}

/// Whose repositories these are.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct OrganizationDocument {
    /// Its name.
    pub(super) name: String,
    /// One sentence on what it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    /// Prefix of every repo's flake reference, such as "github:auxolotl".
    pub(super) forge: String,
    /// Systems that every repo offers packages for; x86_64-linux and aarch64-linux if absent.
    #[schemars(default)]
    pub(super) systems: Vec<String>,
}

/// What the organization decided about core, moves and cycles.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub(crate) struct PolicyDocument {
    /// Packages that core boots from; their closure must be in core.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) bootstrap: Vec<String>,
    /// From how many SIGs of one tier on a package that they need should be in core.
    #[schemars(default = "two", range(min = 1, max = 999))]
    pub(super) fan_in: usize,
    /// Packages that no plan moves; a repo stands for all of its packages.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) pinned: Vec<String>,
    /// What a move costs: 1 for each package, or 1 more for each package that needs it.
    #[schemars(default = "packages")]
    pub(super) weight: Weight,
    /// Pairs of repos that may use each other.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) allow: Vec<AllowDocument>,
}

impl Default for PolicyDocument {
    fn default() -> Self {
        Self::of(&Policy::default())
    }
}

fn two() -> usize {
    Policy::default().fan_in
}

fn packages() -> Weight {
    Policy::default().weight
}

/// Two repos that may use each other.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct AllowDocument {
    /// The two.
    #[schemars(length(min = 2, max = 2))]
    pub(super) repos: Vec<String>,
    /// Why neither order will do.
    pub(super) reason: String,
    /// The SIG that answers for it.
    pub(super) owner: String,
    /// When somebody looks at it again, such as "2027-06-01".
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    pub(super) review: String,
}

/// Which services check the family.
#[derive(Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct CiDocument {
    /// GitHub Actions; if absent, whether the forge is GitHub.
    #[schemars(default)]
    pub(super) github: Option<bool>,
    /// Forgejo Actions; if absent, whether the forge is none of GitHub, GitLab and SourceHut.
    #[schemars(default)]
    pub(super) forgejo: Option<bool>,
    /// Hydra; true if absent.
    #[schemars(default)]
    pub(super) hydra: Option<bool>,
}

/// An ordered level.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct TierDocument {
    /// Its name.
    pub(super) name: String,
    /// One sentence on what belongs there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
}

/// Somebody who leads, is a member or maintains.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct PersonDocument {
    /// The name to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// Where to write to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
}

/// A special interest group.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct SigDocument {
    /// One sentence on what it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    /// Handles of those who lead it; at least one.
    #[schemars(length(min = 1))]
    pub(super) leads: Vec<String>,
    /// The team on the forge that is asked for reviews instead of the leads: ORGANIZATION/TEAM.
    #[schemars(regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) team: Option<String>,
    /// Handles of those who take part.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) members: Vec<String>,
    /// Where to reach it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) contact: Option<String>,
    /// What it answers for.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) responsibilities: Vec<String>,
}

/// A git repository with a flake.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RepoDocument {
    /// The SIG that runs it.
    pub(super) sig: String,
    /// The tier it stands on.
    pub(super) tier: String,
    /// Whose files they are; generated if absent.
    #[schemars(default = "generated")]
    pub(super) kind: RepoKind,
    /// How it takes part in the package set; layers if absent.
    #[schemars(default = "layers")]
    pub(super) wiring: Wiring,
    /// One sentence on what it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    /// Flake reference; the organization's forge and the repo's name if absent.
    #[schemars(default)]
    pub(super) url: Option<String>,
    /// Where it is checked out, relative to aux.toml; repos/NAME if absent.
    #[schemars(default)]
    pub(super) path: Option<String>,
    /// Version of the interface it offers; 1.0.0 if absent.
    #[schemars(default)]
    pub(super) contract: Option<String>,
    /// Repos that are its flake inputs, with the contract needed.
    #[schemars(default)]
    pub(super) uses: UsesDocument,
    /// Repos whose packages it meets only in a common package set.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) peers: Vec<String>,
    /// Whether its by-name tree says which packages it has.
    #[schemars(default)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) discover: bool,
    /// Packages by attribute.
    #[schemars(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) packages: BTreeMap<String, PackageDocument>,
    /// Functions that make packages, by attribute.
    #[schemars(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) builders: BTreeMap<String, PackageDocument>,
    /// Modules by name.
    #[schemars(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) modules: BTreeMap<String, ModuleDocument>,
    /// Overlays by name.
    #[schemars(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) overlays: BTreeMap<String, OverlayDocument>,
    /// Packages that were here and went to another repo.
    #[schemars(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) moved: BTreeMap<String, MovedDocument>,
}

/// Where a package went.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct MovedDocument {
    /// The repo that has it now.
    pub(super) to: String,
    /// From this day on the entry is to be removed, such as "2027-06-01".
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    pub(super) until: String,
}

fn generated() -> RepoKind {
    RepoKind::Generated
}

fn layers() -> Wiring {
    Wiring::Layers
}

/// Names with requirements in Cargo's notation, or names alone.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum UsesDocument {
    /// Repo and requirement, such as { core = "^1.2" }.
    Requirements(BTreeMap<String, String>),
    /// Repos of which any version will do.
    #[expect(dead_code, reason = "a person may write it; the output never does")]
    Names(Vec<String>),
}

impl Default for UsesDocument {
    fn default() -> Self {
        Self::Requirements(BTreeMap::new())
    }
}

/// A package or a builder.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct PackageDocument {
    /// The SIG that answers for it; the repo's if absent.
    #[schemars(default)]
    pub(super) owner: Option<String>,
    /// One sentence on what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    /// Its project's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) homepage: Option<String>,
    /// Its licence: an SPDX expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) license: Option<String>,
    /// Handles of those who look after it besides the owner.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) maintainers: Vec<String>,
    /// Other attributes for the same thing.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<String>,
    /// Several implementations side by side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) variants: Option<VariantsDocument>,
    /// The attributes that its hand-written packages.nix defines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) members: Option<Vec<String>>,
    /// The attributes of that packages.nix that are no packages: functions that make
    /// some, and sets of them.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) builders: Vec<String>,
    /// Needed while it is built: ATTRIBUTE or REPO/ATTRIBUTE.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) build: Vec<String>,
    /// Needed while it runs.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) runtime: Vec<String>,
    /// Needed for its tests only.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) test: Vec<String>,
    /// Used if there: a lambda argument with a default.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) optional: Vec<String>,
    /// Asked for by name and maybe not used: a lambda argument without a default.
    #[schemars(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) asks: Vec<String>,
}

/// Several implementations of one package.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct VariantsDocument {
    /// The variants; "18" of nodejs is the attribute nodejs_18.
    #[schemars(length(min = 1))]
    pub(super) names: Vec<String>,
    /// Names for variants, such as { lts = "20" }.
    #[schemars(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) aliases: BTreeMap<String, String>,
    /// The variant or alias that the package's own attribute means; the last variant if absent.
    #[schemars(default)]
    pub(super) default: Option<String>,
}

/// A module.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ModuleDocument {
    /// What it is a module of; nixos if absent.
    #[schemars(default = "nixos")]
    pub(super) class: ModuleClass,
    /// The SIG that answers for it; the repo's if absent.
    #[schemars(default)]
    pub(super) owner: Option<String>,
    /// One sentence on what it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
}

fn nixos() -> ModuleClass {
    ModuleClass::Nixos
}

/// An overlay that users may choose.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct OverlayDocument {
    /// The SIG that answers for it; the repo's if absent.
    #[schemars(default)]
    pub(super) owner: Option<String>,
    /// One sentence on what it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
}
