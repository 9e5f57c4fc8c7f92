//! Flake references, as the attributes that a lock file has of them.

use serde_json::{Map, Value};

/// A flake reference of a form that can be locked here: a git repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its attributes, as `original` in a lock file.
    pub attributes: Map<String, Value>,
}

impl Reference {
    /// Reads a reference such as `github:auxolotl/core` or
    /// `git+https://forge.example/core?ref=main&dir=sub`; none for other forms.
    ///
    /// The forms are those of the Nix manual, `nix flake`, "Types".
    #[must_use]
    pub fn read(url: &str) -> Option<Self> {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let mut attributes = Map::new();
        let mut put = |key: &str, value: &str| {
            attributes.insert(key.to_owned(), Value::from(value));
        };
        if let Some(path) = address.strip_prefix("github:") {
            let mut parts = path.splitn(3, '/');
            put("type", "github");
            put("owner", parts.next().filter(|owner| !owner.is_empty())?);
            put("repo", parts.next().filter(|repo| !repo.is_empty())?);
            if let Some(version) = parts.next() {
                put(if is_commit(version) { "rev" } else { "ref" }, version);
            }
        } else {
            let address = address.strip_prefix("git+")?;
            put("type", "git");
            put("url", address);
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=')? {
                (key @ ("ref" | "rev" | "dir"), value) => put(key, value),
                // Submodules, shallow clones and the like are hashed in other ways.
                _ => return None,
            }
        }
        Some(Self { attributes })
    }

    /// An attribute.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.attributes.get(key)?.as_str()
    }

    /// The repository, whichever version, and whichever directory in it.
    fn repository(&self) -> Map<String, Value> {
        let mut attributes = self.attributes.clone();
        for key in ["ref", "rev", "dir"] {
            attributes.remove(key);
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
                Some(format!("https://github.com/{owner}/{repo}"))
            }
            _ => self.get("url").map(str::to_owned),
        }
    }

    /// Whether attributes, such as `original` in a lock file, are of the same repository.
    #[must_use]
    pub fn means(&self, attributes: &Map<String, Value>) -> bool {
        let repository = self.repository();
        let mut parts = repository.iter();
        parts.all(|(key, value)| attributes.get(key) == Some(value))
    }
}

/// Whether a word is the full name of a commit.
fn is_commit(word: &str) -> bool {
    word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_nix_reads_them() {
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
}
