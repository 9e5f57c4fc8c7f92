//! Where attributes of a package set are defined, whatever the layout of its tree is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aux_gen::disk::FUNCTIONS;

use crate::adopt::entry;
use crate::layout::{flat_roots, last, packages_in, shallow};

/// The folders of a tree that may be those of attributes.
pub(crate) struct Places {
    root: PathBuf,
    /// Folders with a `default.nix` or a `package.nix`, by name: two levels below the root, and in
    /// deeper folders of packages that are attributes.
    folders: BTreeMap<String, String>,
    /// The file that is imported.
    entry: &'static str,
}

impl Places {
    /// Looks at a tree of the layout `DIR/NAME`, or of that deeper down; `has` tells whether the
    /// set has an attribute.
    pub(crate) fn of(root: &Path, has: &dyn Fn(&str) -> bool) -> Self {
        let mut folders = BTreeMap::new();
        for folder in sorted(root) {
            for inner in sorted(&folder) {
                let is_package = FUNCTIONS.iter().any(|file| inner.join(file).is_file());
                let (Some(name), true) = (inner.file_name(), is_package) else {
                    continue;
                };
                if let (Some(name), Some(path)) = (name.to_str(), below(root, &inner)) {
                    folders.entry(name.to_owned()).or_insert(path);
                }
            }
        }
        // What cannot be read is told where it is needed.
        let files = shallow(root).unwrap_or_default();
        for place in flat_roots(&files) {
            let inner = packages_in(&files, &place);
            let own = inner.iter().filter(|folder| has(last(folder)));
            if own.count() * 2 > inner.len() {
                for folder in inner.into_iter().filter(|folder| is_nameable(folder)) {
                    let name = last(folder).to_owned();
                    folders.entry(name).or_insert_with(|| folder.to_owned());
                }
            }
        }
        Self {
            root: root.to_owned(),
            folders,
            entry: entry::FILES
                .into_iter()
                .find(|file| root.join(file).is_file())
                .unwrap_or(entry::FILES[0]),
        }
    }

    /// Where an attribute is defined, relative to the root: the folder that has its name, else the
    /// file that Nix tells, else the one that is imported.
    pub(crate) fn of_attribute(&mut self, name: &str, file: Option<&str>) -> String {
        let file = file.and_then(|file| below(&self.root, Path::new(file)));
        let own = file.as_deref().and_then(|file| {
            let (folder, function) = file.rsplit_once('/')?;
            let is_own = folder.rsplit('/').next() == Some(name);
            (is_own && FUNCTIONS.contains(&function)).then(|| folder.to_owned())
        });
        own.or_else(|| self.folders.get(name).cloned())
            .or(file)
            .unwrap_or_else(|| self.entry.to_owned())
    }
}

/// The folders in a folder, in order of name.
fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.path()).collect();
    folders.sort();
    folders
}

/// A path below a folder, if it is one that a manifest can name.
fn below(root: &Path, path: &Path) -> Option<String> {
    let path = path.strip_prefix(root).ok()?.to_str()?;
    is_nameable(path).then(|| path.to_owned())
}

fn is_nameable(path: &str) -> bool {
    path.parse::<aux_model::RelativePath>().is_ok()
}
