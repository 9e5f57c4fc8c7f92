//! What a family has, as entries of an index.

use std::collections::BTreeMap;

use aux_model::{
    Alone, AttributeKind, Family, Handle, Member, Module, Overlay, Package, PackageSet, Repo,
    RepoName, Shape, SigName, System,
};

use crate::filter::HitFilter;
use crate::hit::{Hit, HitKind};
use crate::index::{Entry, FormerName, INDEX_FORMAT, Index, OtherName, SetNames};
use crate::query::Query;
use crate::search::{Found, Search, attributes_near, attributes_with, found};

/// A family as an index, and what each entry of it is. What to type for an entry takes a walk over
/// what its package needs, so an index that is only searched has none of that.
struct Listing<'f> {
    family: &'f Family,
    index: Index,
    things: Vec<Thing<'f>>,
}

/// What an entry was made of.
#[derive(Clone, Copy)]
enum Thing<'f> {
    Package(&'f Package),
    Module(&'f Module),
    Overlay(&'f Overlay),
    Member(&'f PackageSet, &'f Member),
    Repo,
    /// A SIG or somebody, of whom there is nothing to type.
    Other,
}

/// What each repo offers alone, asked for as it is needed.
type KnownAlone<'f> = BTreeMap<&'f RepoName, Alone<'f>>;

impl Index {
    /// Everything that may be found in a family, in the order of packages, modules, overlays,
    /// members of sets, repos, SIGs and people.
    #[must_use]
    pub fn of(family: &Family) -> Self {
        let Listing {
            mut index, things, ..
        } = Listing::of(family);
        let mut alone = KnownAlone::new();
        for (entry, thing) in index.entries.iter_mut().zip(things) {
            refer(family, thing, entry, &mut alone);
        }
        index
    }
}

impl Search for Family {
    fn search_with(&self, query: &str, filter: &HitFilter) -> Vec<Hit> {
        let (listing, words) = Listing::fitting(self, |index| Query::new(index, query));
        let mut entries = listing.index.entries.iter();
        if entries.any(|entry| words.fits(entry)) {
            return listing.hits(&found(&listing.index, query, filter));
        }
        // The nearest name is looked for among all.
        let listing = Listing::of(self);
        listing.hits(&found(&listing.index, query, filter))
    }

    fn attributes_like(&self, name: &str) -> Vec<Hit> {
        let (listing, _) = Listing::fitting(self, |_| Query::name(name));
        let found = attributes_with(&listing.index, name);
        if !found.is_empty() {
            return listing.hits(&found);
        }
        let listing = Listing::of(self);
        listing.hits(&attributes_near(&listing.index, name))
    }
}

impl<'f> Listing<'f> {
    fn of(family: &'f Family) -> Self {
        let mut listing = Self::without_packages(family);
        listing.add_packages(|_| true);
        listing
    }

    /// As [`Self::of`], without packages that the words do not fit: of many packages, most are not
    /// meant, and need not be entries all at once.
    fn fitting(family: &'f Family, query: impl FnOnce(&Index) -> Query) -> (Self, Query) {
        let mut listing = Self::without_packages(family);
        let query = query(&listing.index);
        listing.add_packages(|entry| query.fits(entry));
        (listing, query)
    }

    /// Adds packages, in front of all others.
    fn add_packages(&mut self, is_wanted: impl Fn(&Entry) -> bool) {
        let all = &self.family.organization().systems;
        let mut entries = Vec::new();
        let mut things = Vec::new();
        for repo in self.family.repos() {
            for package in repo.packages.values() {
                let entry = Entry {
                    tier: Some(repo.tier.clone()),
                    ..of_package(package, all)
                };
                if is_wanted(&entry) {
                    entries.push(entry);
                    things.push(Thing::Package(package));
                }
            }
        }
        entries.append(&mut self.index.entries);
        things.append(&mut self.things);
        self.index.entries = entries;
        self.things = things;
    }

    fn without_packages(family: &'f Family) -> Self {
        let mut things = Vec::new();
        let mut entries = Vec::new();
        let mut push = |thing, entry| {
            things.push(thing);
            entries.push(entry);
        };
        for module in family.modules() {
            push(Thing::Module(module), of_module(module));
        }
        for overlay in family.overlays() {
            push(Thing::Overlay(overlay), of_overlay(overlay));
        }
        for set in family.sets() {
            for member in set.members.values() {
                push(Thing::Member(set, member), of_member(set, member));
            }
        }
        for repo in family.repos() {
            push(Thing::Repo, of_repo(repo));
        }
        let sigs_of = sigs_of_people(family);
        for sig in family.sigs() {
            let entry = Entry {
                owner: Some(sig.name.clone()),
                leads: sig.leads.clone(),
                contact: sig.contact.clone(),
                description: sig.description.clone(),
                ..Entry::new(HitKind::Sig, sig.name.as_str())
            };
            push(Thing::Other, entry);
        }
        for person in family.people() {
            let sigs = sigs_of.get(&person.handle).into_iter().flatten();
            let entry = Entry {
                full_name: person.name.clone(),
                sigs: sigs.map(|sig| (*sig).clone()).collect(),
                contact: person.email.clone(),
                ..Entry::new(HitKind::Person, person.handle.as_str())
            };
            push(Thing::Other, entry);
        }
        for entry in &mut entries {
            let repo = entry.repo.as_ref();
            let repo = repo.and_then(|repo| family.repo(repo.as_str()));
            entry.tier = repo.map(|repo| repo.tier.clone());
        }
        let organization = family.organization();
        let index = Index {
            format: INDEX_FORMAT,
            name: organization.name.clone(),
            description: organization.description.clone(),
            systems: organization.systems.clone(),
            tiers: family
                .tiers()
                .iter()
                .map(|tier| tier.name.clone())
                .collect(),
            sets: family
                .sets()
                .map(|set| SetNames {
                    repo: set.repo.clone(),
                    name: set.name.clone(),
                    instances: set.instances.keys().cloned().collect(),
                })
                .collect(),
            entries,
            former: family
                .former_names()
                .into_iter()
                .map(FormerName::from)
                .collect(),
        };
        Self {
            family,
            index,
            things,
        }
    }

    /// Hits, with what to type for each.
    fn hits(&self, found: &[Found<'_>]) -> Vec<Hit> {
        let mut alone = KnownAlone::new();
        let hits = found.iter().map(|found| {
            let mut entry = found.entry.clone();
            refer(
                self.family,
                self.things[found.number],
                &mut entry,
                &mut alone,
            );
            Hit::new(&entry, &found.name, found.rank.matched)
        });
        hits.collect()
    }
}

/// A package of an organization that has all these systems.
fn of_package(package: &Package, all: &[System]) -> Entry {
    let own = &package.id.name;
    let kind = match package.shape {
        Shape::Builder => HitKind::Builder,
        Shape::Single | Shape::Variants(_) | Shape::Set(_) => HitKind::Package,
    };
    let systems = package.restriction.systems.as_ref();
    let systems: Option<Vec<System>> = systems.map(|systems| systems.iter().cloned().collect());
    let mut entry = Entry {
        aliases: package.aliases.iter().map(ToString::to_string).collect(),
        repo: Some(package.id.repo.clone()),
        owner: Some(package.owner.clone()),
        maintainers: package.maintainers.clone(),
        description: package.description.clone(),
        homepage: package.homepage.clone(),
        licenses: package.license.iter().cloned().collect(),
        broken: if package.restriction.broken {
            systems.clone().unwrap_or_else(|| all.to_vec())
        } else {
            Vec::new()
        },
        systems,
        unfree: package.restriction.unfree,
        insecure: package.restriction.insecure.clone(),
        ..Entry::new(kind, own.as_str())
    };
    package.each_attribute(|name, kind| {
        let alias_of = match kind {
            AttributeKind::Alias(target) => Some(target.to_string()),
            AttributeKind::Derivation | AttributeKind::Builder => None,
        };
        // The name of a set is an attribute only if a member has it too.
        if name == own {
            entry.is_attribute = true;
            entry.alias_of = alias_of;
        } else {
            let name = name.to_string();
            entry.names.push(OtherName { name, alias_of });
        }
    });
    match &package.shape {
        Shape::Variants(variants) => {
            let names = variants.names.values();
            entry.variants = names.map(ToString::to_string).collect();
            let aliases = variants.aliases.values();
            entry
                .aliases
                .extend(aliases.map(|(alias, _)| alias.to_string()));
            entry.aliases.sort();
        }
        Shape::Set(members) => {
            entry.members = members.iter().map(ToString::to_string).collect();
        }
        Shape::Single | Shape::Builder => {}
    }
    entry
}

fn of_module(module: &Module) -> Entry {
    Entry {
        repo: Some(module.repo.clone()),
        owner: Some(module.owner.clone()),
        description: module.description.clone(),
        ..Entry::new(HitKind::Module, module.name.as_str())
    }
}

fn of_overlay(overlay: &Overlay) -> Entry {
    Entry {
        repo: Some(overlay.repo.clone()),
        owner: Some(overlay.owner.clone()),
        description: overlay.description.clone(),
        ..Entry::new(HitKind::Overlay, overlay.name.as_str())
    }
}

fn of_member(set: &PackageSet, member: &Member) -> Entry {
    Entry {
        part_of: Some(set.name.to_string()),
        repo: Some(set.repo.clone()),
        owner: Some(member.owner.clone()),
        maintainers: member.maintainers.clone(),
        description: member.description.clone(),
        ..Entry::new(HitKind::Member, member.name.as_str())
    }
}

fn of_repo(repo: &Repo) -> Entry {
    Entry {
        repo: Some(repo.name.clone()),
        owner: Some(repo.sig.clone()),
        description: repo.description.clone(),
        ..Entry::new(HitKind::Repo, repo.name.as_str())
    }
}

/// Says what to type for it: references that build.
fn refer<'f>(family: &'f Family, thing: Thing<'f>, entry: &mut Entry, known: &mut KnownAlone<'f>) {
    let repo = entry.repo.as_ref();
    let Some(repo) = repo.and_then(|repo| family.repo(repo.as_str())) else {
        return;
    };
    let url = &repo.url;
    let alone = known.entry(&repo.name);
    let alone = alone.or_insert_with(|| family.alone(repo));
    entry.reference = match thing {
        Thing::Package(package) => {
            let flake = alone.offering(&package.id).url.to_string();
            let own = format!("{flake}#{}", package.id.name);
            entry.flake = Some(flake);
            Some(if entry.is_attribute {
                own
            } else {
                url.to_string()
            })
        }
        Thing::Module(module) => Some(format!(
            "{url}#{}.{}",
            module.class.flake_output(),
            module.name
        )),
        Thing::Overlay(overlay) => Some(format!("{url}#overlays.{}", overlay.name)),
        Thing::Member(set, member) => {
            let instance = set.usual_instance();
            let offering = alone.offering_member(set, member);
            Some(format!("{}#{instance}.{}", offering.url, member.name))
        }
        Thing::Repo => Some(url.to_string()),
        Thing::Other => None,
    };
}

/// Of each person: the SIGs they lead, then those they are a member of.
fn sigs_of_people(family: &Family) -> BTreeMap<&Handle, Vec<&SigName>> {
    let mut sigs: BTreeMap<&Handle, Vec<&SigName>> = BTreeMap::new();
    let leads = family.sigs().map(|sig| (sig, &sig.leads));
    let members = family.sigs().map(|sig| (sig, &sig.members));
    for (sig, handles) in leads.chain(members) {
        for handle in handles {
            let known = sigs.entry(handle).or_default();
            if !known.contains(&&sig.name) {
                known.push(&sig.name);
            }
        }
    }
    sigs
}
