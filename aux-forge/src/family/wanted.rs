//! What there should be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::address::ForgeKind;
use crate::label::LabelText;

/// What a team may do with a repository, in the words of GitHub's roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Nothing that changes it.
    Read,
    /// Pushes and merges.
    Write,
    /// Its settings, but for those that can harm it; Forgejo has no such thing.
    Maintain,
    /// Everything.
    Admin,
}

/// What all published branches ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchRules {
    /// How many approvals a pull request needs.
    pub reviews: usize,
    /// The accounts that push there; nobody else does.
    pub pushers: BTreeSet<String>,
}

/// What a protected branch is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BranchKind {
    /// Users fetch it: it is changed by pull requests and by trains, and never goes.
    Published,
    /// Trains put candidates on it: they alone push, and they delete it.
    Staging,
}

/// A repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedRepository {
    /// One sentence on what it holds.
    pub description: Option<String>,
    /// Its protected branches.
    pub branches: BTreeMap<String, BranchKind>,
    /// Its labels.
    pub labels: Vec<LabelText>,
}

/// A team.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedTeam {
    /// What it is for.
    pub description: Option<String>,
    /// The accounts in it.
    pub members: BTreeSet<String>,
    /// What it may do with which repository.
    pub repositories: BTreeMap<String, Permission>,
}

/// What an organization of a forge should have. Repositories and teams are by name, people by
/// account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Its repositories.
    pub repositories: BTreeMap<String, WantedRepository>,
    /// Its teams.
    pub teams: BTreeMap<String, WantedTeam>,
    /// What protected branches ask for; none if none is protected.
    pub rules: Option<BranchRules>,
    /// Whether repositories that are made are private.
    pub private: bool,
    /// What repositories were called before, by the name that they have now.
    pub renamed: BTreeMap<String, String>,
    /// Repositories that the family has given up, to be archived.
    pub given_up: BTreeSet<String>,
}

impl Wanted {
    /// The same in what a forge can express. A team of Forgejo has one permission for all of its
    /// repositories, so that one that may do more at home than elsewhere is two teams: else its people
    /// would have the higher one everywhere. `maintain` is `write` there. Branches of trains cannot be
    /// protected there, because a protected branch can be deleted by nobody.
    #[must_use]
    pub fn on(self, kind: ForgeKind) -> Self {
        if kind == ForgeKind::Github {
            return self;
        }
        let mut teams = BTreeMap::new();
        let names = self.teams.keys().map(|name| name.to_lowercase());
        let names: BTreeSet<String> = names.collect();
        for (name, team) in self.teams {
            let mut by_permission: BTreeMap<Permission, BTreeMap<String, Permission>> =
                BTreeMap::new();
            for (repository, permission) in team.repositories {
                let permission = permission.on_forgejo();
                let of_it = by_permission.entry(permission).or_default();
                of_it.insert(repository, permission);
            }
            let highest = by_permission.pop_last();
            for (permission, repositories) in by_permission {
                let lesser = WantedTeam {
                    description: team.description.clone(),
                    members: team.members.clone(),
                    repositories,
                };
                let mut own = format!("{name}-{permission}");
                // A SIG may be called so.
                while names.contains(&own.to_lowercase()) {
                    own.push_str("-elsewhere");
                }
                teams.insert(own, lesser);
            }
            let repositories = highest.map(|(_, repositories)| repositories);
            let team = WantedTeam {
                description: team.description,
                members: team.members,
                repositories: repositories.unwrap_or_default(),
            };
            teams.insert(name, team);
        }
        let mut repositories = self.repositories;
        for repository in repositories.values_mut() {
            let published = |_: &String, kind: &mut BranchKind| *kind == BranchKind::Published;
            repository.branches.retain(published);
        }
        Self {
            teams,
            repositories,
            ..self
        }
    }
}

impl BranchRules {
    /// What a branch of a kind asks for. Nobody reviews what a train builds.
    pub(super) fn of(&self, kind: BranchKind) -> Self {
        let lower = |login: &String| login.to_lowercase();
        Self {
            reviews: match kind {
                BranchKind::Published => self.reviews,
                BranchKind::Staging => 0,
            },
            pushers: self.pushers.iter().map(lower).collect(),
        }
    }
}

impl Permission {
    /// As Forgejo has it.
    pub(super) fn on_forgejo(self) -> Self {
        match self {
            Self::Maintain => Self::Write,
            other => other,
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        })
    }
}

impl fmt::Display for BranchKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Published => "published",
            Self::Staging => "staging",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_may_do_more_elsewhere_than_at_home_because_forgejo_has_one_permission_for_a_team() {
        let team = WantedTeam {
            repositories: [("web", Permission::Admin), ("core", Permission::Write)]
                .map(|(name, permission)| (name.to_owned(), permission))
                .into(),
            ..WantedTeam::default()
        };
        let wanted = Wanted {
            teams: [("web".to_owned(), team)].into(),
            ..Wanted::default()
        };
        assert_eq!(wanted.clone().on(ForgeKind::Github), wanted);
        let teams = wanted.on(ForgeKind::Forgejo).teams;
        let all: Vec<_> = teams
            .iter()
            .map(|(name, team)| (name.as_str(), team.repositories.keys().collect::<Vec<_>>()))
            .collect();
        assert_eq!(
            format!("{all:?}"),
            r#"[("web", ["web"]), ("web-write", ["core"])]"#
        );
    }
}
