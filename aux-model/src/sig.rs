//! SIGs and people: who answers for what.

use aux_names::{Handle, SigName, Team};

use crate::access::Access;

/// Somebody who leads, is a member or maintains.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Person {
    /// The account name on the forge, without `@`.
    pub handle: Handle,
    /// The name to show.
    pub name: Option<String>,
    /// Where to write to.
    pub email: Option<String>,
}

/// A special interest group: the people behind repos and packages.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Sig {
    /// Its name.
    pub name: SigName,
    /// One sentence on what it is for.
    pub description: Option<String>,
    /// Who leads it, in the order of the manifest; never empty in a catalog.
    pub leads: Vec<Handle>,
    /// The team on the forge that is asked for reviews, instead of the leads.
    pub team: Option<Team>,
    /// Who else takes part.
    pub members: Vec<Handle>,
    /// Where to reach it.
    pub contact: Option<String>,
    /// What it answers for, in sentences.
    pub responsibilities: Vec<String>,
    /// What it may do with the repositories of its repos on the forge.
    pub access: Access,
}
