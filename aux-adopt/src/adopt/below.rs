//! Repos without a flake that stand on each other: no input says so, but their texts do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aux_eval::snapshot::Import;
use aux_gen::disk::{DiskError, files_of, read_text};
use aux_model::{Catalog, RepoName, Wiring};
use aux_nix::language;
use aux_nix::language::requirements;

use crate::adopt::adopted::Adopted;
use crate::adopt::entry::{Entry, EntryShape};

/// A repo without a flake that others may stand on.
#[derive(Debug)]
pub(super) struct PlainRepo {
    pub(super) name: RepoName,
    root: PathBuf,
    file: String,
    is_overlay: bool,
    arguments: BTreeSet<String>,
    /// The attributes that it defines.
    names: BTreeSet<String>,
}

impl PlainRepo {
    /// One that is adopted.
    pub(super) fn of(repo: &Adopted, entry: &Entry, root: PathBuf) -> Self {
        Self {
            name: repo.name.clone(),
            root,
            file: entry.file.to_owned(),
            is_overlay: entry.shape == EntryShape::Overlay,
            arguments: entry.arguments(),
            names: repo.defined.clone(),
        }
    }

    /// Takes in what it turned out to define.
    pub(super) fn defines(&mut self, repo: &Adopted) {
        self.names.clone_from(&repo.defined);
    }

    /// Those of a family.
    pub(super) fn of_family(catalog: &Catalog, registry: &Path) -> Vec<Self> {
        let repos = catalog.repos();
        let repos = repos.filter(|repo| repo.name != catalog.core().name);
        let plain = repos.filter_map(|repo| {
            let entry = repo.entry.as_ref()?;
            let root = registry.join(repo.path.as_str()).canonicalize().ok()?;
            let names = catalog.attributes_of(repo).into_keys();
            Some(Self {
                name: repo.name.clone(),
                root,
                file: entry.file.to_string(),
                is_overlay: repo.wiring == Wiring::Overlays,
                arguments: entry.arguments.iter().map(ToString::to_string).collect(),
                names: names.map(|name| name.to_string()).collect(),
            })
        });
        plain.collect()
    }

    /// Whether it has one of some names.
    fn has(&self, names: &BTreeSet<String>) -> bool {
        !self.names.is_disjoint(names)
    }

    /// How it is imported.
    pub(super) fn import(&self) -> Import<'_> {
        Import {
            root: &self.root,
            file: &self.file,
            is_overlay: self.is_overlay,
            arguments: &self.arguments,
        }
    }
}

/// Which repos stand on which.
#[derive(Debug, Default)]
pub(super) struct PlainRepoOrder {
    /// On which each stands itself.
    direct: BTreeMap<RepoName, BTreeSet<RepoName>>,
    /// All that stood below each when it was looked at.
    looked_at: BTreeMap<RepoName, Vec<RepoName>>,
}

impl PlainRepoOrder {
    /// Finds out on which others a repo stands that wants some names. Of two that stand on each
    /// other only the first does.
    pub(super) fn find(
        &mut self,
        repo: &RepoName,
        wanted: &BTreeSet<String>,
        others: &[PlainRepo],
    ) {
        let below = others.iter().filter(|other| {
            other.name != *repo && other.has(wanted) && !self.below(&other.name).contains(repo)
        });
        let below: BTreeSet<RepoName> = below.map(|other| other.name.clone()).collect();
        self.direct.insert(repo.clone(), below);
    }

    /// All that stand below it, lowest first; none if there is nothing new among them.
    pub(super) fn new_below(&mut self, repo: &RepoName) -> Option<Vec<RepoName>> {
        let below = self.below(repo);
        let before = self.looked_at.insert(repo.clone(), below.clone());
        (before.unwrap_or_default() != below).then_some(below)
    }

    /// On which it stands itself.
    pub(super) fn direct(&self, repo: &RepoName) -> BTreeSet<RepoName> {
        self.direct.get(repo).cloned().unwrap_or_default()
    }

    fn below(&self, repo: &RepoName) -> Vec<RepoName> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        self.collect(repo, &mut seen, &mut found);
        found
    }

    fn collect(&self, repo: &RepoName, seen: &mut BTreeSet<RepoName>, found: &mut Vec<RepoName>) {
        for below in self.direct.get(repo).into_iter().flatten() {
            if seen.insert(below.clone()) {
                self.collect(below, seen, found);
                found.push(below.clone());
            }
        }
    }
}

/// The names that the files of a repo ask the package set for.
pub(super) fn asked(directory: &Path) -> Result<BTreeSet<String>, DiskError> {
    let mut names = BTreeSet::new();
    for file in files_of(directory)? {
        let path = directory.join(&file);
        let Ok(found) = path.symlink_metadata() else {
            continue;
        };
        let is_read = found.is_file() && !language::is_too_long(found.len());
        if !file.ends_with(".nix") || !is_read {
            continue;
        }
        // What cannot be read, or does not parse, is said where it counts.
        let text = read_text(&path).unwrap_or_default();
        names.extend(
            requirements(&text)
                .map(|found| found.needed.into_keys())
                .into_iter()
                .flatten(),
        );
    }
    Ok(names)
}
