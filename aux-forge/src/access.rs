//! How a forge is spoken to: one request, one answer.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::Agent;
use ureq::http::{Method, Request};

use crate::address::{ApiAddress, ForgeKind};
use crate::error::ForgeError;

/// No answer that is asked for here is longer, in bytes: a page of a hundred issues with the
/// longest texts that the forges take (65,536 characters on GitHub).
const LARGEST: u64 = 32 * 1024 * 1024;

/// Entries that one page of a list has: as many as Forgejo gives unless its owner says otherwise.
const PAGE: usize = 50;

/// Pages that are read: no list that is asked for here is longer in practice, and none goes on for ever.
const PAGES: usize = 200;

/// How something is said of which the answer does not matter.
pub(crate) enum Tell {
    Put,
    Post,
    Patch,
    Delete,
}

/// What a forge knows somebody by. It is never printed.
#[derive(Clone)]
pub struct Token(String);

impl FromStr for Token {
    type Err = ForgeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() || !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err(ForgeError::Token);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A forge's API, and who asks it.
#[derive(Debug, Clone)]
pub struct Access {
    api: ApiAddress,
    kind: ForgeKind,
    token: Token,
    agent: Agent,
}

impl Access {
    /// To an API, of a kind, with a token. `patience` is how long one answer may take.
    #[must_use]
    pub fn new(api: ApiAddress, kind: ForgeKind, token: Token, patience: Duration) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(patience))
            // The status is looked at here; a redirect would take the token elsewhere.
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("aux-gen/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            api,
            kind,
            token,
            agent: Agent::new_with_config(config),
        }
    }

    /// Where the API is.
    #[must_use]
    pub fn api(&self) -> &str {
        self.api.as_str()
    }

    /// Which API is spoken.
    #[must_use]
    pub fn kind(&self) -> ForgeKind {
        self.kind
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ForgeError> {
        self.ask(Method::GET, "GET", path, None)
    }

    pub(crate) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ForgeError> {
        self.ask(Method::POST, "POST", path, Some(json(body)))
    }

    pub(crate) fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ForgeError> {
        self.ask(Method::PATCH, "PATCH", path, Some(json(body)))
    }

    /// What is there; nothing if the forge knows no such thing.
    pub(crate) fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, ForgeError> {
        match self.get(path) {
            Ok(found) => Ok(Some(found)),
            Err(ForgeError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All pages of a list. A page may be shorter than was asked for and not be the last.
    pub(crate) fn list<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, ForgeError> {
        let join = if path.contains('?') { '&' } else { '?' };
        let mut all = Vec::new();
        for page in 1..=PAGES {
            // Each forge has its own name for the size of a page, and passes over the other one.
            let path = format!("{path}{join}per_page={PAGE}&limit={PAGE}&page={page}");
            let some: Vec<T> = self.get(&path)?;
            if some.is_empty() {
                return Ok(all);
            }
            all.extend(some);
        }
        Err(ForgeError::TooLong {
            url: format!("{}{path}", self.api.as_str()),
        })
    }

    /// Says something and takes no answer but that it was taken.
    pub(crate) fn tell(
        &self,
        method: Tell,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(), ForgeError> {
        let (method, name) = match method {
            Tell::Put => (Method::PUT, "PUT"),
            Tell::Post => (Method::POST, "POST"),
            Tell::Patch => (Method::PATCH, "PATCH"),
            Tell::Delete => (Method::DELETE, "DELETE"),
        };
        self.exchange(method, name, path, body.map(json)).map(drop)
    }

    fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        name: &'static str,
        path: &str,
        body: Option<String>,
    ) -> Result<T, ForgeError> {
        let text = self.exchange(method, name, path, body)?;
        serde_json::from_str(&text).map_err(|error| ForgeError::Answer {
            method: name,
            url: format!("{}{path}", self.api.as_str()),
            message: error.to_string(),
        })
    }

    fn exchange(
        &self,
        method: Method,
        name: &'static str,
        path: &str,
        body: Option<String>,
    ) -> Result<String, ForgeError> {
        let url = format!("{}{path}", self.api.as_str());
        let unreachable = |message: String| ForgeError::Unreachable {
            method: name,
            url: url.clone(),
            message,
        };
        let (accept, authorization) = match self.kind {
            ForgeKind::Github => (
                "application/vnd.github+json",
                format!("Bearer {}", self.token.0),
            ),
            ForgeKind::Forgejo => ("application/json", format!("token {}", self.token.0)),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(&url)
            .header("accept", accept)
            .header("authorization", authorization);
        if self.kind == ForgeKind::Github {
            request = request.header("x-github-api-version", "2022-11-28");
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let request = request.body(body.unwrap_or_default());
        let request = request.map_err(|error| unreachable(error.to_string()))?;
        let answer = self.agent.run(request);
        let mut answer = answer.map_err(|error| unreachable(error.to_string()))?;
        let status = answer.status();
        let text = answer
            .body_mut()
            .with_config()
            .limit(LARGEST)
            .read_to_string()
            .map_err(|error| unreachable(error.to_string()))?;
        if !status.is_success() {
            return Err(ForgeError::Refused {
                method: name,
                url,
                status: status.as_u16(),
                message: message_of(&text),
            });
        }
        Ok(text)
    }
}

fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("what is sent has text keys")
}

/// What a forge says of a refusal: both have it as `message`.
fn message_of(text: &str) -> String {
    let said: Option<Value> = serde_json::from_str(text).ok();
    let message = said.as_ref().and_then(|said| said.get("message")?.as_str());
    let line = message.unwrap_or_default().lines().next();
    line.unwrap_or_default().to_owned()
}
