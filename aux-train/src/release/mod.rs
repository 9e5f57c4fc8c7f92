//! Release sets: the commits of all repos that belong together, under a name.
//!
//! A release freezes what top-level has locked: that is what was evaluated together. It is
//! a small file in the registry; tags are made if somebody asks for them.

mod checkout;
mod difference;
mod file;
mod history;
mod tag;
mod tarball;

pub use checkout::{Checkout, Placed, checkout};
pub use difference::{Difference, Package, PackageChange, difference};
pub use file::{FOLDER, Frozen, Release, ReleaseError, ReleaseName, freeze, now, releases};
pub use history::{History, HistoryStep, RepoChange, RepoStep, history};
pub use tag::{Tag, Tags};
pub use tarball::{TARBALL, Tarball, tarball};
