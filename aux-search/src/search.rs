//! The search itself, over an index.

use crate::filter::HitFilter;
use crate::fit::{Match, Rank};
use crate::hit::{Hit, HitKind};
use crate::index::{Entry, Index, Name};
use crate::query::Query;

/// More misspellings than this help nobody.
const FUZZY_HITS: usize = 5;

/// "Where is the thing I want?", asked of a family or of its [`Index`].
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
    fn search(&self, query: &str) -> Vec<Hit> {
        self.search_with(query, &HitFilter::default())
    }

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

impl Search for Index {
    fn search_with(&self, query: &str, filter: &HitFilter) -> Vec<Hit> {
        hits(&found(self, query, filter))
    }

    fn attributes_like(&self, name: &str) -> Vec<Hit> {
        hits(&attributes_like(self, name))
    }
}

/// What was found: an entry, the name of it that fits, and how well.
pub(crate) struct Found<'i> {
    /// The place of the entry in the index.
    pub(crate) number: usize,
    pub(crate) entry: &'i Entry,
    pub(crate) name: Name<'i>,
    pub(crate) rank: Rank,
}

fn hits(found: &[Found<'_>]) -> Vec<Hit> {
    let hits = found.iter();
    hits.map(|found| Hit::new(found.entry, &found.name, found.rank.matched))
        .collect()
}

/// What [`Search::search_with`] finds.
pub(crate) fn found<'i>(index: &'i Index, text: &str, filter: &HitFilter) -> Vec<Found<'i>> {
    let all = || index.entries.iter().enumerate();
    let wanted = |(_, entry): &(usize, &Entry)| filter.lets_through(entry);
    // `python3Packages.flask` is a member, however many others have that name.
    let mut members = members_named(index, text.trim());
    members.retain(|found| filter.lets_through(found.entry));
    if !members.is_empty() {
        return members;
    }
    let query = Query::new(index, text);
    let mut found = fitting(&query, all().filter(wanted));
    if found.is_empty() && (filter.is_empty() || !fits_anything(&query, all())) {
        found = near(&query, all());
        found.retain(|found| filter.lets_through(found.entry));
    }
    found
}

/// What [`Search::attributes_like`] finds.
pub(crate) fn attributes_like<'i>(index: &'i Index, name: &str) -> Vec<Found<'i>> {
    let found = attributes_with(index, name);
    if found.is_empty() {
        attributes_near(index, name)
    } else {
        found
    }
}

/// Attributes of the package set that have a part of a name.
pub(crate) fn attributes_with<'i>(index: &'i Index, name: &str) -> Vec<Found<'i>> {
    attributes(fitting(&Query::name(name), packages(index)))
}

/// Attributes of the package set that are near a name.
pub(crate) fn attributes_near<'i>(index: &'i Index, name: &str) -> Vec<Found<'i>> {
    attributes(near(&Query::name(name), packages(index)))
}

fn packages(index: &Index) -> impl Iterator<Item = (usize, &Entry)> {
    let entries = index.entries.iter().enumerate();
    entries.filter(|(_, entry)| entry.kind.is_package())
}

fn attributes(mut found: Vec<Found<'_>>) -> Vec<Found<'_>> {
    found.retain(|found| found.name.is_attribute);
    found
}

/// Members of sets that are named with their set or one of its instances.
fn members_named<'i>(index: &'i Index, text: &str) -> Vec<Found<'i>> {
    let (repo, name) = match text.split_once('/') {
        Some((repo, name)) => (Some(repo), name),
        None => (None, text),
    };
    let Some((set, name)) = name.rsplit_once('.') else {
        return Vec::new();
    };
    let parts = index.sets.iter();
    let parts: Vec<_> = parts
        .filter(|part| part.name == *set || part.instances.iter().any(|known| *known == *set))
        .filter(|part| repo.is_none_or(|repo| part.repo == *repo))
        .collect();
    let is_it = |entry: &Entry| {
        let of = entry.part_of.as_deref();
        entry.kind == HitKind::Member
            && entry.name == name
            && parts.iter().any(|part| {
                of == Some(part.name.as_str()) && entry.repo.as_ref() == Some(&part.repo)
            })
    };
    let entries = index.entries.iter().enumerate();
    let members = entries.filter(|(_, entry)| is_it(entry));
    members
        .map(|(number, entry)| Found {
            number,
            entry,
            name: entry.own_name(),
            rank: Rank::EXACT,
        })
        .collect()
}

/// What all words of the query fit.
fn fitting<'i>(query: &Query, entries: impl Iterator<Item = (usize, &'i Entry)>) -> Vec<Found<'i>> {
    let mut found = Vec::new();
    for (number, entry) in entries {
        let before = found.len();
        let mut own = None;
        entry.each_name(|name| {
            if let Some(rank) = query.rank(entry, &name) {
                let fits = Found {
                    number,
                    entry,
                    name,
                    rank,
                };
                if rank.matched <= Match::Substring && !query.is_empty() {
                    found.push(fits);
                } else if name.is_own {
                    own = Some(fits);
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

fn fits_anything<'i>(query: &Query, mut entries: impl Iterator<Item = (usize, &'i Entry)>) -> bool {
    entries.any(|entry| !fitting(query, std::iter::once(entry)).is_empty())
}

/// What some word of the query is a misspelling of, and the others fit.
fn near<'i>(query: &Query, entries: impl Iterator<Item = (usize, &'i Entry)>) -> Vec<Found<'i>> {
    let mut found = Vec::new();
    for (number, entry) in entries {
        entry.each_name(|name| {
            if let Some(rank) = query.rank_of_misspelling(entry, &name) {
                found.push(Found {
                    number,
                    entry,
                    name,
                    rank,
                });
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
        (a.rank, a.name.text, a.entry.kind).cmp(&(b.rank, b.name.text, b.entry.kind))
    });
}
