//! Flake references, as the attributes that a lock file has of them.

use serde_json::{Map, Value};

use crate::flake::url::decoded;

/// A flake reference of any type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its attributes, as `original` in a lock file.
    pub attributes: Map<String, Value>,
}

/// A text is no flake reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// It has none of the forms.
    #[error("`{0}` is no flake reference that Nix knows")]
    Form(String),
    /// A part of it is not what it must be.
    #[error("`{part}` in `{text}` is no {wanted}")]
    Part {
        /// The reference.
        text: String,
        /// The part.
        part: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// It has a `#`, behind which an output would be.
    #[error("`{0}` names an output, which an input cannot")]
    Fragment(String),
    /// Nix would put the path in its store in the lock, which changes with each commit.
    #[error("`{0}` is a path in the flake's own tree; write `path:` before it")]
    Relative(String),
    /// An input has an attribute that none has without a `type`.
    #[error("`{0}` is no attribute of an input without a `type`")]
    Attribute(String),
}

/// What an input is, or which version of it, but not which repository.
const OF_VERSION: [&str; 6] = ["dir", "lastModified", "narHash", "ref", "rev", "revCount"];

/// Attributes of a repository that is locked here; others are hashed in other ways, such as
/// one with submodules.
const OF_REPOSITORY: [&str; 7] = ["dir", "owner", "ref", "repo", "rev", "type", "url"];

impl Reference {
    /// A reference that an input writes as attributes, of which one is `type`.
    ///
    /// # Errors
    /// When the type is not known.
    pub(crate) fn of_attributes(attributes: &Map<String, Value>) -> Result<Self, ReferenceError> {
        let kind = attributes.get("type").and_then(Value::as_str);
        let kind = kind.unwrap_or_default();
        match kind {
            "indirect" | "github" | "gitlab" | "sourcehut" | "git" | "hg" | "path" | "tarball"
            | "file" => Ok(Self {
                attributes: attributes.clone(),
            }),
            _ => Err(ReferenceError::Part {
                text: Value::from(attributes.clone()).to_string(),
                part: kind.to_owned(),
                wanted: "type of a flake reference",
            }),
        }
    }

    /// The reference of an input that nothing is said of: its name, for the registry.
    #[must_use]
    pub fn indirect(id: &str) -> Self {
        let mut attributes = Map::new();
        attributes.insert("type".to_owned(), Value::from("indirect"));
        attributes.insert("id".to_owned(), Value::from(id));
        Self { attributes }
    }

    /// An attribute.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.attributes.get(key)?.as_str()
    }

    /// Whether it is looked up in a registry of flakes.
    #[must_use]
    pub fn is_indirect(&self) -> bool {
        self.get("type") == Some("indirect")
    }

    /// Whether it is a path in the tree of the flake that has it.
    pub fn is_relative(&self) -> bool {
        let path = self.get("path").filter(|path| !path.starts_with('/'));
        self.get("type") == Some("path") && path.is_some()
    }

    /// Whether it is a git repository of the kind that is locked here.
    pub fn is_repository(&self) -> bool {
        let mut keys = self.attributes.keys();
        matches!(self.get("type"), Some("git" | "github"))
            && keys.all(|key| OF_REPOSITORY.contains(&key.as_str()))
    }

    /// The attributes as Nix compares them: from 2.26 on the directory is not in the URL.
    pub fn canonical(&self) -> Map<String, Value> {
        let mut attributes = self.attributes.clone();
        if attributes.contains_key("dir")
            && let Some(url) = attributes.get("url").and_then(Value::as_str)
            && let Some((address, query)) = url.split_once('?')
        {
            let pairs = query.split('&').filter(|pair| !pair.starts_with("dir="));
            let query = pairs.collect::<Vec<_>>().join("&");
            let url = match query.as_str() {
                "" => address.to_owned(),
                query => format!("{address}?{query}"),
            };
            attributes.insert("url".to_owned(), Value::from(url));
        }
        attributes
    }

    /// The repository, whichever version, whichever directory in it, and however its URL is
    /// coded.
    fn repository(&self) -> Map<String, Value> {
        let mut attributes = self.canonical();
        for key in OF_VERSION {
            attributes.remove(key);
        }
        let url = attributes.get("url").and_then(Value::as_str);
        if let Some(url) = url.and_then(decoded) {
            attributes.insert("url".to_owned(), Value::from(url));
        }
        attributes
    }

    /// A text that is the same for all references to one repository.
    #[must_use]
    pub fn key(&self) -> String {
        Value::from(self.repository()).to_string()
    }

    /// The address that git can clone.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        match self.get("type")? {
            "github" => {
                let (owner, repo) = (self.get("owner")?, self.get("repo")?);
                let host = self.get("host").unwrap_or("github.com");
                Some(format!("https://{host}/{owner}/{repo}"))
            }
            _ => self.get("url").map(str::to_owned),
        }
    }

    /// Whether attributes, such as `original` in a lock file, are of the same repository.
    #[must_use]
    pub fn means(&self, attributes: &Map<String, Value>) -> bool {
        let other = Self {
            attributes: attributes.clone(),
        };
        let (own, other) = (self.repository(), other.repository());
        let mut parts = own.iter();
        parts.all(|(key, value)| other.get(key) == Some(value))
    }

    /// The reference for messages, in the form of a URL.
    #[must_use]
    pub fn text(&self) -> String {
        let get = |key| self.get(key).unwrap_or_default();
        let version = self.get("ref").or_else(|| self.get("rev"));
        let with_version = |address: String| match version {
            Some(version) => format!("{address}/{version}"),
            None => address,
        };
        match get("type") {
            "indirect" => with_version(format!("flake:{}", get("id"))),
            "path" => format!("path:{}", get("path")),
            kind @ ("git" | "hg") => format!("{kind}+{}", get("url")),
            "tarball" | "file" => get("url").to_owned(),
            kind => with_version(format!("{kind}:{}/{}", get("owner"), get("repo"))),
        }
    }
}

/// Whether a word can be a name in a registry of flakes.
pub(crate) fn is_registry_id(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_alphabetic())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flake::LockFormat;

    #[test]
    fn references_to_repositories_are_read() {
        let read = |url: &str| {
            let reference = Reference::read(url)?;
            Some(Value::from(reference.attributes).to_string())
        };
        for (url, attributes) in [
            ("github:a/b", r#"{"owner":"a","repo":"b","type":"github"}"#),
            (
                "github:a/b/main",
                r#"{"owner":"a","ref":"main","repo":"b","type":"github"}"#,
            ),
            (
                "git+file:///x/y?ref=dev&dir=sub",
                r#"{"dir":"sub","ref":"dev","type":"git","url":"file:///x/y"}"#,
            ),
        ] {
            assert_eq!(read(url).as_deref(), Some(attributes), "{url}");
        }
        for url in [
            "nixpkgs",
            "path:../x",
            "github:a",
            "git+https://x/y?submodules=1",
        ] {
            assert_eq!(read(url), None, "{url}");
        }
    }

    #[test]
    fn a_repository_has_one_key_however_it_is_written() {
        let key = |text: &str, format| Reference::parse(text, format, true).unwrap().key();
        let plain = key("git+file:///a/b+c", LockFormat::Full);
        for (text, format) in [
            ("git+file:///a/b+c?dir=x&ref=y", LockFormat::Short),
            ("git+file:///a/b%2Bc?dir=x", LockFormat::Full),
        ] {
            assert_eq!(key(text, format), plain, "{text}");
        }
        assert_ne!(key("git+file:///a/b+c?z=1", LockFormat::Full), plain);
    }
}
