//! Release sets: the commits of all repos that belong together, under a name.
//!
//! A release freezes what top-level has locked: that is what was evaluated together. It is
//! a small file in the registry, and nothing else: no branch and no tag.

mod checkout;
mod difference;
mod file;

pub use checkout::{Checkout, Placed, checkout};
pub use difference::{Difference, Package, PackageChange, difference};
pub use file::{FOLDER, Frozen, Release, ReleaseError, ReleaseName, freeze, now, releases};
