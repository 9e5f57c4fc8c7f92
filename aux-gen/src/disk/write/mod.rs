//! The one writer: files are staged and renamed to where they belong, all of a run or none, and
//! through no link that somebody has committed.

mod bulk;
mod checkpoint;
mod clock;
mod folder;
mod found;
mod lines;
mod place;
mod replace;
mod slot;
mod state;
mod transaction;

pub use bulk::BulkWriter;
pub use checkpoint::checkpoint;
pub(super) use clock::{Tick, next_tick, this_tick, tick};
pub(super) use folder::Folder;
pub(super) use found::{DirGuard, is_file, must_be_directories, read_file};
pub use lines::LineEnds;
pub(super) use lines::plain;
pub(super) use place::must_be_untracked_link;
pub use place::{checkout, checkout_place, link_on, must_stay_inside};
pub(super) use replace::found;
pub use replace::{create, make_executable, remove, remove_below, replace, replace_below};
pub use state::State;
pub use transaction::{Recovered, Transaction, abandon, is_under_way, recover};
