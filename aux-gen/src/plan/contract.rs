//! `contract.json`: who a repo is and what it owns, as plain data. It is the
//! flake output `aux`, and the one file that changes when a package is added.

use std::collections::BTreeMap;

use aux_model::{
    AttrName, AttributeKind, BorrowScope, Catalog, Package, PackageSet, Repo, RepoKind, View,
};
use serde::{Deserialize, Serialize};

use crate::render::quote;

/// The version of the flake contract: which outputs a repo has and what they
/// mean. Documented in `docs/contract.md`.
pub(crate) const CONTRACT: &str = "1.1";

/// The output `aux` of a repo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contract {
    /// Who writes this file.
    pub generated: String,
    /// The version of the flake contract, such as `1.0`.
    pub contract: String,
    /// The repo's name.
    pub repo: String,
    /// Where the registry of its family is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// The SIG that runs it.
    pub sig: String,
    /// The tier it stands on.
    pub tier: String,
    /// The version of the interface that it offers to other repos.
    pub version: String,
    /// The version that it needs of each repo it uses.
    pub needs: BTreeMap<String, String>,
    /// The systems that it offers packages for.
    pub systems: Vec<String>,
    /// The attributes it owns that are derivations, aliases among them.
    pub packages: Vec<String>,
    /// The attributes it owns that make derivations.
    pub builders: Vec<String>,
    /// Its modules, each as `CLASS.NAME`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<String>,
    /// Its overlays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<String>,
    /// Attributes that are other names for others.
    pub aliases: BTreeMap<String, String>,
    /// Names that its packages need and another repo owns: name and repo.
    pub foreign: BTreeMap<String, String>,
    /// Packages it cannot offer alone: attribute, and the package that is missing.
    pub left_out: BTreeMap<String, String>,
    /// Attributes that another SIG owns.
    pub owners: BTreeMap<String, String>,
    /// Attributes that it had and another repo has now.
    #[serde(default)]
    pub moved: BTreeMap<String, MovedTo>,
    /// Attributes that have another name now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub renamed: BTreeMap<String, RenamedTo>,
    /// Attributes that are gone: why, and what to use.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub removed: BTreeMap<String, String>,
    /// Attributes that are not for all systems, or that users are kept from.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub restricted: BTreeMap<String, Restricted>,
    /// Package sets that it defines, and what it adds to those of others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sets: BTreeMap<String, SetContract>,
    /// Copies of packages of other repos that its own packages use: name and owner. They lie in
    /// `overlays/OWNER/NAME`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub borrowed: BTreeMap<String, String>,
    /// Copies of packages of other repos that take their place for everybody, each with the owner's repo, who
    /// agreed. They lie in `overlays/OWNER/NAME`, too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overrides: BTreeMap<String, String>,
    /// The package that is meant if nobody names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Programs of its packages: attribute, and the file in `bin`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub programs: BTreeMap<String, String>,
    /// The attribute of the program that formats its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formatter: Option<String>,
    /// The attributes of what those have at hand who work on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// top-level only: what external repos own, for those that do not say so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub external: BTreeMap<String, Vec<String>>,
}

/// Where an attribute went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedTo {
    /// The repo that has it now.
    pub to: String,
    /// From this day on the old repo need not answer for it.
    pub until: String,
    /// Whether `packages` of the old repo still has it.
    pub offered: bool,
}

/// For which systems an attribute is, and why users are kept from it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restricted {
    /// The systems that it can be had for; all of the repo's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub systems: Option<Vec<String>>,
    /// Whether it does not work.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub broken: bool,
    /// Whether its licence is not free.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfree: bool,
    /// Its known vulnerabilities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub insecure: Vec<String>,
    /// The package that it needs and that users are kept from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The SIG that owns it, of a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

impl Restricted {
    /// Of a package; none if it can be had everywhere.
    fn of(catalog: &Catalog, package: &Package) -> Option<Self> {
        let available = catalog.availability(&package.id);
        let own = &package.restriction;
        let restricted = Self {
            systems: available
                .systems
                .map(|systems| systems.iter().map(ToString::to_string).collect()),
            broken: own.broken,
            unfree: own.unfree,
            insecure: own.insecure.clone(),
            because: available
                .withheld
                .filter(|withheld| *withheld != package.id)
                .map(|withheld| withheld.to_string()),
            owner: None,
        };
        (restricted != Self::default()).then_some(restricted)
    }
}

/// A package set, or what a repo adds to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetContract {
    /// The repo that defines it, if that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// The attribute with what others add: a list of overlays of the scope.
    pub hook: String,
    /// The argument under which members get the interpreter.
    pub argument: String,
    /// The attributes that it is instantiated as, each with its interpreter; empty if it has none.
    pub instances: BTreeMap<String, String>,
    /// The instance that its name means, if that is none itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The members that this repo has.
    pub members: Vec<String>,
    /// Members that it cannot offer alone, and what is missing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, String>,
    /// Names that members of it had, and what they are called now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub renamed: BTreeMap<String, RenamedMember>,
    /// Members that are gone, each with the sentence that says why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub removed: BTreeMap<String, String>,
}

/// What a member of a package set is called now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenamedMember {
    /// The name that it has.
    pub to: String,
    /// From this day on the old name need not be answered for.
    pub until: String,
}

impl SetContract {
    fn of(set: &PackageSet, left_out: Option<&BTreeMap<AttrName, String>>) -> Self {
        let instances = set.instances.iter();
        let left_out = left_out.into_iter().flatten();
        let renamed = set.former.renamed.iter();
        let removed = set.former.removed.iter();
        Self {
            extends: set.extends.as_ref().map(ToString::to_string),
            hook: set.hook.to_string(),
            argument: set.argument.to_string(),
            instances: instances
                .map(|(name, interpreter)| {
                    let interpreter = interpreter.as_ref().map(ToString::to_string);
                    (name.to_string(), interpreter.unwrap_or_default())
                })
                .collect(),
            default: set.default.as_ref().map(ToString::to_string),
            members: set.members.keys().map(ToString::to_string).collect(),
            left_out: left_out
                .map(|(member, missing)| (member.to_string(), missing.clone()))
                .collect(),
            renamed: renamed
                .map(|(old, now)| {
                    let renamed = RenamedMember {
                        to: now.to.to_string(),
                        until: now.until.to_string(),
                    };
                    (old.to_string(), renamed)
                })
                .collect(),
            removed: removed
                .map(|(old, removed)| (old.to_string(), removed.sentence()))
                .collect(),
        }
    }
}

/// What an attribute is called now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenamedTo {
    /// The name that it has.
    pub to: String,
    /// From this day on the old name need not be answered for.
    pub until: String,
    /// Whether `packages` still has the old name.
    pub offered: bool,
}

impl Contract {
    /// The contract of one repo.
    pub fn of(catalog: &Catalog, view: &View<'_>) -> Self {
        let repo = view.repo;
        let mut contract = Self {
            generated: crate::marker::MARKER.to_owned(),
            contract: CONTRACT.to_owned(),
            repo: repo.name.to_string(),
            registry: catalog
                .organization()
                .registry
                .as_ref()
                .map(ToString::to_string),
            sig: repo.sig.to_string(),
            tier: repo.tier.to_string(),
            version: repo.contract.to_string(),
            needs: repo
                .uses
                .iter()
                .map(|(name, used)| (name.to_string(), used.requirement.to_string()))
                .collect(),
            systems: catalog
                .organization()
                .systems
                .iter()
                .map(ToString::to_string)
                .collect(),
            packages: Vec::new(),
            builders: Vec::new(),
            modules: repo
                .modules
                .values()
                .map(|module| format!("{}.{}", module.class, module.name))
                .collect(),
            overlays: repo.overlays.keys().map(ToString::to_string).collect(),
            aliases: BTreeMap::new(),
            foreign: view
                .foreign
                .iter()
                .map(|(name, repo)| (name.to_string(), repo.to_string()))
                .collect(),
            left_out: BTreeMap::new(),
            owners: BTreeMap::new(),
            moved: moved(view),
            renamed: renamed(view),
            removed: repo
                .former
                .removed
                .iter()
                .map(|(name, removed)| (name.to_string(), removed.sentence()))
                .collect(),
            sets: sets(catalog, repo),
            borrowed: copies(repo, BorrowScope::Own),
            overrides: copies(repo, BorrowScope::Family),
            restricted: BTreeMap::new(),
            default: repo.convenience.default.as_ref().map(ToString::to_string),
            programs: repo
                .convenience
                .programs
                .iter()
                .map(|(name, program)| (name.to_string(), program.to_string()))
                .collect(),
            formatter: repo.convenience.formatter.as_ref().map(ToString::to_string),
            tools: repo
                .convenience
                .tools
                .iter()
                .map(ToString::to_string)
                .collect(),
            external: BTreeMap::new(),
        };
        for package in repo.packages.values() {
            let missing = view.left_out.get(&package.id.name);
            let restricted = Restricted::of(catalog, package);
            for (attribute, kind) in package.attributes() {
                let attribute = attribute.to_string();
                if let Some(missing) = missing {
                    contract
                        .left_out
                        .insert(attribute.clone(), missing.missing().to_string());
                }
                if let Some(restricted) = &restricted {
                    let restricted = restricted.clone();
                    contract.restricted.insert(attribute.clone(), restricted);
                }
                if package.owner != repo.sig {
                    contract
                        .owners
                        .insert(attribute.clone(), package.owner.to_string());
                }
                match kind {
                    AttributeKind::Builder => contract.builders.push(attribute),
                    AttributeKind::Derivation | AttributeKind::Alias(_) => {
                        contract.packages.push(attribute);
                    }
                }
            }
            for alias in &package.aliases {
                contract
                    .aliases
                    .insert(alias.to_string(), package.id.name.to_string());
            }
        }
        // A copy is kept from users as the owner's package is.
        for (name, borrowed) in &repo.borrowed {
            let from = catalog.repo(borrowed.from.as_str());
            let package = from.and_then(|from| from.packages.get(name));
            let restricted = package.and_then(|package| {
                let owner = Some(package.owner.to_string());
                let restricted = Restricted::of(catalog, package)?;
                Some(Restricted {
                    owner,
                    ..restricted
                })
            });
            if let Some(restricted) = restricted {
                contract.restricted.insert(name.to_string(), restricted);
            }
        }
        contract.packages.sort();
        contract.builders.sort();
        if repo.name == catalog.top_level().name {
            contract.external = catalog
                .repos()
                .filter(|other| other.kind == RepoKind::External)
                .map(|other| (other.name.to_string(), derivations(catalog, other)))
                .collect();
        }
        contract
    }

    /// The same as a JSON value.
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("the contract has only text keys")
    }

    pub(super) fn to_json(&self) -> String {
        let json = serde_json::to_string_pretty(self).expect("the contract has only text keys");
        let mut text = quote::json(&json);
        text.push('\n');
        text
    }
}

/// The copies that a repo has of packages of others, each with the owner's repo.
fn copies(repo: &Repo, scope: BorrowScope) -> BTreeMap<String, String> {
    let copies = repo.borrowed.iter();
    let copies = copies.filter(|(_, borrowed)| borrowed.scope == scope);
    copies
        .map(|(name, borrowed)| (name.to_string(), borrowed.from.to_string()))
        .collect()
}

fn sets(catalog: &Catalog, repo: &Repo) -> BTreeMap<String, SetContract> {
    if repo.sets.is_empty() {
        return BTreeMap::new();
    }
    let left_out = catalog.members_left_out(repo);
    let sets = repo.sets.iter();
    sets.map(|(name, set)| (name.to_string(), SetContract::of(set, left_out.get(name))))
        .collect()
}

fn moved(view: &View<'_>) -> BTreeMap<String, MovedTo> {
    view.moved
        .iter()
        .map(|(attribute, moved)| {
            let moved = MovedTo {
                to: moved.to.to_string(),
                until: moved.until.to_string(),
                offered: moved.offered,
            };
            (attribute.to_string(), moved)
        })
        .collect()
}

fn renamed(view: &View<'_>) -> BTreeMap<String, RenamedTo> {
    view.renamed
        .iter()
        .map(|(attribute, renamed)| {
            let renamed = RenamedTo {
                to: renamed.to.to_string(),
                until: renamed.until.to_string(),
                offered: renamed.offered,
            };
            (attribute.to_string(), renamed)
        })
        .collect()
}

fn derivations(catalog: &Catalog, repo: &aux_model::Repo) -> Vec<String> {
    catalog
        .attributes_of(repo)
        .into_iter()
        .filter(|(_, kind)| *kind != AttributeKind::Builder)
        .map(|(name, _)| name.to_string())
        .collect()
}
