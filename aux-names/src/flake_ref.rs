//! Flake references: where a repo can be fetched from.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use crate::git_name::{is_branch_name, is_commit_name};

/// The URL-like form of a flake reference, as the Nix manual's page on
/// `nix flake` defines it: `github:auxolotl/core`,
/// `git+https://codeberg.org/aux/core`, `path:./core`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct FlakeRef(String);

/// What `git clone` takes for a flake reference.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GitUrl {
    /// The repository.
    pub url: String,
    /// The branch or tag that is asked for, if any is.
    pub branch: Option<String>,
}

/// Why a text is not a flake reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FlakeRefError {
    /// There is no `scheme:` in front.
    #[error("a flake reference starts with a scheme such as `github:` or `git+https:`")]
    NoScheme,
    /// The scheme is none that Nix fetches.
    #[error("`{0}:` is not a scheme that Nix fetches flakes with")]
    UnknownScheme(String),
    /// A character that must be percent-encoded in a URL.
    #[error("a flake reference cannot contain `{}`", crate::printable(&.0.to_string()))]
    Character(char),
    /// A `%` without two hexadecimal digits.
    #[error("`%` is followed by two hexadecimal digits in a flake reference")]
    Escape,
    /// The scheme of a URL, and no `//` behind it.
    #[error("`{0}:` is followed by `//`")]
    NoSlashes(String),
    /// A page, where Nix takes the address of an archive.
    #[error("Nix takes `{0}:` for an archive such as `.tar.gz`, and this is the address of a page")]
    NoArchive(String),
    /// Nothing behind the scheme.
    #[error("nothing follows the scheme")]
    Empty,
    /// It names a branch that git cannot have.
    #[error("git takes no `{}` for the name of a branch", crate::printable(.0))]
    Branch(String),
    /// It names a host that is none.
    #[error("`{}` is no host", crate::printable(.0))]
    Host(String),
}

/// Schemes of the Nix manual (`nix flake`, "Types").
const SCHEMES: [&str; 15] = [
    "github",
    "gitlab",
    "sourcehut",
    "git+https",
    "git+http",
    "git+ssh",
    "git+git",
    "git+file",
    "hg+https",
    "hg+ssh",
    "https",
    "http",
    "tarball+https",
    "file",
    "path",
];

/// The forges that have a scheme of their own, and the host of each unless `host` names another
/// (Nix manual, `nix flake`, "Types").
const FORGES: [(&str, &str); 3] = [
    ("github", "github.com"),
    ("gitlab", "gitlab.com"),
    ("sourcehut", "git.sr.ht"),
];

impl FlakeRef {
    /// The reference as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names a repo and not only an owner: `github:auxolotl` is a
    /// prefix, `github:auxolotl/core` a repo.
    #[must_use]
    pub fn names_a_repo(&self) -> bool {
        match self.0.split_once(':') {
            Some(("github" | "gitlab" | "sourcehut", rest)) => {
                let path = rest.split('?').next().unwrap_or(rest);
                path.trim_matches('/').contains('/')
            }
            _ => true,
        }
    }

    /// Where git clones it from: `github:OWNER/REPO` and the `git+` schemes. None
    /// for other schemes, and for a single commit, which no branch leads to.
    #[must_use]
    pub fn git_url(&self) -> Option<GitUrl> {
        let (reference, _) = self.0.split_once('?').unwrap_or((&self.0, ""));
        if self.names_a_commit() {
            return None;
        }
        let url = if let Some(path) = reference.strip_prefix("github:") {
            format!("https://{}", self.on_forge("github", path)?)
        } else {
            reference.strip_prefix("git+")?.to_owned()
        };
        let branch = self.branch();
        Some(GitUrl { url, branch })
    }

    /// The reference of the repository that git finds at an address, as it stands in a remote:
    /// `https://github.com/OWNER/REPO.git` and `git@github.com:OWNER/REPO` are both
    /// `github:OWNER/REPO`. None for a place on this machine, or what no flake reference can say.
    ///
    /// Nix asks GitHub, and GitLab and SourceHut where the path has two parts, for an archive; all
    /// others are cloned (Nix manual, `nix flake`, "Types").
    #[must_use]
    pub fn of_git(address: &str) -> Option<Self> {
        let (scheme, place) = match address.split_once("://") {
            Some((scheme @ ("https" | "http" | "ssh" | "git"), rest)) => (scheme, rest.to_owned()),
            Some(_) => return None,
            // `git@host:path`
            None => {
                let (host, path) = address.split_once(':')?;
                let is_remote = !host.is_empty() && !host.contains('/');
                ("ssh", is_remote.then(|| format!("{host}/{path}"))?)
            }
        };
        let (authority, path) = place.split_once('/')?;
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let host = host_of(authority).to_ascii_lowercase();
        let host = match host.as_str() {
            "www.github.com" | "ssh.github.com" => "github.com",
            host => host,
        };
        let parts: Vec<&str> = path.split('/').collect();
        let forge = FORGES.iter().find(|(_, of)| *of == host);
        let text = match (forge, parts.as_slice()) {
            (Some((forge, _)), [owner, repo]) => format!("{forge}:{owner}/{repo}"),
            _ => format!("git+{scheme}://{authority}/{path}"),
        };
        text.parse().ok()
    }

    /// Whether two references may mean the same repository, whatever branch they name. Only where
    /// both say where git finds it, and say different things, they do not.
    #[must_use]
    pub fn may_be(&self, other: &Self) -> bool {
        match (self.repository(), other.repository()) {
            (Some(one), Some(two)) => one == two,
            _ => true,
        }
    }

    /// Whether two references mean the same repository, whatever branch they name, as far as both
    /// say where git finds it.
    #[must_use]
    pub fn is_of(&self, other: &Self) -> bool {
        self.repository().is_some() && self.repository() == other.repository()
    }

    /// The host and path of the repository, without scheme, user and branch.
    fn repository(&self) -> Option<String> {
        let (reference, _) = self.0.split_once('?').unwrap_or((&self.0, ""));
        let place = match reference.split_once(':')? {
            ("git+https" | "git+http" | "git+ssh" | "git+git" | "git+file", rest) => {
                let (authority, path) = rest.strip_prefix("//")?.split_once('/')?;
                format!("{}/{}", host_of(authority), path.trim_matches('/'))
            }
            (scheme, path) => self.on_forge(scheme, path)?,
        };
        let place = place.strip_suffix(".git").unwrap_or(&place);
        // Forges take names in any case.
        Some(place.to_ascii_lowercase())
    }

    /// The host, owner and repo of a reference to a forge.
    fn on_forge(&self, scheme: &str, path: &str) -> Option<String> {
        let (_, usual) = FORGES.iter().find(|(forge, _)| *forge == scheme)?;
        let mut parts = path.trim_matches('/').splitn(3, '/');
        let (owner, repo) = (parts.next()?, parts.next()?);
        let host = self.asked("host");
        Some(format!(
            "{}/{owner}/{repo}",
            host.as_deref().unwrap_or(usual)
        ))
    }

    /// The branch or tag that it names: `next` in `github:a/b/next`, or as `ref`. None if
    /// it names nothing, or a single commit.
    #[must_use]
    pub fn branch(&self) -> Option<String> {
        if self.names_a_commit() {
            return None;
        }
        let name = self.reference()?;
        let branch = name.strip_prefix("refs/heads/").map(str::to_owned);
        Some(branch.unwrap_or(name))
    }

    /// The same repository at a branch. None for a reference that names no repository of git that
    /// has branches, such as `path:`.
    #[must_use]
    pub fn on_branch(&self, branch: &str) -> Option<Self> {
        let (reference, query) = self.0.split_once('?').unwrap_or((&self.0, ""));
        let (scheme, path) = reference.split_once(':')?;
        let kept = query.split('&').filter(|pair| {
            !pair.is_empty() && !pair.starts_with("ref=") && !pair.starts_with("rev=")
        });
        let mut asked: Vec<String> = kept.map(str::to_owned).collect();
        let reference = if self.on_forge(scheme, path).is_some() {
            let mut parts = path.trim_matches('/').splitn(3, '/');
            let (owner, repo) = (parts.next()?, parts.next()?);
            format!("{scheme}:{owner}/{repo}/{branch}")
        } else if scheme.starts_with("git+") {
            asked.push(format!("ref={branch}"));
            reference.to_owned()
        } else {
            return None;
        };
        let text = match asked.as_slice() {
            [] => reference,
            asked => format!("{reference}?{}", asked.join("&")),
        };
        text.parse().ok()
    }

    /// The page of a file or directory of the repository on its forge, for a browser: on GitHub,
    /// GitLab, SourceHut and Forgejo, which is taken to be what another host with `git+https` has.
    /// None for other references. Without a branch it is the newest commit of the default branch.
    ///
    /// ```
    /// use aux_names::FlakeRef;
    /// let python: FlakeRef = "github:auxolotl/python".parse()?;
    /// let page = python.page_of("pkgs/by-name/re/requests");
    /// assert_eq!(page.as_deref(), Some("https://github.com/auxolotl/python/tree/HEAD/pkgs/by-name/re/requests"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn page_of(&self, path: &str) -> Option<String> {
        let (reference, _) = self.0.split_once('?').unwrap_or((&self.0, ""));
        let (scheme, rest) = reference.split_once(':')?;
        let branch = self.asked("rev").or_else(|| self.reference());
        let branch = branch.as_deref().unwrap_or("HEAD");
        let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch);
        // The flake may stand in a directory of its repository.
        let directory = self
            .asked("dir")
            .map(|directory| format!("{}/", directory.trim_matches('/')));
        let path = format!("{}{path}", directory.unwrap_or_default());
        if let Some(repository) = self.on_forge(scheme, rest) {
            let kind = match scheme {
                "gitlab" => "/-/tree",
                _ => "/tree",
            };
            let item = if scheme == "sourcehut" { "/item" } else { "" };
            return Some(format!("https://{repository}{kind}/{branch}{item}/{path}"));
        }
        let place = rest.strip_prefix("//").filter(|_| scheme == "git+https")?;
        let place = place.trim_end_matches('/').trim_end_matches(".git");
        Some(match branch {
            "HEAD" => format!("https://{place}/src/{path}"),
            commit if self.names_a_commit() => {
                format!("https://{place}/src/commit/{commit}/{path}")
            }
            branch => format!("https://{place}/src/branch/{branch}/{path}"),
        })
    }

    fn names_a_commit(&self) -> bool {
        self.asked("rev").is_some() || self.reference().is_some_and(|name| is_commit_name(&name))
    }

    /// What stands behind the repo, or as `ref`.
    fn reference(&self) -> Option<String> {
        let (reference, _) = self.0.split_once('?').unwrap_or((&self.0, ""));
        let behind = match reference.split_once(':') {
            Some(("github" | "gitlab" | "sourcehut", path)) => {
                path.trim_matches('/').splitn(3, '/').nth(2).map(decoded)
            }
            _ => None,
        };
        behind.or_else(|| self.asked("ref"))
    }

    /// The value of a key of the query.
    fn asked(&self, key: &str) -> Option<String> {
        let (_, query) = self.0.split_once('?')?;
        query.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name == key).then(|| decoded(value))
        })
    }

    /// The reference of a repo below this prefix: `github:auxolotl` and
    /// `python` give `github:auxolotl/python`.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        Self(format!("{}/{name}", self.0.trim_end_matches('/')))
    }
}

impl FromStr for FlakeRef {
    type Err = FlakeRefError;

    fn from_str(text: &str) -> Result<Self, FlakeRefError> {
        let (scheme, rest) = text.split_once(':').ok_or(FlakeRefError::NoScheme)?;
        if !SCHEMES.contains(&scheme) {
            return Err(FlakeRefError::UnknownScheme(scheme.to_owned()));
        }
        if let Some(bad) = rest
            .chars()
            .find(|c| !(c.is_ascii_alphanumeric() || "-._~:/?[]@!&'()*+,;=%".contains(*c)))
        {
            return Err(FlakeRefError::Character(bad));
        }
        let mut escapes = rest.split('%');
        escapes.next();
        for escape in escapes {
            let digits = escape.get(..2).unwrap_or(escape);
            if digits.len() < 2 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(FlakeRefError::Escape);
            }
            if digits == "00" {
                return Err(FlakeRefError::Character('\0'));
            }
        }
        let of_a_url = scheme.contains('+') || scheme.starts_with("http");
        if of_a_url && !rest.starts_with("//") {
            return Err(FlakeRefError::NoSlashes(scheme.to_owned()));
        }
        if rest.trim_matches('/').is_empty() {
            return Err(FlakeRefError::Empty);
        }
        if matches!(scheme, "http" | "https") && !names_an_archive(rest) {
            return Err(FlakeRefError::NoArchive(scheme.to_owned()));
        }
        let checked = Self(text.to_owned());
        if let Some(name) = checked.reference().filter(|name| !is_branch_name(name)) {
            return Err(FlakeRefError::Branch(name));
        }
        let of_a_host = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
        match checked.asked("host") {
            Some(host) if !host.chars().all(of_a_host) => Err(FlakeRefError::Host(host)),
            _ => Ok(checked),
        }
    }
}

/// The host of an address, without the name of a user.
fn host_of(authority: &str) -> &str {
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}

/// Whether an address ends as one of the archives that Nix unpacks (Nix manual, `nix flake`,
/// "Types", `tarball`).
fn names_an_archive(address: &str) -> bool {
    const ENDINGS: [&str; 7] = [
        ".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst",
    ];
    let path = address.split(['?', '#']).next().unwrap_or(address);
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

impl fmt::Display for FlakeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text with its `%XX` replaced; what is no UTF-8 then is left as it is.
fn decoded(text: &str) -> String {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map_or_else(|_| text.to_owned(), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_git_says_which_flake_it_is() {
        for (address, reference) in [
            ("https://github.com/a/b", Some("github:a/b")),
            ("https://github.com/a/b.git", Some("github:a/b")),
            ("git@github.com:a/b.git", Some("github:a/b")),
            ("ssh://git@github.com/a/b", Some("github:a/b")),
            ("https://gitlab.com/a/b", Some("gitlab:a/b")),
            (
                "https://gitlab.com/a/group/b.git",
                Some("git+https://gitlab.com/a/group/b"),
            ),
            ("https://git.sr.ht/~a/b", Some("sourcehut:~a/b")),
            (
                "https://forge.example/a/b.git",
                Some("git+https://forge.example/a/b"),
            ),
            (
                "git@forge.example:a/b",
                Some("git+ssh://git@forge.example/a/b"),
            ),
            ("/srv/git/b", None),
            ("../b", None),
            ("file:///srv/b", None),
            ("./a:b", None),
            ("", None),
        ] {
            let found = FlakeRef::of_git(address);
            let found = found.as_ref().map(FlakeRef::as_str);
            assert_eq!(found, reference, "{address}");
        }
    }

    #[test]
    fn a_branch_takes_the_place_of_another() {
        for (reference, at) in [
            ("github:a/b", Some("github:a/b/staging")),
            (
                "github:a/b/next?host=x.org",
                Some("github:a/b/staging?host=x.org"),
            ),
            (
                "git+https://x.org/a/b",
                Some("git+https://x.org/a/b?ref=staging"),
            ),
            (
                "git+https://x.org/b?ref=next&dir=d",
                Some("git+https://x.org/b?dir=d&ref=staging"),
            ),
            ("path:./repos/b", None),
        ] {
            let reference: FlakeRef = reference.parse().unwrap();
            let found = reference.on_branch("staging");
            assert_eq!(found.as_ref().map(FlakeRef::as_str), at, "{reference}");
        }
    }

    #[test]
    fn the_same_repository_in_other_words_is_the_same() {
        let may_be = |one: &str, two: &str| {
            let [one, two] = [one, two].map(|text| text.parse::<FlakeRef>().unwrap());
            assert_eq!(one.may_be(&two), two.may_be(&one));
            one.may_be(&two)
        };
        for (one, two) in [
            ("github:a/b", "github:A/b/next"),
            ("github:a/b", "git+https://github.com/a/b.git?ref=x"),
            ("github:a/b", "git+ssh://git@github.com/a/b"),
            ("github:a/b", "path:../b"),
        ] {
            assert!(may_be(one, two), "{one} {two}");
        }
        for (one, two) in [
            ("github:a/core", "github:b/core"),
            ("github:a/b", "gitlab:a/b"),
            ("github:a/b?host=forge.example", "github:a/b"),
        ] {
            assert!(!may_be(one, two), "{one} {two}");
        }
    }

    #[test]
    fn a_page_is_no_archive() {
        for page in [
            "https://github.com/a/b",
            "http://h/a.git",
            "https://h/a?x=.tar.gz",
        ] {
            let refused = page.parse::<FlakeRef>().unwrap_err();
            assert!(matches!(refused, FlakeRefError::NoArchive(_)), "{page}");
        }
        for archive in [
            "https://h/a.tar.gz",
            "https://h/a.zip?narHash=x",
            "tarball+https://h/a",
        ] {
            assert!(archive.parse::<FlakeRef>().is_ok(), "{archive}");
        }
    }

    #[test]
    fn git_clones_what_is_a_branch_of_a_git_repository() {
        for (reference, url, branch) in [
            ("github:a/b", "https://github.com/a/b", None),
            ("github:a/b/next", "https://github.com/a/b", Some("next")),
            (
                "github:a/b?ref=x%2Fy",
                "https://github.com/a/b",
                Some("x/y"),
            ),
            ("github:a/b?host=h.example", "https://h.example/a/b", None),
            (
                "git+https://h/a/b.git?dir=x&ref=v1",
                "https://h/a/b.git",
                Some("v1"),
            ),
            ("git+ssh://git@h/a", "ssh://git@h/a", None),
        ] {
            let found = reference.parse::<FlakeRef>().unwrap().git_url().unwrap();
            assert_eq!((found.url.as_str(), found.branch.as_deref()), (url, branch));
        }
        let commit = "0123456789abcdef0123456789abcdef01234567";
        for none in [
            format!("github:a/b/{commit}"),
            format!("git+https://h/a?rev={commit}"),
            "gitlab:a/b".to_owned(),
            "path:./core".to_owned(),
            "github:a".to_owned(),
        ] {
            assert_eq!(none.parse::<FlakeRef>().unwrap().git_url(), None, "{none}");
        }
    }

    #[test]
    fn a_branch_is_one_that_git_can_have() {
        let branch = |text: &str| text.parse::<FlakeRef>().map(|found| found.branch());
        for (text, name) in [
            ("github:a/b/trunk", "trunk"),
            ("gitlab:a/b/feature/x", "feature/x"),
            ("github:a/b?ref=refs%2Fheads%2Fx", "x"),
            ("git+https://h/a?ref=a%22%3Bb", "a\";b"),
            ("github:a/b/gr%C3%BC%C3%9Fe", "grüße"),
            ("git+https://h/a?ref=a@b%7B%24'%60", "a@b{$'`"),
        ] {
            assert_eq!(branch(text), Ok(Some(name.to_owned())), "{text}");
        }
        assert_eq!(branch("github:a/b"), Ok(None));
        for bad in [
            "-x",
            "x..y",
            "x.lock",
            "a/.b",
            "a.lock/b",
            "a//b",
            "a/",
            "/a",
            "a.",
            "@",
            "HEAD",
            "a%20b",
            "a~b",
            "a%5Eb",
            "a:b",
            "a?b",
            "a*b",
            "a[b",
            "a%5Cb",
            "a@%7Bb",
            "a%0Ab",
            "a%7Fb",
            "a%E2%80%AEb",
            "",
        ] {
            let text = format!("git+https://h/a?ref={bad}");
            let refused = matches!(branch(&text), Err(FlakeRefError::Branch(_)));
            assert!(refused, "{bad}");
        }
        assert!(matches!(
            branch("github:a/b?host=h/%22"),
            Err(FlakeRefError::Host(_))
        ));
    }

    #[test]
    fn references_nix_takes_are_taken() {
        for good in [
            "github:auxolotl/core",
            "github:auxolotl/core/main",
            "git+https://codeberg.org/aux/core?ref=main",
            "git+file:///srv/git/core",
            "path:./core",
            "github:a/b?ref=feature%2Fx",
        ] {
            assert!(good.parse::<FlakeRef>().is_ok(), "{good}");
        }
    }

    #[test]
    fn an_owner_is_no_repo() {
        let names = |text: &str| text.parse::<FlakeRef>().unwrap().names_a_repo();
        assert!(!names("github:auxolotl"));
        assert!(!names("github:auxolotl/?ref=a/b"));
        assert!(names("github:auxolotl/core"));
        assert!(names("git+https://host/core"));
    }

    #[test]
    fn what_would_break_a_nix_string_is_refused() {
        for bad in [
            "core",
            "github:",
            "x:y",
            "git+file:///x#foo",
            "https:x",
            "github:a/\"b",
            "github:a/${b}",
            "github:a b",
            "github:a\n",
            "github:a%",
            "github:a%2",
            "github:a%zz",
            "github:a%00",
        ] {
            assert!(bad.parse::<FlakeRef>().is_err(), "{bad}");
        }
    }
}
