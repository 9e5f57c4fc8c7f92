//! What there is.

use std::collections::{BTreeMap, BTreeSet};

use crate::family::wanted::{BranchKind, BranchRules, Permission};

/// What an organization has on a forge. Both forges tell names apart without regard to capitals, so
/// that all keys are in small letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// All repositories that the token may see.
    pub repositories: BTreeMap<String, FoundRepository>,
    /// All teams.
    pub teams: BTreeMap<String, FoundTeam>,
}

/// A repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundRepository {
    /// What is said of it; empty if nothing.
    pub description: String,
    /// Whether it can only be read.
    pub archived: bool,
    /// Whether another one has its name no more, and users are sent on: it is called otherwise now.
    pub moved: bool,
    /// The branches that were asked about.
    pub branches: BTreeMap<String, FoundBranch>,
    /// The names of its labels, of repositories that were asked about.
    pub labels: BTreeSet<String>,
}

/// What a branch asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundBranch {
    /// There is no such branch.
    Missing,
    /// Nothing.
    Open,
    /// As a branch of that kind.
    Protected(BranchKind, BranchRules),
    /// Something that no branch of a family asks for.
    Otherwise,
    /// The forge does not say, or has no such thing for this repository.
    Untold,
}

/// What a team may do with a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundPermission {
    /// The permission that comes nearest, from below.
    pub permission: Permission,
    /// Whether it is that. Roles of an organization's own are others.
    pub is_exact: bool,
}

/// A team.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundTeam {
    /// What it may do with all of its repositories, where the forge knows such a thing.
    pub permission: Option<Permission>,
    /// Whether that is for repositories that nobody named, or for making some.
    pub is_unbound: bool,
    /// The accounts in it, and those that are invited, of teams that were asked about.
    pub members: BTreeSet<String>,
    /// What it may do with which repository, of teams that were asked about.
    pub repositories: BTreeMap<String, FoundPermission>,
}
