//! Forgejo and Gitea: their API, version 1.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::access::Tell;
use crate::error::ForgeError;
use crate::family::changes::Change;
use crate::family::found::{Found, FoundBranch, FoundPermission, FoundRepository, FoundTeam};
use crate::family::organization::{Organization, part};
use crate::family::wanted::{BranchKind, BranchRules, Permission, Wanted};

/// The parts of a repository that a team has to do with: all.
const UNITS: [&str; 10] = [
    "repo.actions",
    "repo.code",
    "repo.ext_issues",
    "repo.ext_wiki",
    "repo.issues",
    "repo.packages",
    "repo.projects",
    "repo.pulls",
    "repo.releases",
    "repo.wiki",
];

#[derive(Deserialize)]
struct Repository {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    archived: bool,
}

#[derive(Deserialize)]
struct Team {
    id: u64,
    name: String,
    permission: String,
    #[serde(default)]
    includes_all_repositories: bool,
    #[serde(default)]
    can_create_org_repo: bool,
}

#[derive(Deserialize)]
struct Account {
    login: String,
}

#[derive(Deserialize)]
struct Label {
    name: String,
}

/// A rule for branches; its name is a branch, or a pattern.
#[derive(Deserialize)]
struct Protection {
    #[serde(default)]
    rule_name: String,
    #[serde(default)]
    branch_name: String,
    #[serde(default)]
    enable_push: bool,
    #[serde(default)]
    enable_push_whitelist: bool,
    /// Forgejo says `null` for nobody.
    #[serde(default)]
    push_whitelist_usernames: Option<Vec<String>>,
    #[serde(default)]
    push_whitelist_teams: Option<Vec<String>>,
    #[serde(default)]
    required_approvals: usize,
    #[serde(default)]
    block_on_rejected_reviews: bool,
    #[serde(default)]
    block_on_official_review_requests: bool,
}

pub(super) fn found(of: &Organization, wanted: &Wanted) -> Result<Found, ForgeError> {
    let access = &of.access;
    let mut found = Found::default();
    for repository in access.list::<Repository>(&of.path("repos"))? {
        let known = FoundRepository {
            description: repository.description,
            archived: repository.archived,
            ..FoundRepository::default()
        };
        found
            .repositories
            .insert(repository.name.to_lowercase(), known);
    }
    of.must_not_be_moved(wanted, &mut found)?;
    for (name, repository) in &wanted.repositories {
        let before = wanted.renamed.get(name).unwrap_or(name);
        let is_there = |name: &str| {
            let known = found.repositories.get(&name.to_lowercase());
            known.is_some_and(|known| !known.moved)
        };
        let name = if is_there(name) { name } else { before };
        if !is_there(name) {
            continue;
        }
        let Some(known) = found.repositories.get_mut(&name.to_lowercase()) else {
            continue;
        };
        let labels = access.list::<Label>(&of.repository(name, "/labels"))?;
        known.labels = labels
            .into_iter()
            .map(|label| label.name.to_lowercase())
            .collect();
        if wanted.rules.is_none() || repository.branches.is_empty() {
            continue;
        }
        // The forge gives them all at once.
        let all: Vec<Protection> = access.get(&of.repository(name, "/branch_protections"))?;
        for branch in repository.branches.keys() {
            let path = of.repository(name, &format!("/branches/{}", part(branch)));
            let state = if access.find::<Value>(&path)?.is_none() {
                FoundBranch::Missing
            } else if let Some(rule) = all.iter().find(|rule| rule.is_of(branch)) {
                rule.state()
            } else if all.iter().any(Protection::is_pattern) {
                // A rule of ours would come before one that may be for this branch as well.
                FoundBranch::Otherwise
            } else {
                FoundBranch::Open
            };
            known.branches.insert(branch.clone(), state);
        }
    }
    for team in access.list::<Team>(&of.path("teams"))? {
        let wanted = wanted.teams.keys().any(|name| is_called(&team, name));
        let permission = permission(&team.permission);
        let mut known = FoundTeam {
            key: team.id.to_string(),
            permission: Some(permission),
            is_unbound: team.includes_all_repositories || team.can_create_org_repo,
            ..FoundTeam::default()
        };
        if wanted {
            let people = access.list::<Account>(&format!("/teams/{}/members", team.id))?;
            known.members = people
                .into_iter()
                .map(|account| account.login.to_lowercase())
                .collect();
            let repositories = access.list::<Repository>(&format!("/teams/{}/repos", team.id))?;
            known.repositories = repositories
                .into_iter()
                .map(|repository| {
                    let permission = FoundPermission {
                        permission,
                        is_exact: true,
                    };
                    (repository.name.to_lowercase(), permission)
                })
                .collect();
        }
        found.teams.insert(team.name.to_lowercase(), known);
    }
    Ok(found)
}

fn is_called(team: &Team, name: &str) -> bool {
    team.name.eq_ignore_ascii_case(name)
}

impl Protection {
    fn is_of(&self, branch: &str) -> bool {
        self.rule_name == branch || (self.rule_name.is_empty() && self.branch_name == branch)
    }

    fn is_pattern(&self) -> bool {
        self.rule_name.contains(['*', '?', '[', '{'])
    }

    fn state(&self) -> FoundBranch {
        let pushers = self.push_whitelist_usernames.iter().flatten();
        let pushers: BTreeSet<String> = pushers.map(|login| login.to_lowercase()).collect();
        let has_teams = self.push_whitelist_teams.iter().flatten().next().is_some();
        let is_ours = self.enable_push
            && self.enable_push_whitelist
            && !has_teams
            && self.block_on_rejected_reviews
            && self.block_on_official_review_requests;
        if !is_ours {
            return FoundBranch::Otherwise;
        }
        let rules = BranchRules {
            reviews: self.required_approvals,
            pushers,
        };
        FoundBranch::Protected(BranchKind::Published, rules)
    }
}

fn permission(text: &str) -> Permission {
    match text {
        "admin" | "owner" => Permission::Admin,
        "write" => Permission::Write,
        _ => Permission::Read,
    }
}

pub(super) fn apply(of: &Organization, change: &Change) -> Result<(), ForgeError> {
    let access = &of.access;
    let tell = |how, path: &str, body: Option<Value>| access.tell(how, path, body.as_ref());
    match change {
        Change::CreateRepository {
            repository,
            description,
            private,
        } => {
            let body = json!({
                "name": repository,
                "description": description.as_deref().unwrap_or_default(),
                "private": private,
                "auto_init": false,
                "default_branch": "main",
            });
            tell(Tell::Post, &of.path("repos"), Some(body))
        }
        Change::RenameRepository { from, repository } => {
            let body = json!({ "name": repository });
            tell(Tell::Patch, &of.repository(from, ""), Some(body))
        }
        Change::Describe {
            repository,
            description,
            ..
        } => {
            let body = json!({ "description": description });
            tell(Tell::Patch, &of.repository(repository, ""), Some(body))
        }
        Change::CreateTeam {
            team,
            description,
            permission,
        } => {
            let body = json!({
                "name": team,
                "description": description.as_deref().unwrap_or_default(),
                "permission": permission.on_forgejo().to_string(),
                "includes_all_repositories": false,
                "can_create_org_repo": false,
                "units": UNITS,
            });
            tell(Tell::Post, &of.path("teams"), Some(body))
        }
        Change::SetPermission {
            team, permission, ..
        } => {
            let body = json!({
                "name": team,
                "permission": permission.on_forgejo().to_string(),
                "includes_all_repositories": false,
                "can_create_org_repo": false,
                "units": UNITS,
            });
            tell(Tell::Patch, &of_team(of, team, "")?, Some(body))
        }
        Change::AddMember { team, person } => {
            let rest = format!("/members/{}", part(person));
            tell(Tell::Put, &of_team(of, team, &rest)?, None)
        }
        Change::RemoveMember { team, person } => {
            let rest = format!("/members/{}", part(person));
            tell(Tell::Delete, &of_team(of, team, &rest)?, None)
        }
        Change::Grant {
            team, repository, ..
        } => {
            let rest = format!("/repos/{}/{}", part(&of.name), part(repository));
            tell(Tell::Put, &of_team(of, team, &rest)?, None)
        }
        Change::Revoke { team, repository } => {
            let rest = format!("/repos/{}/{}", part(&of.name), part(repository));
            tell(Tell::Delete, &of_team(of, team, &rest)?, None)
        }
        Change::CreateLabel { repository, label } => {
            let body = json!({ "name": label.name, "description": label.description, "color": format!("#{}", label.color) });
            tell(
                Tell::Post,
                &of.repository(repository, "/labels"),
                Some(body),
            )
        }
        Change::Protect {
            repository,
            branch,
            rules,
            ..
        } => {
            let body = json!({
                "rule_name": branch,
                "enable_push": true,
                "enable_push_whitelist": true,
                "push_whitelist_usernames": rules.pushers,
                "push_whitelist_teams": [],
                "required_approvals": rules.reviews,
                "block_on_rejected_reviews": true,
                // As near as it comes to reviews of the code owners.
                "block_on_official_review_requests": true,
            });
            let all: Vec<Protection> =
                access.get(&of.repository(repository, "/branch_protections"))?;
            let (how, rest) = if all.iter().any(|rule| rule.is_of(branch)) {
                (Tell::Patch, format!("/branch_protections/{}", part(branch)))
            } else {
                (Tell::Post, "/branch_protections".to_owned())
            };
            tell(how, &of.repository(repository, &rest), Some(body))
        }
        Change::Archive { repository } => {
            let body = json!({ "archived": true });
            tell(Tell::Patch, &of.repository(repository, ""), Some(body))
        }
    }
}

/// The path of a team, which the API knows by number.
fn of_team(of: &Organization, name: &str, rest: &str) -> Result<String, ForgeError> {
    let teams = of.access.list::<Team>(&of.path("teams"))?;
    match teams.iter().find(|team| is_called(team, name)) {
        Some(team) => Ok(format!("/teams/{}{rest}", team.id)),
        None => Err(ForgeError::Missing(format!("team `{name}`"))),
    }
}
