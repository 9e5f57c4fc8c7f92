//! Members on their way: into the folder of their set in the repo that they go to, and out of the list that
//! called them.

use std::collections::BTreeMap;
use std::path::Path;

use aux_gen::disk::{DiskError, files_of, read_text, replace};
use aux_model::{AttrName, RepoName};
use aux_nix::language::paths::{holder, rewritten};
use aux_nix::language::quote;

use crate::relayout::{Call, calls};

/// The function of a folder.
const DEFAULT: &str = "default.nix";

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
    let moves = members.iter().map(|member| Move::of(member, folder));
    let moves: BTreeMap<&str, Move<'_>> = moves.map(|one| (one.from, one)).collect();
    rewrite_paths(folder, |path| {
        holder(&moves, path).and_then(|(one, rest)| one.place(rest))
    })?;
    moves.values().try_for_each(|one| one.make(folder))
}

/// Where what a member is called from stands, and where it goes.
struct Move<'a> {
    from: &'a str,
    to: String,
    /// `package.nix` in there.
    entry: String,
    /// Whether it is called from a file, and not from a folder.
    is_file: bool,
    /// Whether the folder has a `default.nix`, which is what `callPackage` calls of it.
    has_default: bool,
}

impl<'a> Move<'a> {
    fn of(member: &LeavingMember<'a>, folder: &Path) -> Self {
        let from = member.call.target.as_str();
        let to = member.directory();
        Self {
            from,
            entry: format!("{to}/package.nix"),
            to,
            is_file: from.ends_with(".nix") && folder.join(from).is_file(),
            has_default: folder.join(from).join(DEFAULT).is_file(),
        }
    }

    /// Where something of it goes, by its path behind `from`. Only its function may get another name: what it has
    /// of paths leads to its own files.
    fn place(&self, rest: &str) -> Option<String> {
        let is_default = self.has_default && rest.strip_prefix('/') == Some(DEFAULT);
        if is_default || self.is_file && rest.is_empty() {
            Some(self.entry.clone())
        } else {
            (!self.is_file).then(|| format!("{}{rest}", self.to))
        }
    }

    fn make(&self, folder: &Path) -> Result<(), DiskError> {
        let target = folder.join(if self.is_file { &self.entry } else { &self.to });
        let above = target.parent().unwrap_or(folder);
        std::fs::create_dir_all(above).map_err(|error| DiskError::write(above, error))?;
        let moved = |from: &Path, to: &Path| {
            std::fs::rename(from, to).map_err(|error| DiskError::write(to, error))
        };
        moved(&folder.join(self.from), &target)?;
        if self.has_default {
            moved(&target.join(DEFAULT), &folder.join(&self.entry))?;
        }
        // git has no empty folders, and one in `by-name` would look like a package.
        let mut left = Path::new(self.from).parent();
        while let Some(above) = left.filter(|above| !above.as_os_str().is_empty()) {
            if std::fs::remove_dir(folder.join(above)).is_err() {
                break;
            }
            left = above.parent();
        }
        Ok(())
    }
}

/// Has the `.nix` files that are about to move lead where what they read will be. `place` says where a path of the
/// folder goes, and nothing if it stays.
pub(in crate::split) fn rewrite_paths(
    folder: &Path,
    place: impl Fn(&str) -> Option<String>,
) -> Result<(), DiskError> {
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
            let (text, paths) = rewritten(&text, (&file, &new), &place);
            if paths > 0 {
                replace(&path, text)?;
            }
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
