//! From a draft to a catalog: every name is looked up, every default filled in.
//!
//! A name that does not exist is a finding; the entry stays, so that the rules
//! can go on and find what else is wrong. A catalog built with findings never
//! leaves this crate.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use semver::{Version, VersionReq};

use super::{Catalog, Tree, TreeEntry};
use crate::edge::{Edge, Origin, PackageId};
use crate::flake_ref::FlakeRef;
use crate::manifest::draft::{
    Draft, EdgeDraft, PackageDraft, PackageRef, RepoDraft, ShapeDraft, VariantsDraft,
};
use crate::manifest::reader::Finding;
use crate::module::{Module, ModuleClass, Overlay};
use crate::name::{AttrName, Handle, RepoName, SigName, TierName, VariantName};
use crate::organization::{Organization, Tier};
use crate::package::{Attribute, Package, Shape, Variants};
use crate::problem::{Code, Problems};
use crate::relative_path::RelativePath;
use crate::repo::{Peer, Repo, RepoKind, Use, Wiring};
use crate::sig::{Person, Sig};
use crate::source::{At, Located, Source};
use crate::suggest::did_you_mean;
use crate::system::System;

/// Above this many unknown names the suggestions stop: each looks at every name
/// there is, and so many mistakes have one cause.
const SUGGESTIONS: usize = 100;

/// Looks everything up. The catalog is complete only if there are no errors
/// among the findings.
pub(crate) fn build(
    draft: Draft,
    trees: &BTreeMap<RepoName, Tree>,
    sources: Vec<Source>,
    findings: &mut Vec<Finding>,
) -> Catalog {
    Builder {
        findings,
        suggested: 0,
    }
    .build(draft, trees, sources)
}

struct Builder<'f> {
    findings: &'f mut Vec<Finding>,
    suggested: usize,
}

/// Where names of packages lead to.
struct Names {
    attributes: HashMap<AttrName, Attribute>,
    /// Which repo has which package, for keyed references.
    repos: BTreeMap<RepoName, BTreeSet<AttrName>>,
}

impl Builder<'_> {
    fn build(
        mut self,
        draft: Draft,
        trees: &BTreeMap<RepoName, Tree>,
        sources: Vec<Source>,
    ) -> Catalog {
        let organization = self.organization(&draft);
        let tiers = self.tiers(&draft);
        let people = self.people(&draft);
        let repo_drafts = self.unique("repo", draft.repos);
        let sig_drafts = self.unique("SIG", draft.sigs);
        let sigs: BTreeMap<SigName, Sig> = sig_drafts
            .into_iter()
            .map(|(name, sig)| {
                for handle in sig.leads.iter().chain(&sig.members) {
                    self.known_person(handle, &people);
                }
                if sig.leads.is_empty() {
                    self.report(
                        Code::SigWithoutLead,
                        name.at,
                        format!("SIG `{}` has no lead", name.value),
                        Some("name at least one person in `leads`".to_owned()),
                    );
                }
                let sig = Sig {
                    name: name.value.clone(),
                    description: sig.description,
                    leads: sig.leads.into_iter().map(|handle| handle.value).collect(),
                    members: sig.members.into_iter().map(|handle| handle.value).collect(),
                    contact: sig.contact,
                    responsibilities: sig.responsibilities,
                };
                (name.value, sig)
            })
            .collect();

        let levels_of_tiers: BTreeMap<&TierName, usize> =
            tiers.iter().map(|tier| (&tier.name, tier.level)).collect();
        let mut levels = BTreeMap::new();
        for (name, repo) in &repo_drafts {
            if let Some(tier) = &repo.tier {
                match levels_of_tiers.get(&tier.value) {
                    Some(level) => {
                        levels.insert(name.value.clone(), *level);
                    }
                    None => self.unknown(Code::UnknownTier, "tier", tier, levels_of_tiers.keys()),
                }
            }
        }
        let single = |level: Option<usize>| {
            let mut of_level = levels.iter().filter(|(_, at)| Some(**at) == level);
            match (of_level.next(), of_level.next()) {
                (Some((name, _)), None) => Some(name.clone()),
                _ => None,
            }
        };
        let core = single(Some(0));
        let top_level = single(tiers.len().checked_sub(1));

        let mut repos: BTreeMap<RepoName, (Repo, Vec<Pending>)> = BTreeMap::new();
        for (name, repo) in repo_drafts {
            let tree = trees.get(&name.value);
            let built = self.repo(
                &name,
                repo,
                &organization,
                &sigs,
                &people,
                core.as_ref(),
                tree,
            );
            repos.insert(name.value, built);
        }
        self.known_repos(&repos);

        let names = self.names(&repos);
        let repos = repos
            .into_iter()
            .map(|(name, (mut repo, pending))| {
                for Pending { package, edges } in pending {
                    let resolved = self.edges(&repo.id(&package), edges, &names);
                    if let Some(package) = repo.packages.get_mut(&package) {
                        package.edges = resolved;
                    }
                }
                (name, repo)
            })
            .collect();

        Catalog {
            organization,
            templates: draft.templates.map(|path| path.value),
            tiers,
            people,
            sigs,
            repos,
            attributes: names.attributes,
            levels,
            core,
            top_level,
            below: BTreeMap::new(),
            layer_order: Vec::new(),
            sources,
            warnings: Problems::new(Vec::new()),
        }
    }

    fn report(&mut self, code: Code, at: At, message: String, help: Option<String>) {
        self.findings
            .push(Finding::new(code, Some(at), message, help));
    }

    /// A name that does not exist, and the nearest that does.
    fn unknown<'a, T: AsRef<str>, K: AsRef<str> + 'a>(
        &mut self,
        code: Code,
        what: &str,
        name: &Located<T>,
        known: impl Iterator<Item = &'a K> + Clone,
    ) {
        let text = name.value.as_ref();
        let help = self.suggest(text, known.map(AsRef::as_ref));
        self.report(code, name.at, format!("there is no {what} `{text}`"), help);
    }

    fn suggest<'a>(
        &mut self,
        text: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Option<String> {
        self.suggested += 1;
        (self.suggested <= SUGGESTIONS)
            .then(|| did_you_mean(text, known))
            .flatten()
    }

    fn organization(&self, draft: &Draft) -> Organization {
        let organization = draft.organization.as_ref();
        let mut systems: Vec<System> = organization
            .map(|organization| organization.systems.iter())
            .into_iter()
            .flatten()
            .map(|system| system.value.clone())
            .collect();
        if systems.is_empty() {
            systems = ["x86_64-linux", "aarch64-linux"]
                .map(|system| system.parse().expect("the default systems are systems"))
                .into();
        }
        systems.sort();
        systems.dedup();
        Organization {
            name: organization
                .and_then(|organization| organization.name.as_ref())
                .map(|name| name.value.clone())
                .unwrap_or_default(),
            description: organization.and_then(|organization| organization.description.clone()),
            forge: organization
                .and_then(|organization| organization.forge.as_ref())
                .map_or_else(placeholder_forge, |forge| forge.value.clone()),
            systems,
        }
    }

    fn tiers(&mut self, draft: &Draft) -> Vec<Tier> {
        let mut seen: BTreeMap<&TierName, At> = BTreeMap::new();
        let mut tiers = Vec::new();
        for tier in &draft.tiers {
            if let Some(first) = seen.insert(&tier.name.value, tier.name.at) {
                self.defined_twice("tier", &tier.name.value, tier.name.at, first);
                continue;
            }
            tiers.push(Tier {
                name: tier.name.value.clone(),
                description: tier.description.clone(),
                level: tiers.len(),
            });
        }
        tiers
    }

    fn people(&mut self, draft: &Draft) -> BTreeMap<Handle, Person> {
        let mut places: BTreeMap<&Handle, At> = BTreeMap::new();
        let mut people = BTreeMap::new();
        for (handle, person) in &draft.people {
            if let Some(first) = places.get(&handle.value) {
                self.defined_twice("person", &handle.value, handle.at, *first);
                continue;
            }
            places.insert(&handle.value, handle.at);
            let person = Person {
                handle: handle.value.clone(),
                name: person.name.clone(),
                email: person.email.clone(),
            };
            people.insert(handle.value.clone(), person);
        }
        people
    }

    /// The first definition of each name; later ones, and names that differ only
    /// in case, are findings.
    fn unique<K, V>(&mut self, what: &str, entries: Vec<(Located<K>, V)>) -> Vec<(Located<K>, V)>
    where
        K: AsRef<str> + Clone + Ord + Hash + std::fmt::Display,
    {
        let mut seen: HashMap<String, (K, At)> = HashMap::new();
        let mut kept = Vec::with_capacity(entries.len());
        for (name, value) in entries {
            let folded = name.value.as_ref().to_ascii_lowercase();
            match seen.get(&folded) {
                None => {
                    seen.insert(folded, (name.value.clone(), name.at));
                    kept.push((name, value));
                }
                Some((first, at)) if *first == name.value => {
                    let at = *at;
                    self.defined_twice(what, &name.value, name.at, at);
                }
                Some((first, at)) => {
                    let finding = case_collision(what, &name.value, name.at, first, *at);
                    self.findings.push(finding);
                    kept.push((name, value));
                }
            }
        }
        kept
    }

    fn defined_twice(&mut self, what: &str, name: &impl std::fmt::Display, at: At, first: At) {
        self.findings.push(
            Finding::new(
                Code::DuplicateDefinition,
                Some(at),
                format!("{what} `{name}` is defined twice"),
                Some("remove one definition, or merge the two".to_owned()),
            )
            .related(first, "first defined here"),
        );
    }

    fn known_person(&mut self, handle: &Located<Handle>, people: &BTreeMap<Handle, Person>) {
        if people.contains_key(&handle.value) {
            return;
        }
        let help = self
            .suggest(handle.value.as_str(), people.keys().map(Handle::as_str))
            .unwrap_or_else(|| format!("define the person under `[people.{}]`", handle.value));
        self.report(
            Code::UnknownPerson,
            handle.at,
            format!("there is no person `{}`", handle.value),
            Some(help),
        );
    }

    /// The owner named, or the SIG of the repo.
    fn owner(
        &mut self,
        owner: Option<Located<SigName>>,
        sig: &SigName,
        sigs: &BTreeMap<SigName, Sig>,
    ) -> SigName {
        let Some(owner) = owner else {
            return sig.clone();
        };
        if !sigs.contains_key(&owner.value) {
            self.unknown(Code::UnknownOwner, "SIG", &owner, sigs.keys());
        }
        owner.value
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a repo refers to everything else"
    )]
    fn repo(
        &mut self,
        name: &Located<RepoName>,
        draft: RepoDraft,
        organization: &Organization,
        sigs: &BTreeMap<SigName, Sig>,
        people: &BTreeMap<Handle, Person>,
        core: Option<&RepoName>,
        tree: Option<&Tree>,
    ) -> (Repo, Vec<Pending>) {
        if let Some(sig) = draft
            .sig
            .as_ref()
            .filter(|sig| !sigs.contains_key(&sig.value))
        {
            self.unknown(Code::UnknownSig, "SIG", sig, sigs.keys());
        }
        let sig = draft
            .sig
            .map_or_else(|| same_name(&name.value), |sig| sig.value);
        let kind = draft
            .kind
            .as_ref()
            .map_or(RepoKind::Generated, |kind| kind.value);
        let wiring = draft
            .wiring
            .as_ref()
            .map_or(Wiring::Layers, |wiring| wiring.value);
        if let Some(wiring) = draft
            .wiring
            .filter(|wiring| kind == RepoKind::Generated && wiring.value != Wiring::Layers)
        {
            self.report(
                Code::ExternalOnly,
                wiring.at,
                format!(
                    "repo `{}` is generated, so its wiring is `layers`",
                    name.value
                ),
                Some("drop `wiring`, or set `kind = \"external\"`".to_owned()),
            );
        }
        let discover = draft
            .discover
            .as_ref()
            .is_some_and(|discover| discover.value);

        let mut uses: BTreeMap<RepoName, Use> = BTreeMap::new();
        for (used, requirement) in draft.uses {
            let requirement = Use {
                requirement: requirement.value,
                at: used.at,
            };
            uses.insert(used.value, requirement);
        }
        if let Some(core) = core.filter(|core| **core != name.value) {
            uses.entry(core.clone()).or_insert(Use {
                requirement: VersionReq::STAR,
                at: name.at,
            });
        }
        let peers = draft
            .peers
            .into_iter()
            .map(|peer| (peer.value, Peer { at: peer.at }))
            .collect();

        let mut repo = Repo {
            sig,
            tier: draft
                .tier
                .map_or_else(|| same_name(&name.value), |tier| tier.value),
            kind,
            wiring,
            description: draft.description,
            url: draft.url.map_or_else(
                || organization.forge.join(name.value.as_str()),
                |url| url.value,
            ),
            path: draft.path.map_or_else(
                || {
                    format!("repos/{}", name.value)
                        .parse::<RelativePath>()
                        .expect("a repo name is one plain path component")
                },
                |path| path.value,
            ),
            contract: draft
                .contract
                .map_or_else(|| Version::new(1, 0, 0), |contract| contract.value),
            uses,
            peers,
            discover,
            packages: BTreeMap::new(),
            modules: BTreeMap::new(),
            overlays: BTreeMap::new(),
            at: draft.at,
            name: name.value.clone(),
        };

        for (key, module) in draft.modules {
            let owner = self.owner(module.owner, &repo.sig, sigs);
            let module = Module {
                name: key.value.clone(),
                repo: repo.name.clone(),
                class: module.class.map_or(ModuleClass::Nixos, |class| class.value),
                owner,
                description: module.description,
                at: key.at,
            };
            repo.modules.insert(key.value, module);
        }
        for (key, overlay) in draft.overlays {
            let owner = self.owner(overlay.owner, &repo.sig, sigs);
            let overlay = Overlay {
                name: key.value.clone(),
                repo: repo.name.clone(),
                owner,
                description: overlay.description,
                at: key.at,
            };
            repo.overlays.insert(key.value, overlay);
        }

        let mut packages = self.unique("package", draft.packages);
        if let Some(tree) = tree {
            self.tree(name, discover, tree, &mut packages);
        }
        let mut pending = Vec::new();
        for (key, mut package) in packages {
            for handle in &package.maintainers {
                self.known_person(handle, people);
            }
            let owner = self.owner(package.owner.take(), &repo.sig, sigs);
            let edges = std::mem::take(&mut package.edges);
            if !edges.is_empty() {
                pending.push(Pending {
                    package: key.value.clone(),
                    edges,
                });
            }
            let built = self.package(&repo, &key, package, owner);
            repo.packages.insert(key.value, built);
        }
        (repo, pending)
    }

    /// What the tree holds, against what the manifest says. With `discover` the
    /// tree says what exists and the manifest adds to it.
    fn tree(
        &mut self,
        repo: &Located<RepoName>,
        discover: bool,
        tree: &Tree,
        packages: &mut Vec<(Located<AttrName>, PackageDraft)>,
    ) {
        for (path, reason) in &tree.rejected {
            let finding = Finding::new(
                Code::InvalidName,
                Some(repo.at),
                format!("repo `{}`: `{path}` is no package: {reason}", repo.value),
                None,
            );
            self.findings.push(finding.warning());
        }
        for (path, shard) in &tree.misplaced {
            let finding = Finding::new(
                Code::WrongShard,
                Some(repo.at),
                format!("repo `{}`: `{path}` stands in the wrong shard", repo.value),
                Some(format!("move it to the shard `{shard}`")),
            );
            self.findings.push(finding.warning());
        }
        if discover {
            self.discovered(repo, tree, packages);
            return;
        }
        let listed: BTreeSet<&AttrName> = packages.iter().map(|(name, _)| &name.value).collect();
        for name in tree.packages.keys().filter(|name| !listed.contains(name)) {
            let finding = Finding::new(
                Code::NotInManifest,
                Some(repo.at),
                format!(
                    "repo `{}` has a by-name directory for `{name}`, which the manifest does not list",
                    repo.value
                ),
                Some(format!(
                    "add `{name} = {{}}` to its packages, or set `discover = true`"
                )),
            );
            self.findings.push(finding.warning());
        }
    }

    fn discovered(
        &mut self,
        repo: &Located<RepoName>,
        tree: &Tree,
        packages: &mut Vec<(Located<AttrName>, PackageDraft)>,
    ) {
        let described: BTreeSet<AttrName> = packages
            .iter()
            .map(|(name, _)| name.value.clone())
            .collect();
        for (name, package) in packages.iter() {
            let found = tree.packages.get(&name.value);
            if found.is_none() {
                let help = self.suggest(
                    name.value.as_str(),
                    tree.packages.keys().map(AttrName::as_str),
                );
                self.report(
                    Code::NotInTree,
                    name.at,
                    format!(
                        "the tree of repo `{}` holds no package `{}`",
                        repo.value, name.value
                    ),
                    help,
                );
            } else if found == Some(&TreeEntry::Set) && matches!(package.shape, ShapeDraft::Single)
            {
                self.missing_members(repo, &name.value, name.at);
            }
        }
        for (name, entry) in &tree.packages {
            if described.contains(name) {
                continue;
            }
            if *entry == TreeEntry::Set {
                self.missing_members(repo, name, repo.at);
            }
            packages.push((
                Located::new(name.clone(), repo.at),
                PackageDraft::discovered(),
            ));
        }
    }

    /// Which attributes a `packages.nix` defines cannot be told from its name.
    fn missing_members(&mut self, repo: &Located<RepoName>, name: &AttrName, at: At) {
        self.findings.push(
            Finding::new(
                Code::MissingKey,
                Some(at),
                format!(
                    "package `{}/{name}` has a `packages.nix`, and the manifest does not say which attributes it defines",
                    repo.value
                ),
                Some(format!(
                    "add `{name} = {{ members = [\"...\"] }}` to the packages of repo `{}`",
                    repo.value
                )),
            )
            .warning(),
        );
    }

    fn package(
        &mut self,
        repo: &Repo,
        key: &Located<AttrName>,
        draft: PackageDraft,
        owner: SigName,
    ) -> Package {
        let id = repo.id(&key.value);
        let shape = match draft.shape {
            ShapeDraft::Single => Shape::Single,
            ShapeDraft::Builder => Shape::Builder,
            ShapeDraft::Set(members) => {
                Shape::Set(members.into_iter().map(|member| member.value).collect())
            }
            ShapeDraft::Variants(variants) => self
                .variants(&id, variants)
                .map_or(Shape::Single, Shape::Variants),
        };
        let mut aliases: Vec<AttrName> =
            draft.aliases.into_iter().map(|alias| alias.value).collect();
        aliases.sort();
        aliases.dedup();
        Package {
            id,
            owner,
            description: draft.description,
            homepage: draft.homepage,
            license: draft.license,
            maintainers: draft
                .maintainers
                .into_iter()
                .map(|handle| handle.value)
                .collect(),
            aliases,
            shape,
            edges: Vec::new(),
            at: key.at,
        }
    }

    fn variants(&mut self, id: &PackageId, draft: VariantsDraft) -> Option<Variants> {
        let mut names = BTreeMap::new();
        for name in &draft.names {
            if let Some(attribute) = self.variant_attribute(id, name) {
                names.insert(name.value.clone(), attribute);
            }
        }
        let mut aliases = BTreeMap::new();
        for (alias, target) in &draft.aliases {
            if !names.contains_key(&target.value) {
                let help =
                    self.suggest(target.value.as_str(), names.keys().map(VariantName::as_str));
                self.report(
                    Code::UnknownVariant,
                    target.at,
                    format!("package `{id}` has no variant `{}`", target.value),
                    help,
                );
            }
            if let Some(attribute) = self.variant_attribute(id, alias) {
                aliases.insert(alias.value.clone(), (attribute, target.value.clone()));
            }
        }
        let (default, at) = match draft.default {
            Some(default) => (default.value, default.at),
            None => (names.keys().next_back()?.clone(), draft.at),
        };
        let default_attribute = names
            .get(&default)
            .or_else(|| aliases.get(&default).map(|(attribute, _)| attribute));
        let Some(default_attribute) = default_attribute.cloned() else {
            let known = names.keys().chain(aliases.keys()).map(VariantName::as_str);
            let help = self.suggest(default.as_str(), known);
            self.report(
                Code::UnknownVariant,
                at,
                format!("package `{id}` has no variant `{default}`"),
                help,
            );
            return None;
        };
        Some(Variants {
            names,
            aliases,
            default,
            default_attribute,
        })
    }

    fn variant_attribute(
        &mut self,
        id: &PackageId,
        variant: &Located<VariantName>,
    ) -> Option<AttrName> {
        id.name
            .variant(&variant.value)
            .inspect_err(|error| {
                self.findings.push(Finding::new(
                    Code::InvalidName,
                    Some(variant.at),
                    format!("`{}_{}`: {error}", id.name, variant.value),
                    Some(error.help()),
                ));
            })
            .ok()
    }

    /// `uses` and `peers` name repos that exist.
    fn known_repos(&mut self, repos: &BTreeMap<RepoName, (Repo, Vec<Pending>)>) {
        for (repo, _) in repos.values() {
            let named = repo
                .uses
                .iter()
                .map(|(name, used)| (name, used.at))
                .chain(repo.peers.iter().map(|(name, peer)| (name, peer.at)));
            for (name, at) in named {
                if !repos.contains_key(name) {
                    let name = Located::new(name.clone(), at);
                    self.unknown(Code::UnknownRepo, "repo", &name, repos.keys());
                }
            }
        }
    }

    /// Every attribute of every package, once.
    fn names(&mut self, repos: &BTreeMap<RepoName, (Repo, Vec<Pending>)>) -> Names {
        let mut attributes: HashMap<AttrName, Attribute> = HashMap::new();
        let mut folded: HashMap<String, AttrName> = HashMap::new();
        let mut places: HashMap<PackageId, At> = HashMap::new();
        for (repo, _) in repos.values() {
            for package in repo.packages.values() {
                places.insert(package.id.clone(), package.at);
                for (name, kind) in package.attributes() {
                    if let Some(first) = attributes.get(&name) {
                        let finding = duplicate_attribute(&name, package, &first.package);
                        let at = places.get(&first.package).copied();
                        self.findings.push(match at {
                            Some(at) => finding.related(at, "first defined here"),
                            None => finding,
                        });
                        continue;
                    }
                    let lower = name.as_str().to_ascii_lowercase();
                    if let Some(other) = folded.get(&lower).and_then(|other| attributes.get(other))
                    {
                        if other.package.repo != package.id.repo {
                            let first = &other.package;
                            let finding = Finding::new(
                                Code::CaseCollision,
                                Some(package.at),
                                format!("`{}` and `{first}` differ only in case", package.id),
                                Some("rename one: the flat view cannot hold both on every file system".to_owned()),
                            );
                            self.findings.push(match places.get(first) {
                                Some(at) => finding.related(*at, "the other one is here"),
                                None => finding,
                            });
                        }
                    } else {
                        folded.insert(lower, name.clone());
                    }
                    let attribute = Attribute {
                        package: package.id.clone(),
                        kind,
                    };
                    attributes.insert(name, attribute);
                }
            }
        }
        let repos = repos
            .iter()
            .map(|(name, (repo, _))| (name.clone(), repo.packages.keys().cloned().collect()))
            .collect();
        Names { attributes, repos }
    }

    fn edges(&mut self, from: &PackageId, drafts: Vec<EdgeDraft>, names: &Names) -> Vec<Edge> {
        let mut edges = Vec::with_capacity(drafts.len());
        for EdgeDraft { kind, to } in drafts {
            let Some(package) = self.resolve(&to, names) else {
                continue;
            };
            if package == *from {
                self.report(
                    Code::SelfDependency,
                    to.at,
                    format!("package `{from}` depends on itself"),
                    Some("drop the entry".to_owned()),
                );
                continue;
            }
            edges.push(Edge {
                kind,
                to: package,
                attribute: to.value.attribute,
                origin: Origin::Declared,
                at: to.at,
            });
        }
        edges.sort_by(|a, b| (a.kind, &a.to, &a.attribute).cmp(&(b.kind, &b.to, &b.attribute)));
        edges.dedup_by(|a, b| a.kind == b.kind && a.attribute == b.attribute);
        edges
    }

    fn resolve(&mut self, to: &Located<PackageRef>, names: &Names) -> Option<PackageId> {
        let PackageRef { repo, attribute } = &to.value;
        if let Some(repo) = repo {
            let Some(packages) = names.repos.get(repo) else {
                let repo = Located::new(repo.clone(), to.at);
                self.unknown(Code::UnknownRepo, "repo", &repo, names.repos.keys());
                return None;
            };
            if packages.contains(attribute) {
                return Some(PackageId {
                    repo: repo.clone(),
                    name: attribute.clone(),
                });
            }
        }
        match names.attributes.get(attribute) {
            Some(found) if repo.as_ref().is_none_or(|repo| *repo == found.package.repo) => {
                Some(found.package.clone())
            }
            Some(found) => {
                self.report(
                    Code::UnknownPackage,
                    to.at,
                    format!("repo `{}` has no package `{attribute}`", found_repo(repo)),
                    Some(format!("`{}` has it", found.package)),
                );
                None
            }
            None => {
                let known: Vec<&str> = names
                    .repos
                    .values()
                    .flatten()
                    .map(AttrName::as_str)
                    .collect();
                let help = self
                    .suggest(attribute.as_str(), known.iter().copied())
                    .map(|help| self.with_owner(help, attribute, names));
                self.report(
                    Code::UnknownPackage,
                    to.at,
                    format!("no repo has a package `{attribute}`"),
                    help,
                );
                None
            }
        }
    }

    /// Adds the repo to a suggestion: names are keyed by their repo.
    fn with_owner(&self, help: String, asked: &AttrName, names: &Names) -> String {
        let known = names.repos.values().flatten().map(AttrName::as_str);
        match crate::suggest::nearest(asked.as_str(), known)
            .and_then(|near| names.attributes.get(near))
        {
            Some(found) => format!("did you mean `{}`?", found.package),
            None => help,
        }
    }
}

/// Edges that wait until every package is known.
struct Pending {
    package: AttrName,
    edges: Vec<EdgeDraft>,
}

fn found_repo(repo: &Option<RepoName>) -> &str {
    repo.as_ref().map_or("", RepoName::as_str)
}

/// A stand-in for something required that is missing; the finding is there
/// already, and a repo's name is always possible as another kind of name.
fn same_name<T: std::str::FromStr<Err: std::fmt::Debug>>(name: &RepoName) -> T {
    name.as_str()
        .parse()
        .expect("repos, SIGs and tiers follow the same rule for names")
}

fn placeholder_forge() -> FlakeRef {
    "path:."
        .parse()
        .expect("a constant that is a flake reference")
}

fn case_collision(
    what: &str,
    name: &impl std::fmt::Display,
    at: At,
    first: &impl std::fmt::Display,
    first_at: At,
) -> Finding {
    Finding::new(
        Code::CaseCollision,
        Some(at),
        format!("{what} `{name}` and {what} `{first}` differ only in case"),
        Some("rename one: both would be one directory on macOS and Windows".to_owned()),
    )
    .related(first_at, "the other one is here")
}

fn duplicate_attribute(name: &AttrName, package: &Package, first: &PackageId) -> Finding {
    Finding::new(
        Code::DuplicateAttribute,
        Some(package.at),
        format!(
            "`{}` defines the attribute `{name}`, which `{first}` defines already",
            package.id
        ),
        Some("the flat view has one package for each name: rename one, or let one repo use the other's".to_owned()),
    )
}
