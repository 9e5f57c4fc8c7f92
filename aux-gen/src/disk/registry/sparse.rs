//! Sparse checkouts: what is not in the folder may be in the repository all the same.

use std::path::Path;

use aux_git::{WorkTree, git_directory};
use aux_model::{AttrName, BY_NAME, Tree, TreeEntry};

use crate::disk::error::DiskError;
use crate::disk::registry::looks::Looks;

/// The patterns of a sparse checkout, in its git directory (`git-sparse-checkout`).
const PATTERNS: &str = "info/sparse-checkout";

/// Adds the by-name directories that git has and a sparse checkout leaves out.
///
/// # Errors
/// When git refuses.
pub(super) fn add_skipped(
    checkout: &Path,
    looks: &mut Looks,
    tree: &mut Tree,
) -> Result<(), DiskError> {
    if let Some((git, _)) = git_directory(checkout) {
        looks.at(&git.join(PATTERNS));
    }
    let Some(work_tree) = sparse(checkout) else {
        return Ok(());
    };
    // What git has is in no file that could be looked at.
    looks.unsure();
    for path in work_tree.skipped(checkout)? {
        let Some((name, entry)) = package(&path) else {
            continue;
        };
        let known = tree.packages.entry(name).or_insert(entry);
        // A set may have single packages beside it.
        if entry == TreeEntry::Set {
            *known = entry;
        }
    }
    Ok(())
}

/// Refuses a registry whose sparse checkout leaves out files that are a part of its manifest:
/// what they say would be taken for gone.
///
/// # Errors
/// When one is left out, or git refuses.
pub(super) fn must_have_manifest(
    registry: &Path,
    is_part: impl Fn(&str) -> bool,
) -> Result<(), DiskError> {
    let Some(work_tree) = sparse(registry) else {
        return Ok(());
    };
    let skipped = work_tree.skipped(registry)?;
    match skipped.into_iter().find(|path| is_part(path)) {
        Some(path) => Err(DiskError::SparseManifest {
            path: registry.join(path),
        }),
        None => Ok(()),
    }
}

/// The work tree that a folder is in, if its checkout is sparse.
fn sparse(folder: &Path) -> Option<WorkTree> {
    // Without it git need not be asked.
    let (git, _) = git_directory(folder)?;
    git.join(PATTERNS).exists().then(|| WorkTree::of(folder))?
}

/// The package that a file of a by-name tree makes.
fn package(path: &str) -> Option<(AttrName, TreeEntry)> {
    let below = path.strip_prefix(BY_NAME)?.strip_prefix('/')?;
    let mut parts = below.split('/');
    let (_shard, name, file) = (parts.next()?, parts.next()?, parts.next()?);
    let entry = match file {
        "packages.nix" => TreeEntry::Set,
        "package.nix" | "default.nix" => TreeEntry::Single,
        _ => return None,
    };
    Some((name.parse().ok()?, entry)).filter(|_| parts.next().is_none())
}
