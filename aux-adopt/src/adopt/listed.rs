//! What a repo has, entry by entry, as a manifest lists it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_model::{AttrName, Layouts};

use crate::adopt::adopted::{Adopted, Form};
use crate::adopt::entry::Entry;

/// An entry of `packages` or `builders`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ManifestEntry {
    /// Whether it stands in `builders`.
    pub is_builder: bool,
    /// What its `packages.nix` defines: packages, then functions and sets; empty for one package.
    pub members: (BTreeSet<AttrName>, BTreeSet<AttrName>),
    /// Where it is defined, if not in its by-name directory.
    pub file: Option<String>,
}

impl Adopted {
    /// Its entries, with those that its by-name tree says.
    #[must_use]
    pub fn listed(&self) -> BTreeMap<&AttrName, ManifestEntry> {
        let plain = self.singles.iter().chain(&self.offered);
        let mut listed: BTreeMap<&AttrName, ManifestEntry> =
            plain.map(|name| (name, ManifestEntry::default())).collect();
        for (set, members) in &self.sets {
            listed.entry(set).or_default().members.0.clone_from(members);
        }
        for (set, makers) in &self.makers {
            listed.entry(set).or_default().members.1.clone_from(makers);
        }
        for (name, elsewhere) in &self.elsewhere {
            listed.entry(name).or_default().file = Some(elsewhere.file.clone());
        }
        for (name, entry) in &mut listed {
            entry.is_builder = self.is_builder(name);
        }
        listed
    }

    /// Takes it for a plain tree of which a file is imported, as a manifest says; nothing changes if
    /// there is no such file.
    pub fn imported_by(&mut self, here: &Path, file: &str) {
        let entry = Entry::of_file(&here.join(&self.path), file);
        if let Ok(Some(entry)) = entry {
            self.form = Form::Imported(entry);
        }
    }

    /// How its packages lie.
    #[must_use]
    pub fn layouts(&self) -> Layouts {
        let places = self.layout.iter();
        let places = places.filter_map(|(place, layout)| Some((place.parse().ok()?, *layout)));
        places.collect()
    }

    /// Whether Nix sees an attribute in what it offers, whatever it is.
    #[must_use]
    pub fn sees_attribute(&self, name: &str) -> bool {
        self.seen.iter().flatten().any(|seen| seen == name)
    }
}
