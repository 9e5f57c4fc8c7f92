//! Why a tree cannot be converted.

use std::path::PathBuf;

use aux_gen::disk::DiskError;
use aux_nix::{Failure, NixError};

/// A tree cannot be converted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RelayoutError {
    /// Its package set has no value.
    #[error("the set of `{}` has no value: {}", .path.display(), .failure.reason)]
    NoValue {
        /// The tree.
        path: PathBuf,
        /// What Nix says.
        failure: Box<Failure>,
    },
    /// No form of reading by-name directories gave the same package set.
    #[error("what reads the packages is not understood: {0}")]
    NotUnderstood(String),
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Nix does not run.
    #[error(transparent)]
    Nix(#[from] NixError),
}
