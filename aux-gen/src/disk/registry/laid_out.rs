//! Reads the folders that the layout of a repo names.

use std::path::{Path, PathBuf};

use aux_model::{AttrName, BY_NAME, Layout, Layouts, RelativePath, Tree};

use crate::disk::error::DiskError;
use crate::disk::registry::by_name;
use crate::disk::registry::by_name::{FUNCTIONS, name_of};
use crate::disk::registry::text::entries;

/// The packages of a checkout, as far as its folders tell: those of its by-name directories, and
/// those of the folders that its layout names.
///
/// # Errors
/// When a directory cannot be read, or git refuses.
pub fn read(checkout: &Path, layout: &Layouts) -> Result<Tree, DiskError> {
    let of_by_name = layout.iter().find(|(place, _)| place.as_str() == BY_NAME);
    let mut tree = match of_by_name {
        None | Some((_, Layout::ByName)) => by_name::read(checkout)?,
        Some(_) => Tree::default(),
    };
    for (place, layout) in layout {
        let path = checkout.join(place.as_str());
        let is_there = if layout.is_of_a_file() {
            path.is_file()
        } else {
            path.exists()
        };
        if !is_there {
            tree.missing.push(place.clone());
            continue;
        }
        match layout {
            Layout::Flat => folder(&path, place, &mut tree)?,
            Layout::ByName if place.as_str() != BY_NAME => {
                for shard in folders(&path)? {
                    let place = format!("{place}/{}", name_of(&shard));
                    folder(&shard, &place, &mut tree)?;
                }
            }
            Layout::Variants => {
                let folders = folders(&path)?.into_iter();
                let folders = folders.filter(|folder| is_package(folder));
                let folders = folders
                    .filter_map(|folder| format!("{place}/{}", name_of(&folder)).parse().ok());
                tree.variants.extend(folders);
            }
            Layout::ByName | Layout::Calls | Layout::Scope | Layout::ByHand => {}
        }
    }
    let says = |folder: &RelativePath| layout.contains_key(folder);
    tree.elsewhere.retain(|_, folder| !says(folder));
    tree.variants.retain(|folder| !says(folder));
    Ok(tree)
}

/// Takes in every package of a folder that holds a folder for each.
fn folder(path: &Path, place: &impl std::fmt::Display, tree: &mut Tree) -> Result<(), DiskError> {
    for directory in folders(path)? {
        if !is_package(&directory) {
            continue;
        }
        let name = name_of(&directory);
        let at = format!("{place}/{name}");
        let (attribute, folder) = (name.parse::<AttrName>(), at.parse::<RelativePath>());
        match (attribute, folder) {
            (Ok(attribute), Ok(folder)) => {
                if let Some(other) = tree.elsewhere.get(&attribute) {
                    let reason = format!("`{other}` defines `{attribute}`, too");
                    tree.rejected.push((at, reason));
                } else {
                    tree.elsewhere.insert(attribute, folder);
                }
            }
            (Err(error), _) => tree.rejected.push((at, error.to_string())),
            (_, Err(error)) => tree.rejected.push((at, error.to_string())),
        }
    }
    Ok(())
}

fn is_package(folder: &Path) -> bool {
    FUNCTIONS.iter().any(|file| folder.join(file).is_file())
}

fn folders(parent: &Path) -> Result<Vec<PathBuf>, DiskError> {
    let mut folders = entries(parent)?;
    folders.retain(|path| path.is_dir());
    Ok(folders)
}
