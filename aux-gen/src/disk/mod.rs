//! The disk: one reader, one comparison, one writer. No other module of this
//! crate opens a file of the user's.
//!
//! To write a plan: [`Registry::find`], [`acquire_lock`], [`recover`] what an earlier run left,
//! [`Registry::load`] the catalog, [`plan`](crate::plan::plan) it, [`compare`], and [`write`](fn@write). Before
//! that, [`Changes::must_not_lose_much`] refuses to remove a large part of a repo; after it,
//! [`remember`] makes the next comparison quick. `examples/generate.rs` is that as a program.
//!
//! [`decide`], [`explain`] and [`FileStatus`] are about files that people changed; [`commit`],
//! [`must_be_committed`] and [`tell_git`] about git; [`Transaction`], [`replace`] and their like
//! write texts that no plan has.

mod error;
mod reconcile;
mod registry;
mod write;

pub use error::DiskError;
pub use reconcile::{
    Because, Change, ChangeKind, Changes, Committed, Decision, Explanation, FileState, FileStatus,
    HomeChanges, Kept, KeptReason, LeftHome, Orphan, PlanOrigin, Uncommittable, commit,
    committed_files, compare, decide, explain, is_settled, must_be_committed, must_be_possible,
    orphans, relocated_record, remember, tell_git, tell_git_of_new, write,
};
pub use registry::{
    COSTS, CostsFile, Draft, FUNCTIONS, FolderLock, Identity, Ignored, IndexError, IndexFile,
    Loaded, MANIFEST, Registry, acquire_lock, by_name_tree, entries, files_of, name_of,
    packages_of, read_text,
};
pub use write::{
    BulkWriter, LineEnds, Recovered, State, Transaction, abandon, checkout, checkout_place,
    checkpoint, create, is_under_way, link_on, make_executable, must_stay_inside, recover, remove,
    remove_below, replace, replace_below,
};

pub use crate::marker::RECORD;
