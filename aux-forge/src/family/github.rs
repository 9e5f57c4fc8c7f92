//! GitHub: <https://docs.github.com/en/rest>, version 2022-11-28.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::access::Tell;
use crate::address::ForgeKind;
use crate::error::ForgeError;
use crate::family::found::{FoundBranch, FoundPermission};
use crate::family::listed::{Account, Repository, Team};
use crate::family::organization::{Organization, part};
use crate::family::wanted::{BranchKind, BranchRules, Permission};

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

/// What each branch of a repository asks for.
pub(super) fn branches(
    of: &Organization,
    repository: &str,
    branches: &BTreeMap<String, BranchKind>,
) -> Result<BTreeMap<String, FoundBranch>, ForgeError> {
    let states = branches.keys().map(|branch| {
        let state = branch_state(of, repository, branch)?;
        Ok((branch.clone(), state))
    });
    states.collect()
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

fn logins(accounts: Vec<Account>) -> BTreeSet<String> {
    let logins = accounts.into_iter().filter_map(|account| account.login);
    logins.map(|login| login.to_lowercase()).collect()
}

/// What a team may do. A role that an organization made itself stands on one of the forge's own and may
/// do more than that.
pub(super) fn permission(repository: &Repository) -> FoundPermission {
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
pub(super) fn word(permission: Permission) -> &'static str {
    match permission {
        Permission::Read => "pull",
        Permission::Write => "push",
        Permission::Maintain => "maintain",
        Permission::Admin => "admin",
    }
}

/// Makes a branch ask for something.
pub(super) fn protect(
    of: &Organization,
    (repository, branch): (&str, &str),
    kind: BranchKind,
    rules: &BranchRules,
) -> Result<(), ForgeError> {
    let path = of.repository(
        repository,
        &format!("/branches/{}/protection", part(branch)),
    );
    let known = of.access.find::<Value>(&path)?.unwrap_or_default();
    let body = protection(kind, rules, &known);
    of.access.tell(Tell::Put, &path, Some(&body))
}

/// Whoever makes a team is in it, wanted or not, and goes again if not: it was this that put them there.
pub(super) fn create_team(
    of: &Organization,
    team: &str,
    description: Option<&str>,
) -> Result<Team, ForgeError> {
    let body = json!({ "name": team, "description": description, "privacy": "closed" });
    let made: Team = of.access.post(&of.path("teams"), &body)?;
    // An app is nobody, and in no team.
    let Ok(Account { login: Some(login) }) = of.access.get::<Account>("/user") else {
        return Ok(made);
    };
    let key = made.key(ForgeKind::Github);
    let path = of.path(&format!(
        "teams/{}/memberships/{}",
        part(&key),
        part(&login)
    ));
    if of.access.find::<Value>(&path)?.is_some() {
        of.access.tell(Tell::Delete, &path, None)?;
    }
    Ok(made)
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
