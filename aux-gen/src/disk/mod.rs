//! The disk: one reader, one comparison, one writer. No other module of this
//! crate opens a file of the user's.
//!
//! `registry` reads manifests and by-name trees, `reconcile` compares a plan with what is there
//! and carries out what differs, `write` is how a text gets to where it belongs, whatever
//! links, devices and other processes there are.

mod error;
mod reconcile;
mod registry;
mod write;

pub use error::DiskError;
pub use reconcile::{
    Because, Change, ChangeKind, Changes, Committed, Decision, Explanation, FileState, FileStatus,
    Kept, KeptReason, LeftHome, Uncommittable, commit, compare, decide, explain, must_be_committed,
    must_be_possible, remember, tell_git, tell_git_of_new, write,
};
pub use registry::{
    Draft, FolderLock, Ignored, Loaded, MANIFEST, Registry, acquire_lock, by_name_tree, entries,
    files_of, name_of, read_text,
};
pub use write::{
    LineEnds, Recovered, State, Transaction, abandon, checkout, checkout_place, checkpoint, create,
    is_under_way, make_executable, must_stay_inside, recover, remove, remove_below, replace,
    replace_below,
};

pub use crate::marker::RECORD;
