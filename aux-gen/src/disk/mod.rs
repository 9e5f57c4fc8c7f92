//! The disk: one reader, one comparison, one writer. No other module of this
//! crate opens a file of the user's.

mod by_name;
mod changes;
mod commit;
mod compare;
mod decide;
mod elsewhere;
mod error;
mod explain;
mod files;
mod folder;
mod found;
mod home;
mod ignored;
mod kept;
mod lines;
mod markers;
mod pattern;
mod place;
mod record;
mod record_before;
mod registry;
mod settled;
mod slot;
mod sparse;
mod state;
mod status;
mod texts;
mod transaction;
mod writer;

pub use by_name::name_of;
pub use by_name::read as by_name_tree;
pub use changes::{Change, ChangeKind, Changes, LeftHome};
pub use commit::{Committed, Uncommittable, commit, must_be_committed};
pub use compare::compare;
pub use decide::{Decision, decide};
pub use error::DiskError;
pub use explain::{Because, Explanation, explain};
pub use files::files_of;
pub use ignored::Ignored;
pub use kept::{Kept, KeptReason};
pub use lines::LineEnds;
pub use place::checkout;
pub use place::{checkout_place, must_stay_inside};
pub use record::RECORD;
pub use record::hash;
pub use registry::entries;
pub use registry::hold;
pub use registry::read_text;
pub use registry::{Draft, Loaded, MANIFEST, Registry};
pub use settled::remember;
pub use state::State;
pub use status::{FileState, FileStatus};
pub use transaction::checkpoint;
pub use transaction::{Recovered, Transaction, abandon, is_under_way, recover};
pub use writer::{
    create, make_executable, must_be_possible, replace, replace_below, tell_git, tell_git_of_new,
    write,
};
pub use writer::{remove, remove_below};
