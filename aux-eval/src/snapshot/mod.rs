//! Snapshots: what every attribute of a package set evaluates to, whatever the set and
//! however many of them fail.

mod differences;
mod format;
mod over_core;
mod package_set;
mod take;

pub use differences::Differences;
pub use format::{Evaluated, Snapshot};
pub use over_core::{Attributes, Core, Import, OverCoreAttributes, ReposOverCore};
pub use package_set::{Look, Nested, PackageSet, files, maintainers, names, nested, tree_set};
pub use take::{Counted, snapshot};
