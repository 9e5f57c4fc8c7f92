//! What a by-name tree on disk holds, as a reader found it.

use std::collections::{BTreeMap, BTreeSet};

use aux_names::{AttrName, RelativePath};

/// The by-name directories of one repo. Reading them is the caller's work; what
/// they mean is decided here.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tree {
    /// The packages found, by attribute.
    pub packages: BTreeMap<AttrName, TreeEntry>,
    /// Directories that are no package: the path, and why not.
    pub rejected: Vec<(String, String)>,
    /// Packages that stand in another shard than their name says: path, shard.
    pub misplaced: Vec<(String, String)>,
    /// Folders where shards are to be that are none, such as packages without a shard: nothing in
    /// them is taken for a package.
    pub unsharded: Vec<String>,
    /// Packages of folders that the repo's [layout](crate::Layout) names, by attribute: the folder
    /// of each.
    pub elsewhere: BTreeMap<AttrName, RelativePath>,
    /// Folders of which each gives several attributes, in places that the layout names.
    pub variants: BTreeSet<RelativePath>,
    /// Files and directories that the manifest says define packages, and that are not there.
    pub gone: BTreeSet<RelativePath>,
    /// Folders and files that the layout names and that are not there.
    pub missing: Vec<RelativePath>,
    /// The attributes of a repo of the kind `outside`, as one evaluation found them; none if
    /// nobody has asked.
    pub index: Option<BTreeMap<AttrName, Indexed>>,
}

/// An attribute of an index.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Indexed {
    /// Whether it is a function that makes packages, or a set of them.
    pub is_builder: bool,
    /// The file that defines it, or the directory that holds nothing else.
    pub file: RelativePath,
}

impl Tree {
    /// The directory of a package, relative to the repo: where it stands, which may be
    /// another shard than its name says.
    #[must_use]
    pub fn directory(&self, package: &AttrName) -> String {
        let own = format!("/{package}");
        let mut misplaced = self.misplaced.iter().map(|(path, _)| path);
        let misplaced = misplaced.find(|path| path.ends_with(&own));
        misplaced.cloned().unwrap_or_else(|| package.directory())
    }
}

/// What one by-name directory holds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum TreeEntry {
    /// `package.nix` or `default.nix`.
    Single,
    /// `packages.nix`.
    Set,
}
