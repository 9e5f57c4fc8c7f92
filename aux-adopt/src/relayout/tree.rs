//! A tree, as far as its layout goes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_gen::disk::{DiskError, entries, files_of, name_of, read_text};
use aux_model::{BY_NAME, System};
use aux_nix::Nix;
use aux_nix::language;
use aux_nix::language::paths::{PathLiteral, PathStart, is_below, parent, path_literals, resolve};

use crate::TreeSet;
use crate::relayout::error::RelayoutError;
use crate::relayout::text::{Call, Mention, Reader, calls, mentions, readers};
use crate::split::Flat;

/// A path in a text.
pub(super) struct PathUse {
    pub(super) file: String,
    /// 1-based.
    pub(super) line: usize,
    /// Where it starts: a byte.
    pub(super) at: usize,
    /// Whether it is handed to what imports it.
    pub(super) is_imported: bool,
}

/// A tree, as far as its layout goes.
pub(super) struct Tree {
    /// Every file.
    pub(super) files: BTreeSet<String>,
    /// The text of every Nix file.
    pub(super) texts: BTreeMap<String, String>,
    /// Every path of the texts, by what it leads to.
    pub(super) paths: BTreeMap<String, Vec<PathUse>>,
    /// Links, and where each leads in the tree; none if it leads out of it.
    pub(super) links: BTreeMap<String, Option<String>>,
    /// Folders that are repositories of their own.
    pub(super) submodules: BTreeSet<String>,
    /// Nix files that cannot be read, so that paths in them stay.
    pub(super) unread: BTreeSet<String>,
    /// Files with a path that leads out of the tree: the line of the first.
    pub(super) leaving: BTreeMap<String, usize>,
    /// Folders that look as if they held packages, and why nothing of them is one.
    pub(super) unused: BTreeMap<String, String>,
    /// The folders that each folder of packages has on the disk, whatever git knows of them.
    pub(super) on_disk: BTreeMap<String, BTreeSet<String>>,
    pub(super) readers: Vec<Reader>,
    /// Every path to a folder of packages.
    pub(super) mentions: Vec<Mention>,
    pub(super) calls: Vec<Call>,
}

impl Tree {
    /// Looks at a tree. `places` has the file that defines each attribute of its set.
    pub(super) fn read(
        set: &TreeSet,
        places: &BTreeMap<String, Option<String>>,
        (nix, system): (&Nix, &System),
    ) -> Result<Self, RelayoutError> {
        let root = set.root();
        let files = files_of(root)?;
        let flat = Flat::read(set, &files, Some((nix, system)))?;
        // A folder of which the set calls most packages once is one of the set.
        let of_set = |folder: &String| {
            let all = folders_of(&files, folder).len();
            let own = flat
                .units
                .iter()
                .filter(|(name, unit)| is_below(unit, folder) && !flat.twice.contains(*name));
            own.count() * 2 > all
        };
        let roots: BTreeSet<String> = flat
            .roots
            .iter()
            .filter(|root| of_set(root))
            .cloned()
            .collect();
        let (mut links, mut submodules) = (BTreeMap::new(), BTreeSet::new());
        let (mut texts, mut unread) = (BTreeMap::new(), BTreeSet::new());
        for file in &files {
            let path = root.join(file);
            let Ok(found) = path.symlink_metadata() else {
                continue;
            };
            if found.is_symlink() {
                let target = std::fs::read_link(&path).unwrap_or_default();
                let target = resolve(parent(file), &target.to_string_lossy());
                links.insert(file.clone(), target);
            } else if found.is_dir() {
                submodules.insert(file.clone());
            } else if file.ends_with(".nix") {
                let is_read = !language::is_too_long(found.len());
                match read_text(&path) {
                    Ok(text) if is_read => {
                        texts.insert(file.clone(), text);
                    }
                    _ => {
                        unread.insert(file.clone());
                    }
                }
            }
        }
        let (mut found, mut listed, mut mentioned) = (Vec::new(), Vec::new(), Vec::new());
        for (file, text) in &texts {
            let is_package =
                roots.iter().any(|root| is_below(file, root)) || is_below(file, BY_NAME);
            if !is_package {
                found.extend(readers(file, text, &roots));
                mentioned.extend(mentions(file, text, &roots));
                listed.extend(calls(file, text));
            }
        }
        // An entry is one of the set if Nix says that the attribute is defined in that file.
        let defines = |call: &Call| {
            let place = places.get(&call.name).and_then(Option::as_deref);
            let place = place.and_then(|place| Path::new(place).strip_prefix(root).ok());
            place.is_some_and(|place| place == Path::new(&call.file))
        };
        listed.retain(defines);
        // What puts overlays together is likely to be what the set is made by.
        found.sort_by_key(|reader| {
            let text = texts.get(&reader.file);
            (
                !text.is_some_and(|text| text.contains("overlays")),
                reader.file.clone(),
            )
        });
        let paths = paths(&texts);
        let leaving = texts.iter();
        let leaving = leaving.filter_map(|(file, text)| Some((file.clone(), leaves(file, text)?)));
        let leaving = leaving.collect();
        let on_disk = roots.iter().map(|folder| {
            let inner = entries(&root.join(folder))?;
            let inner = inner.iter().filter(|inner| inner.is_dir());
            let names = inner.map(|inner| format!("{folder}/{}", name_of(inner)));
            Ok::<_, DiskError>((folder.clone(), names.collect()))
        });
        let on_disk = on_disk.collect::<Result<_, _>>()?;
        Ok(Self {
            unused: flat.unused.clone(),
            leaving,
            on_disk,
            files,
            texts,
            paths,
            links,
            submodules,
            unread,
            readers: found,
            mentions: mentioned,
            calls: listed,
        })
    }
}

/// Every folder in a root.
fn folders_of(files: &BTreeSet<String>, root: &str) -> BTreeSet<String> {
    let below = files
        .iter()
        .filter_map(|file| file.strip_prefix(root)?.strip_prefix('/'));
    let names = below.filter_map(|rest| rest.split_once('/').map(|(name, _)| name));
    names.map(|name| format!("{root}/{name}")).collect()
}

/// Every relative path of some texts, by what it leads to.
fn paths(texts: &BTreeMap<String, String>) -> BTreeMap<String, Vec<PathUse>> {
    let mut paths: BTreeMap<String, Vec<PathUse>> = BTreeMap::new();
    for (file, text) in texts {
        for literal in path_literals(text) {
            if literal.kind != PathStart::Relative {
                continue;
            }
            let Some(target) = resolve(parent(file), literal.text) else {
                continue;
            };
            paths.entry(target).or_default().push(PathUse {
                file: file.clone(),
                line: text[..literal.span.start].matches('\n').count() + 1,
                at: literal.span.start,
                is_imported: is_imported(text, &literal),
            });
        }
    }
    paths
}

/// The line of the first path of a text that leads out of the tree.
fn leaves(file: &str, text: &str) -> Option<usize> {
    let literals = path_literals(text);
    let mut relative = literals
        .iter()
        .filter(|literal| literal.kind == PathStart::Relative);
    let first = relative.find(|literal| resolve(parent(file), literal.text).is_none())?;
    Some(text[..first.span.start].matches('\n').count() + 1)
}

/// Whether a path is handed to what imports it: a folder then means its `default.nix`.
fn is_imported(text: &str, literal: &PathLiteral<'_>) -> bool {
    let before = text[..literal.span.start].trim_end();
    let start = before.rfind(|c: char| !(c.is_alphanumeric() || "._-'".contains(c)));
    let word = &before[start.map_or(0, |at| at + 1)..];
    let word = word.rsplit('.').next().unwrap_or_default();
    let after = text[literal.span.end..].trim_start();
    let imports = ["import", "callPackage", "callPackages", "callFromScope"].contains(&word);
    imports && !after.starts_with('+') && !after.starts_with('}')
}
