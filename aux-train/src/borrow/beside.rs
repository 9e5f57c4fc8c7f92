//! What the paths of a package lead to outside of its folder. A copy has it in a folder of its own, from the
//! root of the owner's repo on, and its paths lead there; on the way back both become what they were.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use aux_git::{TreeEntryKind, WorkTree};
use aux_nix::language::paths::{
    PathStart, is_below, is_within, parent, path_literals, resolve, rewritten,
};

use crate::borrow::error::BorrowError;
use crate::borrow::folder::{CopiedFile, Folder, entry_at, files_at};
use crate::borrow::record::RECORD;

/// The folder of a copy with what its paths lead to outside of the package's own.
const BESIDE: &str = "beside";

/// More files than this are no part of a package.
const MOST: usize = 500;

/// The root of a copy, for paths in it.
const COPY: &str = "copy";

/// The package in a folder of a commit, in the form of a copy; none if there is no such folder.
///
/// # Errors
/// When git refuses, or its paths lead to what cannot be copied: what is computed, a folder that holds
/// the package itself, a link, another repository.
pub(crate) fn package_at(
    tree: &WorkTree,
    commit: &str,
    path: &str,
) -> Result<Option<Folder>, BorrowError> {
    let Some(folder) = files_at(tree, commit, path)? else {
        return Ok(None);
    };
    let mut objects = tree.objects()?;
    // By their paths in the owner's repo.
    let mut files: BTreeMap<String, CopiedFile> = folder
        .files
        .into_iter()
        .map(|(name, file)| (format!("{path}/{name}"), file))
        .collect();
    let own_beside = format!("{path}/{BESIDE}");
    let mut open: Vec<String> = files.keys().cloned().collect();
    while let Some(name) = open.pop() {
        let Some(text) = text_of(&name, &files[&name]) else {
            continue;
        };
        for literal in path_literals(&text) {
            // What the machine has is nobody's file of the repo.
            if literal.kind != PathStart::Relative {
                continue;
            }
            let leads_out = || BorrowError::LeadsOut {
                file: name.clone(),
                to: literal.text.to_owned(),
            };
            let target = resolve(parent(&name), literal.text).ok_or_else(leads_out)?;
            if goes_up(&text[literal.span.end..]) {
                return Err(leads_out());
            }
            if is_within(&target, path) || files.contains_key(&target) {
                continue;
            }
            if literal.is_open || target.is_empty() || is_within(path, &target) {
                return Err(leads_out());
            }
            let mut add = |name: String, file: CopiedFile| {
                if let Entry::Vacant(entry) = files.entry(name) {
                    open.push(entry.key().clone());
                    entry.insert(file);
                }
                if files.len() > MOST {
                    Err(leads_out())
                } else {
                    Ok(())
                }
            };
            match entry_at(&mut objects, commit, &target)? {
                // It leads nowhere in the copy as well.
                None => {}
                Some((TreeEntryKind::Directory, _)) => {
                    let below = files_at(tree, commit, &target)?;
                    for (below, file) in below.into_iter().flat_map(|folder| folder.files) {
                        add(format!("{target}/{below}"), file)?;
                    }
                }
                Some((kind @ (TreeEntryKind::File | TreeEntryKind::Executable), object)) => {
                    let file = CopiedFile {
                        content: objects.blob(&object)?,
                        is_executable: kind == TreeEntryKind::Executable,
                    };
                    add(target, file)?;
                }
                Some((TreeEntryKind::Link | TreeEntryKind::Repository, _)) => {
                    return Err(leads_out());
                }
            }
        }
    }
    // On the way back nobody could tell the two apart, and the record has its place.
    let record = format!("{path}/{RECORD}");
    let is_taken = |name: &&String| is_within(name, &own_beside) || **name == record;
    if let Some(taken) = files.keys().find(is_taken) {
        return Err(BorrowError::Beside(taken.clone()));
    }
    let files = files.into_iter().map(|(name, file)| {
        let key = key_of(&name, path);
        let file = moved(file, (&name, &format!("{COPY}/{key}")), |target| {
            Some(in_copy(&key_of(target, path)))
        });
        (key, file)
    });
    Ok(Some(Folder {
        files: files.collect(),
        tree: folder.tree,
    }))
}

/// Where a file of a copy is in the owner's repo, and what it says there; `path` is the package's folder.
pub(super) fn of_owner(key: &str, file: &CopiedFile, path: &str) -> (String, CopiedFile) {
    let place = place_of(key, path);
    let file = moved(file.clone(), (&format!("{COPY}/{key}"), &place), |target| {
        let key = target.strip_prefix(COPY)?.trim_start_matches('/');
        Some(place_of(key, path))
    });
    (place, file)
}

/// Where a copy has a file of the owner's repo.
fn key_of(name: &str, path: &str) -> String {
    match name.strip_prefix(path) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            rest.trim_start_matches('/').to_owned()
        }
        _ => format!("{BESIDE}/{name}"),
    }
}

/// Whether a path goes on with a text that leads up: `./. + "/../x"`.
fn goes_up(behind: &str) -> bool {
    let added = behind.trim_start().strip_prefix('+').map(str::trim_start);
    let text = added.and_then(|added| added.strip_prefix('"'));
    let text = text.and_then(|text| text.split('"').next());
    text.is_some_and(|text| text.split('/').any(|part| part == ".."))
}

/// Whether a file of a copy is one that the package's paths lead to outside of its folder.
pub(super) fn is_beside(key: &str) -> bool {
    is_below(key, BESIDE)
}

/// The place of a file of a copy, or of the copy itself, below [`COPY`].
fn in_copy(key: &str) -> String {
    match key {
        "" => COPY.to_owned(),
        key => format!("{COPY}/{key}"),
    }
}

/// Where the owner's repo has a file of a copy.
pub(super) fn place_of(key: &str, path: &str) -> String {
    match key
        .strip_prefix(BESIDE)
        .and_then(|rest| rest.strip_prefix('/'))
    {
        Some(name) => name.to_owned(),
        None if key.is_empty() => path.to_owned(),
        None => format!("{path}/{key}"),
    }
}

/// A file with its paths as they must be elsewhere.
fn moved(
    mut file: CopiedFile,
    (from, to): (&str, &str),
    place: impl Fn(&str) -> Option<String>,
) -> CopiedFile {
    if let Some(text) = text_of(from, &file) {
        let (text, changed) = rewritten(&text, (from, to), place);
        if changed > 0 {
            file.content = text.into_bytes();
        }
    }
    file
}

/// The text of a file that may have paths.
fn text_of(name: &str, file: &CopiedFile) -> Option<String> {
    let is_nix = name.ends_with(".nix");
    is_nix.then(|| String::from_utf8(file.content.clone()).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_out_and_back_is_what_it_was() {
        let path = "pkgs/by-name/a/b";
        let text = "[ ./x.patch ../../op/o/c.patch (import ../../../lib/h.nix) ./. ]";
        let file = CopiedFile {
            content: text.as_bytes().to_vec(),
            is_executable: false,
        };
        let name = format!("{path}/package.nix");
        let copy = moved(file.clone(), (&name, "copy/package.nix"), |target| {
            Some(in_copy(&key_of(target, path)))
        });
        assert_eq!(
            String::from_utf8_lossy(&copy.content),
            "[ ./x.patch ./beside/pkgs/by-name/op/o/c.patch (import ./beside/pkgs/lib/h.nix) ./. ]"
        );
        assert_eq!(of_owner("package.nix", &copy, path), (name, file));
        assert_eq!(place_of("beside/pkgs/lib/h.nix", path), "pkgs/lib/h.nix");
    }
}
