//! Members of package sets that rules send to repos of their own, without the rest of their set.

mod found;
mod hooks;
mod lists;
mod moved;
mod ties;

pub use found::{PackageSets, SplitMember, SplitSet};
pub(super) use moved::{LeavingMember, gather, rewrite_paths, stub};
