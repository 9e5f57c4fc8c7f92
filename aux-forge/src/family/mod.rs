//! What a family has on a forge: repositories, teams, people in them, protected branches and labels;
//! what it should have, and the changes from one to the other.

mod changes;
mod forgejo;
mod found;
mod github;
mod listed;
mod organization;
mod requests;
mod wanted;

pub use changes::{Change, Planned, changes};
pub use found::{Found, FoundBranch, FoundPermission, FoundRepository, FoundTeam};
pub use organization::Organization;
pub use wanted::{BranchKind, BranchRules, Permission, Wanted, WantedRepository, WantedTeam};
