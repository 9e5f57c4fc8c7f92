//! What Nix says of a package set that is somebody else's.

use std::collections::BTreeMap;
use std::path::Path;

use aux_eval::snapshot::{Look, Nested, PackageSet, Snapshot, files, snapshot};
use aux_model::{AttrName, Indexed, System};
use aux_nix::{Failure, Limits, Nix, NixError};

use crate::adopt::{Attribute, Places, attribute};

/// The attributes of a package set.
#[derive(Debug, Default)]
pub struct Index {
    /// Those that a family can know, each with what it is and where it is defined.
    pub attributes: BTreeMap<AttrName, Indexed>,
    /// The others, each with the reason.
    pub exceptions: BTreeMap<String, String>,
}

/// Asks Nix for every attribute of the set that a folder's `default.nix` gives, in `jobs` processes
/// at once; why it has no value, if it has none. `progress` is called with how many attributes are
/// done, and how many there are.
///
/// # Errors
/// When Nix does not run.
pub fn index(
    nix: &Nix,
    root: &Path,
    system: &System,
    jobs: usize,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Result<Index, Failure>, NixError> {
    let set = PackageSet::of_tree(root, system, "", nix, &Limits::default())?;
    let look = Look {
        jobs,
        nested: Nested::Named,
    };
    let found = match snapshot(nix, &set, system, look, progress)? {
        Ok(found) => found,
        Err(failure) => return Ok(Err(failure)),
    };
    let files = files(nix, &set)?;
    Ok(Ok(Index::of(root, &found, &files)))
}

impl Index {
    fn of(root: &Path, found: &Snapshot, files: &BTreeMap<String, Option<String>>) -> Self {
        let mut places = Places::of(root, &|name| found.attributes.contains_key(name));
        let mut index = Self::default();
        for (name, found) in &found.attributes {
            let kind = match attribute(name, found) {
                Ok(known) => known,
                Err(reason) => {
                    index.exceptions.insert(name.clone(), reason);
                    continue;
                }
            };
            let Attribute { name, is_builder } = kind;
            let file = files.get(name.as_str()).and_then(Option::as_deref);
            let file = places.of_attribute(name.as_str(), file);
            match file.parse() {
                Ok(file) => {
                    let indexed = Indexed { is_builder, file };
                    index.attributes.insert(name, indexed);
                }
                Err(error) => {
                    let reason = format!("its place `{file}` is no path of a manifest: {error}");
                    index.exceptions.insert(name.to_string(), reason);
                }
            }
        }
        index
    }
}
