//! What repos say of themselves in a commit: their `contract.json`, or the manifest for one
//! that has none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use aux_git::WorkTree;
use aux_model::{AttributeKind, Catalog, Interface, Offer, Package, Repo, RepoName, Rev};
use semver::{Version, VersionReq};
use serde_json::{Map, Value};

use crate::commits::error::CommitsError;

/// The commits of repos.
pub type Versions = BTreeMap<RepoName, Rev>;

/// What repos say in commits; each is read once.
pub struct Contracts<'a> {
    /// The family.
    pub catalog: &'a Catalog,
    /// The repository of each repo.
    pub trees: &'a BTreeMap<RepoName, WorkTree>,
    known: Mutex<BTreeMap<String, Arc<Map<String, Value>>>>,
}

/// Derivations that a repo owns.
#[derive(Debug, Default)]
pub(crate) struct Owned {
    /// Those that it offers alone.
    pub(crate) alone: BTreeSet<String>,
    /// All.
    pub(crate) all: BTreeSet<String>,
}

impl<'a> Contracts<'a> {
    /// Of the repositories of a family; nothing is read yet.
    pub fn new(catalog: &'a Catalog, trees: &'a BTreeMap<RepoName, WorkTree>) -> Self {
        Self {
            catalog,
            trees,
            known: Mutex::default(),
        }
    }

    /// The names of a repo's derivations that it offers for a system, at all or alone.
    pub(crate) fn owned(
        &self,
        repo: &Repo,
        system: &str,
        versions: &Versions,
    ) -> Result<Owned, CommitsError> {
        let Some(commit) = versions.get(&repo.name) else {
            return Ok(Owned::default());
        };
        // What is somebody else's is not ours to judge.
        if repo.is_outside() {
            return Ok(Owned::default());
        }
        let contract = self.of(&repo.name, commit)?;
        let Some(Value::Array(packages)) = contract.get("packages") else {
            let offered = repo.packages.values();
            let offered = offered.filter(|package| {
                let available = self.catalog.availability(&package.id);
                available.is_offered(system)
            });
            let attributes = offered.flat_map(Package::attributes);
            let all: BTreeSet<String> = attributes
                .filter(|(_, kind)| *kind != AttributeKind::Builder)
                .map(|(name, _)| name.to_string())
                .collect();
            let alone = all.clone();
            return Ok(Owned { alone, all });
        };
        let restricted = contract.get("restricted");
        let is_offered = |name: &&str| {
            let restricted = restricted.and_then(|restricted| restricted.get(name));
            restricted.is_none_or(|restricted| is_offered(restricted, system))
        };
        let names = packages.iter().filter_map(Value::as_str);
        let names = names.filter(is_offered);
        let mut all: BTreeSet<String> = names.map(str::to_owned).collect();
        let left_out = contract.get("leftOut");
        let is_left_out = |name: &String| left_out.is_some_and(|out| out.get(name).is_some());
        let alone = all.iter().filter(|name| !is_left_out(name)).cloned();
        let alone = alone.collect();
        // Members of sets are no flat output, and so are judged as a part of top-level.
        all.extend(members(&contract));
        Ok(Owned { alone, all })
    }

    /// Names that a repo says it has stubs for.
    pub(crate) fn foreign(
        &self,
        repo: &Repo,
        versions: &Versions,
    ) -> Result<BTreeSet<String>, CommitsError> {
        let Some(commit) = versions.get(&repo.name) else {
            return Ok(BTreeSet::new());
        };
        let contract = self.of(&repo.name, commit)?;
        let keys = |key: &str| contract.get(key).and_then(Value::as_object).map(Map::keys);
        let names = keys("foreign").into_iter().chain(keys("moved")).flatten();
        Ok(names.cloned().collect())
    }

    /// What a repo needs of the contracts of other repos.
    pub fn needs(
        &self,
        repo: &Repo,
        commit: &str,
    ) -> Result<BTreeMap<RepoName, VersionReq>, CommitsError> {
        let contract = self.of(&repo.name, commit)?;
        let Some(Value::Object(needs)) = contract.get("needs") else {
            let uses = repo.uses.iter();
            return Ok(uses
                .map(|(name, used)| (name.clone(), used.requirement.clone()))
                .collect());
        };
        let read = |(name, needed): (&String, &Value)| {
            Some((name.parse().ok()?, needed.as_str()?.parse().ok()?))
        };
        Ok(needs.iter().filter_map(read).collect())
    }

    /// The version of the contract that a repo offers.
    pub fn version(&self, repo: &RepoName, commit: &str) -> Result<Option<Version>, CommitsError> {
        let contract = self.of(repo, commit)?;
        let said = contract.get("version").and_then(Value::as_str);
        let said = said.and_then(|version| version.parse().ok());
        let known = self.catalog.repo(repo.as_str());
        Ok(said.or_else(|| known.map(|repo| repo.contract.clone())))
    }

    /// What a repo offers in a commit; none if it does not say so itself.
    pub fn interface(
        &self,
        repo: &RepoName,
        commit: &str,
    ) -> Result<Option<Interface>, CommitsError> {
        Ok(interface_of(&*self.of(repo, commit)?))
    }

    fn of(&self, repo: &RepoName, commit: &str) -> Result<Arc<Map<String, Value>>, CommitsError> {
        let known = || self.known.lock().expect("nobody panics while reading");
        if let Some(contract) = known().get(commit) {
            return Ok(Arc::clone(contract));
        }
        let mut read = None;
        if let Some(tree) = self.trees.get(repo) {
            read = tree.text_at(commit, "contract.json")?;
        }
        let value = read.and_then(|text| serde_json::from_str(&text).ok());
        let contract: Arc<Map<String, Value>> = Arc::new(value.unwrap_or_default());
        known().insert(commit.to_owned(), Arc::clone(&contract));
        Ok(contract)
    }
}

/// The members of sets that a contract says a repo has, in every instance.
fn members(contract: &Map<String, Value>) -> Vec<String> {
    let sets = contract.get("sets").and_then(Value::as_object);
    let sets = sets.into_iter().flat_map(Map::values);
    let members = sets.flat_map(|set| {
        let instances = set.get("instances").and_then(Value::as_object);
        let names = set.get("members").and_then(Value::as_array);
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        let names: Vec<&str> = names.collect();
        let instances = instances.into_iter().flat_map(Map::keys);
        instances
            .flat_map(|instance| names.iter().map(move |name| format!("{instance}.{name}")))
            .collect::<Vec<String>>()
    });
    members.collect()
}

/// Whether what a contract says of an attribute lets a flake offer it for a system.
fn is_offered(restricted: &Value, system: &str) -> bool {
    let Some(restricted) = restricted.as_object() else {
        return true;
    };
    let has_system = |systems: &Vec<Value>| systems.iter().any(|one| one.as_str() == Some(system));
    let systems = restricted.get("systems").and_then(Value::as_array);
    systems.is_none_or(has_system) && restricted.keys().all(|key| key == "systems")
}

/// What a `contract.json` says that a repo offers; none if it is none.
#[must_use]
pub fn interface_of(contract: &Map<String, Value>) -> Option<Interface> {
    contract.get("packages")?;
    let names = |key: &str| {
        let list = contract.get(key).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str)
    };
    let all = [
        ("packages", Offer::Package),
        ("builders", Offer::Builder),
        ("modules", Offer::Module),
        ("overlays", Offer::Overlay),
        ("systems", Offer::System),
    ];
    let offers = all.into_iter().flat_map(|(key, offer)| {
        let name = move |name: &str| match offer {
            Offer::Overlay => format!("overlays.{name}"),
            Offer::System => format!("systems.{name}"),
            _ => name.to_owned(),
        };
        names(key).map(move |one| (name(one), offer))
    });
    let answered = ["moved", "renamed"].into_iter();
    let answered = answered.filter_map(|key| contract.get(key).and_then(Value::as_object));
    let answered = answered.flat_map(Map::keys).cloned();
    let sets = contract.get("sets").and_then(Value::as_object);
    let sets = || sets.into_iter().flatten();
    let members = sets().flat_map(|(set, said)| {
        let members = said.get("members").and_then(Value::as_array);
        let names = members.into_iter().flatten().filter_map(Value::as_str);
        names.map(move |name| (format!("{set}.{name}"), Offer::Package))
    });
    let renamed = sets().flat_map(|(set, said)| {
        let renamed = said.get("renamed").and_then(Value::as_object);
        let names = renamed.into_iter().flat_map(Map::keys);
        names.map(move |name| format!("{set}.{name}"))
    });
    Some(Interface {
        offers: offers.chain(members).collect(),
        moved: answered.chain(renamed).collect(),
    })
}
