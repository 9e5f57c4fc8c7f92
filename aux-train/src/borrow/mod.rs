//! Packages that one repo borrows of another: copies that remember where they came from, how they stand,
//! and the way back.

mod back;
mod beside;
mod copy;
mod error;
mod folder;
mod record;
mod standing;

pub use back::{Refreshed, Returned, give_back, refresh};
pub use copy::{PackageCopy, copy_of};
pub use error::BorrowError;
pub use folder::CopiedFile;
pub use record::{Link, RECORD, Record};
pub use standing::{BorrowedState, Standing, standing};
