//! A folder with a plan: a repo's checkout, or the registry itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aux_model::RelativePath;

use crate::disk::error::DiskError;
use crate::disk::registry::Registry;
use crate::disk::write::{must_be_directories, must_be_untracked_link};
use crate::plan::{Home, HomePlan, Plan, PlannedFile};

/// A folder with a plan.
#[derive(Clone, Copy)]
pub(super) struct PlannedHome<'p> {
    /// Whose it is.
    pub(super) home: &'p Home,
    /// The folder, relative to the registry; none for the registry.
    pub(super) place: Option<&'p RelativePath>,
    /// What is planned there.
    pub(super) files: &'p BTreeMap<RelativePath, PlannedFile>,
}

/// Every folder with a plan: the registry, then the repos in order of name.
pub(super) fn homes(plan: &Plan) -> Vec<PlannedHome<'_>> {
    plan.homes.iter().map(PlannedHome::of).collect()
}

impl<'p> PlannedHome<'p> {
    fn of((home, plan): (&'p Home, &'p HomePlan)) -> Self {
        Self {
            home,
            place: plan.path.as_ref(),
            files: &plan.files,
        }
    }

    /// The folder.
    ///
    /// # Errors
    /// When something else stands there or on the way, or a link that is committed.
    pub(super) fn directory(&self, registry: &Registry) -> Result<PathBuf, DiskError> {
        let Some(place) = self.place else {
            return Ok(registry.root().to_owned());
        };
        must_be_directories(registry.root(), place)?;
        let directory = registry.root().join(place.as_str());
        if directory.symlink_metadata().is_ok() && !directory.is_dir() {
            return Err(DiskError::InTheWay {
                path: directory,
                what: "no directory",
            });
        }
        if directory.is_symlink() {
            must_be_untracked_link(&directory)?;
        }
        Ok(directory)
    }

    /// The folder's name in messages and caches; empty for the registry.
    pub(super) fn name(&self) -> &'p str {
        self.place.map_or("", RelativePath::as_str)
    }
}
