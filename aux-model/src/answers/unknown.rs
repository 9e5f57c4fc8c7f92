//! Names that a catalog does not have.

use aux_names::{RepoName, SigName};

use crate::edge::PackageId;

/// A name that a catalog does not have: of another one, or mistyped.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Unknown {
    /// A repo.
    #[error("there is no repo `{0}`")]
    Repo(RepoName),
    /// A SIG.
    #[error("there is no SIG `{0}`")]
    Sig(SigName),
    /// A package.
    #[error("there is no package `{0}`")]
    Package(PackageId),
}
