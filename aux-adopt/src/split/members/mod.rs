//! Members of package sets that rules send to repos of their own, without the rest of their set.

mod found;
mod moved;
mod ties;

pub use found::{FoundMember, FoundSet, PackageSets};
pub(super) use moved::{Leaving, gather, stub};
