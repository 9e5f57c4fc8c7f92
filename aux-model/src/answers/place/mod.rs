//! Where a package goes: the lowest repo that sees all it needs, as near to its
//! owner as those who need it allow.

mod candidates;
mod misplaced;
mod of_graph;
mod placement;
mod placer;
mod wish;

pub use misplaced::{Misplaced, Verdict};
pub use placement::{Candidate, Placement, Rule, VariantPlace};
pub use wish::Wish;
