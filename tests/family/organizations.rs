//! An organization on a forge over HTTP on this machine: repositories, teams, branches and labels, as
//! the APIs of GitHub and Forgejo have them, with what each refuses.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tiny_http::Method;

use crate::forge_server::{ForgeServer, Speaks};

/// Who has the token.
const BOT: &str = "Robot";

/// How many of a list a page has at most, whatever is asked for.
const PAGE: usize = 3;

/// The organization.
pub(crate) type Organization = ForgeServer<State>;

/// An organization with nothing in it.
pub(crate) fn organization(speaks: Speaks) -> Organization {
    ForgeServer::new(speaks, reply)
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) repositories: BTreeMap<String, Repository>,
    pub(crate) teams: BTreeMap<String, Team>,
    /// Each request that changes something: method and path.
    pub(crate) changes: Vec<String>,
    /// What of a path is refused.
    pub(crate) refused: Option<String>,
    /// What of a path is answered with which status when it is asked for.
    pub(crate) untold: Option<(&'static str, u16)>,
    /// Repositories that are called otherwise now: the forge sends users on.
    pub(crate) moved: Vec<String>,
}

#[derive(Default, Clone)]
pub(crate) struct Repository {
    pub(crate) description: String,
    pub(crate) archived: bool,
    pub(crate) private: bool,
    pub(crate) labels: Vec<String>,
    /// The branches, and what each asks for.
    pub(crate) branches: BTreeMap<String, Option<Value>>,
}

#[derive(Default, Clone)]
pub(crate) struct Team {
    pub(crate) id: usize,
    /// Of all of its repositories, on Forgejo.
    pub(crate) permission: String,
    pub(crate) members: Vec<String>,
    pub(crate) repositories: BTreeMap<String, String>,
}

type Reply = (u16, Value);

fn missing() -> Reply {
    (404, json!({ "message": "Not Found" }))
}

fn invalid(message: &str) -> Reply {
    (422, json!({ "message": message }))
}

fn fine() -> Reply {
    (204, Value::Null)
}

fn reply(method: &Method, url: &str, sent: &Value, speaks: Speaks, state: &mut State) -> Reply {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let path = match speaks {
        Speaks::Github => Some(path),
        Speaks::Forgejo => path.strip_prefix("/api/v1"),
    };
    let Some(path) = path else { return missing() };
    if *method != Method::Get {
        if let Some(part) = &state.refused
            && path.contains(part.as_str())
        {
            return (403, json!({ "message": "Must have admin rights" }));
        }
        state.changes.push(format!("{method} {path}"));
    }
    if let (Method::Get, Some((part, status))) = (method, state.untold)
        && path.ends_with(part)
    {
        return (status, json!({ "message": "Upgrade to GitHub Pro" }));
    }
    let page: usize = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("page="))
        .map_or(1, |page| page.parse().unwrap());
    let paged = |all: Vec<Value>| -> Reply {
        (
            200,
            all.into_iter().skip((page - 1) * PAGE).take(PAGE).collect(),
        )
    };
    let path = path.replace("%2F", "/");
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match (method, parts.as_slice()) {
        (Method::Get, ["user"]) => (200, json!({ "login": BOT })),
        (Method::Get, ["orgs", "auxolotl", "repos"]) => paged(
            state
                .repositories
                .iter()
                .map(|(name, repository)| {
                    let said = match (speaks, repository.description.as_str()) {
                        (Speaks::Github, "") => Value::Null,
                        (_, said) => json!(said),
                    };
                    json!({ "name": name, "description": said, "archived": repository.archived })
                })
                .collect(),
        ),
        (Method::Post, ["orgs", "auxolotl", "repos"]) => {
            let name = sent["name"].as_str().unwrap().to_owned();
            if state.repositories.contains_key(&name) {
                return invalid("name already exists on this account");
            }
            let repository = Repository {
                description: sent["description"].as_str().unwrap_or_default().to_owned(),
                private: sent["private"].as_bool().unwrap(),
                ..Repository::default()
            };
            state.repositories.insert(name, repository);
            (201, json!({}))
        }
        (_, ["repos", "auxolotl", name, rest @ ..]) => {
            if state.moved.iter().any(|moved| moved == name) {
                return (301, json!({ "message": "Moved Permanently" }));
            }
            if let (Method::Patch, [], Some(now)) = (method, rest, sent["name"].as_str()) {
                let Some(repository) = state.repositories.remove(*name) else {
                    return missing();
                };
                state.repositories.insert(now.to_owned(), repository);
                for team in state.teams.values_mut() {
                    if let Some(role) = team.repositories.remove(*name) {
                        team.repositories.insert(now.to_owned(), role);
                    }
                }
                return (200, json!({}));
            }
            let Some(repository) = state.repositories.get_mut(*name) else {
                return missing();
            };
            match (method, rest) {
                (Method::Get, ["labels"]) => paged(
                    repository
                        .labels
                        .iter()
                        .enumerate()
                        .map(|(id, name)| json!({ "id": id, "name": name }))
                        .collect(),
                ),
                _ => of_repository(method, rest, sent, speaks, repository),
            }
        }
        (Method::Get, ["orgs", "auxolotl", "teams"]) => paged(
            state
                .teams
                .iter()
                .map(|(name, team)| team_of(name, team))
                .collect(),
        ),
        (Method::Post, ["orgs", "auxolotl", "teams"]) => {
            let name = sent["name"].as_str().unwrap().to_owned();
            let mut team = Team {
                id: state.teams.len() + 40,
                ..Team::default()
            };
            match speaks {
                // Whoever makes a team is in it.
                Speaks::Github => team.members.push(BOT.to_owned()),
                Speaks::Forgejo => {
                    let permission = sent["permission"].as_str().unwrap();
                    if !["read", "write", "admin"].contains(&permission)
                        || sent["units"].as_array().is_none_or(Vec::is_empty)
                    {
                        return invalid("units permission should not be empty");
                    }
                    permission.clone_into(&mut team.permission);
                }
            }
            let told = team_of(&name, &team);
            state.teams.insert(name, team);
            (201, told)
        }
        _ => {
            let (name, rest) = match (speaks, parts.as_slice()) {
                (Speaks::Github, ["orgs", "auxolotl", "teams", slug, rest @ ..]) => {
                    ((*slug).to_owned(), rest)
                }
                (Speaks::Forgejo, ["teams", id, rest @ ..]) => {
                    let mut teams = state.teams.iter();
                    let team = teams.find(|(_, team)| team.id.to_string() == **id);
                    let Some((name, _)) = team else {
                        return missing();
                    };
                    (name.clone(), rest)
                }
                _ => return missing(),
            };
            let names: Vec<String> = state.repositories.keys().cloned().collect();
            let Some(team) = state.teams.get_mut(&name) else {
                return missing();
            };
            match (method, rest) {
                (Method::Get, ["members"]) => paged(
                    team.members
                        .iter()
                        .map(|login| json!({ "login": login }))
                        .collect(),
                ),
                (Method::Get, ["invitations"]) if speaks == Speaks::Github => paged(Vec::new()),
                (Method::Get, ["repos"]) => paged(
                    team.repositories
                        .iter()
                        .map(|(name, role)| {
                            // A role that the organization made stands on one of the forge's own.
                            let may = if role.starts_with("own-") { "maintain" } else { role };
                            json!({ "name": name, "description": "", "role_name": role, "permissions": { may: true } })
                        })
                        .collect(),
                ),
                _ => of_team(method, rest, sent, speaks, &name, (team, &names)),
            }
        }
    }
}

fn team_of(name: &str, team: &Team) -> Value {
    json!({ "id": team.id, "name": name, "slug": name, "permission": team.permission })
}

fn of_repository(
    method: &Method,
    rest: &[&str],
    sent: &Value,
    speaks: Speaks,
    repository: &mut Repository,
) -> Reply {
    match (method, rest) {
        (Method::Get, []) => (200, json!({})),
        (Method::Patch, []) => {
            if let Some(archived) = sent["archived"].as_bool() {
                repository.archived = archived;
            }
            if let Some(description) = sent["description"].as_str() {
                description.clone_into(&mut repository.description);
            }
            (200, json!({}))
        }
        (Method::Post, ["labels"]) => {
            let color = sent["color"].as_str().unwrap();
            if (speaks == Speaks::Github) == color.starts_with('#') {
                return invalid("color is invalid");
            }
            let name = sent["name"].as_str().unwrap();
            let label = json!({ "id": repository.labels.len(), "name": name });
            repository.labels.push(name.to_owned());
            (201, label)
        }
        (Method::Get, ["branch_protections"]) if speaks == Speaks::Forgejo => {
            let all = repository.branches.values().flatten().cloned();
            (200, all.collect())
        }
        (Method::Post, ["branch_protections"]) if speaks == Speaks::Forgejo => {
            let branch = sent["rule_name"].as_str().unwrap().to_owned();
            if repository
                .branches
                .get(&branch)
                .is_some_and(Option::is_some)
            {
                return (403, json!({ "message": "Branch protection already exist" }));
            }
            repository.branches.insert(branch, Some(sent.clone()));
            (201, json!({}))
        }
        (Method::Patch, ["branch_protections", branch @ ..]) if speaks == Speaks::Forgejo => {
            let Some(Some(rule)) = repository.branches.get_mut(&branch.join("/")) else {
                return missing();
            };
            for (key, value) in sent.as_object().unwrap() {
                rule[key] = value.clone();
            }
            (200, json!({}))
        }
        (_, ["branches", branch @ .., "protection"]) if speaks == Speaks::Github => {
            let Some(known) = repository.branches.get_mut(&branch.join("/")) else {
                return missing();
            };
            match method {
                Method::Get => match known {
                    Some(rule) => (200, rule.clone()),
                    None => (404, json!({ "message": "Branch not protected" })),
                },
                Method::Put => protected(sent, known),
                _ => missing(),
            }
        }
        (Method::Get, ["branches", branch @ ..]) => {
            match repository.branches.get(&branch.join("/")) {
                Some(rule) => (200, json!({ "protected": rule.is_some() })),
                None => (404, json!({ "message": "Branch not found" })),
            }
        }
        _ => missing(),
    }
}

/// What GitHub keeps of what it is sent, in the shape in which it gives it: accounts in place of names,
/// flags as objects.
fn protected(sent: &Value, known: &mut Option<Value>) -> Reply {
    let sent = sent.as_object().unwrap();
    for key in [
        "required_status_checks",
        "enforce_admins",
        "required_pull_request_reviews",
        "restrictions",
    ] {
        if !sent.contains_key(key) {
            return invalid(&format!("\"{key}\" wasn't supplied"));
        }
    }
    let accounts = |of: &Value| {
        let users = of["users"].as_array().unwrap().iter();
        let users: Vec<Value> = users.map(|login| json!({ "login": login })).collect();
        json!({ "users": users, "teams": of["teams"], "apps": of["apps"] })
    };
    let mut rule = json!({});
    for key in ["allow_force_pushes", "allow_deletions", "enforce_admins"] {
        rule[key] = json!({ "enabled": sent[key] });
    }
    if !sent["required_status_checks"].is_null() {
        rule["required_status_checks"] = sent["required_status_checks"].clone();
    }
    if !sent["restrictions"].is_null() {
        rule["restrictions"] = accounts(&sent["restrictions"]);
    }
    let reviews = &sent["required_pull_request_reviews"];
    if !reviews.is_null() {
        let mut given = reviews.clone();
        given["bypass_pull_request_allowances"] =
            accounts(&reviews["bypass_pull_request_allowances"]);
        rule["required_pull_request_reviews"] = given;
    }
    *known = Some(rule);
    (200, json!({}))
}

fn of_team(
    method: &Method,
    rest: &[&str],
    sent: &Value,
    speaks: Speaks,
    name: &str,
    (team, names): (&mut Team, &[String]),
) -> Reply {
    match (method, rest) {
        (Method::Get, []) => (200, team_of(name, team)),
        (Method::Patch, []) if speaks == Speaks::Forgejo => {
            sent["permission"]
                .as_str()
                .unwrap()
                .clone_into(&mut team.permission);
            (200, json!({}))
        }
        (_, ["members" | "memberships", person]) => {
            if (rest[0] == "memberships") != (speaks == Speaks::Github) {
                return missing();
            }
            let is_there = team.members.iter().any(|known| known == person);
            match method {
                Method::Get if is_there => (200, json!({ "state": "active" })),
                Method::Put => {
                    team.members.push((*person).to_owned());
                    fine()
                }
                Method::Delete if is_there => {
                    team.members.retain(|known| known != person);
                    fine()
                }
                _ => missing(),
            }
        }
        (_, ["repos", "auxolotl", repository]) => {
            if !names.iter().any(|name| name == repository) {
                return missing();
            }
            match (method, speaks) {
                (Method::Put, Speaks::Github) => {
                    let role = match sent["permission"].as_str().unwrap() {
                        "pull" => "read",
                        "push" => "write",
                        other @ ("maintain" | "admin") => other,
                        _ => return invalid("permission is invalid"),
                    };
                    team.repositories
                        .insert((*repository).to_owned(), role.to_owned());
                    fine()
                }
                (Method::Put, Speaks::Forgejo) => {
                    team.repositories
                        .insert((*repository).to_owned(), String::new());
                    fine()
                }
                (Method::Delete, _) => {
                    team.repositories.remove(*repository);
                    fine()
                }
                _ => missing(),
            }
        }
        _ => missing(),
    }
}
