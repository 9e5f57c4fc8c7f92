//! The package set of a tree: what it gives by itself, or what it adds to that of a core.

use std::path::{Path, PathBuf};

use aux_eval::snapshot::{Attributes, Core, PackageSet};
use aux_gen::disk::DiskError;
use aux_model::{System, Wiring};
use aux_nix::{Limits, Nix, NixError};

use crate::adopt::{Entry, EntryShape};

/// How the package set of a tree is had.
#[derive(Debug, Clone)]
pub struct TreeSet {
    root: PathBuf,
    over: Option<OverlayTree>,
}

/// A tree that is put over a core.
#[derive(Debug, Clone)]
struct OverlayTree {
    core: Core,
    entry: Entry,
}

/// Why a tree adds nothing to a core.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OverError {
    /// A file cannot be read.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// There is no file to import.
    #[error("`{}` has no overlay and no function of a package set: none of {files} is there", .root.display())]
    NoEntry {
        /// The tree.
        root: PathBuf,
        /// What was looked for.
        files: String,
    },
}

impl TreeSet {
    /// The set that a tree gives by itself.
    #[must_use]
    pub fn alone(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            over: None,
        }
    }

    /// What a tree adds to the set of a core: its overlay, or the function that gives packages.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    pub fn over(root: &Path, core: Core) -> Result<Self, OverError> {
        let entry = Entry::find(root)?.ok_or_else(|| OverError::NoEntry {
            root: root.to_owned(),
            files: Entry::files(),
        })?;
        Ok(Self {
            root: root.to_owned(),
            over: Some(OverlayTree { core, entry }),
        })
    }

    /// Where the tree is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether it adds to the set of a core.
    #[must_use]
    pub fn is_over_core(&self) -> bool {
        self.over.is_some()
    }

    /// How the tree takes part in a family over that core; none if it is a whole set.
    #[must_use]
    pub fn wiring(&self) -> Option<Wiring> {
        let over = self.over.as_ref()?;
        Some(match over.entry.shape {
            EntryShape::Overlay => Wiring::Overlays,
            _ => Wiring::Packages,
        })
    }

    /// The file of it that is imported, and whether that is an overlay; none if it is a whole set.
    pub(crate) fn entry(&self) -> Option<&Entry> {
        self.over.as_ref().map(|over| &over.entry)
    }

    /// The same of a copy.
    pub(crate) fn at(&self, root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            over: self.over.clone(),
        }
    }

    /// The attributes that the tree defines.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub fn own(&self, nix: &Nix, system: &System) -> Result<PackageSet, NixError> {
        self.set(Attributes::Own, nix, system)
    }

    /// Those of them that core has too; none of a tree that is a whole set.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub fn of_core(&self, nix: &Nix, system: &System) -> Result<Option<PackageSet>, NixError> {
        let over = self.over.as_ref();
        let set = over.map(|_| self.set(Attributes::OfCore, nix, system));
        set.transpose()
    }

    /// Those, and all that core has.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub fn whole(&self, nix: &Nix, system: &System) -> Result<PackageSet, NixError> {
        self.set(Attributes::Whole, nix, system)
    }

    fn set(
        &self,
        attributes: Attributes,
        nix: &Nix,
        system: &System,
    ) -> Result<PackageSet, NixError> {
        let Some(OverlayTree { core, entry }) = &self.over else {
            return PackageSet::of_tree(&self.root, system, "", nix, &Limits::default());
        };
        let arguments = entry.arguments();
        let import = entry.import(&self.root, &arguments);
        PackageSet::over_core(core, &[], &import, attributes, system, nix)
    }
}
