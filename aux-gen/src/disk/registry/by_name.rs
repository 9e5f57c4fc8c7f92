//! Reads a by-name tree: `pkgs/by-name/SHARD/NAME`, as RFC 140 lays it out.

use std::path::Path;

use aux_model::{AttrName, BY_NAME, Tree, TreeEntry};

use crate::disk::error::DiskError;
use crate::disk::registry::ignored::Ignored;
use crate::disk::registry::text::entries;

/// Files of which a folder has one if it is one package: what `callPackage` calls.
pub const FUNCTIONS: [&str; 2] = ["package.nix", "default.nix"];

/// The by-name directories of a checkout; none if it has no such tree. In a git
/// repository one that git does not track is not there.
///
/// # Errors
/// When a directory cannot be read, or git refuses.
pub fn read(checkout: &Path) -> Result<Tree, DiskError> {
    let mut tree = Tree::default();
    let root = checkout.join(BY_NAME);
    if !root.is_dir() {
        return Ok(tree);
    }
    let ignored = Ignored::of(checkout);
    for shard in directories(&root)? {
        let name = name_of(&shard);
        if !is_shard(&name) {
            tree.unsharded.push(format!("{BY_NAME}/{name}"));
            continue;
        }
        for directory in directories(&shard)? {
            if let Some(ignored) = &ignored
                && ignored.is_absent(&name_of(&shard), &name_of(&directory))?
            {
                continue;
            }
            package(&shard, &directory, &mut tree);
        }
    }
    Ok(tree)
}

/// Whether a folder can be a shard: the first two letters of a name (RFC 140).
fn is_shard(name: &str) -> bool {
    (1..=2).contains(&name.chars().count())
}

fn directories(parent: &Path) -> Result<Vec<std::path::PathBuf>, DiskError> {
    let mut directories = entries(parent)?;
    directories.retain(|path| path.is_dir());
    Ok(directories)
}

fn package(shard: &Path, directory: &Path, tree: &mut Tree) {
    let shard = name_of(shard);
    let name = name_of(directory);
    let path = format!("{BY_NAME}/{shard}/{name}");
    let entry = if directory.join("packages.nix").is_file() {
        TreeEntry::Set
    } else if FUNCTIONS.iter().any(|file| directory.join(file).is_file()) {
        TreeEntry::Single
    } else {
        let reason = "it has no `package.nix`, `packages.nix` or `default.nix`";
        tree.rejected.push((path, reason.to_owned()));
        return;
    };
    match name.parse::<AttrName>() {
        Ok(name) => {
            if name.shard() != shard {
                tree.misplaced.push((path, name.shard()));
            }
            tree.packages.insert(name, entry);
        }
        Err(error) => tree.rejected.push((path, error.to_string())),
    }
}

/// The last part of a path.
pub fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
