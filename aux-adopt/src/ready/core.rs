//! Which places a core has, and what is to be written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_gen::disk::{DiskError, files_of, read_text};
use aux_nix::language;
use aux_nix::language::paths::is_below;
use serde::Serialize;

use crate::layout::flat_roots;
use crate::ready::place::{Place, State, Stubs};
use crate::ready::places;
use crate::ready::places::Sites;

/// The file with core's stubs: see `ready/stubs.rs`.
pub const STUBS: &str = "foreign.nix";

/// What a core lacks.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// Every place that matters, in the order of the files.
    pub places: Vec<Place>,
    /// The files that have to change: before and after; none unless every place was found.
    #[serde(skip)]
    pub edits: BTreeMap<String, (String, String)>,
}

impl Readiness {
    /// Whether every place is as it must be.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.places.iter().all(|place| place.state == State::Done)
    }

    /// The places that somebody has to find.
    pub fn unknown(&self) -> impl Iterator<Item = &Place> {
        let places = self.places.iter();
        places.filter(|place| matches!(place.state, State::Unknown { .. }))
    }
}

/// Finds the places in a core's files.
///
/// # Errors
/// When a file cannot be read.
pub fn readiness(core: &Path, stubs: Stubs) -> Result<Readiness, DiskError> {
    let sites = sites(core)?;
    let mut readiness = Readiness {
        places: Vec::new(),
        edits: BTreeMap::new(),
    };
    for (role, file) in sites.files() {
        let path = core.join(file);
        let found = if path.is_file() {
            let text = read_text(&path)?;
            match places::find(&sites, role, &text, stubs) {
                Err(error) => places::unread(role, file, stubs, &error.to_string()),
                Ok(found) => {
                    let edited = places::edited(&text, &found);
                    if edited != text {
                        readiness.edits.insert(file.to_owned(), (text, edited));
                    }
                    found
                }
            }
        } else {
            places::absent(role, file, stubs)
        };
        let found = found.into_iter().map(|found| found.place);
        readiness.places.extend(found);
    }
    // A part of the change would hand layers to a core that nobody saw take them.
    if readiness.unknown().next().is_some() {
        readiness.edits.clear();
    }
    Ok(readiness)
}

/// Where a core keeps what makes its package set: where nixpkgs has it, else the files that do the
/// same.
fn sites(core: &Path) -> Result<Sites, DiskError> {
    let usual = Sites::usual();
    if core.join(&usual.stage).is_file() {
        return Ok(usual);
    }
    let files = files_of(core)?;
    let trees = flat_roots(&files);
    // What stands in a folder of packages makes no package set.
    let is_package = |file: &str| {
        let mut trees = trees.iter();
        trees.any(|tree| is_below(file, tree))
    };
    let mut texts = BTreeMap::new();
    for file in files
        .iter()
        .filter(|file| file.ends_with(".nix") && !is_package(file))
    {
        let path = core.join(file);
        let is_read = path
            .metadata()
            .is_ok_and(|found| found.is_file() && !language::is_too_long(found.len()));
        // A file that is no text says nothing of overlays.
        if let (true, Ok(text)) = (is_read, read_text(&path))
            && text.contains("overlays")
        {
            texts.insert(file.as_str(), text);
        }
    }
    let stages: BTreeSet<&str> = texts
        .iter()
        .filter(|(_, text)| places::is_stage(text))
        .map(|(file, _)| *file)
        .collect();
    let found = texts.iter().find_map(|(file, text)| {
        let stage = places::stage_of(file, text, &stages)?;
        Some(Sites {
            composition: (*file).to_owned(),
            stage,
            trees: trees.clone(),
        })
    });
    Ok(found.unwrap_or(usual))
}
