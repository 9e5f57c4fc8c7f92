//! How the packages of a repo lie in its folders.

use std::collections::BTreeMap;

use aux_names::RelativePath;

use aux_problems::word_type;

/// How the packages of a repo lie, by folder or file. A folder that nothing is said of is as what
/// is above it, and `pkgs/by-name` is [`Layout::ByName`].
pub type Layouts = BTreeMap<RelativePath, Layout>;

word_type! {
    /// How the packages of one folder or file lie. Repos that the generator writes have by-name
    /// directories (RFC 140), so that only external repos say it.
    Layout {
        /// `SHARD/NAME/package.nix`: a directory of its own for each attribute, in the shard of its
        /// first two letters (RFC 140).
        ByName = "by-name",
        /// `NAME/package.nix` or `NAME/default.nix`: each directory is the attribute of its name.
        Flat = "flat",
        /// `NAME/default.nix`, of which each gives several attributes, such as all versions.
        Variants = "variants",
        /// A Nix file that lists packages, each as a call of `callPackage`.
        Calls = "calls",
        /// Packages that are members of a set, and no attributes of the package set.
        Scope = "scope",
        /// In a way of its own: no command takes anything in it for a package.
        ByHand = "by-hand",
    }
}

impl Layout {
    /// Whether the folders say which attributes there are.
    #[must_use]
    pub fn names_packages(self) -> bool {
        matches!(self, Self::ByName | Self::Flat)
    }

    /// Whether it is a file, and no folder.
    #[must_use]
    pub fn is_of_a_file(self) -> bool {
        self == Self::Calls
    }
}
