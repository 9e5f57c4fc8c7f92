//! git repositories as types: objects, refs, the index, work trees and remotes.
//!
//! The only crate that starts git. Unless a commit is asked for, or a branch is to move, git only
//! ever stages what was just moved. Nothing is stashed or reset. Outside of its repositories all
//! of it does nothing.

mod call;
mod checkout;
mod directory;
mod environment;
mod error;
mod export;
mod history;
mod index;
mod made;
mod names;
mod object_store;
mod objects;
mod pool;
mod quiet;
mod refs;
mod remotes;
mod shadow;
mod status;
mod work_tree;

pub use directory::{git_directories, git_directory};
pub use error::GitError;
pub use history::Ignored;
pub use made::{Author, Authored, FileContent};
pub use names::{blob_name, is_branch_name, is_object_name};
pub use objects::{BlobReader, Commit, CommitObject, Objects, TreeEntry, TreeEntryKind};
pub use pool::ObjectPool;
pub use quiet::{Setting, inherited, quiet, variables};
pub use refs::Prepared;
pub use remotes::{Absence, Blobs};
pub use shadow::{FileAttribute, ShadowRepository};
pub use status::FileChange;
pub use work_tree::WorkTree;
