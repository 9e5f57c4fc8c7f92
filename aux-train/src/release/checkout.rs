//! A family as a release has it: in its own folders, or in a new one.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use aux_gen::disk;
use aux_gen::disk::{DiskError, checkout_place, create};
use aux_git::{Blobs, WorkTree};
use aux_model::{RepoName, Rev, Source};
use aux_nix::flake::Reference;
use serde::Serialize;

use crate::release::file::{Frozen, Release, ReleaseError};

/// Where a release is checked out.
#[derive(Debug, Clone, Copy)]
pub enum Checkout<'a> {
    /// In the folders of the family.
    Here,
    /// In a folder that is not there, or is empty; with the manifest.
    At {
        /// The folder.
        folder: &'a Path,
        /// The texts of the manifest, if the release does not name a commit of it.
        sources: &'a [Source],
    },
}

/// What was done for one repo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// The repo.
    pub repo: RepoName,
    /// Where it is, relative to the registry.
    pub path: String,
    /// The commit that is checked out now, on no branch.
    pub commit: Rev,
    /// Whether it was cloned for that.
    pub is_new: bool,
}

/// Checks every repo out as a release has it. Before anything is changed, everything that
/// can be in the way is looked for; a run that was ended is finished by another.
///
/// # Errors
/// When somebody's work is in the way, a commit cannot be had, or git refuses.
pub fn checkout(
    root: &Path,
    release: &Release,
    how: Checkout<'_>,
    patience: Duration,
    progress: &dyn Fn(&RepoName),
) -> Result<Vec<Placed>, ReleaseError> {
    match how {
        Checkout::Here => here(root, release, patience, progress),
        Checkout::At { folder, sources } => at(root, release, folder, sources, patience, progress),
    }
}

fn here(
    root: &Path,
    release: &Release,
    patience: Duration,
    progress: &dyn Fn(&RepoName),
) -> Result<Vec<Placed>, ReleaseError> {
    let mut trees = BTreeMap::new();
    let (mut changed, mut missing) = (Vec::new(), Vec::new());
    for (repo, frozen) in &release.repos {
        let place = checkout_place(root, &frozen.path)?;
        let Some(tree) = WorkTree::at(&place) else {
            must_be_free(&place)?;
            address(repo, frozen)?;
            continue;
        };
        progress(repo);
        if tree.commit_named(&frozen.commit).is_none() {
            // It may be newer than what is here.
            let _absent = tree.fetch_all("origin", patience);
        }
        if tree.commit_named(&frozen.commit).is_none() {
            missing.push(repo.clone());
        } else if let Some(head) = tree.head().filter(|head| *head != frozen.commit)
            && (!tree.changed()?.is_empty()
                || !tree.in_the_way(&head, &frozen.commit)?.is_empty()
                || !tree.is_named()?)
        {
            changed.push(repo.clone());
        }
        trees.insert(repo.clone(), tree);
    }
    if !missing.is_empty() {
        return Err(ReleaseError::Missing(missing));
    }
    if !changed.is_empty() {
        return Err(ReleaseError::Changed(changed));
    }
    let mut placed = Vec::new();
    for (repo, frozen) in &release.repos {
        progress(repo);
        let is_new = !trees.contains_key(repo);
        let tree = match trees.remove(repo) {
            Some(tree) => tree,
            None => {
                let address = address(repo, frozen)?;
                WorkTree::clone_of(
                    &address,
                    &checkout_place(root, &frozen.path)?,
                    Blobs::All,
                    patience,
                )?
            }
        };
        tree.detach(&frozen.commit)?;
        placed.push(told(repo, frozen, is_new));
    }
    Ok(placed)
}

fn at(
    root: &Path,
    release: &Release,
    folder: &Path,
    sources: &[Source],
    patience: Duration,
    progress: &dyn Fn(&RepoName),
) -> Result<Vec<Placed>, ReleaseError> {
    must_be_free(folder)?;
    let registry = release.registry.as_ref().zip(WorkTree::at(root));
    match registry.filter(|(commit, tree)| tree.commit_named(commit).is_some()) {
        Some((commit, tree)) => {
            let from = tree.root().display().to_string();
            WorkTree::clone_of(&from, folder, Blobs::All, patience)?.detach(commit)?;
        }
        None => {
            for source in sources {
                create(&folder.join(source.path()), source.text())?;
            }
        }
    }
    let mut placed = Vec::new();
    for (repo, frozen) in &release.repos {
        progress(repo);
        let known = disk::checkout(root, &frozen.path).and_then(|place| WorkTree::at(&place));
        let known = known.filter(|tree| tree.commit_named(&frozen.commit).is_some());
        let to = folder.join(frozen.path.as_str());
        let tree = match known {
            Some(known) => {
                let from = known.root().display().to_string();
                let tree = WorkTree::clone_of(&from, &to, Blobs::All, patience)?;
                // A push from there has to reach the published repo, and not a folder on this machine.
                if let Ok(address) = address(repo, frozen) {
                    tree.set_origin(&address)?;
                }
                tree
            }
            None => WorkTree::clone_of(&address(repo, frozen)?, &to, Blobs::All, patience)?,
        };
        tree.detach(&frozen.commit)?;
        placed.push(told(repo, frozen, true));
    }
    Ok(placed)
}

fn told(repo: &RepoName, frozen: &Frozen, is_new: bool) -> Placed {
    Placed {
        repo: repo.clone(),
        path: frozen.path.to_string(),
        commit: frozen.commit.clone(),
        is_new,
    }
}

fn must_be_free(folder: &Path) -> Result<(), ReleaseError> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(ReleaseError::InTheWay(folder.display().to_string())),
            None => Ok(()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(DiskError::Read {
            path: folder.to_owned(),
            source,
        }
        .into()),
    }
}

/// What git can clone, of a flake reference.
fn address(repo: &RepoName, frozen: &Frozen) -> Result<String, ReleaseError> {
    let reference = Reference::read(frozen.url.as_str());
    let address = reference.and_then(|reference| reference.address());
    address.ok_or_else(|| ReleaseError::Address {
        repo: repo.clone(),
        url: frozen.url.to_string(),
    })
}
