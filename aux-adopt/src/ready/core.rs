//! Which places a core has, and what is to be written.

use std::collections::BTreeMap;
use std::path::Path;

use aux_gen::disk::{DiskError, read_text};
use serde::Serialize;

use crate::ready::place::{Place, State, Stubs};
use crate::ready::places;

/// The file with core's stubs: see `ready/stubs.rs`.
pub const STUBS: &str = "foreign.nix";

/// What a core lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    let mut texts = BTreeMap::new();
    for file in places::FILES {
        let path = core.join(file);
        let text = if path.is_file() {
            Some(read_text(&path)?)
        } else {
            None
        };
        texts.insert(file, text);
    }
    let mut readiness = Readiness {
        places: Vec::new(),
        edits: BTreeMap::new(),
    };
    for (file, text) in texts {
        let found = match text {
            None => places::absent(file, stubs),
            Some(text) => match places::find(file, &text, stubs) {
                Err(error) => places::unread(file, stubs, &error.to_string()),
                Ok(found) => {
                    let edited = places::edited(&text, &found);
                    if edited != text {
                        readiness.edits.insert(file.to_owned(), (text, edited));
                    }
                    found
                }
            },
        };
        readiness
            .places
            .extend(found.into_iter().map(|found| found.place));
    }
    // A part of the change would hand layers to a core that nobody saw take them.
    if readiness.unknown().next().is_some() {
        readiness.edits.clear();
    }
    Ok(readiness)
}
