//! Reads a by-name tree: `pkgs/by-name/SHARD/NAME`, as RFC 140 lays it out.

use std::path::Path;

use aux_model::{AttrName, BY_NAME, Tree, TreeEntry};

use crate::disk::error::DiskError;
use crate::disk::registry::ignored::Ignored;
use crate::disk::registry::looks::Looks;
use crate::disk::registry::text::directories;

/// Files of which a folder has one if it is one package: what `callPackage` calls.
pub const FUNCTIONS: [&str; 2] = ["package.nix", "default.nix"];

/// The by-name directories of a checkout; none if it has no such tree. In a git
/// repository one that git does not track is not there.
///
/// # Errors
/// When a directory cannot be read, or git refuses.
pub fn read(checkout: &Path) -> Result<Tree, DiskError> {
    read_noting(checkout, &mut Looks::default())
}

/// As [`read`], noting what was looked at.
pub(super) fn read_noting(checkout: &Path, looks: &mut Looks) -> Result<Tree, DiskError> {
    let mut tree = Tree::default();
    let root = checkout.join(BY_NAME);
    looks.at(&root);
    if !root.is_dir() {
        return Ok(tree);
    }
    let ignored = Ignored::noting(checkout, looks);
    for shard in directories(&root, looks)? {
        let name = name_of(&shard);
        if !is_shard(&name) {
            tree.unsharded.push(format!("{BY_NAME}/{name}"));
            continue;
        }
        for directory in directories(&shard, looks)? {
            looks.at(&directory);
            if let Some(ignored) = &ignored
                && ignored.is_absent_noting(&name, &name_of(&directory), looks)?
            {
                continue;
            }
            package(&name, &directory, looks, &mut tree);
        }
    }
    Ok(tree)
}

/// Whether a folder can be a shard: the first two letters of a name (RFC 140).
fn is_shard(name: &str) -> bool {
    (1..=2).contains(&name.chars().count())
}

fn package(shard: &str, directory: &Path, looks: &mut Looks, tree: &mut Tree) {
    let name = name_of(directory);
    let path = format!("{BY_NAME}/{shard}/{name}");
    let entry = if is_file(&directory.join("packages.nix"), looks) {
        TreeEntry::Set
    } else if is_package(directory, looks) {
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

/// Whether a directory whose entries were looked at has a function that `callPackage` calls.
pub(super) fn is_package(directory: &Path, looks: &mut Looks) -> bool {
    let mut files = FUNCTIONS.iter().map(|file| directory.join(file));
    files.any(|file| is_file(&file, looks))
}

/// Whether there is a file in a directory whose entries were looked at. What a link leads to is
/// another look.
fn is_file(path: &Path, looks: &mut Looks) -> bool {
    match path.symlink_metadata() {
        Ok(found) if found.is_symlink() => {
            looks.at(path);
            path.is_file()
        }
        Ok(found) => found.is_file(),
        Err(_) => false,
    }
}

/// The last part of a path.
pub fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
