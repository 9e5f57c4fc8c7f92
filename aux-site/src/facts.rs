//! An index, completed by what Nix knows.

use std::collections::BTreeSet;

use aux_eval::facts::{Facts, ModuleOption, PackageFacts, Subject};
use aux_model::{Catalog, PackageId, System};
use aux_search::{Entry, HitKind, Index};

/// Everything that may be found in a family, with what Nix said of it. Where the manifest and Nix
/// both say something, what Nix evaluated counts: it is what a user gets.
pub(crate) fn index(catalog: &Catalog, facts: Option<&Facts>) -> Index {
    let mut index = Index::of(catalog);
    let Some(facts) = facts else {
        return index;
    };
    let all = &catalog.organization().systems;
    for entry in &mut index.entries {
        if let Some(known) = subject(entry).and_then(|subject| facts.packages.get(&subject)) {
            learn(entry, known, all);
        }
    }
    let of_module = |entry: &Entry| -> Vec<Entry> {
        let name = entry.repo.clone().zip(entry.name.parse().ok());
        let options = name.and_then(|name| facts.modules.get(&name));
        let options = options.into_iter().flatten();
        options.map(|option| of_option(option, entry)).collect()
    };
    let modules = index.entries.iter();
    let modules = modules.filter(|entry| entry.kind == HitKind::Module);
    let options: Vec<Entry> = modules.flat_map(of_module).collect();
    index.entries.extend(options);
    index
}

/// What Nix was asked of an entry by.
pub(crate) fn subject(entry: &Entry) -> Option<Subject> {
    let repo = entry.repo.clone()?;
    let name = entry.name.parse().ok();
    match entry.kind {
        HitKind::Package | HitKind::Builder => {
            Some(Subject::Package(PackageId { repo, name: name? }))
        }
        HitKind::Member => {
            let set = entry.part_of.as_ref()?.parse().ok()?;
            Some(Subject::Member(repo, set, name?))
        }
        _ => None,
    }
}

fn learn(entry: &mut Entry, known: &PackageFacts, all: &[System]) {
    entry.version.clone_from(&known.version);
    let description = known.description.as_ref();
    entry.description = entry.description.take().or_else(|| description.cloned());
    let homepage = known.homepage.as_ref();
    entry.homepage = homepage.cloned().or_else(|| entry.homepage.take());
    if !known.licenses.is_empty() {
        entry.licenses.clone_from(&known.licenses);
    }
    entry.unfree |= known.unfree;
    if !known.insecure.is_empty() {
        entry.insecure.clone_from(&known.insecure);
    }
    if let Some(platforms) = &known.platforms {
        let is_one = |system: &&System| platforms.iter().any(|one| one == system.as_str());
        let systems: Vec<System> = all.iter().filter(is_one).cloned().collect();
        entry.systems = (systems.len() < all.len()).then_some(systems);
    }
    let broken: BTreeSet<System> = entry
        .broken
        .drain(..)
        .chain(known.broken().cloned())
        .collect();
    // Where it is not for, it cannot be broken.
    let is_for = |system: &System| {
        let systems = entry.systems.as_ref();
        systems.is_none_or(|systems| systems.contains(system))
    };
    entry.broken = broken.into_iter().filter(is_for).collect();
}

fn of_option(option: &ModuleOption, module: &Entry) -> Entry {
    let mut entry = Entry::option(&option.path, module);
    entry.description.clone_from(&option.description);
    entry
}
