//! What a change does to the packages of the family.

mod found;
mod markdown;

pub use found::{Impact, ImpactContext, RepoImpact, impact_of, impact_since};
