//! Reads the folders that the layout of a repo names.

use std::path::Path;

use aux_model::{AttrName, BY_NAME, Layout, Layouts, RelativePath, Tree};

use crate::disk::error::DiskError;
use crate::disk::registry::by_name;
use crate::disk::registry::by_name::{is_package, name_of};
use crate::disk::registry::looks::Looks;
use crate::disk::registry::text::directories;

/// The packages of a checkout, as far as its folders tell: those of its by-name directories, and
/// those of the folders that its layout names.
///
/// # Errors
/// When a directory cannot be read, or git refuses.
pub fn read(checkout: &Path, layout: &Layouts) -> Result<Tree, DiskError> {
    read_noting(checkout, layout, &mut Looks::default())
}

/// As [`read`], noting what was looked at.
pub(super) fn read_noting(
    checkout: &Path,
    layout: &Layouts,
    looks: &mut Looks,
) -> Result<Tree, DiskError> {
    let of_by_name = layout.iter().find(|(place, _)| place.as_str() == BY_NAME);
    let mut tree = match of_by_name {
        None | Some((_, Layout::ByName)) => by_name::read_noting(checkout, looks)?,
        Some(_) => Tree::default(),
    };
    for (place, layout) in layout {
        let path = checkout.join(place.as_str());
        looks.at(&path);
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
            Layout::Flat => folder(&path, place, looks, &mut tree)?,
            Layout::ByName if place.as_str() != BY_NAME => {
                for shard in directories(&path, looks)? {
                    let place = format!("{place}/{}", name_of(&shard));
                    folder(&shard, &place, looks, &mut tree)?;
                }
            }
            Layout::Variants => {
                for folder in directories(&path, looks)? {
                    looks.at(&folder);
                    if is_package(&folder, looks) {
                        let folder = format!("{place}/{}", name_of(&folder)).parse();
                        tree.variants.extend(folder.ok());
                    }
                }
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
fn folder(
    path: &Path,
    place: &impl std::fmt::Display,
    looks: &mut Looks,
    tree: &mut Tree,
) -> Result<(), DiskError> {
    for directory in directories(path, looks)? {
        looks.at(&directory);
        if !is_package(&directory, looks) {
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
