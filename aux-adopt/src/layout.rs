//! How a tree lies: which of its folders hold packages, one folder each.
//!
//! Cores differ: sharded by-name directories (RFC 140), or folders that a function reads and calls
//! one by one. What a folder of packages is shows in the files; what it is called, Nix says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_gen::disk::{DiskError, FUNCTIONS, entries, name_of};
use aux_model::{BY_NAME, Layout, Layouts, is_git_directory};
use aux_nix::language::paths::is_below;

/// A Nix function that tells what a value of a package set is. nixpkgs' `callPackage` makes a set
/// of a function, so that it can be overridden.
pub(crate) const SORT: &str = "(value:
    if !builtins.isAttrs value then builtins.typeOf value
    else if (value.type or null) == \"derivation\" then \"derivation\"
    else if value ? __functor then \"lambda\"
    else \"set\")";

/// A folder has to hold as many packages to be taken for one of packages.
const FEWEST: usize = 3;

/// Of so many folders in it one may be something else.
const OTHERS: usize = 10;

/// The folders that hold packages, one folder each, as far as files show it. Shards of by-name
/// directories are none of them; `pkgs/by-name` without shards is one.
pub(crate) fn flat_roots(files: &BTreeSet<String>) -> BTreeSet<String> {
    // What each folder holds, and which of that is a package.
    let mut folders: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for file in files {
        let ends: Vec<usize> = file.match_indices('/').map(|(at, _)| at).collect();
        for pair in ends.windows(2) {
            let (root, folder) = (&file[..pair[0]], &file[..pair[1]]);
            let held = folders.entry(root).or_default();
            // It is laid out in a way of its own, wherever it stands.
            if folder != BY_NAME {
                held.0.insert(folder);
            }
            if FUNCTIONS.contains(&&file[pair[1] + 1..]) {
                held.1.insert(folder);
            }
        }
    }
    let mut roots: BTreeSet<String> = BTreeSet::new();
    for (root, (held, packages)) in folders {
        let is_nested = root != BY_NAME && roots.iter().any(|other| is_below(root, other));
        let others = held.len() - packages.len();
        let is_full = packages.len() >= FEWEST && others * OTHERS <= packages.len();
        if is_full && !is_nested && !is_below(root, BY_NAME) {
            roots.insert(root.to_owned());
        }
    }
    roots
}

/// How a tree lies as its files show, where nobody says it and Nix is not asked.
///
/// # Errors
/// When a folder cannot be read.
pub fn of_files(root: &Path) -> Result<Layouts, DiskError> {
    let roots = flat_roots(&shallow(root)?).into_iter();
    let roots = roots.filter_map(|root| root.parse().ok());
    Ok(roots.map(|root| (root, Layout::Flat)).collect())
}

/// What is known of the attributes that a tree defines.
pub(crate) struct DefinedAttributes<'a> {
    /// Every attribute that Nix sees, and the folder or file that defines it, if that is known.
    pub(crate) places: BTreeMap<&'a str, Option<&'a str>>,
    /// Those that are part of the family.
    pub(crate) listed: BTreeSet<&'a str>,
}

/// How the folders of a tree lie that hold a folder for each package: those whose folders Nix has
/// as attributes of their names. Folders in them that are nothing of the family are named as laid
/// out by hand. The others come second: nothing of them is an attribute.
pub(crate) fn layouts(
    files: &BTreeSet<String>,
    defined: &DefinedAttributes<'_>,
) -> (BTreeMap<String, Layout>, BTreeSet<String>) {
    let (mut layouts, mut unknown) = (BTreeMap::new(), BTreeSet::new());
    for root in flat_roots(files) {
        let folders = packages_in(files, &root);
        let defines = |folder: &&str| {
            let name = last(folder);
            let place = defined.places.get(name);
            place.is_some_and(|place| place.is_none_or(|place| place == *folder))
        };
        let own: Vec<&str> = folders.iter().copied().filter(defines).collect();
        if own.len() * 2 <= folders.len() {
            unknown.insert(root);
            continue;
        }
        let is_listed = |folder: &&str| defines(folder) && defined.listed.contains(last(folder));
        let others = folders.iter().filter(|folder| !is_listed(folder));
        let others = others.map(|folder| ((*folder).to_owned(), Layout::ByHand));
        layouts.extend(others);
        layouts.insert(root, Layout::Flat);
    }
    (layouts, unknown)
}

/// The folders in a folder that hold the function of a package.
pub(crate) fn packages_in<'f>(files: &'f BTreeSet<String>, root: &str) -> BTreeSet<&'f str> {
    let folder = |file: &'f String| {
        let (folder, function) = file.rsplit_once('/')?;
        let (above, _) = folder.rsplit_once('/')?;
        (above == root && FUNCTIONS.contains(&function)).then_some(folder)
    };
    files.iter().filter_map(folder).collect()
}

pub(crate) fn last(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap_or_default()
}

/// A folder of packages stands no deeper than this.
const DEEPEST: usize = 5;

/// The files of a tree, as deep as a folder of packages may stand.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn shallow(root: &Path) -> Result<BTreeSet<String>, DiskError> {
    let mut files = BTreeSet::new();
    let mut open = vec![(root.to_owned(), String::new(), 0)];
    while let Some((folder, place, depth)) = open.pop() {
        for entry in entries(&folder)? {
            let name = name_of(&entry);
            let path = format!("{place}{name}");
            if entry.is_dir() && !entry.is_symlink() {
                // Shards are read as such, and are many.
                let is_shard = is_below(&path, BY_NAME) && place != format!("{BY_NAME}/");
                if depth < DEEPEST && !is_git_directory(&name) && !is_shard {
                    open.push((entry, format!("{path}/"), depth + 1));
                }
            } else {
                files.insert(path);
            }
        }
    }
    Ok(files)
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

    #[test]
    fn folders_that_nix_has_as_attributes_are_a_layout() {
        let files = [
            "pkgs/a/default.nix",
            "pkgs/b/default.nix",
            "pkgs/c/default.nix",
            "pkgs/d/default.nix",
            "sets/py/l/default.nix",
            "sets/py/m/default.nix",
            "sets/py/n/default.nix",
            "pkgs/by-name/p/package.nix",
            "pkgs/by-name/q/package.nix",
            "pkgs/by-name/r/package.nix",
        ];
        let files = files.iter().map(ToString::to_string).collect();
        let known = ["a", "b", "c", "p", "q", "r"];
        let defined = DefinedAttributes {
            // `d` has no value here, and `c` is defined elsewhere.
            places: known
                .iter()
                .map(|name| (*name, (*name == "c").then_some("top.nix")))
                .chain([("d", None)])
                .collect(),
            listed: known.into_iter().collect(),
        };
        let (found, unknown) = layouts(&files, &defined);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(place, layout)| (place.as_str(), layout.as_str()))
            .collect();
        let wanted = [
            ("pkgs", "flat"),
            ("pkgs/by-name", "flat"),
            ("pkgs/c", "by-hand"),
            ("pkgs/d", "by-hand"),
        ];
        assert_eq!(found, wanted);
        assert_eq!(unknown.into_iter().collect::<Vec<_>>(), ["sets/py"]);
    }
}
