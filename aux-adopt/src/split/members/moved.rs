//! Members on their way: into the folder of their set in the repo that they go to, and out of the list that
//! called them.

use std::collections::BTreeMap;
use std::path::Path;

use aux_gen::disk::{DiskError, files_of, read_text, replace};
use aux_model::{AttrName, RepoName};
use aux_nix::language::paths::rewritten;
use aux_nix::language::quote;

use crate::relayout::{Call, calls};

/// A member that goes to a repo of its own.
#[derive(Debug, Clone, Copy)]
pub(in crate::split) struct LeavingMember<'a> {
    pub(in crate::split) set: &'a AttrName,
    pub(in crate::split) name: &'a AttrName,
    pub(in crate::split) repo: &'a RepoName,
    pub(in crate::split) call: &'a Call,
}

impl LeavingMember<'_> {
    /// Its folder in the repo.
    fn directory(&self) -> String {
        format!("pkgs/{}/{}", self.set, self.name)
    }
}

/// Puts members, which stand in the folder of a repo where they stood in the tree, where a layer looks for
/// them: `pkgs/SET/NAME/package.nix`.
pub(in crate::split) fn gather(
    members: &[LeavingMember<'_>],
    folder: &Path,
) -> Result<(), DiskError> {
    for member in members {
        let (from, to) = (&member.call.target, member.directory());
        let is_file = from.ends_with(".nix") && folder.join(from).is_file();
        // What `callPackage` of a folder calls.
        let function = Some(format!("{from}/default.nix"));
        let function = function.filter(|file| folder.join(file).is_file());
        let entry = format!("{to}/package.nix");
        // What it has of paths leads to its own files: only its function may get another name.
        let place = |path: &str| match path.strip_prefix(from.as_str()) {
            _ if is_file && path == from => Some(entry.clone()),
            _ if Some(path) == function.as_deref() => Some(entry.clone()),
            Some(rest) if !is_file => Some(format!("{to}{rest}")),
            _ => None,
        };
        for file in files_of(folder)? {
            let Some(new) = place(&file).filter(|_| file.ends_with(".nix")) else {
                continue;
            };
            let path = folder.join(&file);
            if path.is_symlink() {
                continue;
            }
            // What is no text has no paths.
            if let Ok(text) = read_text(&path) {
                let (text, paths) = rewritten(&text, (&file, &new), place);
                if paths > 0 {
                    replace(&path, text)?;
                }
            }
        }
        let target = folder.join(if is_file { &entry } else { &to });
        let above = target.parent().unwrap_or(folder);
        std::fs::create_dir_all(above).map_err(|error| DiskError::write(above, error))?;
        let moved = |from: &Path, to: &Path| {
            std::fs::rename(from, to).map_err(|error| DiskError::write(to, error))
        };
        moved(&folder.join(from), &target)?;
        if let Some((_, name)) = function.as_deref().and_then(|file| file.rsplit_once('/'))
            && !is_file
        {
            moved(&target.join(name), &folder.join(&entry))?;
        }
        // git has no empty folders, and one in `by-name` would look like a package.
        let mut left = Path::new(from).parent();
        while let Some(above) = left.filter(|above| !above.as_os_str().is_empty()) {
            if std::fs::remove_dir(folder.join(above)).is_err() {
                break;
            }
            left = above.parent();
        }
    }
    Ok(())
}

/// Has the lists say of members that have left who has them: the set is asked for them there, and what a
/// repo adds to it stands above.
pub(in crate::split) fn stub(
    members: &[LeavingMember<'_>],
    folder: &Path,
) -> Result<(), DiskError> {
    let mut files: BTreeMap<&str, Vec<&LeavingMember<'_>>> = BTreeMap::new();
    for member in members {
        files.entry(&member.call.file).or_default().push(member);
    }
    for (file, members) in files {
        let path = folder.join(file);
        let before = read_text(&path)?;
        let mut text = before.clone();
        let mut entries = calls(file, &before);
        // From the end on, so that what stands before keeps its place.
        entries.sort_by_key(|call| std::cmp::Reverse(call.entry.start));
        for call in entries {
            let of = |member: &&&LeavingMember<'_>| {
                *member.name.as_str() == call.name && member.call.target == call.target
            };
            let Some(member) = members.iter().find(of) else {
                continue;
            };
            let entry = &before[call.entry.clone()];
            let Some((name, _)) = entry.split_once('=') else {
                continue;
            };
            let said = format!(
                "`{}.{}` belongs to the repo `{}`, which is not part of this package set",
                member.set, member.name, member.repo
            );
            text.replace_range(call.entry, &format!("{name}= throw {};", quote(&said)));
        }
        replace(&path, text)?;
    }
    Ok(())
}
