//! The evaluation of a family that is on no disk.

use std::io;
use std::path::Path;

use aux_gen::disk::{DiskError, MANIFEST, Registry, acquire_lock, compare, write};
use aux_gen::plan::Plan;
use aux_model::Catalog;
use aux_nix::{Nix, NixError};
use aux_process::ScratchFolder;

use crate::evaluate::options::Options;
use crate::evaluate::report::{RepoReport, Report};
use crate::evaluate::run::evaluate;

/// Why a plan could not be evaluated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlannedError {
    /// There is no temporary folder for it.
    #[error("there is no place for temporary files")]
    Folder(#[source] io::Error),
    /// Its files cannot be made or written.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Nix cannot be started or asked.
    #[error(transparent)]
    Nix(#[from] NixError),
}

/// As [`evaluate`], of a family that is on no disk: its planned files are written to a temporary
/// folder, which is gone when the answer is there. Packages are the scaffolds that the plan has;
/// repos that are written by hand are not checked out.
///
/// # Errors
/// As [`evaluate`], and when the temporary folder cannot be written.
pub fn evaluate_plan(
    plan: &Plan,
    catalog: &Catalog,
    nix: &Nix,
    options: &Options,
    progress: &(dyn Fn(&RepoReport) + Sync),
) -> Result<Report, PlannedError> {
    let folder = ScratchFolder::new().map_err(PlannedError::Folder)?;
    // Below it, because repos may be checked out beside the registry.
    let root = folder.path().join("registry");
    let made = std::fs::create_dir(&root);
    let made = made.and_then(|()| {
        let manifest = Path::new("registry").join(MANIFEST);
        folder.write(&manifest, b"# evaluated in memory\n")
    });
    made.map_err(PlannedError::Folder)?;
    let registry = Registry::open(&root)?;
    let lock = acquire_lock(registry.root())?;
    write(&lock, &registry, &compare(&registry, plan)?)?;
    Ok(evaluate(&registry, catalog, nix, options, progress)?)
}
