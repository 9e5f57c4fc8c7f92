//! The search, asked of a catalog.

use std::collections::BTreeMap;

use aux_model::{Alone, Family, Handle, RepoName, SigName};

use crate::filter::HitFilter;
use crate::fit::Match;
use crate::found::Found;
use crate::hit::Hit;
use crate::query::Query;
use crate::thing::{Name, Thing};

/// More misspellings than this help nobody.
const FUZZY_HITS: usize = 5;

/// "Where is the thing I want?", asked of a family.
pub trait Search {
    /// Everything that the query fits, best first.
    ///
    /// A query is words, in any case. Each of them must be a part of the hit's
    /// name (of a person's in full too) or description, or be an owner: the SIG
    /// that answers for it, somebody who leads that SIG, or who looks after the
    /// thing itself. Of several words, one may also be the hit's repo or its
    /// kind, as in `python module`. `REPO/NAME` is a name in that repo, and a
    /// handle may be written as `@ada`. Homepages and licences are not searched.
    ///
    /// A hit is as good as its best word, in the order of [`Match`], so an exact
    /// name always comes first; the others only have to fit. Of two alike, the
    /// one whose words fit better together comes first, then the one whose name
    /// is first in order.
    ///
    /// A variant, an alias or a member is a hit of its own only if its name
    /// fits. A package that fits by its description or owner alone is listed
    /// once, by its own name, and so is everything if there are no words.
    ///
    /// If nothing fits, the nearest names that a word is a misspelling of are
    /// found, at most five.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../aux-model/doc/family.toml")))?;
    /// use aux_search::Search;
    /// let hits = catalog.search("nump");
    /// assert_eq!(hits[0].reference.as_deref(), Some("github:example/python#numpy"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    fn search(&self, query: &str) -> Vec<Hit>;

    /// As [`Self::search`], without what the filter holds back. A filter only
    /// removes: where something fits without it, no misspelling is looked for.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../aux-model/doc/family.toml")))?;
    /// use aux_search::{HitFilter, Search};
    ///
    /// let mut filter = HitFilter::default();
    /// filter.repos.insert("gnome".parse()?);
    /// assert!(catalog.search_with("numpy", &filter).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    fn search_with(&self, query: &str, filter: &HitFilter) -> Vec<Hit>;

    /// Attributes of the package set that have a part of this name, or are near
    /// it if none has; best first. For "did you mean".
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../aux-model/doc/family.toml")))?;
    /// use aux_search::Search;
    /// assert_eq!(catalog.attributes_like("opensl")[0].name, "openssl");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    fn attributes_like(&self, name: &str) -> Vec<Hit>;
}

impl Search for Family {
    fn search(&self, query: &str) -> Vec<Hit> {
        self.search_with(query, &HitFilter::default())
    }

    fn search_with(&self, query: &str, filter: &HitFilter) -> Vec<Hit> {
        let wanted = |thing: &Thing<'_>| filter.lets_through(*thing);
        // `python3Packages.flask` is a member, however many others have that name.
        let members = Everything(self).members_named(query.trim(), wanted);
        if !members.is_empty() {
            return Everything(self).hits(members);
        }
        let query = Query::new(self, query);
        let mut found = fitting(&query, Everything(self).things().filter(wanted));
        if found.is_empty()
            && (filter.is_empty() || !fits_anything(&query, Everything(self).things()))
        {
            found = near(&query, Everything(self).things());
            found.retain(|found| wanted(&found.thing));
        }
        Everything(self).hits(found)
    }

    fn attributes_like(&self, name: &str) -> Vec<Hit> {
        let query = Query::name(name);
        let packages = || self.packages().map(Thing::Package);
        let is_attribute = |found: &Found<'_>| found.name.attribute.is_some();
        let mut found = fitting(&query, packages());
        found.retain(is_attribute);
        if found.is_empty() {
            found = near(&query, packages());
            found.retain(is_attribute);
        }
        Everything(self).hits(found)
    }
}

/// Everything that a family has.
#[derive(Clone, Copy)]
struct Everything<'c>(&'c Family);

impl<'c> Everything<'c> {
    /// Members of sets that are named with their set.
    fn members_named(self, text: &str, wanted: impl Fn(&Thing<'c>) -> bool) -> Vec<Found<'c>> {
        let (repo, name) = match text.split_once('/') {
            Some((repo, name)) => (Some(repo), name),
            None => (None, text),
        };
        if !name.contains('.') {
            return Vec::new();
        }
        let sets = self.0.sets();
        let sets = sets.filter(|set| repo.is_none_or(|repo| set.repo == *repo));
        let members = sets.flat_map(|set| set.members.values().map(move |member| (set, member)));
        let named = members.filter(|(set, member)| set.is_member(member, name));
        let things = named.map(|(set, member)| Thing::Member(set, member));
        let mut found = Vec::new();
        for thing in things.filter(wanted) {
            thing.each_name(|name| {
                let rank = crate::fit::Rank::EXACT;
                found.push(Found { thing, name, rank });
            });
        }
        found
    }

    fn things(self) -> impl Iterator<Item = Thing<'c>> {
        self.0
            .packages()
            .map(Thing::Package)
            .chain(self.0.modules().map(Thing::Module))
            .chain(self.0.overlays().map(Thing::Overlay))
            .chain(self.0.sets().flat_map(|set| {
                let members = set.members.values();
                members.map(move |member| Thing::Member(set, member))
            }))
            .chain(self.0.repos().map(Thing::Repo))
            .chain(self.0.sigs().map(Thing::Sig))
            .chain(self.0.people().map(Thing::Person))
    }

    /// Hits that own what they say, in the order of what was found.
    fn hits(self, found: Vec<Found<'c>>) -> Vec<Hit> {
        let any_person = found
            .iter()
            .any(|found| matches!(found.thing, Thing::Person(_)));
        let sigs = if any_person {
            self.sigs_of_people()
        } else {
            BTreeMap::new()
        };
        let mut alone = BTreeMap::new();
        found
            .into_iter()
            .map(|found| self.hit(found, &sigs, &mut alone))
            .collect()
    }

    fn hit(
        self,
        found: Found<'c>,
        sigs: &BTreeMap<&Handle, Vec<&SigName>>,
        alone: &mut BTreeMap<&'c RepoName, Alone<'c>>,
    ) -> Hit {
        let Found { thing, name, rank } = found;
        let mut hit = Hit {
            kind: thing.kind(),
            name: name.text.to_owned(),
            full_name: name.full.map(str::to_owned),
            alias_of: None,
            part_of: None,
            variants: Vec::new(),
            aliases: Vec::new(),
            members: Vec::new(),
            repo: thing.repo().cloned(),
            owner: thing.owner().cloned(),
            maintainers: Vec::new(),
            leads: Vec::new(),
            sigs: Vec::new(),
            contact: None,
            description: thing.description().map(str::to_owned),
            reference: self.reference(thing, &name, alone),
            matched: rank.matched,
        };
        match thing {
            Thing::Package(package) => hit.describe(package, name),
            Thing::Sig(sig) => {
                hit.leads.clone_from(&sig.leads);
                hit.contact.clone_from(&sig.contact);
            }
            Thing::Person(person) => {
                let sigs = sigs.get(&person.handle).into_iter().flatten();
                hit.sigs = sigs.map(|sig| (*sig).clone()).collect();
                hit.contact.clone_from(&person.email);
            }
            Thing::Member(set, member) => {
                hit.part_of = Some(set.name.clone());
                hit.maintainers.clone_from(&member.maintainers);
            }
            Thing::Module(_) | Thing::Overlay(_) | Thing::Repo(_) => {}
        }
        hit
    }

    /// What to type for it: a reference that builds.
    fn reference(
        self,
        thing: Thing<'c>,
        name: &Name<'_>,
        alone: &mut BTreeMap<&'c RepoName, Alone<'c>>,
    ) -> Option<String> {
        let repo = self.0.repo(thing.repo()?.as_str())?;
        let url = &repo.url;
        let alone = alone.entry(&repo.name);
        let alone = alone.or_insert_with(|| self.0.alone(repo));
        Some(match thing {
            Thing::Package(package) if name.attribute.is_some() => {
                format!("{}#{}", alone.offering(&package.id).url, name.text)
            }
            Thing::Module(module) => {
                format!("{url}#{}.{}", module.class.flake_output(), module.name)
            }
            Thing::Overlay(overlay) => format!("{url}#overlays.{}", overlay.name),
            Thing::Member(set, member) => {
                let own = set.instances.contains_key(&set.name);
                let instance = set.default.as_ref().filter(|_| !own);
                let instance = instance.unwrap_or(&set.name);
                let offering = alone.offering_member(set, member);
                format!("{}#{instance}.{}", offering.url, member.name)
            }
            Thing::Package(_) | Thing::Repo(_) | Thing::Sig(_) | Thing::Person(_) => {
                url.to_string()
            }
        })
    }

    /// Of each person: the SIGs they lead, then those they are a member of.
    fn sigs_of_people(self) -> BTreeMap<&'c Handle, Vec<&'c SigName>> {
        let mut sigs: BTreeMap<&Handle, Vec<&SigName>> = BTreeMap::new();
        let leads = self.0.sigs().map(|sig| (sig, &sig.leads));
        let members = self.0.sigs().map(|sig| (sig, &sig.members));
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
}

/// What all words of the query fit.
fn fitting<'c>(query: &Query, things: impl Iterator<Item = Thing<'c>>) -> Vec<Found<'c>> {
    let mut found = Vec::new();
    for thing in things {
        let before = found.len();
        let mut own = None;
        thing.each_name(|name| {
            if let Some(rank) = query.rank(thing, &name) {
                if rank.matched <= Match::Substring && !query.is_empty() {
                    found.push(Found { thing, name, rank });
                } else if name.is_own {
                    own = Some(Found { thing, name, rank });
                }
            }
        });
        // Its names say more of it than its description does.
        if found.len() == before {
            found.extend(own);
        }
    }
    sort(&mut found);
    found
}

fn fits_anything<'c>(query: &Query, mut things: impl Iterator<Item = Thing<'c>>) -> bool {
    things.any(|thing| !fitting(query, std::iter::once(thing)).is_empty())
}

/// What some word of the query is a misspelling of, and the others fit.
fn near<'c>(query: &Query, things: impl Iterator<Item = Thing<'c>>) -> Vec<Found<'c>> {
    let mut found = Vec::new();
    for thing in things {
        thing.each_name(|name| {
            if let Some(rank) = query.rank_of_misspelling(thing, &name) {
                found.push(Found { thing, name, rank });
            }
        });
    }
    sort(&mut found);
    found.truncate(FUZZY_HITS);
    found
}

/// Best first; what is alike, in order of name and kind.
fn sort(found: &mut [Found<'_>]) {
    found.sort_by(|a, b| {
        (a.rank, a.name.text, a.thing.kind()).cmp(&(b.rank, b.name.text, b.thing.kind()))
    });
}
