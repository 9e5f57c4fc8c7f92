//! Why a forge cannot be asked.

/// A forge did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForgeError {
    /// A text is no name of a repository.
    #[error("`{0}` is no repository of a forge: it is written `OWNER/NAME`")]
    Repository(String),
    /// A text is no address of an API.
    #[error("`{address}` is no address of a forge's API: {why}")]
    Address {
        /// The text.
        address: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A token has characters that a header cannot have.
    #[error("the token is none: it is empty, or has characters that no token has")]
    Token,
    /// Nobody answers.
    #[error("{method} {url}: {message}")]
    Unreachable {
        /// Such as `GET`.
        method: &'static str,
        /// What was asked.
        url: String,
        /// What went wrong.
        message: String,
    },
    /// It answers that it will not.
    #[error("{method} {url}: the forge answers {status}{}", said(.message))]
    Refused {
        /// Such as `GET`.
        method: &'static str,
        /// What was asked.
        url: String,
        /// The status of HTTP.
        status: u16,
        /// What it says of that; empty if nothing.
        message: String,
    },
    /// A web server does not give a file.
    #[error("GET {url}: the server answers {status}")]
    NoFile {
        /// What was asked.
        url: String,
        /// The status of HTTP.
        status: u16,
    },
    /// It has no such thing.
    #[error("the forge has no {0}")]
    Missing(String),
    /// A list has more pages than are read.
    #[error("GET {url}: the list has no end")]
    TooLong {
        /// What was asked.
        url: String,
    },
    /// Its answer is not what its API says.
    #[error("{method} {url}: the answer is not what the API says: {message}")]
    Answer {
        /// Such as `GET`.
        method: &'static str,
        /// What was asked.
        url: String,
        /// What is wrong with it.
        message: String,
    },
}

impl ForgeError {
    /// What can be done about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Refused { status: 401, .. } => {
                Some("the token is not one of this forge, or has expired")
            }
            Self::Refused { status: 403, .. } => Some(
                "the token may not do this: it has to read and write issues of that repository",
            ),
            Self::Refused { status: 404, .. } => {
                Some("there is no such repository, or the token may not see it")
            }
            Self::Refused { status: 410, .. } => Some("issues are switched off in that repository"),
            Self::NoFile { .. } => {
                Some("open the address in a browser: is it the file that you want?")
            }
            Self::Unreachable { .. } => Some("the next run tries again"),
            _ => None,
        }
    }
}

fn said(message: &str) -> String {
    match message {
        "" => String::new(),
        message => format!(": {message}"),
    }
}
