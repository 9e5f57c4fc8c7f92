//! The forms of flake references, as versions of Nix read them.

use aux_model::is_commit_name;
use serde_json::{Map, Value};

use crate::flake::lock_format::LockFormat;
use crate::flake::reference::{Reference, ReferenceError, is_registry_id};
use crate::flake::url::{FlakeUrl, decoded, parameters};

/// A text that is being read.
pub(super) struct Parsing<'t> {
    pub(super) text: &'t str,
    pub(super) format: LockFormat,
    pub(super) is_flake: bool,
}

impl Parsing<'_> {
    pub(super) fn reference(&self) -> Result<Reference, ReferenceError> {
        let (base, fragment) = self.text.split_once('#').unwrap_or((self.text, ""));
        let is_short_path = self.format == LockFormat::Short && is_plain_path(base);
        let url = FlakeUrl::read(self.text, self.format);
        let attributes = if self.is_identifier(base) {
            self.indirect(base)?
        } else if let Some(url) = url.filter(|_| !is_short_path) {
            self.of_url(url)?
        } else if is_short_path || !base.contains(':') {
            self.path(base)?
        } else {
            return Err(self.form());
        };
        match fragment {
            "" => Ok(Reference { attributes }),
            _ => Err(ReferenceError::Fragment(self.text.to_owned())),
        }
    }

    fn form(&self) -> ReferenceError {
        ReferenceError::Form(self.text.to_owned())
    }

    fn part(&self, part: &str, wanted: &'static str) -> ReferenceError {
        ReferenceError::Part {
            text: self.text.to_owned(),
            part: part.to_owned(),
            wanted,
        }
    }

    /// `ID`, `ID/REF`, `ID/REV` or `ID/REF/REV`.
    fn is_identifier(&self, text: &str) -> bool {
        match text.split_once('/') {
            None => is_registry_id(text),
            Some((id, rest)) => is_registry_id(id) && self.is_ref(rest),
        }
    }

    fn is_ref(&self, word: &str) -> bool {
        let (first, more) = match self.format {
            LockFormat::Short => ("", "_./-"),
            LockFormat::Full => ("@", "_./@+-"),
        };
        let is_of = |character: char, more: &str| {
            character.is_ascii_alphanumeric() || more.contains(character)
        };
        word.starts_with(|character| is_of(character, first))
            && word.chars().all(|character| is_of(character, more))
    }

    fn indirect(&self, path: &str) -> Result<Map<String, Value>, ReferenceError> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let (id, reference, rev) = match parts.as_slice() {
            [id] => (id, None, None),
            [id, rev] if is_commit_name(rev) => (id, None, Some(rev)),
            [id, reference] => (id, Some(reference), None),
            [id, reference, rev] if is_commit_name(rev) => (id, Some(reference), Some(rev)),
            [_, _, rev] => return Err(self.part(rev, "commit")),
            _ => return Err(self.form()),
        };
        if !is_registry_id(id) {
            return Err(self.part(id, "name in a registry"));
        }
        if let Some(word) = reference.filter(|word| !self.is_ref(word)) {
            return Err(self.part(word, "branch or tag"));
        }
        let mut attributes = Reference::indirect(id).attributes;
        if let Some(word) = reference {
            attributes.insert("ref".to_owned(), Value::from(*word));
        }
        if let Some(rev) = rev {
            attributes.insert("rev".to_owned(), Value::from(rev.to_lowercase()));
        }
        Ok(attributes)
    }

    /// A path. Up to 2.25 Nix looks for a repository there; it takes what is relative from
    /// its store, so that the lock would change at every run.
    fn path(&self, base: &str) -> Result<Map<String, Value>, ReferenceError> {
        let (path, query) = base.split_once('?').unwrap_or((base, ""));
        let mut query = parameters(query).ok_or_else(|| self.form())?;
        if self.format == LockFormat::Full {
            let dir = query.remove("dir");
            let url = FlakeUrl {
                scheme: "path".to_owned(),
                authority: None,
                path: path.to_owned(),
                query,
                fragment: String::new(),
            };
            let attributes = self.of_path(&url, path.to_owned())?;
            return Ok(with_dir(attributes, dir));
        }
        if !path.starts_with('/') {
            return Err(ReferenceError::Relative(self.text.to_owned()));
        }
        let path = path.trim_end_matches('/');
        let mut folders = std::path::Path::new(path).ancestors();
        let repository = folders.find(|folder| self.is_flake && folder.join(".git").exists());
        let Some(repository) = repository.and_then(std::path::Path::to_str) else {
            let mut attributes = Map::new();
            attributes.insert("type".to_owned(), Value::from("path"));
            attributes.insert("path".to_owned(), Value::from(path));
            return Ok(attributes);
        };
        let below = path[repository.len()..].trim_start_matches('/');
        if !below.is_empty() {
            query.insert("dir".to_owned(), below.to_owned());
        }
        if std::path::Path::new(repository)
            .join(".git/shallow")
            .exists()
        {
            query.insert("shallow".to_owned(), "1".to_owned());
        }
        self.of_url(FlakeUrl {
            scheme: "git+file".to_owned(),
            authority: Some(String::new()),
            path: repository.to_owned(),
            query,
            fragment: String::new(),
        })
    }

    fn of_url(&self, mut url: FlakeUrl) -> Result<Map<String, Value>, ReferenceError> {
        let dir = match self.format {
            // It stays in the URL too.
            LockFormat::Short => url.query.get("dir").cloned(),
            LockFormat::Full => url.query.remove("dir"),
        };
        let path = url
            .decoded_path(self.format)
            .ok_or_else(|| self.part(&url.path, "text"))?;
        let attributes = match url.scheme.as_str() {
            "flake" => self.indirect(&path)?,
            "github" | "gitlab" | "sourcehut" => self.of_forge(&url)?,
            "path" => self.of_path(&url, path)?,
            "git" | "git+http" | "git+https" | "git+ssh" | "git+file" => {
                self.of_repository("git", url)?
            }
            "hg+http" | "hg+https" | "hg+ssh" | "hg+file" => self.of_repository("hg", url)?,
            _ => self.of_archive(url, &path)?,
        };
        Ok(with_dir(attributes, dir))
    }

    /// `github:OWNER/REPO`, `/REF` or `/REV` behind it, or `ref`, `rev` and `host` in the
    /// query; whatever else is there is ignored.
    fn of_forge(&self, url: &FlakeUrl) -> Result<Map<String, Value>, ReferenceError> {
        let parts = url.path.split('/').filter(|part| !part.is_empty());
        // A group of GitLab has its `/` coded; older versions leave it so.
        let parts: Option<Vec<String>> = parts
            .map(|part| match self.format {
                LockFormat::Short => Some(part.to_owned()),
                LockFormat::Full => decoded(part),
            })
            .collect();
        let parts = parts.ok_or_else(|| self.form())?;
        let [owner, repo, rest @ ..] = parts.as_slice() else {
            return Err(self.form());
        };
        let rest = rest.join("/");
        let (mut reference, mut rev) = (None, None);
        if is_commit_name(&rest) {
            rev = Some(rest);
        } else if !rest.is_empty() {
            reference = Some(rest);
        }
        for (key, value) in [("ref", &mut reference), ("rev", &mut rev)] {
            if let Some(asked) = url.query.get(key)
                && value.replace(asked.clone()).is_some()
            {
                return Err(self.part(asked, "single version"));
            }
        }
        if let Some(word) = reference.as_deref().filter(|word| !self.is_ref(word)) {
            return Err(self.part(word, "branch or tag"));
        }
        if let Some(word) = rev.as_deref().filter(|word| !is_commit_name(word)) {
            return Err(self.part(word, "commit"));
        }
        if reference.is_some() && rev.is_some() {
            return Err(self.part(&url.path, "single version"));
        }
        let mut attributes = Map::new();
        let mut put = |key: &str, value: Option<&str>| {
            if let Some(value) = value {
                attributes.insert(key.to_owned(), Value::from(value));
            }
        };
        put("type", Some(&url.scheme));
        put("owner", Some(owner));
        put("repo", Some(repo));
        put("ref", reference.as_deref());
        put("rev", rev.map(|rev| rev.to_lowercase()).as_deref());
        put("host", url.query.get("host").map(String::as_str));
        if self.format == LockFormat::Full {
            put("narHash", url.query.get("narHash").map(String::as_str));
        }
        Ok(attributes)
    }

    /// `git+` or `hg+` before a URL, in which all parameters stay that are none of Nix's.
    fn of_repository(
        &self,
        kind: &str,
        mut url: FlakeUrl,
    ) -> Result<Map<String, Value>, ReferenceError> {
        let (texts, flags): (&[&str], &[&str]) = match (kind, self.format) {
            ("hg", _) => (&["ref", "rev"], &[]),
            (_, LockFormat::Short) => (&["ref", "rev"], &["shallow", "submodules"]),
            (_, LockFormat::Full) => (
                &["ref", "rev", "keytype", "publicKey", "publicKeys"],
                &[
                    "shallow",
                    "submodules",
                    "exportIgnore",
                    "allRefs",
                    "verifyCommit",
                    "lfs",
                ],
            ),
        };
        let mut attributes = Map::new();
        attributes.insert("type".to_owned(), Value::from(kind));
        for key in texts {
            if let Some(value) = url.query.remove(*key) {
                attributes.insert((*key).to_owned(), Value::from(value));
            }
        }
        for key in flags {
            if let Some(value) = url.query.remove(*key) {
                attributes.insert((*key).to_owned(), Value::from(value == "1"));
            }
        }
        if let Some(word) = attributes.get("ref").and_then(Value::as_str)
            && !is_git_ref(word)
        {
            return Err(self.part(word, "branch or tag"));
        }
        if let Some(word) = attributes.get("rev").and_then(Value::as_str)
            && !is_commit_name(word)
        {
            return Err(self.part(word, "commit"));
        }
        if let Some((_, transport)) = url.scheme.split_once('+') {
            url.scheme = transport.to_owned();
        }
        attributes.insert("url".to_owned(), Value::from(url.text(self.format)));
        Ok(attributes)
    }

    fn of_path(&self, url: &FlakeUrl, path: String) -> Result<Map<String, Value>, ReferenceError> {
        if let Some(host) = url.authority.as_deref().filter(|host| !host.is_empty()) {
            return Err(self.part(host, "part of a path"));
        }
        let mut attributes = Map::new();
        attributes.insert("type".to_owned(), Value::from("path"));
        attributes.insert("path".to_owned(), Value::from(path));
        for (key, value) in &url.query {
            let value = match key.as_str() {
                "rev" | "narHash" => Value::from(value.as_str()),
                "revCount" | "lastModified" => {
                    let number: Result<u64, _> = value.parse();
                    Value::from(number.map_err(|_| self.part(value, "number"))?)
                }
                _ => return Err(self.part(key, "parameter of a path")),
            };
            attributes.insert(key.clone(), value);
        }
        Ok(attributes)
    }

    /// A file, unpacked or not, over HTTP or from this machine.
    fn of_archive(
        &self,
        mut url: FlakeUrl,
        path: &str,
    ) -> Result<Map<String, Value>, ReferenceError> {
        const ENDS: [&str; 7] = [
            ".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst",
        ];
        let is_packed = ENDS.iter().any(|end| path.ends_with(end));
        let (application, transport) = match url.scheme.split_once('+') {
            Some((application, transport)) => (Some(application), transport),
            None => (None, url.scheme.as_str()),
        };
        if !matches!(transport, "file" | "http" | "https") {
            return Err(self.form());
        }
        let kind = match (self.format, application) {
            (LockFormat::Short, None) if is_packed => "tarball",
            (LockFormat::Short, _) => return Err(self.form()),
            (LockFormat::Full, Some(kind @ ("tarball" | "file"))) => kind,
            (LockFormat::Full, Some(_)) => return Err(self.form()),
            // A flake is a tree, so that it must be packed.
            (LockFormat::Full, None) if is_packed || self.is_flake => "tarball",
            (LockFormat::Full, None) => "file",
        };
        let mut attributes = Map::new();
        attributes.insert("type".to_owned(), Value::from(kind));
        let narrow = url.query.get("narHash").cloned();
        if let Some(hash) = narrow {
            attributes.insert("narHash".to_owned(), Value::from(hash));
        }
        if self.format == LockFormat::Full {
            if let Some(rev) = url.query.get("rev").cloned() {
                attributes.insert("rev".to_owned(), Value::from(rev));
            }
            for key in ["revCount", "lastModified"] {
                let number = url.query.get(key).map(|number| number.parse::<u64>());
                if let Some(Ok(number)) = number {
                    attributes.insert(key.to_owned(), Value::from(number));
                }
            }
            for key in [
                "type",
                "url",
                "narHash",
                "name",
                "unpack",
                "rev",
                "revCount",
                "lastModified",
            ] {
                url.query.remove(key);
            }
            url.scheme = transport.to_owned();
        }
        attributes.insert("url".to_owned(), Value::from(url.text(self.format)));
        Ok(attributes)
    }
}

fn with_dir(mut attributes: Map<String, Value>, dir: Option<String>) -> Map<String, Value> {
    if let Some(dir) = dir.filter(|dir| !dir.is_empty()) {
        attributes.insert("dir".to_owned(), Value::from(dir));
    }
    attributes
}

/// Whether it is a path by its letters: it has none that a URL needs.
fn is_plain_path(base: &str) -> bool {
    let (path, _) = base.split_once('?').unwrap_or((base, ""));
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'\"()*+,;=".contains(&byte))
    };
    let inner = path.strip_prefix('/').unwrap_or(path);
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    inner.split('/').all(is_name)
}

/// Whether git may have a branch or tag of that name (`git-check-ref-format`).
fn is_git_ref(word: &str) -> bool {
    let has = |part: &str| word.contains(part);
    let is_odd = |byte: u8| byte <= b' ' || byte == 0x7f || b":?^~[\\*".contains(&byte);
    !(word.is_empty()
        || word == "@"
        || word.starts_with(['.', '/'])
        || word.ends_with(['.', '/'])
        || word.ends_with(".lock")
        || has(".lock/")
        || has("//")
        || has("/.")
        || has("..")
        || has("@{")
        || word.bytes().any(is_odd))
}

impl Reference {
    /// Reads a reference to a git repository such as `github:auxolotl/core` or
    /// `git+https://forge.example/core?ref=main&dir=sub`; none for other forms.
    #[must_use]
    pub fn read(url: &str) -> Option<Self> {
        let reference = Self::parse(url, LockFormat::Full, true).ok()?;
        reference.is_repository().then_some(reference)
    }

    /// Reads the `url` of an input as a version of Nix does; `is_flake` unless the input has
    /// `flake = false`.
    ///
    /// The forms are those of the Nix manual, `nix flake`, "Flake references".
    ///
    /// # Errors
    /// When that version would refuse it, or would lock it to a path in its store.
    pub fn parse(text: &str, format: LockFormat, is_flake: bool) -> Result<Self, ReferenceError> {
        let parsing = Parsing {
            text,
            format,
            is_flake,
        };
        parsing.reference()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str, format: LockFormat) -> String {
        match Reference::parse(text, format, true) {
            Ok(reference) => Value::from(reference.attributes).to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn every_form_is_read_as_nix_reads_it() {
        const REV: &str = "0123456789abcdef0123456789abcdef01234567";
        for (text, attributes) in [
            ("nixpkgs", r#"{"id":"nixpkgs","type":"indirect"}"#),
            ("nixpkgs#", r#"{"id":"nixpkgs","type":"indirect"}"#),
            (
                "nixpkgs/nixos-22.05",
                r#"{"id":"nixpkgs","ref":"nixos-22.05","type":"indirect"}"#,
            ),
            (
                "flake:nixpkgs/a/REV",
                r#"{"id":"nixpkgs","ref":"a","rev":"REV","type":"indirect"}"#,
            ),
            (
                "github:a/b?host=forge.example&ref=x&narrow=1",
                r#"{"host":"forge.example","owner":"a","ref":"x","repo":"b","type":"github"}"#,
            ),
            (
                "github:a/b/feature/x?dir=sub",
                r#"{"dir":"sub","owner":"a","ref":"feature/x","repo":"b","type":"github"}"#,
            ),
            (
                "gitlab:a/b/REV",
                r#"{"owner":"a","repo":"b","rev":"REV","type":"gitlab"}"#,
            ),
            (
                "sourcehut:~a/b",
                r#"{"owner":"~a","repo":"b","type":"sourcehut"}"#,
            ),
            (
                "git+ssh://git@forge.example:22/a/b?shallow=1&submodules=0",
                r#"{"shallow":true,"submodules":false,"type":"git","url":"ssh://git@forge.example:22/a/b"}"#,
            ),
            (
                "git://forge.example/a",
                r#"{"type":"git","url":"git://forge.example/a"}"#,
            ),
            (
                "hg+https://forge.example/a?ref=x&rev=REV",
                r#"{"ref":"x","rev":"REV","type":"hg","url":"https://forge.example/a"}"#,
            ),
            (
                "path:/x/y?lastModified=3&rev=REV",
                r#"{"lastModified":3,"path":"/x/y","rev":"REV","type":"path"}"#,
            ),
            ("path:./x", r#"{"path":"./x","type":"path"}"#),
            (
                "https://forge.example/a.tar.gz",
                r#"{"type":"tarball","url":"https://forge.example/a.tar.gz"}"#,
            ),
        ] {
            let (text, attributes) = (text.replace("REV", REV), attributes.replace("REV", REV));
            for format in [LockFormat::Short, LockFormat::Full] {
                assert_eq!(parsed(&text, format), attributes, "{text} {format:?}");
            }
        }
    }

    #[test]
    fn what_versions_of_nix_read_otherwise_is_read_so() {
        for (text, short, full) in [
            (
                "git+https://x/y?dir=sub&z=1&a=b%20c",
                r#"{"dir":"sub","type":"git","url":"https://x/y?a=b%20c&dir=sub&z=1"}"#,
                r#"{"dir":"sub","type":"git","url":"https://x/y?a=b%20c&z=1"}"#,
            ),
            (
                "git+file:///a/b+c%c3%a9?q=%c3%a9/",
                r#"{"type":"git","url":"file:///a/b+c%c3%a9?q=%ffffffc3%ffffffa9%2f"}"#,
                r#"{"type":"git","url":"file:///a/b%2Bc%C3%A9?q=%C3%A9/"}"#,
            ),
            (
                "gitlab:a%2Fb/c",
                r#"{"owner":"a%2Fb","repo":"c","type":"gitlab"}"#,
                r#"{"owner":"a/b","repo":"c","type":"gitlab"}"#,
            ),
            (
                "https://x/a.tgz?narHash=sha256-AAAA&rev=1&q=2",
                r#"{"narHash":"sha256-AAAA","type":"tarball","url":"https://x/a.tgz?narHash=sha256-AAAA&q=2&rev=1"}"#,
                r#"{"narHash":"sha256-AAAA","rev":"1","type":"tarball","url":"https://x/a.tgz?q=2"}"#,
            ),
            (
                "https://x/a",
                "`https://x/a` is no flake reference that Nix knows",
                r#"{"type":"tarball","url":"https://x/a"}"#,
            ),
            (
                "file+https://x/a.txt",
                "`file+https://x/a.txt` is no flake reference that Nix knows",
                r#"{"type":"file","url":"https://x/a.txt"}"#,
            ),
            (
                "./sub",
                "`./sub` is a path in the flake's own tree; write `path:` before it",
                r#"{"path":"./sub","type":"path"}"#,
            ),
            (
                "/nowhere/at/all",
                r#"{"path":"/nowhere/at/all","type":"path"}"#,
                r#"{"path":"/nowhere/at/all","type":"path"}"#,
            ),
            (
                "git+https://x/y?allRefs=1",
                r#"{"type":"git","url":"https://x/y?allRefs=1"}"#,
                r#"{"allRefs":true,"type":"git","url":"https://x/y"}"#,
            ),
        ] {
            assert_eq!(parsed(text, LockFormat::Short), short, "{text}");
            assert_eq!(parsed(text, LockFormat::Full), full, "{text}");
        }
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for text in [
            "",
            "github:a",
            "github:a/b/c?ref=d",
            "github:a/b?rev=zz",
            "git+https://x/y z",
            "git+https://x/y%zz",
            "git+https://x/y?ref=a..b",
            "git+file://host/x",
            "ftp://x/y.tar",
            "nixpkgs#hello",
            "flake:a/b/c/d",
            "path:/x?wrong=1",
        ] {
            for format in [LockFormat::Short, LockFormat::Full] {
                let read = Reference::parse(text, format, true);
                // An empty path is one to newer Nix.
                if !(text.is_empty() && format == LockFormat::Full) {
                    assert!(read.is_err(), "{text} {format:?}: {read:?}");
                }
            }
        }
    }
}
