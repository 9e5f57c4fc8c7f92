//! Fixes that change nothing but places: packages move to the shard of their name,
//! and every path that leads there, or from there, is written anew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_gen::disk::{
    DiskError, RECORD, Transaction, acquire_lock, entries, name_of, read_text, recover, tell_git,
};
use aux_model::BY_NAME;
use aux_nix::language::paths::{PathStart, is_within, parent, path_literals, resolve, rewritten};
use aux_nix::language::tokens;

use crate::vet::layout;
use crate::vet::layout::Package;
use crate::vet::ratchet::told_once;
use crate::vet::tree::{TreeDescription, is_by_name, vet};

/// A package that moves.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fix {
    /// The directory it leaves, relative to the repo.
    pub from: String,
    /// The directory it goes to.
    pub to: String,
}

/// A package that a computed path may lead to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reached {
    /// Its directory, relative to the repo.
    pub package: String,
    /// The file and line, relative to the repo.
    pub place: String,
}

/// What was fixed in one repo.
#[derive(Debug, Default, serde::Serialize)]
pub struct Fixed {
    /// The packages that moved.
    pub moved: Vec<Fix>,
    /// The files in which paths were written anew, by the path they have now, and how
    /// many paths.
    pub rewritten: BTreeMap<String, usize>,
    /// Packages that could not move, because something stands where they belong.
    pub blocked: Vec<Fix>,
    /// Packages that stay, because a path that is computed may lead to them; each with where.
    pub reached: Vec<Reached>,
    /// Directories that are no shards, in a tree that is therefore left as it is: its layout may be
    /// another one, in which nothing is in the wrong place.
    pub unsharded: Vec<String>,
    /// How many errors the tree still has.
    pub remaining: usize,
}

/// Fixes the by-name tree of a repo: all of it or nothing. A tree that is not sharded is left as
/// it is, and so are folders of any other layout.
///
/// # Errors
/// When another run holds the repo, a file cannot be read, or the disk refuses.
pub fn fix(repo: &Path, description: &TreeDescription) -> Result<Fixed, DiskError> {
    // git runs elsewhere, where a relative path would mean another place.
    let repo = &repo
        .canonicalize()
        .map_err(|error| DiskError::read(repo, error))?;
    let _lock = acquire_lock(repo)?;
    recover(repo)?;
    let mut fixed = plan(repo, description)?;
    if fixed.moved.is_empty() {
        fixed.remaining = errors(repo, description)?;
        return Ok(fixed);
    }
    let mut transaction = Transaction::default();
    let mut files = Vec::new();
    nix_files(repo, "", &mut files)?;
    for file in files {
        let path = repo.join(&file);
        let text = read_text(&path)?;
        let place = fixed.place(&file);
        let (after, paths) = rewritten(&text, (&file, &place), |target| Some(fixed.place(target)));
        if paths > 0 {
            transaction.write(&path, Some(text.as_bytes()), &after, 0);
            fixed.rewritten.insert(place, paths);
        }
    }
    for fix in &fixed.moved {
        transaction.relocate(&repo.join(&fix.from), &repo.join(&fix.to), 0);
    }
    transaction.commit(repo)?;
    for fix in &fixed.moved {
        tell_git(&repo.join(&fix.from), &repo.join(&fix.to))?;
    }
    fixed.remaining = errors(repo, description)?;
    Ok(fixed)
}

/// How many problems of a tree are errors; what is a warning for `check` is one here.
fn errors(repo: &Path, description: &TreeDescription) -> Result<usize, DiskError> {
    let problems = told_once(vet(repo, "", description)?.problems);
    Ok(problems.iter().filter(|one| one.is_error()).count())
}

fn plan(repo: &Path, description: &TreeDescription) -> Result<Fixed, DiskError> {
    let mut fixed = Fixed::default();
    if !is_by_name(repo, &description.layouts) {
        return Ok(fixed);
    }
    let layout = layout::by_name(repo, "")?;
    if !layout.unsharded.is_empty() {
        fixed.unsharded = layout.unsharded;
        return Ok(fixed);
    }
    let mut packages = layout.packages;
    // A path that is computed is written anew by nobody.
    for package in packages
        .iter_mut()
        .filter(|package| package.shard.is_some())
    {
        if let Some(place) = computed(repo, package)? {
            package.shard = None;
            fixed.reached.push(Reached {
                package: package.path.clone(),
                place,
            });
        }
    }
    // File systems that do not tell case apart would make one of two.
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let places: Vec<String> = packages
        .iter()
        .map(|package| package.path.to_lowercase())
        .collect();
    for (number, package) in packages.into_iter().enumerate() {
        let Some(shard) = package.shard else {
            continue;
        };
        let to = format!("{BY_NAME}/{shard}/{}", package.name);
        let wanted = to.to_lowercase();
        let mut others = places.iter().enumerate();
        let is_free = !others.any(|(other, place)| other != number && *place == wanted)
            && !repo.join(&to).exists()
            && taken.insert(wanted);
        let fix = Fix {
            from: package.path,
            to,
        };
        if is_free {
            fixed.moved.push(fix);
        } else {
            fixed.blocked.push(fix);
        }
    }
    Ok(fixed)
}

/// Where a path may lead to a package that is put together from parts, if it does: a text has its
/// shard and name, or its name behind a path that leads above it, or a path to its shard that goes
/// on.
fn computed(repo: &Path, package: &Package) -> Result<Option<String>, DiskError> {
    let shard = parent(&package.path);
    let both = package.path.strip_prefix(BY_NAME).unwrap_or_default();
    let name = format!("/{}", package.name);
    let mut files = Vec::new();
    nix_files(repo, "", &mut files)?;
    for file in files {
        // What cannot be read has no paths that are known; `check` says so.
        let Ok(text) = read_text(&repo.join(&file)) else {
            continue;
        };
        let literals = path_literals(&text);
        let leads: Vec<String> = literals
            .iter()
            .filter(|literal| literal.kind == PathStart::Relative)
            .filter_map(|literal| resolve(parent(&file), literal.text))
            .collect();
        if leads.iter().any(|target| target == shard) {
            return Ok(Some(file));
        }
        let is_above = leads
            .iter()
            .any(|target| is_within(BY_NAME, target) || target.is_empty());
        let mut line = 1;
        for (_, token) in tokens(&text) {
            let is_end = |rest: &str| rest.is_empty() || rest.starts_with(['/', '"']);
            let has_both = token.split_once(both).is_some_and(|(_, rest)| is_end(rest));
            let has_name = is_above && token.strip_prefix(&*name).is_some_and(is_end);
            // A path literal as a whole is written anew.
            let is_literal = token.starts_with("./") || token.starts_with("../");
            if (has_both && !is_literal) || has_name {
                return Ok(Some(format!("{file}:{line}")));
            }
            line += token.matches('\n').count();
        }
    }
    Ok(None)
}

impl Fixed {
    /// Where a path is after the moves.
    fn place(&self, path: &str) -> String {
        let moved = self.moved.iter().find(|fix| is_within(path, &fix.from));
        moved.map_or_else(
            || path.to_owned(),
            |fix| format!("{}{}", fix.to, &path[fix.from.len()..]),
        )
    }
}

/// Every Nix file below a directory of the repo. Links are not followed.
fn nix_files(repo: &Path, directory: &str, files: &mut Vec<String>) -> Result<(), DiskError> {
    for entry in entries(&repo.join(directory))? {
        let name = name_of(&entry);
        let path = match directory {
            "" => name.clone(),
            directory => format!("{directory}/{name}"),
        };
        let found = entry.symlink_metadata();
        let found = found.map_err(|error| DiskError::read(&entry, error))?;
        if found.is_dir() && name != ".git" && name != RECORD {
            nix_files(repo, &path, files)?;
        } else if found.is_file() && name.ends_with(".nix") {
            files.push(path);
        }
    }
    Ok(())
}
