//! Why a manifest was not edited.

use aux_model::{PackageId, RepoName};

/// Why a manifest was not edited. Nothing of it has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// A file is not TOML.
    #[error("`{path}` is not valid TOML: {message}")]
    Syntax {
        /// The file.
        path: String,
        /// What the parser says of it.
        message: String,
    },
    /// Something that should be a table or a list is not one.
    #[error("`{0}` is not a table")]
    NotATable(String),
    /// No file has this name, and the edit does not make one.
    #[error("no file `{0}` was opened")]
    NoFile(String),
    /// No file defines the repo.
    #[error("no file defines the repo `{0}`")]
    NoRepo(RepoName),
    /// No file lists the package.
    #[error("`{0}` is not listed in the manifest")]
    NoPackage(PackageId),
    /// There is nothing of this name to change.
    #[error("there is no `{0}`")]
    Missing(String),
    /// The name is taken.
    #[error("`{0}` is defined already")]
    Exists(String),
    /// A SIG needs somebody who leads it.
    #[error("SIG `{0}` has no lead")]
    NoLead(String),
    /// The edit would have changed, or lost, what it must not: the style of the file is one that
    /// this library cannot edit. Please report it.
    #[error("`{path}` is written in a way that cannot be edited here: {reason}")]
    Style {
        /// The file.
        path: String,
        /// What would have happened.
        reason: String,
    },
}
