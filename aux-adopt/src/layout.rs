//! How a tree lies: which of its folders hold packages, one folder each.
//!
//! Cores differ: sharded by-name directories (RFC 140), or folders that a function reads and calls
//! one by one. What a folder of packages is shows in the files; what it is called, Nix says.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::BY_NAME;
use aux_nix::language::paths::{is_below, is_within};

/// Files that are the function of a package.
pub(crate) const FUNCTIONS: [&str; 2] = ["package.nix", "default.nix"];

/// A folder has to hold as many packages to be taken for one of packages.
const FEWEST: usize = 3;

/// Of so many folders in it one may be something else.
const OTHERS: usize = 10;

/// The folders that hold packages, one folder each, as far as files show it. Sharded by-name
/// directories are none of them.
pub(crate) fn flat_roots(files: &BTreeSet<String>) -> BTreeSet<String> {
    // What each folder holds, and which of that is a package.
    let mut folders: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for file in files {
        let ends: Vec<usize> = file.match_indices('/').map(|(at, _)| at).collect();
        for pair in ends.windows(2) {
            let (root, folder) = (&file[..pair[0]], &file[..pair[1]]);
            let held = folders.entry(root).or_default();
            held.0.insert(folder);
            if FUNCTIONS.contains(&&file[pair[1] + 1..]) {
                held.1.insert(folder);
            }
        }
    }
    let mut roots: BTreeSet<String> = BTreeSet::new();
    for (root, (held, packages)) in folders {
        let is_nested = roots.iter().any(|other| is_below(root, other));
        let others = held.len() - packages.len();
        let is_full = packages.len() >= FEWEST && others * OTHERS <= packages.len();
        if is_full && !is_nested && !is_within(root, BY_NAME) {
            roots.insert(root.to_owned());
        }
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(files: &[&str]) -> Vec<String> {
        let files = files.iter().map(ToString::to_string).collect();
        flat_roots(&files).into_iter().collect()
    }

    #[test]
    fn a_folder_full_of_packages_is_one() {
        let files = [
            "pkgs/a/default.nix",
            "pkgs/b/package.nix",
            "pkgs/c/default.nix",
            "pkgs/c/patches/x.patch",
            "lib/default.nix",
            "lib/tests/default.nix",
            "doc/x/y.md",
        ];
        assert_eq!(roots(&files), ["pkgs"]);
    }

    #[test]
    fn shards_and_folders_of_other_things_are_none() {
        let files = [
            "pkgs/by-name/aa/aaa/package.nix",
            "pkgs/by-name/bb/bbb/package.nix",
            "pkgs/by-name/cc/ccc/package.nix",
            "tools/a/default.nix",
            "tools/b/default.nix",
            "tools/c/default.nix",
            "tools/d/x.sh",
        ];
        assert!(roots(&files).is_empty(), "{:?}", roots(&files));
    }
}
