//! The index as the browser gets it: in columns and in parts, so that a first answer needs names only,
//! and what is long comes after it. `assets/search/index.js` reads it.
//!
//! Columns compress better than entries, and typed arrays are made of them without a walk over
//! objects. Names of all things are in one order, the one in which hits of the same rank are shown,
//! so that the browser sorts nothing.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{AttrName, Handle, RepoName, SigName, System, TierName};
use aux_search::{Entry, FormerName, HitKind, Index};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The version of the parts; a page and its parts are written together, but a browser may still
/// have older ones.
const FORMAT: u32 = 1;

/// Things or names of one part: some hundred kilobytes.
const IN_A_PART: usize = 20_000;

/// Every file, with what it holds.
pub(crate) struct Parts {
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

/// What is read first.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Start<'i> {
    format: u32,
    kinds: Vec<&'static str>,
    systems: &'i [System],
    tiers: Vec<&'i str>,
    repos: Vec<RepoRow<'i>>,
    sigs: Vec<SigRow<'i>>,
    licenses: Vec<&'i str>,
    flakes: Vec<&'i str>,
    handles: Vec<&'i str>,
    sets: Vec<SetRow<'i>>,
    things: usize,
    names: usize,
    thing_parts: Vec<String>,
    name_parts: Vec<String>,
    text_parts: Vec<String>,
    former: String,
}

#[derive(Serialize)]
struct RepoRow<'i> {
    name: &'i str,
    tier: usize,
}

#[derive(Serialize)]
struct SigRow<'i> {
    name: &'i str,
    leads: Vec<&'i str>,
}

#[derive(Serialize)]
struct SetRow<'i> {
    repo: &'i str,
    name: &'i str,
    instances: Vec<&'i str>,
}

/// Things, a column for each of their parts; -1 is nothing.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Things<'i> {
    first: usize,
    name: Vec<&'i str>,
    kind: Vec<i64>,
    repo: Vec<i64>,
    owner: Vec<i64>,
    flake: Vec<i64>,
    /// Bits of `systems`.
    systems: Vec<u64>,
    broken: Vec<u64>,
    unfree: Vec<u8>,
    license: Vec<i64>,
    /// Licences of things that have more than one.
    licenses: BTreeMap<usize, Vec<usize>>,
    part_of: BTreeMap<usize, &'i str>,
}

/// Names in the order of hits.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Names<'i> {
    name: Vec<&'i str>,
    thing: Vec<usize>,
    /// Whether it is the thing's own name.
    own: Vec<u8>,
    alias_of: BTreeMap<usize, &'i str>,
    full: BTreeMap<usize, &'i str>,
}

/// What is long, by thing.
#[derive(Serialize, Default)]
struct Texts<'i> {
    first: usize,
    description: Vec<&'i str>,
    version: Vec<&'i str>,
    reference: BTreeMap<usize, &'i str>,
    handles: BTreeMap<usize, Vec<usize>>,
}

/// A name of a thing, as it is sorted.
struct Row<'i> {
    name: &'i str,
    kind: HitKind,
    thing: usize,
    is_own: bool,
    alias_of: Option<&'i str>,
    full: Option<&'i str>,
}

/// The numbers of what is named again and again.
struct Numbers<'i> {
    repos: BTreeMap<&'i str, usize>,
    sigs: BTreeMap<&'i str, usize>,
    licenses: BTreeMap<&'i str, usize>,
    flakes: BTreeMap<&'i str, usize>,
    handles: BTreeMap<&'i str, usize>,
}

impl<'i> Numbers<'i> {
    fn of(entries: &'i [Entry]) -> Self {
        let repos = entries.iter().filter_map(|entry| entry.repo.as_ref());
        let sigs = of_kind(entries, HitKind::Sig).into_iter().enumerate();
        let licenses = entries.iter().flat_map(|entry| &entry.licenses);
        Self {
            repos: numbered(repos.map(RepoName::as_str)),
            sigs: sigs
                .map(|(number, sig)| (sig.name.as_str(), number))
                .collect(),
            licenses: numbered(licenses.map(String::as_str)),
            flakes: numbered(entries.iter().filter_map(|entry| entry.flake.as_deref())),
            handles: numbered(entries.iter().flat_map(people_of)),
        }
    }
}

impl Parts {
    pub(crate) fn of(index: &Index) -> Self {
        let entries = &index.entries;
        let known = Numbers::of(entries);
        let mut files = Vec::new();
        // A browser may still have the start of an older site: the parts that it names are gone then, and
        // it cannot take others for them.
        let mut named = |name: String, content: Vec<u8>| {
            let hash = hex::encode(Sha256::digest(&content));
            let name = format!("{name}.{}.json", &hash[..12]);
            files.push((format!("search/{name}"), content));
            name
        };
        let mut start = Start {
            format: FORMAT,
            kinds: HitKind::ALL.iter().map(|kind| kind.as_str()).collect(),
            systems: &index.systems,
            tiers: index.tiers.iter().map(TierName::as_str).collect(),
            repos: Vec::new(),
            sigs: of_kind(entries, HitKind::Sig)
                .iter()
                .map(|sig| SigRow {
                    name: &sig.name,
                    leads: sig.leads.iter().map(Handle::as_str).collect(),
                })
                .collect(),
            licenses: keys(&known.licenses),
            flakes: keys(&known.flakes),
            handles: keys(&known.handles),
            sets: index
                .sets
                .iter()
                .map(|set| SetRow {
                    repo: set.repo.as_str(),
                    name: set.name.as_str(),
                    instances: set.instances.iter().map(AttrName::as_str).collect(),
                })
                .collect(),
            things: entries.len(),
            names: 0,
            thing_parts: Vec::new(),
            name_parts: Vec::new(),
            text_parts: Vec::new(),
            former: String::new(),
        };
        let tiers: BTreeMap<&str, usize> = entries
            .iter()
            .filter_map(|entry| {
                let tier = index
                    .tiers
                    .iter()
                    .position(|tier| Some(tier) == entry.tier.as_ref())?;
                Some((entry.repo.as_ref()?.as_str(), tier))
            })
            .collect();
        start.repos = known
            .repos
            .keys()
            .map(|name| RepoRow {
                name,
                tier: tiers.get(name).copied().unwrap_or(0),
            })
            .collect();
        for (number, part) in entries.chunks(IN_A_PART).enumerate() {
            let first = number * IN_A_PART;
            let mut things = Things {
                first,
                ..Things::default()
            };
            let mut texts = Texts {
                first,
                ..Texts::default()
            };
            for (place, entry) in part.iter().enumerate() {
                things.push(entry, first + place, index, &known);
                texts.push(entry, first + place, &known.handles);
            }
            start
                .thing_parts
                .push(named(format!("things-{number}"), json(&things)));
            start
                .text_parts
                .push(named(format!("texts-{number}"), json(&texts)));
        }
        let rows = rows(entries);
        start.names = rows.len();
        for (number, part) in rows.chunks(IN_A_PART).enumerate() {
            let mut names = Names::default();
            for (place, row) in part.iter().enumerate() {
                names.push(row, place);
            }
            start
                .name_parts
                .push(named(format!("names-{number}"), json(&names)));
        }
        let former: &[FormerName] = &index.former;
        start.former = named("former".to_owned(), json(&former));
        let start = json(&start);
        files.push(("search/start.json".to_owned(), start));
        Self { files }
    }
}

impl<'i> Things<'i> {
    fn push(&mut self, entry: &'i Entry, number: usize, index: &Index, known: &Numbers<'_>) {
        let at = |known: &BTreeMap<&str, usize>, key: Option<&str>| {
            let number = key.and_then(|key| known.get(key));
            number.map_or(-1, |number| i64::try_from(*number).unwrap_or(-1))
        };
        let bits = |systems: &[System]| {
            let places = index.systems.iter().enumerate();
            let of = places.filter(|(_, system)| systems.contains(system));
            // JavaScript counts exactly up to 2^53; Nix knows some thirty systems.
            of.fold(0, |bits, (place, _)| bits | 1_u64 << place.min(52))
        };
        let kind = HitKind::ALL.iter().position(|kind| *kind == entry.kind);
        let owner = entry.owner.as_ref().map(SigName::as_str);
        self.name.push(&entry.name);
        self.kind
            .push(kind.map_or(-1, |kind| i64::try_from(kind).unwrap_or(-1)));
        self.repo
            .push(at(&known.repos, entry.repo.as_ref().map(RepoName::as_str)));
        self.owner.push(at(&known.sigs, owner));
        self.flake.push(at(&known.flakes, entry.flake.as_deref()));
        let systems = entry.systems.as_deref().unwrap_or(&index.systems);
        self.systems.push(bits(systems));
        self.broken.push(bits(&entry.broken));
        self.unfree.push(u8::from(entry.unfree));
        match entry.licenses.as_slice() {
            [] => self.license.push(-1),
            [one] => self.license.push(at(&known.licenses, Some(one))),
            some => {
                self.license.push(-1);
                let some = some
                    .iter()
                    .filter_map(|one| known.licenses.get(one.as_str()));
                self.licenses.insert(number, some.copied().collect());
            }
        }
        if let Some(part_of) = &entry.part_of {
            self.part_of.insert(number, part_of);
        }
    }
}

impl<'i> Texts<'i> {
    fn push(&mut self, entry: &'i Entry, number: usize, known: &BTreeMap<&str, usize>) {
        self.description
            .push(entry.description.as_deref().unwrap_or_default());
        self.version
            .push(entry.version.as_deref().unwrap_or_default());
        let is_plain = entry.flake.is_some() && entry.is_attribute;
        if let Some(reference) = entry.reference.as_ref().filter(|_| !is_plain) {
            self.reference.insert(number, reference);
        }
        let handles: Vec<usize> = people_of(entry)
            .filter_map(|handle| known.get(handle).copied())
            .collect();
        if !handles.is_empty() {
            self.handles.insert(number, handles);
        }
    }
}

impl<'i> Names<'i> {
    fn push(&mut self, row: &Row<'i>, place: usize) {
        self.name.push(row.name);
        self.thing.push(row.thing);
        self.own.push(u8::from(row.is_own));
        if let Some(alias_of) = row.alias_of {
            self.alias_of.insert(place, alias_of);
        }
        if let Some(full) = row.full {
            self.full.insert(place, full);
        }
    }
}

/// Who leads a SIG or looks after a thing: whom a word may name.
fn people_of(entry: &Entry) -> impl Iterator<Item = &str> {
    let handles = match entry.kind {
        HitKind::Sig => &entry.leads,
        _ => &entry.maintainers,
    };
    handles.iter().map(Handle::as_str)
}

/// All names of all things, in the order of hits that fit alike.
fn rows(entries: &[Entry]) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for (thing, entry) in entries.iter().enumerate() {
        let kind = entry.kind;
        rows.push(Row {
            name: &entry.name,
            kind,
            thing,
            is_own: true,
            alias_of: entry.alias_of.as_deref(),
            full: entry.full_name.as_deref(),
        });
        rows.extend(entry.names.iter().map(|other| Row {
            name: &other.name,
            kind,
            thing,
            is_own: false,
            alias_of: other.alias_of.as_deref(),
            full: None,
        }));
    }
    rows.sort_by(|one, other| (one.name, one.kind).cmp(&(other.name, other.kind)));
    rows
}

fn of_kind(entries: &[Entry], kind: HitKind) -> Vec<&Entry> {
    entries.iter().filter(|entry| entry.kind == kind).collect()
}

/// Each text once, with a number.
fn numbered<'t>(texts: impl Iterator<Item = &'t str>) -> BTreeMap<&'t str, usize> {
    let texts: BTreeSet<&str> = texts.collect();
    let texts = texts.into_iter().enumerate();
    texts.map(|(number, text)| (text, number)).collect()
}

fn keys<'t>(numbered: &BTreeMap<&'t str, usize>) -> Vec<&'t str> {
    numbered.keys().copied().collect()
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("parts have text keys or numbers")
}
