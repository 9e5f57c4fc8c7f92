//! The conversion, tried on a copy: what comes out has to be what was there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use aux_eval::snapshot::{Evaluated, Look, Nested, Snapshot, files, snapshot};
use aux_gen::disk::{DiskError, Transaction, entries, files_of, name_of, tell_git};
use aux_git::WorkTree;
use aux_model::{AttrName, System};
use aux_nix::language::paths::is_within;
use aux_nix::{Failure, Nix, NixError};
use aux_process::ScratchFolder;

use crate::TreeSet;
use crate::relayout::error::RelayoutError;
use crate::relayout::plan::{LIST, Relayout};
use crate::relayout::tree::Tree;

/// Everything, also in sets that ask to be looked into.
const LOOK: Look = Look {
    jobs: 2,
    nested: Nested::Followed,
};

/// The function of a package in a by-name directory.
const ENTRY: &str = "package.nix";

/// How often packages whose derivation would be another are left out, and the rest tried again.
const ROUNDS: usize = 5;

/// Finds a conversion after which the package set is what it was, by trying it on a copy. Nothing in
/// the tree is changed. `progress` is told what is tried.
///
/// # Errors
/// When the set has no value, nothing that is tried gives the same, or Nix or the disk refuses.
pub fn relayout(
    set: &TreeSet,
    nix: &Nix,
    system: &System,
    progress: &dyn Fn(&str),
) -> Result<Relayout, RelayoutError> {
    let root = set.root();
    progress("asking what the set has");
    let no_value = |failure| RelayoutError::NoValue {
        path: root.to_owned(),
        failure: Box::new(failure),
    };
    let places = files(nix, &set.own(nix, system)?)?;
    // What is compared lies in one place, so that a package that has its own path in it is the same
    // as long as it stays; and both lack what git ignores, and submodules.
    let trial = TrialCopy::of(root)?;
    let before = trial.of_plan(set, &Relayout::default(), nix, system)?;
    let before = before.map_err(no_value)?;
    let tree = Tree::read(set, &places, (nix, system))?;
    if tree.has_another_list() {
        return Err(RelayoutError::NotUnderstood(format!(
            "`{LIST}`, which is to list the packages, is there and says something else"
        )));
    }
    let mut nothing = Relayout::default();
    let mut closest: Option<(usize, String)> = None;
    let ways = tree.ways();
    if ways.is_empty() {
        return Ok(tree.nothing());
    }
    for way in ways {
        let mut without = BTreeSet::new();
        for round in 0..ROUNDS {
            let plan = tree.plan(&way, &without);
            if plan.moves.is_empty() {
                nothing = plan;
                break;
            }
            progress(&format!(
                "trying {} packages, round {}",
                plan.moves.len(),
                round + 1
            ));
            let other = match trial.of_plan(set, &plan, nix, system)? {
                Ok(after) => others(&before, &after),
                Err(failure) => {
                    let all = before.attributes.len();
                    note(&mut closest, all, failure.reason);
                    break;
                }
            };
            if other.is_empty() {
                return Ok(plan);
            }
            note(&mut closest, other.len(), shown(&other));
            let moved: BTreeSet<&AttrName> = plan.moves.iter().map(|one| &one.name).collect();
            let of_moved: Vec<AttrName> = other
                .iter()
                .filter_map(|name| name.parse().ok())
                .filter(|name| moved.contains(name))
                .collect();
            // What differs for another reason differs again.
            if of_moved.is_empty() || of_moved.len() == plan.moves.len() {
                break;
            }
            without.extend(of_moved);
        }
    }
    match closest {
        Some((_, reason)) => Err(RelayoutError::NotUnderstood(reason)),
        // Everything stays, each for a reason of its own.
        None => Ok(nothing),
    }
}

/// Keeps what was the nearest to the same.
fn note(closest: &mut Option<(usize, String)>, count: usize, reason: String) {
    if closest.as_ref().is_none_or(|(known, _)| count < *known) {
        *closest = Some((count, reason));
    }
}

fn shown(names: &BTreeSet<String>) -> String {
    const FEW: usize = 5;
    let few: Vec<&str> = names.iter().take(FEW).map(String::as_str).collect();
    let more = match names.len().saturating_sub(few.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more} would be others", few.join(", "))
}

fn taken(set: &TreeSet, nix: &Nix, system: &System) -> Result<Result<Snapshot, Failure>, NixError> {
    let set = set.own(nix, system)?;
    snapshot(nix, &set, system, LOOK, &|_, _| {})
}

/// A place for copies of a tree, one after the other.
struct TrialCopy {
    scratch: ScratchFolder,
    /// What is copied.
    files: Vec<String>,
}

impl TrialCopy {
    fn of(root: &Path) -> Result<Self, RelayoutError> {
        let files = files_of(root)?.into_iter();
        // A submodule is a folder, and a package that has one stays.
        let files = files.filter(|file| {
            let found = root.join(file).symlink_metadata();
            !found.is_ok_and(|found| found.is_dir())
        });
        let scratch = ScratchFolder::new().map_err(refused)?;
        let files = files.collect();
        Ok(Self { scratch, files })
    }

    /// What the set is after a conversion of a copy.
    fn of_plan(
        &self,
        set: &TreeSet,
        plan: &Relayout,
        nix: &Nix,
        system: &System,
    ) -> Result<Result<Snapshot, Failure>, RelayoutError> {
        let folder = self.scratch.path().canonicalize().map_err(refused)?;
        let copy = folder.join("tree");
        if copy.exists() {
            std::fs::remove_dir_all(&copy).map_err(refused)?;
        }
        crate::split::copy(set.root(), &copy, self.files.iter())?;
        write(&copy, plan)?;
        Ok(taken(&set.at(&copy), nix, system)?)
    }
}

fn refused(source: std::io::Error) -> DiskError {
    DiskError::Write {
        path: std::env::temp_dir(),
        source,
    }
}

/// The attributes that are not what they were. How something fails counts by its sort.
fn others(before: &Snapshot, after: &Snapshot) -> BTreeSet<String> {
    let same = |one: &Evaluated, other: &Evaluated| match (one, other) {
        (Evaluated::Failed { kind, .. }, Evaluated::Failed { kind: other, .. }) => kind == other,
        (one, other) => one == other,
    };
    let names: BTreeSet<&String> = before
        .attributes
        .keys()
        .chain(after.attributes.keys())
        .collect();
    let is_other = |name: &&String| {
        let pair = (before.attributes.get(*name), after.attributes.get(*name));
        !matches!(pair, (Some(one), Some(other)) if same(one, other))
    };
    names.into_iter().filter(is_other).cloned().collect()
}

/// Converts a tree: all of it or nothing. git is told of the moves, and texts that changed are
/// staged.
///
/// # Errors
/// When a file is not what was read, or the disk or git refuses.
pub fn apply(root: &Path, plan: &Relayout) -> Result<(), DiskError> {
    write(root, plan)?;
    for one in &plan.moves {
        let (from, to) = (root.join(&one.from), root.join(&one.to));
        if one.from.ends_with(".nix") {
            tell_git(&from, &to.join(ENTRY))?;
            continue;
        }
        tell_git(&from, &to)?;
        if to.join(ENTRY).is_file() {
            tell_git(&to.join("default.nix"), &to.join(ENTRY))?;
        }
    }
    // The tree had nothing else that is new, so that all of it can be staged.
    let edited: Vec<PathBuf> = plan
        .edits
        .keys()
        .map(|file| root.join(moved(plan, file)))
        .collect();
    if let Some(tree) = WorkTree::of(root) {
        tree.stage(&edited)?;
    }
    Ok(())
}

/// Where a file is after the moves.
fn moved(plan: &Relayout, file: &str) -> String {
    let of = plan.moves.iter().find(|one| is_within(file, &one.from));
    of.map_or_else(
        || file.to_owned(),
        |one| match &file[one.from.len()..] {
            "" => format!("{}/{ENTRY}", one.to),
            "/default.nix" if !plan.has_entry.contains(&one.from) => {
                format!("{}/{ENTRY}", one.to)
            }
            rest => format!("{}{rest}", one.to),
        },
    )
}

/// Each file is moved by itself, to where it is in the end: a run that is ended half way can be
/// finished from any point, whatever of it is done.
fn write(root: &Path, plan: &Relayout) -> Result<(), DiskError> {
    let mut transaction = Transaction::default();
    for (file, (before, after)) in &plan.edits {
        let to = moved(plan, file);
        let before = before.as_deref().map(str::as_bytes);
        match before.filter(|_| to != *file) {
            None => transaction.write(&root.join(to), before, after, 0),
            Some(before) => {
                transaction.write(&root.join(to), None, after, 0);
                transaction.remove(&root.join(file), before, 0);
            }
        }
    }
    for one in &plan.moves {
        for file in all_of(root, &one.from)? {
            if !plan.edits.contains_key(&file) {
                let to = moved(plan, &file);
                transaction.relocate(&root.join(file), &root.join(to), 0);
            }
        }
    }
    transaction.commit(root)?;
    for one in &plan.moves {
        remove_empty(&root.join(&one.from));
    }
    Ok(())
}

/// Every file at a place, whatever git knows of it: what lies in a package's folder goes with it.
fn all_of(root: &Path, place: &str) -> Result<Vec<String>, DiskError> {
    let path = root.join(place);
    if path.is_symlink() || !path.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in entries(&path)? {
        files.extend(all_of(root, &format!("{place}/{}", name_of(&entry)))?);
    }
    Ok(files)
}

/// Removes a folder in which there are only folders.
fn remove_empty(folder: &Path) {
    for entry in entries(folder).unwrap_or_default() {
        if entry.is_dir() && !entry.is_symlink() {
            remove_empty(&entry);
        }
    }
    // One that holds something stays.
    let _stays = std::fs::remove_dir(folder);
}
