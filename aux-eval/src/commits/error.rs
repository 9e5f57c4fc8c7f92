//! Why nobody can be asked.

use aux_gen::disk::DiskError;
use aux_git::GitError;
use aux_nix::NixError;

/// Nobody can be asked.
#[derive(Debug, thiserror::Error)]
pub enum CommitsError {
    /// git refuses.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Nix cannot be started.
    #[error(transparent)]
    Nix(#[from] NixError),
}
