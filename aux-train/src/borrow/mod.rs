//! Packages that one repo borrows of another: copies that remember where they came from, how they stand,
//! and the way back.

mod back;
mod copy;
mod error;
mod record;
mod standing;

pub use back::{Refreshed, Returned, give_back, refresh};
pub use copy::{CopiedFile, PackageCopy, copy_of};
pub use error::BorrowError;
pub use record::{Link, RECORD, Record};
pub use standing::{BorrowedState, Standing, standing};
