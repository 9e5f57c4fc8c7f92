//! The disk: one reader, one comparison, one writer. No other module of this
//! crate opens a file of the user's.

mod by_name;
mod changes;
mod error;
mod pattern;
mod record;
mod registry;
mod writer;

pub use changes::{Change, ChangeKind, Changes, Kept, KeptReason, compare};
pub use error::DiskError;
pub use record::RECORD;
pub use registry::{Draft, Loaded, MANIFEST, Registry};
pub use writer::{create, relocate, replace, replace_unchanged, write};
