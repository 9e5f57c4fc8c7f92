//! Why a package cannot be borrowed or given back.

use aux_gen::disk::DiskError;
use aux_gen::render::TemplateError;
use aux_git::GitError;
use aux_model::RepoName;

/// A package cannot be borrowed or given back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BorrowError {
    /// git refuses.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A template of the registry cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A repo has no history that could be written down.
    #[error("`{0}` is no git repository of its own with a commit")]
    NoRepository(RepoName),
    /// git knows no such commit.
    #[error("`{repo}` has no commit `{rev}`")]
    NoCommit {
        /// The repo.
        repo: RepoName,
        /// What was asked for.
        rev: String,
    },
    /// The commit does not have the package.
    #[error("commit {commit} of `{repo}` has no folder `{path}`")]
    NoPackage {
        /// The repo.
        repo: RepoName,
        /// The commit.
        commit: String,
        /// The folder.
        path: String,
    },
    /// It is more than one function in a file.
    #[error(
        "`{0}` is neither `package.nix` nor `default.nix`: a package with variants or a set is not copied"
    )]
    NotOneFile(String),
    /// Something in it leads out of it.
    #[error("`{file}` leads to what cannot be copied: `{to}`")]
    LeadsOut {
        /// The file.
        file: String,
        /// Where to.
        to: String,
    },
    /// A file has a name that is no text.
    #[error("`{0}` has a name that is not UTF-8")]
    Name(String),
    /// What is generated was changed by hand, or is of another manifest.
    #[error(
        "`{file}` of `{repo}` is not as the manifest says, and what it is to say does not go together with that"
    )]
    Generated {
        /// The repo.
        repo: RepoName,
        /// The file.
        file: String,
    },
    /// What its paths lead to cannot go to its usual folder in the copy.
    #[error("`{0}` stands where a copy has what is not of its folder")]
    Beside(String),
    /// The record of a copy is not there, or says something else.
    #[error("`{path}`: {message}")]
    Record {
        /// The file.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// What the borrower and the owner changed does not go together.
    #[error(
        "what `{borrower}` changed in `{file}` does not go together with what `{owner}` has by now"
    )]
    Conflict {
        /// The borrower.
        borrower: RepoName,
        /// The owner.
        owner: RepoName,
        /// The file.
        file: String,
    },
    /// There is a branch of that name.
    #[error("`{repo}` has a branch `{branch}` already")]
    Taken {
        /// The repo.
        repo: RepoName,
        /// The branch.
        branch: String,
    },
}

impl BorrowError {
    /// A way out.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Git(_) | Self::Template(_) | Self::NoPackage { .. } => return None,
            Self::Disk(error) => return error.hint().map(str::to_owned),
            Self::NoRepository(_) => "commit it first: `aux-gen sync` clones what is missing".to_owned(),
            Self::NoCommit { .. } => "name a branch, a tag or a commit of it with `--from`".to_owned(),
            Self::NotOneFile(_) => "copy it by hand, as a package of its own under another name".to_owned(),
            Self::Beside(_) | Self::Name(_) => {
                "copy it by hand, or have its owner give that another name".to_owned()
            }
            Self::Generated { .. } => {
                "`aux-gen generate` brings it up to date; commit that, and give it back again".to_owned()
            }
            Self::LeadsOut { .. } => {
                "copy it by hand, or have its owner bring what it needs into its folder".to_owned()
            }
            Self::Record { .. } => "put back what `aux-gen borrow` wrote there".to_owned(),
            Self::Conflict { .. } => {
                "`aux-gen borrowed refresh` merges the owner's newest state into the copy: commit that, and give it back again".to_owned()
            }
            Self::Taken { branch, .. } => format!("if it is of an earlier try, `git branch -D {branch}` in both repos; or name another with `--branch`"),
        })
    }
}
