//! Everything that pages look up, worked out once for all of them.

use std::collections::{BTreeMap, HashMap};

use aux_model::{Catalog, PackageId, RepoName, SigName};
use aux_search::{Entry, HitKind, Index};

use crate::facts;
use crate::needs::NeededBy;
use crate::source::Source;

/// What a repo does not offer alone, by what it lacks for it.
type LeftOut = BTreeMap<RepoName, BTreeMap<PackageId, PackageId>>;

/// What pages look up.
pub(crate) struct Lookup<'s> {
    pub(crate) source: Source<'s>,
    pub(crate) index: Index,
    pub(crate) needed_by: NeededBy,
    pub(crate) left_out: LeftOut,
    /// Names by their first letter, each with the place of its entry.
    pub(crate) letters: BTreeMap<String, Vec<(String, usize)>>,
    /// What each person looks after, by the places of the entries.
    pub(crate) maintained: HashMap<String, Vec<usize>>,
    /// What each SIG owns in repos of other SIGs.
    pub(crate) owned_elsewhere: BTreeMap<SigName, Vec<PackageId>>,
}

impl<'s> Lookup<'s> {
    pub(crate) fn of(source: Source<'s>) -> Self {
        let catalog = source.catalog;
        let index = facts::index(catalog, source.facts);
        let mut maintained: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, entry) in index.entries.iter().enumerate() {
            for handle in &entry.maintainers {
                let known = maintained.entry(handle.to_string()).or_default();
                known.push(number);
            }
        }
        let mut owned_elsewhere: BTreeMap<SigName, Vec<PackageId>> = BTreeMap::new();
        for repo in catalog.repos() {
            let packages = repo.packages.values();
            for package in packages.filter(|package| package.owner != repo.sig) {
                let owned = owned_elsewhere.entry(package.owner.clone()).or_default();
                owned.push(package.id.clone());
            }
        }
        Self {
            needed_by: NeededBy::of(catalog),
            left_out: left_out(catalog),
            letters: letters(&index.entries),
            maintained,
            owned_elsewhere,
            index,
            source,
        }
    }
}

fn left_out(catalog: &Catalog) -> LeftOut {
    let left_out = catalog.repos().map(|repo| {
        let view = catalog.view(repo);
        let left = view.left_out.iter().map(|(name, why)| {
            let id = PackageId {
                repo: repo.name.clone(),
                name: (*name).clone(),
            };
            (id, why.missing().clone())
        });
        (repo.name.clone(), left.collect())
    });
    left_out.collect()
}

/// The names of all entries that are built, by letter, in order: each with its entry's place.
fn letters(entries: &[Entry]) -> BTreeMap<String, Vec<(String, usize)>> {
    let mut letters: BTreeMap<String, Vec<(String, usize)>> = BTreeMap::new();
    for (number, entry) in entries.iter().enumerate() {
        if entry.kind.is_built() || entry.kind == HitKind::Overlay {
            let others = entry.names.iter().map(|other| &other.name);
            for name in std::iter::once(&entry.name).chain(others) {
                let letter = letters.entry(letter_of(name)).or_default();
                letter.push((name.clone(), number));
            }
        }
    }
    for names in letters.values_mut() {
        names.sort_by_cached_key(|(name, number)| (name.to_lowercase(), name.clone(), *number));
    }
    letters
}

/// The letter that a name is listed under.
fn letter_of(name: &str) -> String {
    let first = name.chars().next().map(|first| first.to_ascii_lowercase());
    match first {
        Some(first) if first.is_ascii_lowercase() => first.to_string(),
        _ => "other".to_owned(),
    }
}
