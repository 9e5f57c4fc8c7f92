//! A forge over HTTP on this machine: issues and labels, as the APIs of GitHub and Forgejo have
//! them, with the differences between the two.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tiny_http::Method;

use crate::forge_server::{ForgeServer, Speaks};

/// The repository that it has.
const REPOSITORY: &str = "auxolotl/registry";

/// How many of a list a page has at most, whatever is asked for.
const PAGE: usize = 2;

/// The forge. It ends with its value.
pub(crate) struct ForgeApi(ForgeServer<State>);

#[derive(Default)]
struct State {
    issues: Vec<Value>,
    labels: Vec<Value>,
    /// Each request that changes something: method and path.
    changes: Vec<String>,
    /// How many changes it takes before it refuses; none: all.
    patience: Option<usize>,
}

impl ForgeApi {
    pub(crate) fn new(speaks: Speaks) -> Self {
        Self(ForgeServer::new(speaks, reply))
    }

    /// What a runner has as `GITHUB_API_URL`.
    pub(crate) fn address(&self) -> String {
        self.0.address()
    }

    /// All issues: number, state and title, and the body behind.
    pub(crate) fn issues(&self) -> Vec<(String, String)> {
        let shown = |issue: &Value| {
            let text = |key: &str| issue[key].as_str().unwrap().to_owned();
            let line = format!("{} {} {}", issue["number"], text("state"), text("title"));
            (line, text("body"))
        };
        self.0
            .with(|state| state.issues.iter().map(shown).collect())
    }

    /// What was said below an issue.
    pub(crate) fn comments(&self, number: usize) -> Value {
        self.0
            .with(|state| state.issues[number - 1]["said"].clone())
    }

    /// The changes since it was asked last.
    pub(crate) fn changes(&self) -> Vec<String> {
        self.0.with(|state| std::mem::take(&mut state.changes))
    }

    /// An issue that somebody opens by hand.
    pub(crate) fn opened_by_hand(&self, title: &str, body: &str) {
        self.0.with(|state| {
            let number = state.issues.len() + 1;
            let issue = json!({ "number": number, "state": "open", "title": title, "body": body, "labels": [], "said": [] });
            state.issues.push(issue);
        });
    }

    /// It takes so many changes and then refuses.
    pub(crate) fn refuse_after(&self, changes: Option<usize>) {
        self.0.with(|state| state.patience = changes);
    }
}

fn reply(
    method: &Method,
    url: &str,
    sent: &Value,
    speaks: Speaks,
    state: &mut State,
) -> (u16, Value) {
    let missing = || (404, json!({ "message": "Not Found" }));
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let prefix = match speaks {
        Speaks::Github => format!("/repos/{REPOSITORY}/"),
        Speaks::Forgejo => format!("/api/v1/repos/{REPOSITORY}/"),
    };
    let Some(path) = path.strip_prefix(&prefix) else {
        return missing();
    };
    let asked: BTreeMap<&str, &str> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    if *method != Method::Get {
        if state
            .patience
            .is_some_and(|left| left <= state.changes.len())
        {
            return (
                403,
                json!({ "message": "Resource not accessible by integration" }),
            );
        }
        state.changes.push(format!("{method} {path}"));
    }
    let parts: Vec<&str> = path.split('/').collect();
    match (method, parts.as_slice()) {
        (Method::Get, ["labels"]) => (200, paged(&state.labels, &asked)),
        (Method::Post, ["labels"]) => {
            let id = state.labels.len() + 7;
            let label = json!({ "id": id, "name": sent["name"] });
            state.labels.push(label.clone());
            (201, label)
        }
        (Method::Get, ["issues"]) => {
            let label = asked["labels"]
                .replace("%3A", ":")
                .replace("%20", " ")
                .replace("%2D", "-");
            let fits = |issue: &&Value| {
                let names = issue["labels"].as_array().unwrap();
                asked["state"] == "open"
                    && issue["state"] == "open"
                    && names.iter().any(|name| name["name"] == label.as_str())
            };
            // Newest first, as both do.
            let all: Vec<Value> = state.issues.iter().rev().filter(fits).cloned().collect();
            (200, paged(&all, &asked))
        }
        (Method::Post, ["issues"]) => {
            // GitHub takes names, Forgejo numbers, and neither takes the other.
            let known = |label: &Value| match speaks {
                Speaks::Github => state.labels.iter().find(|known| known["name"] == *label),
                Speaks::Forgejo => state.labels.iter().find(|known| known["id"] == *label),
            };
            let labels: Option<Vec<Value>> = sent["labels"]
                .as_array()
                .unwrap()
                .iter()
                .map(|label| known(label).cloned())
                .collect();
            let Some(labels) = labels else {
                return (422, json!({ "message": "no such label" }));
            };
            let number = state.issues.len() + 1;
            let issue = json!({ "number": number, "state": "open", "title": sent["title"], "body": sent["body"], "labels": labels, "said": [] });
            state.issues.push(issue.clone());
            (201, issue)
        }
        (Method::Patch, ["issues", number]) => {
            let number: usize = number.parse().unwrap();
            let issue = &mut state.issues[number - 1];
            for key in ["title", "body", "state"] {
                if let Some(value) = sent.get(key) {
                    issue[key] = value.clone();
                }
            }
            (201, issue.clone())
        }
        (Method::Post, ["issues", number, "comments"]) => {
            let number: usize = number.parse().unwrap();
            let said = state.issues[number - 1]["said"].as_array_mut().unwrap();
            said.push(sent["body"].clone());
            (201, json!({ "id": 1 }))
        }
        _ => missing(),
    }
}

fn paged(all: &[Value], asked: &BTreeMap<&str, &str>) -> Value {
    let page: usize = asked["page"].parse().unwrap();
    all.iter()
        .skip((page - 1) * PAGE)
        .take(PAGE)
        .cloned()
        .collect()
}
