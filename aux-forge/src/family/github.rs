//! GitHub: <https://docs.github.com/en/rest>, version 2022-11-28.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::access::Tell;
use crate::error::ForgeError;
use crate::family::changes::Change;
use crate::family::found::{Found, FoundBranch, FoundPermission, FoundRepository, FoundTeam};
use crate::family::organization::{Organization, part};
use crate::family::wanted::{BranchKind, BranchRules, Permission, Wanted};

#[derive(Deserialize)]
struct Repository {
    name: String,
    description: Option<String>,
    #[serde(default)]
    archived: bool,
    /// What the team may do, in lists of a team's repositories.
    #[serde(default)]
    role_name: String,
    /// The same, as what each of the forge's own roles may do.
    #[serde(default)]
    permissions: BTreeMap<String, bool>,
}

#[derive(Deserialize)]
struct Team {
    name: String,
    slug: String,
}

#[derive(Deserialize)]
struct Account {
    /// None of people who were invited by mail.
    login: Option<String>,
}

#[derive(Deserialize)]
struct Label {
    name: String,
}

#[derive(Deserialize, Default)]
struct Protection {
    required_pull_request_reviews: Option<Reviews>,
    restrictions: Option<Pushers>,
    #[serde(default)]
    allow_force_pushes: Flag,
    #[serde(default)]
    allow_deletions: Flag,
}

#[derive(Deserialize, Default)]
struct Reviews {
    #[serde(default)]
    required_approving_review_count: usize,
    #[serde(default)]
    require_code_owner_reviews: bool,
    #[serde(default)]
    bypass_pull_request_allowances: Pushers,
}

#[derive(Deserialize, Default)]
struct Pushers {
    #[serde(default)]
    users: Vec<Account>,
    #[serde(default)]
    teams: Vec<Value>,
    #[serde(default)]
    apps: Vec<Value>,
}

#[derive(Deserialize, Default)]
struct Flag {
    enabled: bool,
}

pub(super) fn found(of: &Organization, wanted: &Wanted) -> Result<Found, ForgeError> {
    let access = &of.access;
    let mut found = Found::default();
    for repository in access.list::<Repository>(&of.path("repos"))? {
        let known = FoundRepository {
            description: repository.description.unwrap_or_default(),
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
        for branch in repository
            .branches
            .keys()
            .filter(|_| wanted.rules.is_some())
        {
            let state = branch_state(of, name, branch)?;
            known.branches.insert(branch.clone(), state);
        }
    }
    for team in access.list::<Team>(&of.path("teams"))? {
        let is_wanted = wanted.teams.keys().find(|name| is_called(&team, name));
        let key = is_wanted.map_or(team.name.to_lowercase(), |name| name.to_lowercase());
        let mut known = FoundTeam {
            key: team.slug.clone(),
            ..FoundTeam::default()
        };
        if is_wanted.is_some() {
            let path = |rest: &str| of.path(&format!("teams/{}/{rest}", part(&team.slug)));
            let people = access.list::<Account>(&path("members"))?;
            let invited = access.list::<Account>(&path("invitations"))?;
            known.members = logins(people.into_iter().chain(invited));
            let repositories = access.list::<Repository>(&path("repos"))?;
            known.repositories = repositories
                .into_iter()
                .map(|repository| {
                    let permission = permission(&repository);
                    (repository.name.to_lowercase(), permission)
                })
                .collect();
        }
        found.teams.insert(key, known);
    }
    Ok(found)
}

/// Whether a team is the one of a name: GitHub makes a slug of what a team is called.
fn is_called(team: &Team, name: &str) -> bool {
    team.slug.eq_ignore_ascii_case(name) || team.name.eq_ignore_ascii_case(name)
}

fn branch_state(
    of: &Organization,
    repository: &str,
    branch: &str,
) -> Result<FoundBranch, ForgeError> {
    let path = of.repository(repository, &format!("/branches/{}", part(branch)));
    match of.access.find::<Value>(&path) {
        Ok(Some(_)) => {}
        // A branch that is called otherwise now leads on.
        Ok(None) | Err(ForgeError::Refused { status: 301, .. }) => return Ok(FoundBranch::Missing),
        Err(error) => return Err(error),
    }
    let known = match of.access.find::<Protection>(&format!("{path}/protection")) {
        Ok(Some(known)) => known,
        Ok(None) => return Ok(FoundBranch::Open),
        // Private repositories have no protection on some plans.
        Err(ForgeError::Refused { status: 403, .. }) => return Ok(FoundBranch::Untold),
        Err(error) => return Err(error),
    };
    let flags = (
        known.allow_force_pushes.enabled,
        known.allow_deletions.enabled,
    );
    let state = match (known.required_pull_request_reviews, known.restrictions) {
        (Some(reviews), None)
            if flags == (false, false)
                && reviews.require_code_owner_reviews
                && reviews.bypass_pull_request_allowances.are_people() =>
        {
            let rules = BranchRules {
                reviews: reviews.required_approving_review_count,
                pushers: logins(reviews.bypass_pull_request_allowances.users),
            };
            (BranchKind::Published, rules)
        }
        (None, Some(pushers)) if flags == (true, true) && pushers.are_people() => {
            let rules = BranchRules {
                reviews: 0,
                pushers: logins(pushers.users),
            };
            (BranchKind::Staging, rules)
        }
        _ => return Ok(FoundBranch::Otherwise),
    };
    Ok(FoundBranch::Protected(state.0, state.1))
}

impl Pushers {
    fn are_people(&self) -> bool {
        self.teams.is_empty() && self.apps.is_empty()
    }
}

fn logins(accounts: impl IntoIterator<Item = Account>) -> BTreeSet<String> {
    let logins = accounts.into_iter().filter_map(|account| account.login);
    logins.map(|login| login.to_lowercase()).collect()
}

/// What a team may do. A role that an organization made itself stands on one of the forge's own and may
/// do more than that.
fn permission(repository: &Repository) -> FoundPermission {
    let may = |what: &str| repository.permissions.get(what) == Some(&true);
    let (permission, is_exact) = match repository.role_name.as_str() {
        "admin" => (Permission::Admin, true),
        "maintain" => (Permission::Maintain, true),
        "write" | "push" => (Permission::Write, true),
        "read" | "pull" => (Permission::Read, true),
        _ if may("admin") => (Permission::Admin, false),
        _ if may("maintain") => (Permission::Maintain, false),
        _ if may("push") => (Permission::Write, false),
        _ => (Permission::Read, false),
    };
    FoundPermission {
        permission,
        is_exact,
    }
}

/// The words in which the API takes what it gives as `read` and `write`.
fn word(permission: Permission) -> &'static str {
    match permission {
        Permission::Read => "pull",
        Permission::Write => "push",
        Permission::Maintain => "maintain",
        Permission::Admin => "admin",
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
            let body = json!({ "name": repository, "description": description, "private": private, "auto_init": false });
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
            team, description, ..
        } => create_team(of, team, description.as_deref()),
        // A team has a permission for each of its repositories here.
        Change::SetPermission { .. } => Ok(()),
        Change::AddMember { team, person } => {
            let path = format!("teams/{}/memberships/{}", slug(of, team)?, part(person));
            let body = json!({ "role": "member" });
            tell(Tell::Put, &of.path(&path), Some(body))
        }
        Change::RemoveMember { team, person } => {
            let path = format!("teams/{}/memberships/{}", slug(of, team)?, part(person));
            tell(Tell::Delete, &of.path(&path), None)
        }
        Change::Grant {
            team,
            repository,
            permission,
            ..
        } => {
            let path = of_team(of, team, repository)?;
            let body = json!({ "permission": word(*permission) });
            tell(Tell::Put, &path, Some(body))
        }
        Change::Revoke { team, repository } => {
            tell(Tell::Delete, &of_team(of, team, repository)?, None)
        }
        Change::CreateLabel { repository, label } => {
            let body = json!({ "name": label.name, "description": label.description, "color": label.color });
            tell(
                Tell::Post,
                &of.repository(repository, "/labels"),
                Some(body),
            )
        }
        Change::Protect {
            repository,
            branch,
            kind,
            rules,
            ..
        } => {
            let path = format!("/branches/{}/protection", part(branch));
            let path = of.repository(repository, &path);
            let known = access.find::<Value>(&path)?.unwrap_or_default();
            tell(Tell::Put, &path, Some(protection(*kind, rules, &known)))
        }
        Change::Archive { repository } => {
            let body = json!({ "archived": true });
            tell(Tell::Patch, &of.repository(repository, ""), Some(body))
        }
    }
}

/// Whoever makes a team is in it, wanted or not, and goes again if not: it was this that put them there.
fn create_team(of: &Organization, team: &str, description: Option<&str>) -> Result<(), ForgeError> {
    let body = json!({ "name": team, "description": description, "privacy": "closed" });
    let made: Team = of.access.post(&of.path("teams"), &body)?;
    // An app is nobody, and in no team.
    let Ok(Account { login: Some(login) }) = of.access.get::<Account>("/user") else {
        return Ok(());
    };
    let path = format!("teams/{}/memberships/{}", part(&made.slug), part(&login));
    let path = of.path(&path);
    if of.access.find::<Value>(&path)?.is_none() {
        return Ok(());
    }
    of.access.tell(Tell::Delete, &path, None)
}

fn of_team(of: &Organization, team: &str, repository: &str) -> Result<String, ForgeError> {
    Ok(of.path(&format!(
        "teams/{}/repos/{}/{}",
        slug(of, team)?,
        part(&of.name),
        part(repository)
    )))
}

/// What the API calls a team.
fn slug(of: &Organization, name: &str) -> Result<String, ForgeError> {
    let path = of.path(&format!("teams/{}", part(name)));
    if let Some(team) = of.access.find::<Team>(&path)? {
        return Ok(part(&team.slug));
    }
    let teams = of.access.list::<Team>(&of.path("teams"))?;
    let team = teams.iter().find(|team| is_called(team, name));
    Ok(part(team.map_or(name, |team| &team.slug)))
}

/// What a branch asks for from now on. What else somebody asks for there, such as checks, stays.
fn protection(kind: BranchKind, rules: &BranchRules, known: &Value) -> Value {
    let is_published = kind == BranchKind::Published;
    let pushers = json!({ "users": rules.pushers, "teams": [], "apps": [] });
    let asked = |key: &str| known.pointer(&format!("/required_pull_request_reviews/{key}"));
    let reviews = json!({
        "required_approving_review_count": rules.reviews,
        "require_code_owner_reviews": true,
        "bypass_pull_request_allowances": pushers,
        "dismiss_stale_reviews": asked("dismiss_stale_reviews") == Some(&json!(true)),
        "require_last_push_approval": asked("require_last_push_approval") == Some(&json!(true)),
    });
    let checks = known.get("required_status_checks").map(|checks| {
        let strict = checks.get("strict").cloned().unwrap_or_default();
        match checks.get("checks") {
            // With the app that each is to come from.
            Some(all) => json!({ "strict": strict, "checks": all }),
            None => json!({ "strict": strict, "contexts": checks.get("contexts") }),
        }
    });
    let is_on = |key: &str| known.pointer(&format!("/{key}/enabled")) == Some(&json!(true));
    let mut body: BTreeMap<&str, Value> = BTreeMap::from([
        ("enforce_admins", json!(is_on("enforce_admins"))),
        ("allow_force_pushes", json!(!is_published)),
        ("allow_deletions", json!(!is_published)),
        ("required_status_checks", json!(checks)),
        ("required_pull_request_reviews", Value::Null),
        ("restrictions", Value::Null),
    ]);
    for key in [
        "required_linear_history",
        "required_conversation_resolution",
        "lock_branch",
        "block_creations",
    ] {
        body.insert(key, json!(is_on(key)));
    }
    // Who may push also merges here, so that a published branch restricts nobody but by reviews.
    if is_published {
        body.insert("required_pull_request_reviews", reviews);
    } else {
        body.insert("restrictions", pushers);
    }
    json!(body)
}
