//! What serves the API of a forge on this machine: who may ask, and one answer at a time.

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};
use tiny_http::{Header, Method, Request, Response, Server};

/// The token that it takes.
pub(crate) const TOKEN: &str = "secret-of-the-forge";

/// Which API it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaks {
    Github,
    Forgejo,
}

/// What somebody asks, and what is there: the status, and the answer.
pub(crate) type Reply<S> = fn(&Method, &str, &Value, Speaks, &mut S) -> (u16, Value);

/// A forge with a state. It ends with its value.
pub(crate) struct ForgeServer<S> {
    server: Arc<Server>,
    speaks: Speaks,
    port: u16,
    state: Arc<Mutex<S>>,
    thread: Option<JoinHandle<()>>,
}

impl<S: Default + Send + 'static> ForgeServer<S> {
    pub(crate) fn new(speaks: Speaks, reply: Reply<S>) -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let port = server.server_addr().to_ip().unwrap().port();
        let state = Arc::new(Mutex::new(S::default()));
        let (serving, known) = (Arc::clone(&server), Arc::clone(&state));
        let thread = std::thread::spawn(move || {
            for request in serving.incoming_requests() {
                answer(request, speaks, reply, &mut known.lock().unwrap());
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
}

impl<S> ForgeServer<S> {
    /// Where its API is.
    pub(crate) fn address(&self) -> String {
        match self.speaks {
            Speaks::Github => format!("http://127.0.0.1:{}", self.port),
            Speaks::Forgejo => format!("http://127.0.0.1:{}/api/v1", self.port),
        }
    }

    /// Looks at it, or changes it behind everybody's back.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut S) -> T) -> T {
        look(&mut self.state.lock().unwrap())
    }
}

impl<S> Drop for ForgeServer<S> {
    fn drop(&mut self) {
        self.server.unblock();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn answer<S>(mut request: Request, speaks: Speaks, reply: Reply<S>, state: &mut S) {
    let mut body = String::new();
    request.as_reader().read_to_string(&mut body).unwrap();
    let wanted = match speaks {
        Speaks::Github => format!("Bearer {TOKEN}"),
        Speaks::Forgejo => format!("token {TOKEN}"),
    };
    let mut headers = request.headers().iter();
    let is_authorized = headers
        .any(|header| header.field.equiv("Authorization") && header.value == wanted.as_str());
    let sent: Value = serde_json::from_str(&body).unwrap_or_default();
    let (status, answer) = if is_authorized {
        let url = request.url().to_owned();
        reply(request.method(), &url, &sent, speaks, state)
    } else {
        (401, json!({ "message": "Bad credentials" }))
    };
    // What both say of a change that has no answer.
    let text = if status == 204 {
        String::new()
    } else {
        answer.to_string()
    };
    let json = Header::from_bytes("Content-Type", "application/json").unwrap();
    let response = Response::from_string(text)
        .with_status_code(status)
        .with_header(json);
    request.respond(response).unwrap();
}
