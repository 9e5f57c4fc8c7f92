//! From what there is to what there should be.

use std::collections::BTreeMap;

use crate::family::found::{Found, FoundBranch, FoundTeam};
use crate::family::wanted::{BranchKind, BranchRules, LabelText, Permission, Wanted};

/// One change on a forge. Done in the order that [`changes`] gives, each finds what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A repository is made.
    CreateRepository {
        /// Its name.
        repository: String,
        /// One sentence on what it holds.
        description: Option<String>,
        /// Whether it is private.
        private: bool,
    },
    /// Something else is said of it.
    Describe {
        /// The repository.
        repository: String,
        /// One sentence on what it holds.
        description: String,
    },
    /// A team is made.
    CreateTeam {
        /// Its name.
        team: String,
        /// What it is for.
        description: Option<String>,
        /// What it may do, where a team has one permission.
        permission: Permission,
    },
    /// A team has another permission for all of its repositories.
    SetPermission {
        /// The team.
        team: String,
        /// What it may do.
        permission: Permission,
        /// What it could do before.
        before: Permission,
    },
    /// Somebody comes into a team.
    AddMember {
        /// The team.
        team: String,
        /// The account.
        person: String,
    },
    /// Somebody leaves a team.
    RemoveMember {
        /// The team.
        team: String,
        /// The account.
        person: String,
    },
    /// A team may do something with a repository.
    Grant {
        /// The team.
        team: String,
        /// The repository.
        repository: String,
        /// What it may do.
        permission: Permission,
        /// What it could do before; none if nothing.
        before: Option<Permission>,
    },
    /// A team has nothing to do with a repository any more.
    Revoke {
        /// The team.
        team: String,
        /// The repository.
        repository: String,
    },
    /// A label is made.
    CreateLabel {
        /// The repository.
        repository: String,
        /// The label.
        label: LabelText,
    },
    /// A branch asks for something, whatever it asked for.
    Protect {
        /// The repository.
        repository: String,
        /// The branch.
        branch: String,
        /// What it is for.
        kind: BranchKind,
        /// What it asks for.
        rules: BranchRules,
        /// Whether it has other rules, which these replace.
        replaces: bool,
    },
    /// A repository can only be read from now on.
    Archive {
        /// The repository.
        repository: String,
    },
}

impl Change {
    /// Whether it takes something from somebody: that is done only where it is asked for.
    #[must_use]
    pub fn is_removal(&self) -> bool {
        match self {
            Self::RemoveMember { .. } | Self::Revoke { .. } | Self::Archive { .. } => true,
            Self::SetPermission {
                permission, before, ..
            } => before > permission,
            Self::Grant {
                permission, before, ..
            } => before.is_some_and(|before| before > *permission),
            // Somebody asked for what the branch asks for.
            Self::Protect { replaces, .. } => *replaces,
            Self::CreateRepository { .. }
            | Self::Describe { .. }
            | Self::CreateTeam { .. }
            | Self::AddMember { .. }
            | Self::CreateLabel { .. } => false,
        }
    }
}

/// What there is to do, in an order in which it can be done.
#[must_use]
pub fn changes(wanted: &Wanted, found: &Found) -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, repository) in &wanted.repositories {
        let description = &repository.description;
        match found.repositories.get(&name.to_lowercase()) {
            None => changes.push(Change::CreateRepository {
                repository: name.clone(),
                description: description.clone(),
                private: wanted.private,
            }),
            Some(known) => {
                let description = description.as_ref();
                let other = description.filter(|description| **description != known.description);
                // What is archived takes no change.
                changes.extend(other.filter(|_| !known.archived).map(|description| {
                    Change::Describe {
                        repository: name.clone(),
                        description: description.clone(),
                    }
                }));
            }
        }
    }
    let mut removals = Vec::new();
    for name in wanted.teams.keys() {
        of_team(wanted, found, name, &mut changes, &mut removals);
    }
    for (name, repository) in &wanted.repositories {
        let known = found.repositories.get(&name.to_lowercase());
        if known.is_some_and(|known| known.archived) {
            continue;
        }
        for label in &repository.labels {
            if !known.is_some_and(|known| known.labels.contains(&label.name.to_lowercase())) {
                changes.push(Change::CreateLabel {
                    repository: name.clone(),
                    label: label.clone(),
                });
            }
        }
        let Some(rules) = &wanted.rules else { continue };
        for (branch, kind) in &repository.branches {
            let state = known.and_then(|known| known.branches.get(branch));
            let replaces = match state {
                None | Some(FoundBranch::Missing) => continue,
                Some(FoundBranch::Open) => false,
                Some(FoundBranch::Protected(known, asked))
                    if known == kind && asked == &rules.of(*kind) =>
                {
                    continue;
                }
                Some(FoundBranch::Protected(..) | FoundBranch::Otherwise) => true,
            };
            changes.push(Change::Protect {
                repository: name.clone(),
                branch: branch.clone(),
                kind: *kind,
                rules: rules.of(*kind),
                replaces,
            });
        }
    }
    let given_up = wanted.given_up.iter();
    let given_up = given_up.filter(|name| {
        let known = found.repositories.get(&name.to_lowercase());
        known.is_some_and(|known| !known.archived)
    });
    removals.extend(given_up.map(|name| Change::Archive {
        repository: name.clone(),
    }));
    changes.extend(removals);
    changes
}

/// What one team lacks, and what it has too much.
fn of_team(
    wanted: &Wanted,
    found: &Found,
    name: &str,
    changes: &mut Vec<Change>,
    removals: &mut Vec<Change>,
) {
    let team = &wanted.teams[name];
    let nothing = FoundTeam::default();
    let found = found.teams.get(&name.to_lowercase());
    let permission = team.repositories.values().max().copied();
    let permission = permission.unwrap_or(Permission::Read);
    match found {
        None => changes.push(Change::CreateTeam {
            team: name.to_owned(),
            description: team.description.clone(),
            permission,
        }),
        Some(known) => {
            let other = known.permission.filter(|known| *known != permission);
            changes.extend(other.map(|before| Change::SetPermission {
                team: name.to_owned(),
                permission,
                before,
            }));
        }
    }
    let is_one = found.is_some_and(|known| known.permission.is_some());
    let known = found.unwrap_or(&nothing);
    let wanted_people: BTreeMap<String, &String> = team
        .members
        .iter()
        .map(|person| (person.to_lowercase(), person))
        .collect();
    for (key, person) in &wanted_people {
        if !known.members.contains(key) {
            changes.push(Change::AddMember {
                team: name.to_owned(),
                person: (*person).clone(),
            });
        }
    }
    for (repository, permission) in &team.repositories {
        let has = known.repositories.get(&repository.to_lowercase());
        if has.is_none_or(|has| !is_one && has != permission) {
            changes.push(Change::Grant {
                team: name.to_owned(),
                repository: repository.clone(),
                permission: *permission,
                before: has.copied(),
            });
        }
    }
    for person in &known.members {
        if !wanted_people.contains_key(person) {
            removals.push(Change::RemoveMember {
                team: name.to_owned(),
                person: person.clone(),
            });
        }
    }
    let wanted_repositories: Vec<String> = team
        .repositories
        .keys()
        .map(|repository| repository.to_lowercase())
        .collect();
    for repository in known.repositories.keys() {
        if !wanted_repositories.contains(repository) {
            removals.push(Change::Revoke {
                team: name.to_owned(),
                repository: repository.clone(),
            });
        }
    }
}
