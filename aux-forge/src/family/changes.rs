//! From what there is to what there should be.

use std::collections::BTreeMap;

use crate::family::found::{Found, FoundBranch, FoundTeam};
use crate::family::wanted::{BranchKind, BranchRules, Permission, Wanted};
use crate::label::LabelText;

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
    /// A repository has another name.
    RenameRepository {
        /// The name that it has.
        from: String,
        /// The name that it gets.
        repository: String,
    },
    /// Something else is said of it.
    Describe {
        /// The repository.
        repository: String,
        /// One sentence on what it holds.
        description: String,
        /// What was said of it; empty if nothing.
        before: String,
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
        /// Whether it could do that everywhere, which ends.
        binds: bool,
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
        /// Whether it had a role of the organization's own, which this replaces.
        replaces: bool,
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
    /// The repository that it is about; none if it is about a team alone.
    #[must_use]
    pub fn repository(&self) -> Option<&str> {
        match self {
            Self::CreateRepository { repository, .. }
            | Self::RenameRepository { repository, .. }
            | Self::Describe { repository, .. }
            | Self::Grant { repository, .. }
            | Self::Revoke { repository, .. }
            | Self::CreateLabel { repository, .. }
            | Self::Protect { repository, .. }
            | Self::Archive { repository } => Some(repository),
            Self::CreateTeam { .. }
            | Self::SetPermission { .. }
            | Self::AddMember { .. }
            | Self::RemoveMember { .. } => None,
        }
    }

    /// The team that it is about; none if it is about a repository alone.
    #[must_use]
    pub fn team(&self) -> Option<&str> {
        match self {
            Self::CreateTeam { team, .. }
            | Self::SetPermission { team, .. }
            | Self::AddMember { team, .. }
            | Self::RemoveMember { team, .. }
            | Self::Grant { team, .. }
            | Self::Revoke { team, .. } => Some(team),
            Self::CreateRepository { .. }
            | Self::RenameRepository { .. }
            | Self::Describe { .. }
            | Self::CreateLabel { .. }
            | Self::Protect { .. }
            | Self::Archive { .. } => None,
        }
    }

    /// Whether it takes something from somebody: that is done only where it is asked for.
    #[must_use]
    pub fn is_removal(&self) -> bool {
        match self {
            Self::RemoveMember { .. } | Self::Revoke { .. } | Self::Archive { .. } => true,
            Self::SetPermission {
                permission,
                before,
                binds,
                ..
            } => before > permission || *binds,
            Self::Grant {
                permission,
                before,
                replaces,
                ..
            } => *replaces || before.is_some_and(|before| before > *permission),
            // Somebody wrote it.
            Self::Describe { before, .. } => !before.is_empty(),
            // Somebody asked for what the branch asks for.
            Self::Protect { replaces, .. } => *replaces,
            Self::CreateRepository { .. }
            | Self::RenameRepository { .. }
            | Self::CreateTeam { .. }
            | Self::AddMember { .. }
            | Self::CreateLabel { .. } => false,
        }
    }
}

/// A change, and whether it waits until things may be taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The change.
    pub change: Change,
    /// Whether it takes something from somebody, or is about a team that has too much: whoever comes
    /// into such a team, and whatever it may do besides, would have more than was said.
    pub waits: bool,
}

impl From<Change> for Planned {
    fn from(change: Change) -> Self {
        Self {
            waits: change.is_removal(),
            change,
        }
    }
}

/// What there is to do, in an order in which it can be done.
#[must_use]
pub fn changes(wanted: &Wanted, found: &Found) -> Vec<Planned> {
    let mut changes: Vec<Planned> = Vec::new();
    let found = &under_new_names(wanted, found, &mut changes);
    let of = |name: &str| found.repositories.get(&name.to_lowercase());
    for (name, repository) in &wanted.repositories {
        let description = &repository.description;
        match (of(name), description) {
            (None, description) => {
                let create = Change::CreateRepository {
                    repository: name.clone(),
                    description: description.clone(),
                    private: wanted.private,
                };
                changes.push(create.into());
            }
            // What is archived takes no change, and what is called otherwise is another one.
            (Some(known), _) if known.archived || known.moved => {}
            (Some(known), Some(description)) if *description != known.description => {
                let describe = Change::Describe {
                    repository: name.clone(),
                    description: description.clone(),
                    before: known.description.clone(),
                };
                changes.push(describe.into());
            }
            (Some(_), _) => {}
        }
    }
    for name in wanted.teams.keys() {
        changes.extend(of_team(wanted, found, name));
    }
    for (name, repository) in &wanted.repositories {
        let known = of(name);
        if known.is_some_and(|known| known.archived || known.moved) {
            continue;
        }
        for label in &repository.labels {
            if !known.is_some_and(|known| known.labels.contains(&label.name.to_lowercase())) {
                let create = Change::CreateLabel {
                    repository: name.clone(),
                    label: label.clone(),
                };
                changes.push(create.into());
            }
        }
        let Some(rules) = &wanted.rules else { continue };
        for (branch, kind) in &repository.branches {
            let state = known.and_then(|known| known.branches.get(branch));
            let replaces = match state {
                None | Some(FoundBranch::Missing | FoundBranch::Untold) => continue,
                Some(FoundBranch::Open) => false,
                Some(FoundBranch::Protected(known, asked))
                    if known == kind && *asked == rules.of(*kind) =>
                {
                    continue;
                }
                Some(FoundBranch::Protected(..) | FoundBranch::Otherwise) => true,
            };
            let protect = Change::Protect {
                repository: name.clone(),
                branch: branch.clone(),
                kind: *kind,
                rules: rules.of(*kind),
                replaces,
            };
            changes.push(protect.into());
        }
    }
    for name in &wanted.given_up {
        let is_wanted = wanted
            .repositories
            .keys()
            .any(|wanted| wanted.eq_ignore_ascii_case(name));
        if !is_wanted && of(name).is_some_and(|known| !known.archived && !known.moved) {
            let repository = name.clone();
            changes.push(Change::Archive { repository }.into());
        }
    }
    changes
}

/// What there is, with repositories under the names that they get: all that they have comes along.
fn under_new_names(wanted: &Wanted, found: &Found, changes: &mut Vec<Planned>) -> Found {
    let mut found = found.clone();
    for (now, before) in &wanted.renamed {
        let (new, old) = (now.to_lowercase(), before.to_lowercase());
        let is_free = found.repositories.get(&new).is_none_or(|there| there.moved);
        if !is_free || !wanted.repositories.contains_key(now) {
            continue;
        }
        let Some(repository) = found.repositories.remove(&old) else {
            continue;
        };
        found.repositories.insert(new.clone(), repository);
        for team in found.teams.values_mut() {
            if let Some(permission) = team.repositories.remove(&old) {
                team.repositories.insert(new.clone(), permission);
            }
        }
        let rename = Change::RenameRepository {
            from: before.clone(),
            repository: now.clone(),
        };
        changes.push(rename.into());
    }
    found
}

/// What one team has too much, then what it lacks.
fn of_team(wanted: &Wanted, found: &Found, name: &str) -> Vec<Planned> {
    let team = &wanted.teams[name];
    let nothing = FoundTeam::default();
    let there = found.teams.get(&name.to_lowercase());
    let known = there.unwrap_or(&nothing);
    let permission = team.repositories.values().max().copied();
    let permission = permission.unwrap_or(Permission::Read);
    let (mut less, mut more) = (Vec::new(), Vec::new());
    let mut add = |change: Change| {
        if change.is_removal() {
            less.push(change);
        } else {
            more.push(change);
        }
    };
    if there.is_none() {
        add(Change::CreateTeam {
            team: name.to_owned(),
            description: team.description.clone(),
            permission,
        });
    }
    let other = known
        .permission
        .filter(|known_one| *known_one != permission || known.is_unbound);
    if let Some(before) = other {
        add(Change::SetPermission {
            team: name.to_owned(),
            permission,
            before,
            binds: known.is_unbound,
        });
    }
    let people: BTreeMap<String, &String> = team
        .members
        .iter()
        .map(|person| (person.to_lowercase(), person))
        .collect();
    for person in known
        .members
        .iter()
        .filter(|person| !people.contains_key(*person))
    {
        add(Change::RemoveMember {
            team: name.to_owned(),
            person: person.clone(),
        });
    }
    for (_, person) in people
        .iter()
        .filter(|(key, _)| !known.members.contains(*key))
    {
        add(Change::AddMember {
            team: name.to_owned(),
            person: (*person).clone(),
        });
    }
    for (repository, permission) in &team.repositories {
        let key = repository.to_lowercase();
        let it = found.repositories.get(&key);
        if it.is_some_and(|it| it.archived || it.moved) {
            continue;
        }
        let has = known.repositories.get(&key);
        let fits = has.is_some_and(|has| {
            known.permission.is_some() || (has.is_exact && has.permission == *permission)
        });
        if !fits {
            add(Change::Grant {
                team: name.to_owned(),
                repository: repository.clone(),
                permission: *permission,
                before: has.map(|has| has.permission),
                replaces: has.is_some_and(|has| !has.is_exact),
            });
        }
    }
    let wanted: Vec<String> = team
        .repositories
        .keys()
        .map(|repository| repository.to_lowercase())
        .collect();
    for repository in known
        .repositories
        .keys()
        .filter(|key| !wanted.contains(key))
    {
        add(Change::Revoke {
            team: name.to_owned(),
            repository: repository.clone(),
        });
    }
    let waits = !less.is_empty();
    let all = less.into_iter().chain(more);
    all.map(|change| Planned { change, waits }).collect()
}
