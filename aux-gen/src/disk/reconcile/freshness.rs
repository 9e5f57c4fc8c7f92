//! Which folders were found to be as planned, and how they looked then: what the
//! index is to `git status`.
//!
//! A folder is remembered by fingerprints of all that the comparison would look
//! at: what the texts are made of, and the inode, size and times of each file and
//! directory. If it is the same again, no text is made and no file is read. Who
//! changes a file changes its times; a file as young as the look at it is in doubt,
//! because a second change in the same tick of the clock would not show, and is
//! compared by content. Without this cache everything is compared by content.
//!
//! Where all folders were as planned, the cache also knows of what the plan was made: from the same
//! nothing else can be planned, so that not even the plan is needed to see that all is as it was.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::disk::reconcile::home::PlannedHome;
use crate::disk::reconcile::origin::PlanOrigin;
use crate::disk::reconcile::record::{attributes_path, base_path, record_path};
use crate::disk::registry::{Hash, Looks, Registry, Sealed, Seen, hash};
use crate::disk::write::{State, Tick, link_on};
use crate::plan::FileKind;
use crate::program::program;

/// The cache, in the state of the registry.
const FILE: &str = "cache/settled.bin";

/// The folders that were as planned.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct FreshnessCache<'b> {
    /// The program that found it: another one may plan other texts.
    #[serde(borrow)]
    program: Cow<'b, str>,
    /// What the plan was made of, if every folder of it was as planned.
    origin: Option<Hash>,
    /// By folder, relative to the registry: a [`Settled`] as bytes.
    #[serde(borrow)]
    pub(super) folders: BTreeMap<Cow<'b, str>, Cow<'b, [u8]>>,
}

/// A folder that was as planned.
#[derive(Deserialize)]
struct Settled<'b> {
    /// What was planned.
    planned: Hash,
    #[serde(borrow)]
    seen: Seen<&'b str>,
}

/// As [`Settled`], of what was just looked at.
#[derive(Serialize)]
struct NewlySettled {
    planned: Hash,
    seen: Seen<String>,
}

/// The file of the cache; none before a run has written one.
pub(super) fn remembered(registry: &Registry) -> Sealed {
    let file = State::of(registry.root()).map(|state| Sealed::read(&state, FILE));
    file.filter(Sealed::is_whole).unwrap_or_default()
}

/// Whether all folders of the plan that is made of this are as they were when they were as
/// planned. If not, or if nobody knows, the plan is to be made and compared.
#[must_use]
pub fn is_settled(registry: &Registry, origin: &PlanOrigin) -> bool {
    let remembered = remembered(registry);
    let cache = FreshnessCache::of(&remembered);
    if cache.origin != Some(origin.hash()) {
        return false;
    }
    let folders: Vec<&Cow<'_, [u8]>> = cache.folders.values().collect();
    folders.into_par_iter().all(|folder| {
        let settled: Option<Settled<'_>> = postcard::from_bytes(folder).ok();
        settled.is_some_and(|settled| settled.seen.is_same())
    })
}

impl<'b> FreshnessCache<'b> {
    /// What was found last time; nothing if that was another program, or cannot be
    /// read.
    pub(super) fn of(remembered: &'b Sealed) -> Self {
        let cache: Self = postcard::from_bytes(remembered.content()).unwrap_or_default();
        if cache.program == program() {
            cache
        } else {
            Self::default()
        }
    }

    /// Whether a folder looks as it did when it was as planned.
    pub(super) fn holds(&self, home: PlannedHome<'_>) -> bool {
        let known = self.folders.get(home.name());
        let known: Option<Settled<'_>> = known.and_then(|known| postcard::from_bytes(known).ok());
        known.is_some_and(|known| known.planned == planned(home) && known.seen.is_same())
    }

    /// Writes it down. `origin` is what the plan was made of, if all of its folders are here.
    pub(super) fn write(self, state: &State, origin: Option<Hash>) {
        let cache = Self {
            program: program().into(),
            origin,
            ..self
        };
        let bytes = postcard::to_allocvec(&cache).expect("hashes and texts have a form");
        Sealed::write(state, FILE, &[&bytes]);
    }

    /// Whether it is of what the plan is made of.
    pub(super) fn is_of(&self, origin: Option<Hash>) -> bool {
        self.origin == origin
    }
}

/// How a folder looks that is as planned, as it is remembered; nothing if something of it is as young as this
/// tick.
pub(super) fn settled(
    registry: &Registry,
    home: PlannedHome<'_>,
    directory: &Path,
    now: Tick,
) -> Option<Vec<u8>> {
    let seen = looks(registry, home, directory).seen()?;
    if seen.youngest >= now {
        return None;
    }
    let settled = NewlySettled {
        planned: planned(home),
        seen,
    };
    postcard::to_allocvec(&settled).ok()
}

/// All that a comparison of a folder would look at.
fn looks(registry: &Registry, home: PlannedHome<'_>, directory: &Path) -> Looks {
    let mut looks = Looks::default();
    if let Some(place) = home.place {
        let way = Path::new(place.as_str());
        if link_on(registry.root(), way).is_some() {
            // Only git knows whose link it is.
            looks.unsure();
        }
        for way in way.ancestors().filter(|way| !way.as_os_str().is_empty()) {
            looks.at_kind(&registry.root().join(way));
        }
        looks.at(directory);
    }
    // A folder where nothing was ever planned has no record.
    looks.at(&record_path(directory));
    looks.at(&attributes_path(directory));
    let mut folders = BTreeSet::new();
    for (path, file) in home.files {
        // A directory shows by its times whether a file came or went.
        for (end, _) in path.as_str().match_indices('/') {
            if folders.insert(&path.as_str()[..end]) {
                looks.at(&directory.join(&path.as_str()[..end]));
            }
        }
        if let FileKind::Generated { .. } = file.kind {
            looks.at(&directory.join(path.as_str()));
            // Only of a file that somebody has changed.
            looks.at(&base_path(directory, path.as_str()));
        }
    }
    looks
}

/// What is planned for a folder, without making its texts: the same for two plans only if they are
/// the same.
fn planned(home: PlannedHome<'_>) -> Hash {
    let mut text = String::new();
    for (path, file) in home.files {
        text.push_str(path.as_str());
        text.push(' ');
        match &file.kind {
            FileKind::Generated { hides } => {
                file.text.describe(&mut text);
                text.push_str(&format!(" {hides:?}\n"));
            }
            FileKind::Scaffold { unless, part_of } => {
                text.push_str(&format!("{unless:?} {part_of:?}\n"));
            }
        }
    }
    hash(text)
}
