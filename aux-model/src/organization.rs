//! The organization: what the whole family has in common.

use aux_names::{FlakeRef, System, TierName};

/// Whose repositories these are.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Organization {
    /// Its name, for people.
    pub name: String,
    /// One sentence on what it is for.
    pub description: Option<String>,
    /// The prefix of every repo's flake reference, such as `github:auxolotl`.
    pub forge: FlakeRef,
    /// Where the registry itself is, so that a repo that is checked out alone finds it.
    pub registry: Option<FlakeRef>,
    /// The systems that every repo offers packages for, sorted; never empty.
    pub systems: Vec<System>,
}

/// An ordered level. The lowest holds core, the highest holds top-level.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Tier {
    /// Its name.
    pub name: TierName,
    /// One sentence on what belongs there.
    pub description: Option<String>,
    /// Its height: 0 is the lowest.
    pub level: usize,
}
