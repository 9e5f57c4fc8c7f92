//! What is asked of an organization, and what is changed there. Where the two forges differ, each has
//! its own words.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::access::Tell;
use crate::address::ForgeKind;
use crate::error::ForgeError;
use crate::family::changes::Change;
use crate::family::found::{Found, FoundPermission, FoundRepository, FoundTeam};
use crate::family::listed::{Account, Repository, Team};
use crate::family::organization::{Organization, part};
use crate::family::wanted::Wanted;
use crate::family::{forgejo, github};
use crate::label::Label;

impl Organization {
    /// What it has: all repositories and teams; the people, branches and labels of those that are
    /// wanted.
    ///
    /// # Errors
    /// When the forge refuses, or has no such organization.
    pub fn found(&mut self, wanted: &Wanted) -> Result<Found, ForgeError> {
        let mut found = Found::default();
        for repository in self.access.list::<Repository>(&self.path("repos"))? {
            let known = FoundRepository {
                description: repository.description.unwrap_or_default(),
                archived: repository.archived,
                ..FoundRepository::default()
            };
            let key = repository.name.to_lowercase();
            found.repositories.insert(key, known);
        }
        self.must_not_be_moved(wanted, &mut found)?;
        for name in wanted.repositories.keys() {
            self.look_at(wanted, name, &mut found)?;
        }
        for team in self.access.list::<Team>(&self.path("teams"))? {
            let mut names = wanted.teams.keys();
            let is_wanted = names.find(|name| team.is_called(name));
            let name = is_wanted.unwrap_or(&team.name).to_lowercase();
            self.keys.insert(name.clone(), team.key(self.access.kind()));
            let known = match is_wanted {
                Some(_) => self.team_of(&name, &team)?,
                None => FoundTeam::default(),
            };
            found.teams.insert(name, known);
        }
        Ok(found)
    }

    /// Names the repositories that are missing only because they are called otherwise now: one that is
    /// made under the old name would end what sends users on.
    pub(super) fn must_not_be_moved(
        &self,
        wanted: &Wanted,
        found: &mut Found,
    ) -> Result<(), ForgeError> {
        for name in wanted.repositories.keys() {
            let key = name.to_lowercase();
            if found.repositories.contains_key(&key) {
                continue;
            }
            match self.access.find::<IgnoredAny>(&self.repository(name, "")) {
                Ok(None) => {}
                // One that the list does not have, or an address that leads on.
                Ok(Some(_))
                | Err(ForgeError::Refused {
                    status: 301..=308, ..
                }) => {
                    let moved = FoundRepository {
                        moved: true,
                        ..FoundRepository::default()
                    };
                    found.repositories.insert(key, moved);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The labels and branches of a repository, which may still have the name that it had.
    fn look_at(&self, wanted: &Wanted, name: &str, found: &mut Found) -> Result<(), ForgeError> {
        let is_there = |name: &&str| {
            let known = found.repositories.get(&name.to_lowercase());
            known.is_some_and(|known| !known.moved)
        };
        let before = wanted.renamed.get(name).map(String::as_str);
        let names = [Some(name), before].into_iter().flatten();
        let Some(called) = names.into_iter().find(|name| is_there(name)) else {
            return Ok(());
        };
        let branches = &wanted.repositories[name].branches;
        let branches = match (&wanted.rules, self.access.kind()) {
            (None, _) => BTreeMap::new(),
            (Some(_), ForgeKind::Github) => github::branches(self, called, branches)?,
            (Some(_), ForgeKind::Forgejo) => forgejo::branches(self, called, branches)?,
        };
        let labels = self
            .access
            .list::<Label>(&self.repository(called, "/labels"))?;
        let labels = labels.into_iter().map(|label| label.name.to_lowercase());
        let known = found.repositories.entry(called.to_lowercase()).or_default();
        known.labels = labels.collect();
        known.branches = branches;
        Ok(())
    }

    /// Who is in a team, and what it may do.
    fn team_of(&self, name: &str, team: &Team) -> Result<FoundTeam, ForgeError> {
        let kind = self.access.kind();
        let (permission, people): (_, &[&str]) = match kind {
            ForgeKind::Github => (None, &["/members", "/invitations"]),
            ForgeKind::Forgejo => (Some(forgejo::permission(&team.permission)), &["/members"]),
        };
        let mut known = FoundTeam {
            permission,
            is_unbound: team.includes_all_repositories || team.can_create_org_repo,
            ..FoundTeam::default()
        };
        for list in people {
            let people = self.access.list::<Account>(&self.team(name, list)?)?;
            let logins = people.into_iter().filter_map(|person| person.login);
            known
                .members
                .extend(logins.map(|login| login.to_lowercase()));
        }
        for repository in self
            .access
            .list::<Repository>(&self.team(name, "/repos")?)?
        {
            let permission = permission.map_or_else(
                || github::permission(&repository),
                |permission| FoundPermission {
                    permission,
                    is_exact: true,
                },
            );
            let key = repository.name.to_lowercase();
            known.repositories.insert(key, permission);
        }
        Ok(known)
    }

    /// Makes a change. Those that need a team come after the one that makes it, and after
    /// [`found`](Self::found), which learns of those that there are.
    ///
    /// # Errors
    /// When the forge refuses, or there is no such team.
    pub fn apply(&mut self, change: &Change) -> Result<(), ForgeError> {
        let kind = self.access.kind();
        match change {
            Change::CreateRepository {
                repository,
                description,
                private,
            } => {
                let description = description.as_deref().unwrap_or_default();
                let mut body = json!({ "name": repository, "description": description, "private": private, "auto_init": false });
                if kind == ForgeKind::Forgejo {
                    body["default_branch"] = json!("main");
                }
                self.tell(Tell::Post, &self.path("repos"), &body)
            }
            Change::RenameRepository { from, repository } => {
                self.edit(from, &json!({ "name": repository }))
            }
            Change::Describe {
                repository,
                description,
                ..
            } => self.edit(repository, &json!({ "description": description })),
            Change::Archive { repository } => self.edit(repository, &json!({ "archived": true })),
            Change::CreateTeam {
                team,
                description,
                permission,
            } => {
                let description = description.as_deref();
                let made = match kind {
                    ForgeKind::Github => github::create_team(self, team, description)?,
                    ForgeKind::Forgejo => {
                        forgejo::create_team(self, team, description, *permission)?
                    }
                };
                self.keys.insert(team.to_lowercase(), made.key(kind));
                Ok(())
            }
            Change::SetPermission {
                team, permission, ..
            } => match kind {
                // A team has a permission for each of its repositories.
                ForgeKind::Github => Ok(()),
                ForgeKind::Forgejo => forgejo::set_permission(self, team, *permission),
            },
            Change::AddMember { team, person } => {
                let path = self.membership(team, person)?;
                match kind {
                    ForgeKind::Github => self.tell(Tell::Put, &path, &json!({ "role": "member" })),
                    ForgeKind::Forgejo => self.access.tell(Tell::Put, &path, None),
                }
            }
            Change::RemoveMember { team, person } => {
                let path = self.membership(team, person)?;
                self.access.tell(Tell::Delete, &path, None)
            }
            Change::Grant {
                team,
                repository,
                permission,
                ..
            } => {
                let path = self.of_team(team, repository)?;
                match kind {
                    ForgeKind::Github => {
                        let word = github::word(*permission);
                        self.tell(Tell::Put, &path, &json!({ "permission": word }))
                    }
                    ForgeKind::Forgejo => self.access.tell(Tell::Put, &path, None),
                }
            }
            Change::Revoke { team, repository } => {
                let path = self.of_team(team, repository)?;
                self.access.tell(Tell::Delete, &path, None)
            }
            Change::CreateLabel { repository, label } => {
                let path = self.repository(repository, "/labels");
                Label::make(&self.access, &path, label).map(drop)
            }
            Change::Protect {
                repository,
                branch,
                kind: of,
                rules,
                ..
            } => match kind {
                ForgeKind::Github => github::protect(self, (repository, branch), *of, rules),
                ForgeKind::Forgejo => forgejo::protect(self, (repository, branch), rules),
            },
        }
    }

    fn tell(&self, how: Tell, path: &str, body: &Value) -> Result<(), ForgeError> {
        self.access.tell(how, path, Some(body))
    }

    /// Says something else of a repository.
    fn edit(&self, repository: &str, body: &Value) -> Result<(), ForgeError> {
        self.tell(Tell::Patch, &self.repository(repository, ""), body)
    }

    /// Where somebody is in a team.
    fn membership(&self, team: &str, person: &str) -> Result<String, ForgeError> {
        let list = match self.access.kind() {
            ForgeKind::Github => "memberships",
            ForgeKind::Forgejo => "members",
        };
        self.team(team, &format!("/{list}/{}", part(person)))
    }

    /// Where a team has a repository.
    fn of_team(&self, team: &str, repository: &str) -> Result<String, ForgeError> {
        let rest = format!("/repos/{}/{}", part(&self.name), part(repository));
        self.team(team, &rest)
    }
}
