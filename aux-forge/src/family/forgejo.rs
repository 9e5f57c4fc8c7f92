//! Forgejo and Gitea: their API, version 1.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::access::Tell;
use crate::error::ForgeError;
use crate::family::found::FoundBranch;
use crate::family::listed::Team;
use crate::family::organization::{Organization, part};
use crate::family::wanted::{BranchKind, BranchRules, Permission};

/// Where a repository has the rules for its branches.
const RULES: &str = "/branch_protections";

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

/// What each branch of a repository asks for. The forge gives all rules at once.
pub(super) fn branches(
    of: &Organization,
    repository: &str,
    branches: &BTreeMap<String, BranchKind>,
) -> Result<BTreeMap<String, FoundBranch>, ForgeError> {
    if branches.is_empty() {
        return Ok(BTreeMap::new());
    }
    let all = rules_of(of, repository)?;
    let states = branches.keys().map(|branch| {
        let path = of.repository(repository, &format!("/branches/{}", part(branch)));
        let state = if of.access.find::<IgnoredAny>(&path)?.is_none() {
            FoundBranch::Missing
        } else if let Some(rule) = all.iter().find(|rule| rule.is_of(branch)) {
            rule.state()
        } else if all.iter().any(Protection::is_pattern) {
            // A rule of ours would come before one that may be for this branch as well.
            FoundBranch::Otherwise
        } else {
            FoundBranch::Open
        };
        Ok((branch.clone(), state))
    });
    states.collect()
}

fn rules_of(of: &Organization, repository: &str) -> Result<Vec<Protection>, ForgeError> {
    of.access.get(&of.repository(repository, RULES))
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

/// What a team may do with all of its repositories.
pub(super) fn permission(text: &str) -> Permission {
    match text {
        "admin" | "owner" => Permission::Admin,
        "write" => Permission::Write,
        _ => Permission::Read,
    }
}

/// Makes a branch ask for something.
pub(super) fn protect(
    of: &Organization,
    (repository, branch): (&str, &str),
    rules: &BranchRules,
) -> Result<(), ForgeError> {
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
    let all = rules_of(of, repository)?;
    let (how, rest) = if all.iter().any(|rule| rule.is_of(branch)) {
        (Tell::Patch, format!("{RULES}/{}", part(branch)))
    } else {
        (Tell::Post, RULES.to_owned())
    };
    let path = of.repository(repository, &rest);
    of.access.tell(how, &path, Some(&body))
}

/// Makes a team that has one permission for its repositories, and for no others.
pub(super) fn create_team(
    of: &Organization,
    team: &str,
    description: Option<&str>,
    permission: Permission,
) -> Result<Team, ForgeError> {
    let mut body = bound(team, permission);
    body["description"] = json!(description.unwrap_or_default());
    of.access.post(&of.path("teams"), &body)
}

/// Gives a team another permission for all of its repositories.
pub(super) fn set_permission(
    of: &Organization,
    team: &str,
    permission: Permission,
) -> Result<(), ForgeError> {
    let body = bound(team, permission);
    of.access
        .tell(Tell::Patch, &of.team(team, "")?, Some(&body))
}

/// What a team is that may do something with the repositories it has, and nothing with others.
fn bound(team: &str, permission: Permission) -> Value {
    json!({
        "name": team,
        "permission": permission.on_forgejo().to_string(),
        "includes_all_repositories": false,
        "can_create_org_repo": false,
        "units": UNITS,
    })
}
