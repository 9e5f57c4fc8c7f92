//! A forge over HTTP on this machine: issues and labels, as the APIs of GitHub and Forgejo have
//! them, with the differences between the two.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};
use tiny_http::{Header, Method, Request, Response, Server};

/// The token that it takes.
pub(crate) const TOKEN: &str = "secret-of-the-forge";

/// The repository that it has.
const REPOSITORY: &str = "auxolotl/registry";

/// How many of a list a page has at most, whatever is asked for.
const PAGE: usize = 2;

/// Which API it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaks {
    Github,
    Forgejo,
}

/// The forge. It ends with its value.
pub(crate) struct ForgeApi {
    server: Arc<Server>,
    speaks: Speaks,
    port: u16,
    state: Arc<Mutex<State>>,
    thread: Option<JoinHandle<()>>,
}

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
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let port = server.server_addr().to_ip().unwrap().port();
        let state = Arc::new(Mutex::new(State::default()));
        let (serving, known) = (Arc::clone(&server), Arc::clone(&state));
        let thread = std::thread::spawn(move || {
            for request in serving.incoming_requests() {
                answer(request, speaks, &mut known.lock().unwrap());
            }
        });
        Self {
            server,
            speaks,
            port,
            state,
            thread: Some(thread),
        }
    }

    /// What a runner has as `GITHUB_API_URL`.
    pub(crate) fn address(&self) -> String {
        match self.speaks {
            Speaks::Github => format!("http://127.0.0.1:{}", self.port),
            Speaks::Forgejo => format!("http://127.0.0.1:{}/api/v1", self.port),
        }
    }

    /// All issues: number, state and title, and the body behind.
    pub(crate) fn issues(&self) -> Vec<(String, String)> {
        let state = self.state.lock().unwrap();
        let issues = state.issues.iter().map(|issue| {
            let text = |key: &str| issue[key].as_str().unwrap().to_owned();
            let line = format!("{} {} {}", issue["number"], text("state"), text("title"));
            (line, text("body"))
        });
        issues.collect()
    }

    /// What was said below an issue.
    pub(crate) fn comments(&self, number: usize) -> Value {
        let state = self.state.lock().unwrap();
        state.issues[number - 1]["said"].clone()
    }

    /// The changes since it was asked last.
    pub(crate) fn changes(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().changes)
    }

    /// An issue that somebody opens by hand.
    pub(crate) fn opened_by_hand(&self, title: &str, body: &str) {
        let mut state = self.state.lock().unwrap();
        let number = state.issues.len() + 1;
        let issue = json!({ "number": number, "state": "open", "title": title, "body": body, "labels": [], "said": [] });
        state.issues.push(issue);
    }

    /// It takes so many changes and then refuses.
    pub(crate) fn refuse_after(&self, changes: Option<usize>) {
        self.state.lock().unwrap().patience = changes;
    }
}

impl Drop for ForgeApi {
    fn drop(&mut self) {
        self.server.unblock();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn answer(mut request: Request, speaks: Speaks, state: &mut State) {
    let mut body = String::new();
    request.as_reader().read_to_string(&mut body).unwrap();
    let (status, answer) = if authorized(&request, speaks, TOKEN) {
        let url = request.url().to_owned();
        reply(request.method(), &url, &body, speaks, state)
    } else {
        (401, json!({ "message": "Bad credentials" }))
    };
    let json = Header::from_bytes("Content-Type", "application/json").unwrap();
    let response = Response::from_string(answer.to_string())
        .with_status_code(status)
        .with_header(json);
    request.respond(response).unwrap();
}

/// Whether somebody has the token, in the words of the forge.
pub(crate) fn authorized(request: &Request, speaks: Speaks, token: &str) -> bool {
    let wanted = match speaks {
        Speaks::Github => format!("Bearer {token}"),
        Speaks::Forgejo => format!("token {token}"),
    };
    let mut headers = request.headers().iter();
    headers.any(|header| header.field.equiv("Authorization") && header.value == wanted.as_str())
}

fn reply(
    method: &Method,
    url: &str,
    body: &str,
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
    let sent: Value = serde_json::from_str(body).unwrap_or_default();
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
